import ArgumentParser
import Client
import Foundation

/// `odeum token …`
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Your API tokens.",
    subcommands: [ListTokens.self, CreateToken.self, RevokeToken.self])
}

/// `odeum token list`
struct ListTokens: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List your tokens.", aliases: ["ls"])

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.send(.tokens) }
    if common.json { return Terminal.output.json(answer.body) }
    var table = Table(head: ["ID", "NAME", "MADE", "LAST USED", "ENDS", "MAY"])
    table.rows = answer.value.items.map { token in
      [
        token.id.uuidString.lowercased(), Columns.harmless(token.name), token.createdAt.ago(),
        token.lastUsedAt?.ago() ?? "never",
        token.expiresAt?.local ?? "never", token.scopes?.joined(separator: " ") ?? "what you may",
      ]
    }
    Terminal.output.show(table)
  }
}

/// `odeum token create NAME`
struct CreateToken: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a token. Its secret is said this once.")

  @Argument(help: "What it is for.")
  var name: String

  @Option(
    help: ArgumentHelp(
      "What it may do: read, or permissions such as viewInstances and restartInstances; all that you may, unless given.",
      valueName: "a,b"))
  var scope: [String] = []

  @Option(
    help: ArgumentHelp(
      "When it ends: a date such as 2027-01-31, or a time from now such as 90d or 12h; never unless given.",
      valueName: "when"))
  var expires: Expiry?

  @Option(help: ArgumentHelp("After how many days it ends.", visibility: .hidden))
  var days: Int?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let expiresAt = expires?.date() ?? days.map { Date(timeIntervalSinceNow: Double($0) * 86_400) }
    let scopes = scope.flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    let call = try API.Call.createToken(
      name: name, expiresAt: expiresAt, scopes: scope.isEmpty ? nil : scopes)
    let answer = try await common.connected { try await $0.send(call) }
    if common.json { return Terminal.output.json(answer.body) }
    Terminal.messages.line("Token “\(answer.value.name)”, said this once:")
    Terminal.output.line(answer.value.secret ?? "")
  }
}

/// When something ends, as it is typed: a date in UTC, or a time from now.
enum Expiry: ExpressibleByArgument, Equatable {
  case on(Date)
  case after(TimeInterval)

  init?(argument: String) {
    if let unit = ["h": 3600.0, "d": 86_400, "w": 604_800][argument.suffix(1)],
      let count = Int(argument.dropLast()), (1...100_000).contains(count)
    {
      self = .after(Double(count) * unit)
    } else if let moment = Moment(argument: argument) {
      // The whole day counts.
      self = .on(moment.isDay ? moment.date.addingTimeInterval(86_400) : moment.date)
    } else {
      return nil
    }
  }

  func date(now: Date = Date()) -> Date {
    switch self {
    case .on(let date): date
    case .after(let seconds): now.addingTimeInterval(seconds)
    }
  }
}

/// `odeum token revoke ID`
struct RevokeToken: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token at once.")

  @Argument(help: "The token's id.")
  var id: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    guard let uuid = UUID(uuidString: id) else {
      throw CommandFailure(status: .usage, message: "“\(id)” is no token's id.", next: "odeum token list")
    }
    _ = try await orListed(by: "odeum token list") {
      try await common.connected { try await $0.send(.revokeToken(uuid)) }
    }
    if !common.json { Terminal.output.line("\(Terminal.output.style.done) The token has ended") }
  }
}
