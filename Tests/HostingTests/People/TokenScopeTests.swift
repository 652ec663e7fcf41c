import Foundation
import Testing

@testable import Hosting

@Suite struct TokenScopeTests {
  /// Whoever shows a new token of `actor`.
  private func shown(
    _ hosting: Hosting, _ scopes: [String]?, expiresAt: Date? = nil, by actor: Actor
  ) async throws -> Actor {
    let made = try await hosting.createToken(name: "ci", expiresAt: expiresAt, scopes: scopes, by: actor)
    return try #require(try await hosting.actor(apiToken: made.secret.reveal()))
  }

  private func owner(_ hosting: Hosting) async throws -> Actor {
    try await hosting.person(Hosting.firstEmail)
  }

  private func refused(_ code: HostingError.Code, _ body: () async throws -> Void) async {
    let error = await #expect(throws: HostingError.self) { try await body() }
    #expect(error?.code == code)
  }

  @Test func `a token with scopes may do these and nothing else, and is no operator's`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let token = try await shown(hosting, ["viewInstances", "restartInstances"], by: owner)
      #expect(token.permissions == [.viewInstances, .restartInstances])
      #expect(!token.isOperator && owner.isOperator)
      await refused(.forbidden) { _ = try await hosting.servers(by: token) }
      await refused(.forbidden) { _ = try await hosting.members(by: token) }
      await refused(.forbidden) { _ = try await hosting.strays(by: token) }
      await refused(.notFound) { _ = try await hosting.instance("shop", by: token) }
      #expect(try await shown(hosting, nil, by: owner).isOperator)
    }
  }

  @Test func `read stands for all that only looks, as far as the person may`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      #expect(
        try await shown(hosting, ["read"], by: owner).permissions
          == [.viewInstances, .viewLogs, .viewServers, .viewAudit])
      var viewer = owner
      viewer.role = .viewer
      var faults = Faults()
      #expect(TokenScope.permissions(["read"], for: viewer, &faults) == [.viewInstances])
      #expect(faults.fields.isEmpty)
    }
  }

  @Test func `a scope that is none, or that the person does not have, is refused by name`() async throws {
    try await withHosting { hosting in
      var developer = try await owner(hosting)
      developer.role = .developer
      for (words, part) in [
        (["dance"], "no scope “dance”"), (["manageMembers"], "may not do “manageMembers”"),
        ([], "could do nothing"),
      ] {
        let error = await #expect(throws: HostingError.self) {
          try await hosting.createToken(name: "ci", expiresAt: nil, scopes: words, by: developer)
        }
        #expect(error?.code == .invalid && error?.fields.first?.name == "scopes")
        #expect(error?.message.contains(part) == true)
      }
    }
  }

  @Test func `a token makes no token that may do more or lasts longer`() async throws {
    try await withHosting { hosting in
      let end = Date(timeIntervalSinceNow: 3600)
      let token = try await shown(
        hosting, ["viewInstances", "viewLogs"], expiresAt: end, by: try await owner(hosting))
      await refused(.invalid) { _ = try await shown(hosting, ["removeInstances"], by: token) }
      await refused(.invalid) {
        _ = try await shown(hosting, nil, expiresAt: end.addingTimeInterval(1), by: token)
      }
      let child = try await shown(hosting, nil, by: token)
      #expect(child.permissions == [.viewInstances, .viewLogs])
      #expect(abs(try #require(child.token?.expiresAt).timeIntervalSince(end)) < 0.001)
    }
  }

  @Test func `a token with scopes touches nothing that concerns the person himself, and ends itself alone`()
    async throws
  {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let other = try await hosting.createToken(name: "other", expiresAt: nil, by: owner).token
      let token = try await shown(hosting, ["viewInstances", "manageMembers"], by: owner)
      await refused(.forbidden) { try await hosting.revokeToken(other.id, by: token) }
      await refused(.forbidden) { try await hosting.removeMember(owner.userID, by: token) }
      await refused(.forbidden) { _ = try await hosting.sessions(by: token) }
      await refused(.forbidden) { _ = try await hosting.endOtherSessions(by: token) }
      await refused(.forbidden) { try await hosting.changePassword("x", to: "another horse", by: token) }
      await refused(.forbidden) { _ = try await hosting.beginSecondFactor(password: "x", by: token) }
      await refused(.forbidden) { try await hosting.turnSecondFactorOff(password: "x", by: token) }
      let itself = try #require(token.token?.id)
      #expect(try await hosting.tokens(by: token).map(\.id) == [itself])
      try await hosting.revokeToken(itself, by: token)
      #expect(try await hosting.tokens(by: owner).map(\.name) == ["other"])
    }
  }

  @Test func `a token for managing people makes nobody who may do more than it`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let token = try await shown(hosting, ["manageMembers", "viewInstances"], by: owner)
      for role in [Role.owner, .admin, .developer, .tester] {
        await refused(.forbidden) { _ = try await hosting.invite("ada@example.org", as: role, by: token) }
      }
      _ = try await hosting.invite("ada@example.org", as: .viewer, by: token)
      await refused(.forbidden) {
        _ = try await hosting.changeMember(owner.userID, to: .viewer, GrantsChange(), by: token)
      }
    }
  }

  @Test func `an admin who is kept to some instances cannot free himself or others of that`() async throws {
    try await withHosting { hosting in
      var admin = try await owner(hosting)
      admin.role = .admin
      admin.isOperator = false
      admin.grants.servers = []
      await refused(.forbidden) { _ = try await hosting.invite("ada@example.org", as: .viewer, by: admin) }
      var grants = Grants()
      grants.servers = []
      let own = try await hosting.invite("own@example.org", as: .admin, grants, by: admin)
      let other = try await hosting.acceptInvitation(
        own.secret.reveal(), password: "correct horse", address: "", userAgent: ""
      ).actor
      var change = GrantsChange()
      change.servers = .lifted
      let all = change
      await refused(.forbidden) {
        _ = try await hosting.changeMember(other.userID, to: .admin, all, by: other)
      }
    }
  }
}
