import ArgumentParser
import Client
import Foundation

/// `odeum account …`
struct AccountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account",
    abstract: "Who you are, your password, your second factor and where you are signed in.",
    subcommands: [
      ShowAccount.self, ChangePassword.self, SecondFactorCommand.self, SessionCommand.self,
    ],
    defaultSubcommand: ShowAccount.self)
}

/// `odeum account show`
struct ShowAccount: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show who you are here, and what you may do.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.account) }
    if common.json { return Terminal.output.json(answer.body) }
    let account = answer.value
    var facts = Facts()
    facts.add("Organisation", account.organisation)
    facts.add("Role", account.isOperator ? "\(account.role), and operator of the installation" : account.role)
    facts.add("May", account.permissions.joined(separator: ", "))
    Terminal.output.line(Columns.harmless(account.email))
    for line in facts.lines(Terminal.output.style) { Terminal.output.line(line) }
  }
}

/// `odeum account password`
struct ChangePassword: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "password",
    abstract: "Change your password. Every session in a browser ends; API tokens stay.")

  @Flag(
    help: "Read two lines from standard input, your password and the new one, instead of asking for them.")
  var passwordStdin = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let (present, new) = try asked()
    let call = try API.Call.changePassword(present, to: new)
    _ = try await common.connected { try await $0.send(call) }
    if !common.json { Terminal.output.line("\(Terminal.output.style.done) Your password is changed") }
  }

  private func asked() throws -> (present: String, new: String) {
    if passwordStdin {
      let (present, new) = (readLine(), readLine())
      return try Self.checked(present, new, again: new)
    }
    guard Prompt.isPossible else {
      throw CommandFailure(
        status: .usage, message: "There is nobody to ask for your passwords.",
        next: "odeum account password --password-stdin < file")
    }
    let present = Prompt.askSecret("Your password: ")
    // Whoever gives one up is asked no further.
    let new = present.flatMap { _ in Prompt.askSecret("The new one: ") }
    let again = new.flatMap { _ in Prompt.askSecret("The new one again: ") }
    return try Self.checked(present, new, again: again)
  }

  /// What was typed, where it can be sent.
  static func checked(_ present: String?, _ new: String?, again: String?) throws -> (
    present: String, new: String
  ) {
    guard let present, let new, !present.isEmpty, !new.isEmpty else {
      throw CommandFailure(
        status: .usage, message: "There were not two passwords; nothing was changed.", next: "try again")
    }
    guard new == again else {
      throw CommandFailure(
        status: .usage, message: "The new password was typed in two ways; nothing was changed.",
        next: "try again")
    }
    return (present, new)
  }
}

/// The password, which every change of the second factor wants.
struct PasswordOption: ParsableArguments {
  @Flag(help: "Read your password from standard input, one line, instead of asking for it.")
  var passwordStdin = false

  func password() throws -> String {
    let text: String?
    if passwordStdin {
      text = readLine()
    } else if Prompt.isPossible {
      text = Prompt.askSecret("Your password: ")
    } else {
      throw CommandFailure(
        status: .usage, message: "There is nobody to ask for your password.",
        next: "… --password-stdin < file")
    }
    guard let text, !text.isEmpty else {
      throw CommandFailure(status: .usage, message: "There was no password.", next: "try again")
    }
    return text
  }
}

