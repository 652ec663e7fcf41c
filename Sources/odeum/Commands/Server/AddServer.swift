import ArgumentParser
import Client
import Foundation

/// What adding and editing a server share.
struct ServerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The port of its SSH server.", valueName: "port"))
  var port: Int?

  @Option(
    help: ArgumentHelp("The user to sign in as: root, or one with sudo without password.", valueName: "user"))
  var user: String?

  @Option(
    help: ArgumentHelp("The fingerprint of its host key, where you know it.", valueName: "SHA256:…"))
  var hostKey: String?

  @Flag(help: "Take the host key that it shows. Only where nobody can stand between.")
  var acceptHostKey = false

  @Option(help: ArgumentHelp("A private key that is let in there.", valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "allow, warn or refuse: whether production shares it with other stages.", valueName: "policy"))
  var stagePolicy: String?

  @Option(help: ArgumentHelp("Whether ports of instances are open to the network.", valueName: "yes|no"))
  var expose: YesOrNo?

  @Option(
    help: ArgumentHelp(
      "Organisations that may use a server of the operator's, with commas.", valueName: "a,b"))
  var sharedWith: String?

  @Option(help: ArgumentHelp("What you want to write down about it.", valueName: "text"))
  var note: String?

  @Option(
    help: ArgumentHelp(
      "A folder there that its instances may have shared addons from; repeat it for several.",
      valueName: "path"
    ))
  var sharedFolder: [String] = []

  @Option(
    help: ArgumentHelp(
      "A folder there that its instances may have their files in; repeat it for several.", valueName: "path"))
  var filestoreFolder: [String] = []

  enum YesOrNo: String, ExpressibleByArgument, CaseIterable {
    case yes, no
  }

  /// The private key in the file that was named.
  func privateKey() throws -> String? {
    guard let key else { return nil }
    do {
      return try String(contentsOfFile: key, encoding: .utf8)
    } catch {
      throw CommandFailure(
        status: .usage, message: "The key \(key) cannot be read: \(error.localizedDescription)",
        next: "Name the private half, such as ~/.ssh/id_ed25519.")
    }
  }

  var organisations: [String]? {
    sharedWith.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
  }

  /// The host key that the person confirms: as given, or as the server shows it and the person says yes.
  func confirmedHostKey(_ client: OdeumClient, address: String, port: Int?) async throws -> String {
    if let hostKey { return hostKey }
    let shown = try await client.send(.hostKeys(.init(address: address, port: port))).value.items
    guard let first = shown.first else {
      throw CommandFailure(status: .unavailable, message: "\(address) shows no host key.")
    }
    if acceptHostKey { return first.fingerprint }
    let terminal = Terminal.messages
    terminal.line("\(address) shows this host key (\(first.type)):")
    terminal.line("  \(terminal.style(first.fingerprint, .bold))")
    terminal.line("It must be what the server itself says:")
    terminal.line("  ssh-keygen -lf /etc/ssh/ssh_host_\(Self.file(first.type))_key.pub")
    guard Prompt.isPossible else {
      throw CommandFailure(
        status: .usage, message: "There is nobody to ask whether that is its key.",
        next: "Compare it, then add: --host-key \(first.fingerprint)")
    }
    guard ["y", "yes"].contains(Prompt.ask("Is it the same? [y/N] ")?.lowercased() ?? "") else {
      throw CommandFailure(
        status: .usage, message: "Nothing was sent to \(address).",
        next: "If it is another key, somebody may stand between: do not go on.")
    }
    return first.fingerprint
  }

  private static func file(_ type: String) -> String {
    type.contains("ed25519") ? "ed25519" : type.contains("ecdsa") ? "ecdsa" : "rsa"
  }
}

