import Foundation
import Logging
import Postgres
import PostgresTesting
import Remote
import Testing

@testable import Hosting

/// A fresh installation on a leased database.
func withHosting<Result: Sendable>(
  key: MasterKey = MasterKey(), configuration: HostingConfiguration = HostingConfiguration(),
  _ body: (Hosting) async throws -> Result
) async throws -> Result {
  // Of its own: whoever opens one takes what an earlier process of the same number has left there.
  var configuration = configuration
  configuration.connectionsFolder = "\(NSTemporaryDirectory())odeum-ssh-\(UUID().uuidString.prefix(8))"
  defer { try? FileManager.default.removeItem(atPath: configuration.connectionsFolder) }
  return try await withDatabase(migrations: Schema.migrations) { [configuration] database in
    let hosting = try await Hosting.open(
      database: database, masterKey: key, configuration: configuration,
      passwords: PasswordHasher(cost: 8, parallelism: 1),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    return try await body(hosting)
  }
}

@Suite struct SignInTests {
  @Test func `the first link sets the password once, and looking at it does not use it up`() async throws {
    try await withHosting { hosting in
      #expect(try await hosting.isUnclaimed())
      let link = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60)
      ).reveal()
      let actor = try await hosting.person(Hosting.firstEmail)
      let noted = try #require(try await hosting.audit(page: PageRequest(), by: actor).items.first)
      #expect(noted.action == "person.link" && noted.door == "system" && noted.person == nil)
      #expect(noted.after == #"{"purpose": "setPassword"}"#)
      #expect(try await hosting.signInLink(link)?.email == Hosting.firstEmail)
      #expect(try await hosting.signInLink(link)?.purpose == .setPassword)
      let signedIn = try await hosting.useSignInLink(
        link, newPassword: "correct horse", address: "127.0.0.1", userAgent: "test")
      #expect(signedIn.actor.role == .owner)
      #expect(try await !hosting.isUnclaimed())
      let error = await #expect(throws: HostingError.self) {
        try await hosting.useSignInLink(link, newPassword: "other horse", address: "", userAgent: "")
      }
      #expect(error?.code == .unauthenticated)
      #expect(try await hosting.signInLink(link) == nil)
    }
  }

  @Test func `a link for a new password signs nobody in, and a link to sign in with sets no password`()
    async throws
  {
    try await withHosting { hosting in
      _ = try await hosting.claim()
      func link(_ purpose: SignInLink.Purpose) async throws -> String {
        try await hosting.makeSignInLink(for: Hosting.firstEmail, purpose: purpose, lifetime: .seconds(60))
          .reveal()
      }
      let mailed = try await link(.resetPassword)
      let entering = try await link(.signIn)
      let used = await #expect(throws: HostingError.self) {
        _ = try await hosting.useSignInLink(mailed, newPassword: "other horse", address: "", userAgent: "")
      }
      #expect(used?.code == .unauthenticated)
      let reset = await #expect(throws: HostingError.self) {
        try await hosting.resetPassword(entering, newPassword: "other horse", address: "")
      }
      #expect(reset?.code == .unauthenticated)
      let poor = await #expect(throws: HostingError.self) {
        try await hosting.resetPassword(mailed, newPassword: "short", address: "")
      }
      #expect(poor?.code == .invalid)
      try await hosting.resetPassword(mailed, newPassword: "other horse", address: "10.0.0.1")
      let outcome = try await hosting.signIn(
        email: Hosting.firstEmail, password: "other horse", address: "", userAgent: "")
      guard case .signedIn(let signedIn) = outcome else {
        Issue.record("not signed in")
        return
      }
      #expect(signedIn.actor.email == Hosting.firstEmail)
      let again = await #expect(throws: HostingError.self) {
        try await hosting.resetPassword(mailed, newPassword: "third horse", address: "")
      }
      #expect(again?.code == .unauthenticated)
    }
  }

  @Test func `a password is noted together with its change, and who belongs nowhere chooses none by a link`()
    async throws
  {
    try await withHosting { hosting in
      _ = try await hosting.claim()
      func link() async throws -> String {
        try await hosting.makeSignInLink(
          for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60)
        ).reveal()
      }
      func state() async throws -> (hash: String?, notes: Int) {
        let row = try await hosting.database.query(
          """
          select p.password_hash, (select count(*) from audit_log where action = 'person.password') as notes from people p
          """)[0]
        return (try row.get("password_hash"), try row.get("notes"))
      }
      let first = try await state()
      _ = try await hosting.useSignInLink(
        link(), newPassword: "other horse", address: "192.0.2.7", userAgent: "")
      let changed = try await state()
      #expect(changed.hash != first.hash && changed.notes == first.notes + 1)
      let late = try await link()
      try await hosting.database.execute("delete from memberships")
      let refusal = await #expect(throws: HostingError.self) {
        try await hosting.useSignInLink(
          late, newPassword: "third horse", address: "192.0.2.7", userAgent: "")
      }
      #expect(refusal?.code == .forbidden)
      let last = try await state()
      #expect(last.hash == changed.hash && last.notes == changed.notes)
    }
  }

  @Test func `a poor password is refused and leaves the link usable`() async throws {
    try await withHosting { hosting in
      let link = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .setPassword, lifetime: .seconds(60)
      ).reveal()
      for poor in [nil, "", "short", "password", String(repeating: "x", count: 201)] {
        let error = await #expect(throws: HostingError.self) {
          try await hosting.useSignInLink(link, newPassword: poor, address: "", userAgent: "")
        }
        #expect(error?.fields.map(\.name) == ["password"])
      }
      #expect(try await hosting.signInLink(link) != nil)
    }
  }

  @Test func `two who use one link at the same time: one is let in`() async throws {
    try await withHosting { hosting in
      let link = try await hosting.makeSignInLink(
        for: Hosting.firstEmail, purpose: .signIn, lifetime: .seconds(60)
      ).reveal()
      let entered = await withTaskGroup { group in
        for _ in 0..<8 {
          group.addTask {
            (try? await hosting.useSignInLink(link, newPassword: nil, address: "", userAgent: "")) != nil
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(entered == 1)
    }
  }

  @Test func `a session works until it is signed out`() async throws {
    try await withHosting { hosting in
      let token = try await hosting.claim().token.reveal()
      #expect(try await hosting.actor(session: token)?.email == Hosting.firstEmail)
      #expect(try await hosting.actor(session: token + "x") == nil)
      try await hosting.signOut(session: token, address: "192.0.2.7")
      #expect(try await hosting.actor(session: token) == nil)
      try await hosting.signOut(session: token, address: "192.0.2.7")
    }
  }

  @Test func `a session ends after a day without use`() async throws {
    try await withHosting { hosting in
      let token = try await hosting.claim().token.reveal()
      try await hosting.database.execute("update sessions set seen_at = now() - interval '25 hours'")
      #expect(try await hosting.actor(session: token) == nil)
    }
  }

  @Test func `a new password ends the other sessions`() async throws {
    try await withHosting { hosting in
      let old = try await hosting.claim().token.reveal()
      _ = try await hosting.claim(password: "another horse")
      #expect(try await hosting.actor(session: old) == nil)
    }
  }

  @Test func `wrong password and unknown person are told alike`() async throws {
    try await withHosting { hosting in
      _ = try await hosting.claim()
      func attempt(_ email: String, _ password: String) async -> HostingError? {
        await #expect(throws: HostingError.self) {
          _ = try await hosting.signIn(
            email: email, password: password, address: "10.0.0.1", userAgent: "test")
        }
      }
      let wrong = await attempt(Hosting.firstEmail, "wrong horse")
      let unknown = await attempt("nobody@example.com", "wrong horse")
      #expect(wrong == unknown)
      #expect(wrong?.code == .unauthenticated)
      let right = try await hosting.signIn(
        email: " ADMIN@localhost ", password: "correct horse", address: "10.0.0.1", userAgent: "test")
      guard case .signedIn(let signedIn) = right else {
        Issue.record("\(right)")
        return
      }
      #expect(signedIn.actor.email == Hosting.firstEmail)
    }
  }

  @Test func `an address that nobody can have is told like a wrong password, whatever its length`()
    async throws
  {
    try await withHosting { hosting in
      _ = try await hosting.claim()
      // Random, so that PostgreSQL cannot make a short key of it.
      var generator = SystemRandomNumberGenerator()
      let long = (0..<10_000).map { _ in String(UInt8.random(in: 0..<36, using: &generator), radix: 36) }
      for email in [long.joined() + "@example.org", "a\u{0}@example.org", ""] {
        let error = await #expect(throws: HostingError.self) {
          try await hosting.signIn(
            email: email, password: "correct horse", address: "10.0.0.1", userAgent: "test")
        }
        #expect(error?.message == "The address or the password is not right.")
      }
      let places = try await hosting.database.query("select key, failures from sign_in_failures")
      #expect(try places.map { try $0.get("key", as: String.self) } == ["address 10.0.0.1"])
      #expect(try places.first?.get("failures") == 3, "the place has to wait like any other")
    }
  }

  @Test func `after several failures even the right password has to wait`() async throws {
    try await withHosting { hosting in
      _ = try await hosting.claim()
      var last: HostingError?
      for _ in 0..<7 {
        last = await #expect(throws: HostingError.self) {
          try await hosting.signIn(
            email: Hosting.firstEmail, password: "wrong horse", address: "10.0.0.1", userAgent: "test")
        }
      }
      #expect(last?.retryAfter != nil)
      let right = await #expect(throws: HostingError.self) {
        try await hosting.signIn(
          email: Hosting.firstEmail, password: "correct horse", address: "10.0.0.2", userAgent: "test")
      }
      #expect(right?.retryAfter != nil, "the account is guarded from every address")
      try await hosting.database.execute(
        "update sign_in_failures set last_at = now() - interval '20 minutes'")
      _ = try await hosting.signIn(
        email: Hosting.firstEmail, password: "correct horse", address: "10.0.0.2", userAgent: "test")
    }
  }

  @Test func `a token acts for its owner until it is revoked, and nobody else can revoke it`() async throws {
    try await withHosting { hosting in
      let owner = try await hosting.claim().actor
      let made = try await hosting.createToken(name: "ci", expiresAt: nil, by: owner)
      #expect(try await hosting.actor(apiToken: made.secret.reveal())?.userID == owner.userID)
      var stranger = owner
      stranger.userID = UUID()
      let error = await #expect(throws: HostingError.self) {
        try await hosting.revokeToken(made.token.id, by: stranger)
      }
      #expect(error?.code == .notFound)
      try await hosting.revokeToken(made.token.id, by: owner)
      #expect(try await hosting.actor(apiToken: made.secret.reveal()) == nil)
    }
  }

  @Test func `a wrong master key is refused at the start`() async throws {
    try await withHosting { hosting in
      let error = await #expect(throws: HostingError.self) {
        try await Hosting.open(
          database: hosting.database, masterKey: MasterKey(), configuration: HostingConfiguration(),
          logger: hosting.logger)
      }
      #expect(error?.message == "The master key is not the one under which this database was written.")
    }
  }
}
