import Foundation
import Remote

@testable import Hosting
@testable import Web

extension PlayedHosting {
  func signIn(
    email: String, password: String, address: String, userAgent: String
  ) async throws -> SignInOutcome {
    guard let actor = state.withLock({ $0.people[email] }), password == Self.password else {
      throw HostingError(
        .unauthenticated, "The address or the password is not right.",
        suggestion: "Try again; who runs the installation can make a new sign-in link with: odeumd admin link"
      )
    }
    if email == Self.guarded { return .wantsCode(challenge: Secret("challenge")) }
    return .signedIn(open(actor))
  }

  func signIn(challenge: String, code: String, address: String, userAgent: String) async throws -> SignedIn {
    guard challenge == "challenge" else {
      throw HostingError(.unauthenticated, "It took too long to give the code.")
    }
    guard code == "123456", let actor = state.withLock({ $0.people[Self.guarded] }) else {
      throw HostingError.wrongCode
    }
    return open(actor)
  }

  func open(_ actor: Actor) -> SignedIn {
    let token = "session-\(UUID().uuidString)"
    state.withLock { state in
      state.changes += 1
      state.sessions[token] = actor
    }
    return SignedIn(token: Secret(token), expiresAt: Date(timeIntervalSinceNow: 3600), actor: actor)
  }

  func signOut(session token: String, address: String) async throws {
    state.withLock { state in
      state.changes += 1
      state.sessions[token] = nil
    }
  }

  func signInLink(_ token: String) async throws -> SignInLink? {
    state.withLock { $0.links[token] }.map {
      SignInLink(email: "owner@example.org", purpose: $0, expiresAt: Date(timeIntervalSinceNow: 3600))
    }
  }

  var sendsMail: Bool { state.withLock { $0.sendsMail } }

  func requestNewPassword(for email: String, address: String) async throws {
    guard sendsMail else { throw HostingError(.unavailable, "This installation sends no mail.") }
    state.withLock { $0.calls["requestNewPassword", default: 0] += 1 }
  }

  func resetPassword(_ token: String, newPassword: String, address: String) async throws {
    guard state.withLock({ $0.links[token] }) == .resetPassword else { throw HostingError.linkIsOver }
    _ = try Hosting.checked(password: newPassword)
    state.withLock { state in
      state.changes += 1
      state.links[token] = nil
    }
  }

  func requestSecondFactorOff(challenge: String, address: String) async throws {
    guard sendsMail else { throw HostingError(.unavailable, "This installation sends no mail.") }
    guard challenge == "challenge" else {
      throw HostingError(.unauthenticated, "It took too long to give the code.")
    }
    state.withLock { $0.calls["requestSecondFactorOff", default: 0] += 1 }
  }

  func turnSecondFactorOff(link token: String, password: String, address: String) async throws {
    guard state.withLock({ $0.links[token] }) == .secondFactorOff else { throw HostingError.linkIsOver }
    guard password == "long enough" else { throw HostingError.wrongPassword(sendsMail: sendsMail) }
    state.withLock { state in
      state.changes += 1
      state.links[token] = nil
    }
  }

  func useSignInLink(
    _ token: String, newPassword: String?, address: String, userAgent: String
  ) async throws -> SignedIn {
    guard let purpose = state.withLock({ $0.links[token] }) else {
      throw HostingError(.unauthenticated, "This link was used already or is over.")
    }
    if purpose == .setPassword, (newPassword ?? "").count < 8 {
      throw HostingError(
        .invalid, "A password has at least 8 characters; longer is better.",
        fields: [.init("password", "A password has at least 8 characters; longer is better.")])
    }
    let actor = state.withLock { state in
      state.links[token] = nil
      return state.people["owner@example.org"]!
    }
    return open(actor)
  }

  func tokens(by actor: Actor) async throws -> [APIToken] { state.withLock { $0.tokens } }

  func createToken(
    name: String, expiresAt: Date?, scopes: [String]? = nil, by actor: Actor
  ) async throws -> CreatedToken {
    guard !name.isEmpty else {
      let text = "A token's name has 1 to 100 characters and says what it is for."
      throw HostingError(.invalid, text, fields: [.init("name", text)])
    }
    var faults = Faults()
    let permissions = scopes.map { TokenScope.permissions($0, for: actor, &faults) }
    try faults.throwIfAny()
    let token = APIToken(
      id: UUID(), name: name, createdAt: Date(), usedAt: nil, expiresAt: expiresAt, scopes: permissions)
    state.withLock { state in
      state.changes += 1
      state.tokens.insert(token, at: 0)
    }
    return CreatedToken(token: token, secret: Secret("odeum_\(token.id.uuidString)"))
  }

  func revokeToken(_ id: UUID, by actor: Actor) async throws {
    state.withLock { state in
      state.changes += 1
      state.tokens.removeAll { $0.id == id }
    }
  }
}
