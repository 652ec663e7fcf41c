import Foundation
import Testing

@testable import Hosting

@Suite struct ChangePasswordTests {
  private let password = "correct horse"

  private func signIn(_ hosting: Hosting, _ password: String) async throws -> SignedIn? {
    let outcome = try await hosting.signIn(
      email: Hosting.firstEmail, password: password, address: "10.0.0.1", userAgent: "test")
    guard case .signedIn(let signedIn) = outcome else { return nil }
    return signedIn
  }

  private func refusal(_ body: () async throws -> Void) async -> HostingError? {
    await #expect(throws: HostingError.self) { try await body() }
  }

  @Test func `the new password counts, and the other sessions have ended`() async throws {
    try await withHosting { hosting in
      let other = try await hosting.claim(password: password).token.reveal()
      let present = try #require(try await signIn(hosting, password))
      try await hosting.changePassword(password, to: "another horse", by: present.actor)
      #expect(try await hosting.actor(session: present.token.reveal()) != nil)
      #expect(try await hosting.actor(session: other) == nil)
      #expect(await refusal { _ = try await signIn(hosting, password) }?.code == .unauthenticated)
      #expect(try await signIn(hosting, "another horse") != nil)
    }
  }

  @Test func `with a token every session ends, and the token stays`() async throws {
    try await withHosting { hosting in
      let session = try await hosting.claim(password: password)
      let made = try await hosting.createToken(name: "ci", expiresAt: nil, by: session.actor)
      let program = try #require(try await hosting.actor(apiToken: made.secret.reveal()))
      try await hosting.changePassword(password, to: "another horse", by: program)
      #expect(try await hosting.actor(session: session.token.reveal()) == nil)
      #expect(try await hosting.actor(apiToken: made.secret.reveal()) != nil)
    }
  }

  @Test func `a token with scopes changes no password`() async throws {
    try await withHosting { hosting in
      let owner = try await hosting.claim(password: password).actor
      let made = try await hosting.createToken(
        name: "ci", expiresAt: nil, scopes: Permission.allCases.map(\.rawValue), by: owner)
      let token = try #require(try await hosting.actor(apiToken: made.secret.reveal()))
      let error = await refusal {
        try await hosting.changePassword(password, to: "another horse", by: token)
      }
      #expect(error?.code == .forbidden)
      #expect(try await signIn(hosting, password) != nil)
    }
  }

  @Test func `a wrong present password and a poor new one change nothing, and are told at their fields`()
    async throws
  {
    try await withHosting { hosting in
      let other = try await hosting.claim(password: password).token.reveal()
      let actor = try #require(try await signIn(hosting, password)).actor
      let wrong = await refusal { try await hosting.changePassword("guess", to: "another horse", by: actor) }
      #expect(wrong?.code == .invalid && wrong?.fields.map(\.name) == ["password"])
      for poor in ["", "short", "password", String(repeating: "x", count: 201)] {
        let error = await refusal { try await hosting.changePassword(password, to: poor, by: actor) }
        #expect(error?.code == .invalid && error?.fields.map(\.name) == ["newPassword"])
      }
      #expect(try await hosting.actor(session: other) != nil)
      #expect(try await signIn(hosting, password) != nil)
    }
  }

  @Test func `guessing the present password is slowed down like guessing at sign-in`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      for _ in 0...SignInAttempts.free {
        _ = await refusal { try await hosting.changePassword("guess", to: "another horse", by: actor) }
      }
      let error = await refusal {
        try await hosting.changePassword(password, to: "another horse", by: actor)
      }
      #expect(error?.code == .unauthenticated && error?.retryAfter != nil)
    }
  }

  @Test func `the audit log says that it was changed, and neither password`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      try await hosting.changePassword(password, to: "another horse", by: actor)
      let entry = try #require(try await hosting.audit(page: PageRequest(), by: actor).items.first)
      #expect(entry.action == AuditAction.setPassword.rawValue && entry.who == actor.email)
      #expect(!"\(entry)".contains("horse"))
    }
  }

  @Test func `half a sign-in by the former password is worth nothing`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.claim(password: password).actor
      let new = try await hosting.beginSecondFactor(password: password, by: actor)
      let program = OneTimePassword(secret: try #require(SecondFactorTests.decode(new.secret.reveal())))
      let step = OneTimePassword.step(at: Date())
      _ = try await hosting.confirmSecondFactor(program.code(at: step), by: actor)
      let outcome = try await hosting.signIn(
        email: Hosting.firstEmail, password: password, address: "", userAgent: "")
      guard case .wantsCode(let challenge) = outcome else {
        Issue.record("signed in without a code")
        return
      }
      try await hosting.changePassword(password, to: "another horse", by: actor)
      let error = await refusal {
        _ = try await hosting.signIn(
          challenge: challenge.reveal(), code: program.code(at: step + 1), address: "", userAgent: "")
      }
      #expect(error?.code == .unauthenticated)
    }
  }
}