/// `odeum account second-factor …`
struct SecondFactorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "second-factor", abstract: "The codes that you sign in with beside your password.",
    subcommands: [Show.self, On.self, Confirm.self, Codes.self, Off.self], defaultSubcommand: Show.self)

  /// `odeum account second-factor show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show whether it is on.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let answer = try await common.connected { try await $0.send(.secondFactor) }
      if common.json { return Terminal.output.json(answer.body) }
      let factor = answer.value
      Terminal.output.line(
        factor.isOn
          ? "The second factor is on; \(factor.recoveryCodes) recovery codes are left."
          : "There is no second factor.")
    }
  }

  /// `odeum account second-factor on`
  struct On: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set one up. Its secret is said this once; a code of it turns it on.")

    @OptionGroup var proof: PasswordOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
      let call = try API.Call.beginSecondFactor(password: proof.password())
      let answer = try await common.connected { try await $0.send(call) }
      if common.json { return Terminal.output.json(answer.body) }
      Terminal.messages.line("Put this secret into your app for one-time codes, said this once:")
      Terminal.output.line(answer.value.secret)
      Terminal.output.line(answer.value.address)
      guard Prompt.isPossible, let code = Prompt.ask("The code that it shows now: "), !code.isEmpty else {
        return Terminal.messages.line("Next: odeum account second-factor confirm CODE")
      }
      try await SecondFactorCommand.confirm(code, common)
    }
  }

  /// `odeum account second-factor confirm CODE`
  struct Confirm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Turn it on with a code of your app.")

    @Argument(help: "The six digits that the app shows now.")
    var code: String

    @OptionGroup var common: CommonOptions

    func run() async throws { try await SecondFactorCommand.confirm(code, common) }
  }

  /// `odeum account second-factor codes`
  struct Codes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make new recovery codes; the former ones are good for nothing from then on.")

    @OptionGroup var proof: PasswordOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
      let call = try API.Call.renewRecoveryCodes(password: proof.password())
      SecondFactorCommand.show(try await common.connected { try await $0.send(call) }, common)
    }
  }

  /// `odeum account second-factor off`
  struct Off: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Turn it off.")

    @OptionGroup var proof: PasswordOption
    @OptionGroup var common: CommonOptions

    func run() async throws {
      let call = try API.Call.turnSecondFactorOff(password: proof.password())
      _ = try await common.connected { try await $0.send(call) }
      if !common.json { Terminal.output.line("\(Terminal.output.style.done) The second factor is off") }
    }
  }

  fileprivate static func confirm(_ code: String, _ common: CommonOptions) async throws {
    let call = try API.Call.confirmSecondFactor(code: code)
    show(try await common.connected { try await $0.send(call) }, common)
  }

  fileprivate static func show(_ answer: API.Answer<API.RecoveryCodes>, _ common: CommonOptions) {
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.messages.line("Recovery codes, said this once. Each lets you in once without the app:")
    for code in answer.value.recoveryCodes { Terminal.output.line(code) }
  }
}

/// `odeum account session …`
struct SessionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "session", abstract: "The browsers in which you are signed in.",
    subcommands: [List.self, End.self], defaultSubcommand: List.self, aliases: ["sessions"])

  /// `odeum account session list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List them, the last used first.", aliases: ["ls"])

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let answer = try await common.connected { try await $0.send(.sessions) }
      if common.json { return Terminal.output.json(answer.body) }
      var table = Table(head: ["ID", "ADDRESS", "SIGNED IN", "LAST USED", "BROWSER"])
      table.rows = answer.value.items.map { session in
        [
          session.id.uuidString.lowercased(), session.address, session.createdAt.ago(), session.seenAt.ago(),
          Columns.harmless(session.userAgent),
        ]
      }
      Terminal.output.show(table)
    }
  }

  /// `odeum account session end ID`
  struct End: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End one, or with --all every one, at once.")

    @Argument(help: "The session's id.")
    var id: String?

    @Flag(help: "Every session. API tokens stay.")
    var all = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if all == (id != nil) { throw ValidationError("Give the id of a session, or --all.") }
    }

    func run() async throws {
      guard let id else {
        let answer = try await common.connected { try await $0.send(.endOtherSessions) }
        if common.json { return Terminal.output.json(answer.body) }
        return Terminal.output.line("\(Terminal.output.style.done) \(answer.value.ended) sessions have ended")
      }
      guard let uuid = UUID(uuidString: id) else {
        throw CommandFailure(
          status: .usage, message: "“\(id)” is no session's id.", next: "odeum account session list")
      }
      _ = try await orListed(by: "odeum account session list") {
        try await common.connected { try await $0.send(.endSession(uuid)) }
      }
      if !common.json { Terminal.output.line("\(Terminal.output.style.done) The session has ended") }
    }
  }
}
