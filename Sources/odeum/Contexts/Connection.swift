import ArgumentParser
import Client
import Foundation

/// Options that every command takes.
struct CommonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Use this context instead of the current one.", valueName: "name"))
  var context: String?

  @Flag(help: "Print the API's JSON.")
  var json = false
}

/// Which server is asked, and with which token.
struct Connection {
  let address: ServerAddress
  let token: BearerToken?

  /// What the environment says, else the context. A token never goes to another address than the one that it is for.
  init(
    context name: String?, file: ContextFile,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    let given = environment["ODEUM_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    if let given, BearerToken(given) == nil {
      throw CommandFailure(
        status: .usage, message: "ODEUM_TOKEN is no token.", next: "export ODEUM_TOKEN=odeum_…")
    }
    if name == nil, let url = environment["ODEUM_URL"], !url.isEmpty {
      do {
        address = try ServerAddress(url)
      } catch {
        throw CommandFailure(
          status: .usage, message: "ODEUM_URL: \(error.message)",
          next: "export ODEUM_URL=https://odeum.example.com    (or http://127.0.0.1:8600)")
      }
      let known = try file.contexts.first { [address] in try ServerAddress($0.url) == address }
      token = (given ?? known?.token).flatMap(BearerToken.init)
      return
    }
    guard let context = try file.context(name) else {
      guard file.contexts.isEmpty else {
        throw CommandFailure(
          status: .usage, message: "None of the servers that you signed in to is in use.",
          next: "odeum context use NAME    (their names: odeum context list)")
      }
      throw CommandFailure(
        status: .usage, message: "No server is known yet.",
        next: "odeum login http://127.0.0.1:8600    (or the address of your own)")
    }
    address = try ServerAddress(context.url)
    token = BearerToken(given ?? context.token)
  }

  /// Runs `body` with a client.
  func run<Result: Sendable>(_ body: (OdeumClient) async throws -> Result) async throws -> Result {
    do {
      return try await OdeumClient.connected(
        to: address, token: token, userAgent: "odeum/\(Release.version)", body)
    } catch {
      throw error.advising("odeum login \(address)", for: .forbidden, code: "unauthenticated")
    }
  }
}

extension CommonOptions {
  /// Runs `body` with a client for the chosen server.
  func connected<Result: Sendable>(_ body: (OdeumClient) async throws -> Result) async throws -> Result {
    try await Connection(context: context, file: try ContextFile.read()).run(body)
  }
}

extension Error {
  /// This error with `next` as advice, where the API calls it `code`.
  fileprivate func advising(_ next: String, for status: ExitStatus, code: String) -> any Error {
    (self as? API.Problem)?.code == code ? advising(next, for: status) : self
  }
}
