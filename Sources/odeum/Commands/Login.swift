import ArgumentParser
import Client
import Foundation

/// `odeum login URL`
struct Login: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign in to a server with an API token and remember it.",
    discussion: """
      Make the token in the console (Account, API tokens), or with “odeumd admin token” on the machine where the control \
      plane runs. It is kept in ~/.config/odeum/config.json, which only you can read.
      """)

  @Argument(help: "The server's address, such as https://odeum.example.com.")
  var url: String

  @Flag(help: "Read the token from standard input instead of asking for it.")
  var tokenStdin = false

  @Option(help: ArgumentHelp("What to call the server; its host and port unless given.", valueName: "name"))
  var name: String?

  func run() async throws {
    let address = try ServerAddress(url)
    if address.isExposed {
      Terminal.messages.line(
        "\(Terminal.messages.style("Careful:", .yellow)) \(address) is not encrypted; everybody on the way can read the token."
      )
    }
    let token = try readToken(for: address)
    let account = try await OdeumClient.connected(
      to: address, token: token, userAgent: "odeum/\(Release.version)"
    ) { client in
      do {
        return try await client.send(.account).value
      } catch let problem as API.Problem where problem.code == "unauthenticated" {
        throw CommandFailure(
          status: .forbidden, message: "\(address) does not know this token.",
          next: "make a new one in the console (Account, API tokens), then: odeum login \(address)")
      }
    }
    var file = try ContextFile.read()
    let name = name ?? Self.name(for: address, account.organisation, in: file)
    file.use(
      ContextFile.Context(
        name: name, url: address.description, token: token.secret, organisation: account.organisation))
    try file.write()
    Terminal.output.line(
      "Signed in to \(address) as \(account.email), \(account.role) of \(account.organisation). Context “\(name)” is in use."
    )
  }

  private func readToken(for address: ServerAddress) throws -> BearerToken {
    let text: String?
    if tokenStdin {
      text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
    } else if Prompt.isPossible {
      text = Prompt.askSecret("Token for \(address) (it stays invisible): ")
    } else {
      throw CommandFailure(
        status: .usage, message: "There is nobody to ask for the token.",
        next: "odeum login \(address) --token-stdin < token-file")
    }
    guard let token = text.flatMap(BearerToken.init) else {
      throw CommandFailure(
        status: .usage, message: "That is no token.", next: "paste one line, without spaces: odeum_…")
    }
    return token
  }

  /// The name of a new context. A second organisation on the same server gets its slug behind it.
  static func name(for address: ServerAddress, _ organisation: String, in file: ContextFile) -> String {
    let name = name(for: address)
    let other = file.contexts.first { $0.name == name }?.organisation
    return other == nil || other == organisation ? name : "\(name)/\(organisation)"
  }

  /// Host and port, which is how people call a server.
  static func name(for address: ServerAddress) -> String {
    address.description.split(separator: "://").last.map(String.init) ?? address.description
  }
}
