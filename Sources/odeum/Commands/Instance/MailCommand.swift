import ArgumentParser
import Client
import Foundation

/// `odeum instance mail …`
struct MailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mail", abstract: "What an instance has sent and its mail catcher holds.",
    discussion: "The mail of instances that are not in production is caught: none of it goes out.",
    subcommands: [ListMail.self, ShowMail.self, SaveMailAttachment.self, ClearMail.self],
    defaultSubcommand: ListMail.self)
}

/// `odeum instance mail list NAME`
struct ListMail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List caught messages, newest first.", aliases: ["ls"])

  @OptionGroup var instance: InstanceArgument

  @Option(name: [.short, .long], help: ArgumentHelp("How many at most.", valueName: "n"))
  var limit = 50

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { client in
      try await client.asking(about: instance.name) {
        try await client.send(.mail(of: instance.name, limit: limit))
      }
    }
    if common.json { return Terminal.output.json(answer.body) }
    guard !answer.value.items.isEmpty else {
      return Terminal.messages.line("\(instance.name) has sent no mail, or its inbox was cleared.")
    }
    Terminal.output.show(Self.table(answer.value.items))
    Terminal.messages.line("Read one: odeum instance mail show \(instance.name) ID")
  }

  /// One row a message.
  static func table(_ messages: [API.MailSummary], now: Date = Date()) -> Table {
    var table = Table(head: ["ID", "RECEIVED", "FROM", "TO", "FILES", "SUBJECT"])
    table.rows = messages.map { mail in
      [
        Columns.harmless(mail.id), mail.receivedAt.ago(at: now), Columns.harmless(mail.from?.address ?? ""),
        Columns.harmless(mail.to.map(\.address).joined(separator: ", ")),
        mail.attachments == 0 ? "" : String(mail.attachments), Columns.harmless(mail.subject),
      ]
    }
    return table
  }
}

/// `odeum instance mail show NAME ID`
struct ShowMail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a caught message: who, what, its text and its files.")

  @OptionGroup var instance: InstanceArgument
  @Argument(help: "The message's id.") var id: String
  @Flag(help: "Its HTML instead of its text.") var html = false
  @Flag(help: "All its headers too.") var headers = false
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let answer = try await common.connected { try await $0.caughtMail(id, of: instance.name) }
    if common.json { return Terminal.output.json(answer.body) }
    let mail = answer.value
    for line in Self.facts(mail, headers: headers).lines(Terminal.output.style) { Terminal.output.line(line) }
    Terminal.output.line("")
    let text = html || mail.text.isEmpty ? mail.html : mail.text
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      Terminal.output.line(Columns.harmless(String(line)))
    }
    if !mail.attachments.isEmpty {
      Terminal.messages.line("Save a file: odeum instance mail save \(instance.name) \(mail.id) PART")
    }
  }

  /// What stands above the text.
  static func facts(_ mail: API.Mail, headers: Bool) -> Facts {
    func people(_ people: [API.MailAddress]) -> String? {
      let texts = people.map { $0.name.isEmpty ? $0.address : "\($0.name) <\($0.address)>" }
      return texts.isEmpty ? nil : Columns.harmless(texts.joined(separator: ", "))
    }
    var facts = Facts()
    facts.add("From", people([mail.from].compactMap(\.self)))
    facts.add("To", people(mail.to))
    facts.add("Copy", people(mail.cc))
    facts.add("Hidden copy", people(mail.bcc))
    facts.add("Subject", Columns.harmless(mail.subject))
    for file in mail.attachments {
      facts.add("File \(Columns.harmless(file.id))", "\(Columns.harmless(file.fileName)), \(file.size) bytes")
    }
    guard headers else { return facts }
    for header in mail.headers { facts.add(Columns.harmless(header.name), Columns.harmless(header.value)) }
    return facts
  }
}

/// `odeum instance mail save NAME ID PART`
struct SaveMailAttachment: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Save a file of a caught message; never over one that is there.")

  @OptionGroup var instance: InstanceArgument
  @Argument(help: "The message's id.") var id: String
  @Argument(help: "The file's part, as show lists it.") var part: String
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Where to; by default its own name in this folder.", valueName: "file"),
    completion: .file())
  var output: String?
  @OptionGroup var common: CommonOptions

  func run() async throws {
    let (name, content) = try await common.connected { client in
      let mail = try await client.caughtMail(id, of: instance.name).value
      guard let file = mail.attachments.first(where: { $0.id == part }) else {
        throw CommandFailure(
          status: .notFound, message: "The message has no file “\(Columns.harmless(part))”.",
          next: "odeum instance mail show \(instance.name) \(id)")
      }
      let content = try await client.send(.mailAttachment(part, in: id, of: instance.name)).body
      return (Self.place(file.fileName), content)
    }
    let place = output ?? name
    do {
      try content.write(to: URL(filePath: place), options: .withoutOverwriting)
    } catch {
      throw CommandFailure(
        status: .usage, message: "\(place) cannot be written: \(error.localizedDescription)",
        next: "odeum instance mail save \(instance.name) \(id) \(part) --output OTHER")
    }
    Terminal.messages.line("\(Terminal.messages.style.done) Saved as \(Columns.harmless(place))")
  }

  /// `name` as a file of this folder that is not hidden, whatever a server says.
  static func place(_ name: String) -> String {
    let last = name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last.map { String($0) } ?? ""
    let plain = String(last.unicodeScalars.filter { $0.properties.generalCategory != .control })
    let visible = plain.drop { $0 == "." || $0 == "-" }
    return visible.isEmpty ? "attachment" : String(visible)
  }
}

/// `odeum instance mail clear NAME`
struct ClearMail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clear", abstract: "Throw away every caught message.")

  @OptionGroup var instance: InstanceArgument
  @Flag(name: [.short, .long], help: "Do not ask.") var yes = false
  @OptionGroup var common: CommonOptions

  func run() async throws {
    if !yes {
      try Prompt.confirm(
        removing: instance.name,
        saying: "This deletes every message that the mail catcher of \(instance.name) holds.",
        unasked: "odeum instance mail clear \(instance.name) --yes")
    }
    _ = try await common.connected { client in
      try await client.asking(about: instance.name) { try await client.send(.clearMail(of: instance.name)) }
    }
    guard !common.json else { return }
    Terminal.output.line("\(Terminal.output.style.done) The inbox of \(instance.name) is empty")
  }
}

extension OdeumClient {
  /// The message `id`; where there is none, the advice is the command that lists those of the instance, and where there is
  /// no such instance the one that lists instances.
  fileprivate func caughtMail(_ id: String, of instance: String) async throws -> API.Answer<API.Mail> {
    do {
      return try await send(.mail(id, of: instance))
    } catch  where CommandFailure(error).status == .notFound {
      _ = try await asking(about: instance) { try await send(.instance(instance)) }
      throw error.advising("odeum instance mail \(instance)", for: .notFound)
    }
  }
}
