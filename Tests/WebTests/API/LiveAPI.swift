import Client
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import PostgresTesting
import Testing

@testable import Hosting
@testable import Web

/// An installation on a leased database, with its API.
struct LiveAPI: Sendable {
  let hosting: Hosting
  let server: WebServer
  let owner: Actor
  /// An API token of the owner.
  let token: String

  /// Runs `body` with a fresh installation.
  static func run<Result: Sendable>(_ body: (LiveAPI) async throws -> Result) async throws -> Result {
    try await withDatabase(migrations: Schema.migrations) { database in
      let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      var domain = HostingConfiguration()
      // No Docker: what these tests ask for must not reach an engine that may run here.
      domain.dockerSocket = "/nonexistent/docker.sock"
      let hosting = try await Hosting.open(
        database: database, masterKey: MasterKey(), configuration: domain,
        passwords: PasswordHasher(cost: 8, parallelism: 1), logger: logger)
      let link = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .signIn, lifetime: .seconds(60))
      let owner = try await hosting.useSignInLink(
        link.reveal(), newPassword: nil, address: "127.0.0.1", userAgent: "test"
      ).actor
      var configuration = WebConfiguration()
      configuration.heartbeat = .milliseconds(50)
      // Tests that show wrong tokens at every address are not what is to be slowed down.
      configuration.strangeTokensAtOnce = 10_000
      return try await body(
        LiveAPI(
          hosting: hosting,
          server: try WebServer(hosting: hosting, configuration: configuration, logger: logger),
          owner: owner,
          token: try await hosting.createToken(name: "test", expiresAt: nil, by: owner).secret.reveal()))
    }
  }

  /// Runs `body` with the typed client, over a real connection.
  static func connected<Result: Sendable>(
    _ body: @escaping @Sendable (LiveAPI, OdeumClient) async throws -> Result
  ) async throws -> Result {
    try await run { api in
      try await api.server.application.test(.live) { http in
        let address = try ServerAddress("http://127.0.0.1:\(try #require(http.port))")
        return try await OdeumClient.connected(
          to: address, token: BearerToken(api.token), userAgent: "odeum/test"
        ) { try await body(api, $0) }
      }
    }
  }

  /// Runs `body` while a worker takes up jobs; without Docker it can only fail or call them off.
  func working<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result
  {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        try await hosting.runWorker(operationsAtOnce: 2, identity: "test", holdsFolder: false)
        return nil
      }
      group.addTask { try await body() }
      defer { group.cancelAll() }
      while let result = try await group.next() {
        if let result { return result }
      }
      throw CancellationError()
    }
  }

  /// A token of somebody who has `role` in the same organisation.
  func token(for role: Role) async throws -> String {
    let person = UUID()
    try await hosting.database.execute(
      "insert into people (id, email, is_operator) values (\(person), \("\(role.rawValue)@example.com"), false)"
    )
    try await hosting.database.execute(
      """
      insert into memberships (person_id, organisation_id, role)
      values (\(person), \(owner.organisationID), \(role.rawValue))
      """)
    var actor = owner
    actor.userID = person
    actor.role = role
    return try await hosting.createToken(name: "test", expiresAt: nil, by: actor).secret.reveal()
  }
}