/// `odeum server add NAME ADDRESS`
struct AddServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a server that is reached over SSH.",
    discussion: """
      Shows its host key and asks whether that is the right one. With --password or --key it is validated at once. \
      Without, a key is made and its public half printed: put it into authorized_keys there, then validate the server.
      """)

  @Argument(help: "Its name: letters a to z, digits and hyphens.")
  var name: String

  @Argument(help: "A host name or an IP address.")
  var address: String

  @OptionGroup var options: ServerOptions

  @Flag(help: "Ask for a password, with which a new key is left there once.")
  var password = false

  @Flag(help: "Read that password from standard input, one line.")
  var passwordStdin = false

  @Flag(name: .customLong("operator"), help: "It belongs to the operator, not to the organisation.")
  var isOperators = false

  @OptionGroup var waiting: WaitOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if options.key != nil, password || passwordStdin {
      throw ValidationError("Give --key or a password, not both.")
    }
  }

  func run() async throws {
    try await common.connected { client in
      let wish = try await wish(client)
      let added = try await client.send(.addServer(wish, idempotencyKey: API.newIdempotencyKey()))
      guard !common.json else { return try await finishAsJSON(added, client) }
      let server = added.value.server
      let style = Terminal.output.style
      Terminal.output.line("\(style.done) \(style(server.name, .bold)) is added")
      if let job = added.value.job { return try await end(of: job, client) }
      Terminal.messages.line(
        "Put this line into ~\(server.user ?? "")/.ssh/authorized_keys on \(server.address):")
      Terminal.output.line(server.publicKey ?? "")
      guard waiting.waits, Prompt.isPossible,
        Prompt.ask("Press Enter when it is there, or Ctrl-C to do it later. ") != nil
      else {
        return Terminal.messages.line("Then: odeum server validate \(server.name)")
      }
      try await end(of: try await client.send(.validateServer(server.name)).value, client)
    }
  }

  private func wish(_ client: OdeumClient) async throws -> API.AddServer {
    var wish = API.AddServer(name: name, address: address)
    wish.port = options.port
    wish.user = options.user
    wish.privateKey = try options.privateKey()
    wish.hostKey = try await options.confirmedHostKey(client, address: address, port: options.port)
    wish.password = try secret()
    wish.owner = isOperators ? "operator" : nil
    wish.sharedWith = options.organisations
    wish.exposed = options.expose.map { $0 == .yes }
    wish.stagePolicy = options.stagePolicy
    wish.note = options.note
    wish.sharedFolders = options.sharedFolder.isEmpty ? nil : options.sharedFolder
    wish.filestoreFolders = options.filestoreFolder.isEmpty ? nil : options.filestoreFolder
    return wish
  }

  /// The password, asked for after the host key was confirmed.
  private func secret() throws -> String? {
    if passwordStdin {
      guard let line = readLine(), !line.isEmpty else {
        throw CommandFailure(
          status: .usage, message: "There was no password on standard input.",
          next: "… --password-stdin < file")
      }
      return line
    }
    guard password else { return nil }
    guard Prompt.isPossible else {
      throw CommandFailure(
        status: .usage, message: "There is nobody to ask for the password.", next: "… --password-stdin < file"
      )
    }
    return Prompt.askSecret("Password of \(options.user ?? "root") on \(address): ")
  }

  private func end(of job: API.Job, _ client: OdeumClient) async throws {
    let job = try await client.wait(for: job, waiting)
    guard job.isFinished else { return }
    try job.requireSuccess()
    Terminal.output.line("\(Terminal.output.style.done) \(name) is ready for instances")
  }

  private func finishAsJSON(_ added: API.Answer<API.ChangedServer>, _ client: OdeumClient) async throws {
    guard let job = added.value.job, waiting.waits else { return Terminal.output.json(added.body) }
    var changed = added.value
    let ended = try await client.wait(for: job, waiting, json: true)
    changed.job = ended
    changed.server = try await client.send(.server(changed.server.id.uuidString.lowercased())).value
    try Terminal.output.json(changed)
    try ended.requireSuccess()
  }
}
