import Foundation
import Testing

@testable import Hosting

@Suite struct MemberTests {
  private func owner(_ hosting: Hosting) async throws -> Actor {
    try await hosting.person(Hosting.firstEmail)
  }

  /// A member who was invited and has come.
  private func join(
    _ hosting: Hosting, _ email: String, as role: Role, _ grants: Grants = Grants(), by actor: Actor
  )
    async throws -> Actor
  {
    let invitation = try await hosting.invite(email, as: role, grants, by: actor)
    return try await hosting.acceptInvitation(
      invitation.secret.reveal(), password: "correct horse", address: "10.0.0.1", userAgent: "test"
    ).actor
  }

  private func refused(_ code: HostingError.Code, _ body: () async throws -> Void) async {
    let error = await #expect(throws: HostingError.self) { try await body() }
    #expect(error?.code == code)
  }

  @Test func `who is invited chooses a password, is in, and is what the invitation says`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let made = try await hosting.invite(" Ada@Example.org ", as: .developer, by: owner)
      #expect(
        try await hosting.openInvitation(made.secret.reveal())
          == OpenInvitation(
            organisation: "Main", email: "ada@example.org", role: .developer, next: .choosePassword))
      await refused(.invalid) {
        _ = try await hosting.acceptInvitation(
          made.secret.reveal(), password: "short", address: "", userAgent: "")
      }
      let ada = try await hosting.acceptInvitation(
        made.secret.reveal(), password: "correct horse", address: "10.0.0.1", userAgent: "test"
      ).actor
      #expect(ada.email == "ada@example.org" && ada.role == .developer && !ada.isOperator)
      #expect(ada.organisationID == owner.organisationID)
      await refused(.unauthenticated) {
        _ = try await hosting.acceptInvitation(
          made.secret.reveal(), password: "again again", address: "", userAgent: "")
      }
      #expect(try await hosting.invitations(by: owner).isEmpty)
      #expect(try await hosting.members(by: owner).map(\.email) == [Hosting.firstEmail, "ada@example.org"])
    }
  }

  @Test func `an invitation that was withdrawn, replaced or is over lets nobody in`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let replaced = try await hosting.invite("ada@example.org", as: .viewer, by: owner).secret.reveal()
      let withdrawn = try await hosting.invite("ada@example.org", as: .viewer, by: owner)
      try await hosting.withdrawInvitation(withdrawn.invitation.id, by: owner)
      let late = try await hosting.invite("bob@example.org", as: .viewer, by: owner).secret.reveal()
      try await hosting.database.execute("update invitations set expires_at = now()")
      for secret in [replaced, withdrawn.secret.reveal(), late, ""] {
        #expect(try await hosting.openInvitation(secret) == nil)
        await refused(.unauthenticated) {
          _ = try await hosting.acceptInvitation(
            secret, password: "correct horse", address: "", userAgent: "")
        }
      }
    }
  }

  @Test func `who is known here accepts as himself, and nobody accepts for another`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let ada = try await join(hosting, "ada@example.org", as: .developer, by: owner)
      let bob = try await join(hosting, "bob@example.org", as: .viewer, by: owner)
      try await hosting.removeMember(ada.userID, by: owner)
      let secret = try await hosting.invite("ada@example.org", as: .tester, by: owner).secret.reveal()
      await refused(.conflict) {
        _ = try await hosting.acceptInvitation(
          secret, password: "another password", address: "", userAgent: "")
      }
      await refused(.forbidden) { try await hosting.acceptInvitation(secret, by: bob) }
      try await hosting.acceptInvitation(secret, by: ada)
      #expect(try await hosting.person("ada@example.org").role == .tester)
    }
  }

  @Test func `an admin manages members and makes no owner, a developer manages nobody`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let admin = try await join(hosting, "admin@example.org", as: .admin, by: owner)
      let developer = try await join(hosting, "dev@example.org", as: .developer, by: admin)
      await refused(.forbidden) { _ = try await hosting.invite("x@example.org", as: .owner, by: admin) }
      await refused(.forbidden) {
        _ = try await hosting.changeMember(admin.userID, to: .owner, GrantsChange(), by: admin)
      }
      await refused(.forbidden) {
        _ = try await hosting.changeMember(owner.userID, to: .viewer, GrantsChange(), by: admin)
      }
      await refused(.forbidden) { try await hosting.removeMember(owner.userID, by: admin) }
      await refused(.forbidden) { _ = try await hosting.members(by: developer) }
      await refused(.forbidden) { _ = try await hosting.invite("x@example.org", as: .viewer, by: developer) }
      await refused(.forbidden) { try await hosting.removeMember(admin.userID, by: developer) }
      try await hosting.removeMember(developer.userID, by: developer)
      #expect(try await hosting.members(by: owner).map(\.role) == [.owner, .admin])
    }
  }

  @Test func `whoever leaves loses his tokens there, and a token with scopes does not leave`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let viewer = try await join(hosting, "view@example.org", as: .viewer, by: owner)
      let token = try await hosting.createToken(name: "ci", expiresAt: nil, by: viewer).secret.reveal()
      let scoped = try await hosting.createToken(
        name: "look", expiresAt: nil, scopes: [TokenScope.read], by: viewer
      ).secret.reveal()
      let reader = try #require(try await hosting.actor(apiToken: scoped))
      await refused(.forbidden) { try await hosting.removeMember(reader.userID, by: reader) }
      let whole = try #require(try await hosting.actor(apiToken: token))
      try await hosting.removeMember(whole.userID, by: whole)
      #expect(try await hosting.actor(apiToken: token) == nil)
      #expect(try await hosting.members(by: owner).map(\.role) == [.owner])
    }
  }

  @Test func `the last owner stays one, also where two go at the same time`() async throws {
    try await withHosting { hosting in
      let first = try await owner(hosting)
      await refused(.conflict) { try await hosting.removeMember(first.userID, by: first) }
      await refused(.conflict) {
        _ = try await hosting.changeMember(first.userID, to: .admin, GrantsChange(), by: first)
      }
      let second = try await join(hosting, "second@example.org", as: .owner, by: first)
      let left = await withTaskGroup { group in
        for actor in [first, second] {
          group.addTask { (try? await hosting.removeMember(actor.userID, by: actor)) != nil }
        }
        return await group.reduce(into: 0) { count, hasLeft in count += hasLeft ? 1 : 0 }
      }
      #expect(left == 1)
    }
  }

  @Test func `what is granted one by one takes the place of what the role has of it`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let viewer = try await join(hosting, "view@example.org", as: .viewer, by: owner)
      #expect(!viewer.can(.viewLogs))
      var change = GrantsChange()
      change.actions = .only([.viewLogs, .manageServers])
      _ = try await hosting.changeMember(viewer.userID, to: .viewer, change, by: owner)
      let now = try await hosting.person("view@example.org")
      #expect(now.can(.viewLogs) && !now.can(.viewInstances))
      #expect(!now.can(.manageServers), "only the ten actions are granted one by one")
      change.actions = .only([])
      _ = try await hosting.changeMember(owner.userID, to: .owner, change, by: owner)
      #expect(try await self.owner(hosting).can(.removeInstances), "an owner is kept from nothing")
    }
  }

  @Test func `a new role takes no list away, and only what is named changes`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let local = try #require(try await hosting.servers(by: owner).first).id
      var grants = Grants()
      grants.actions = [.viewLogs]
      grants.servers = [local]
      grants.instances = []
      let ada = try await join(hosting, "ada@example.org", as: .developer, grants, by: owner)
      let viewer = try await hosting.changeMember(ada.userID, to: .viewer, GrantsChange(), by: owner)
      #expect(viewer.role == .viewer && viewer.grants == grants)
      #expect(viewer.permissions == [.viewLogs], "what was granted one by one stays granted")
      var change = GrantsChange()
      change.actions = .lifted
      let lifted = try await hosting.changeMember(ada.userID, to: .viewer, change, by: owner)
      grants.actions = nil
      #expect(lifted.grants == grants && lifted.permissions == [.viewInstances])
      #expect(try await hosting.person("ada@example.org").grants == grants)
    }
  }

  @Test func `who is kept to some things changes others, and gives them nothing that he does not see`()
    async throws
  {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let local = try #require(try await hosting.servers(by: owner).first).id
      var blind = Grants()
      blind.servers = []
      let admin = try await join(hosting, "admin@example.org", as: .admin, blind, by: owner)
      var grants = Grants()
      grants.servers = [local]
      let ada = try await join(hosting, "ada@example.org", as: .tester, grants, by: owner)
      let bob = try await join(hosting, "bob@example.org", as: .viewer, blind, by: owner)
      func change(
        _ person: Actor, to role: Role, _ servers: GrantsChange.List<UUID>?
      ) async throws -> Member {
        var change = GrantsChange()
        change.servers = servers
        return try await hosting.changeMember(person.userID, to: role, change, by: admin)
      }
      #expect(try await change(ada, to: .viewer, nil).grants == grants)
      #expect(try await change(ada, to: .viewer, .chosen([], shown: [])).grants == grants)
      await refused(.forbidden) { _ = try await change(ada, to: .viewer, .lifted) }
      // More could be done on a server that he does not see.
      await refused(.forbidden) { _ = try await change(ada, to: .developer, nil) }
      await refused(.forbidden) { _ = try await change(bob, to: .viewer, .only([local])) }
      #expect(try await change(bob, to: .developer, nil).grants == blind)
    }
  }

  @Test func `of what was shown only the chosen stays, what was not shown stays`() {
    let (hidden, left, taken, added) = (UUID(), UUID(), UUID(), UUID())
    let list = GrantsChange.List.chosen([left, added], shown: [left, taken, added])
    #expect(list.applied(to: [hidden, left, taken]) == [hidden, left, added])
    #expect(list.applied(to: nil) == [left, added])
  }

  @Test func `who was removed loses his tokens there, and what he held is refused`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      let ada = try await join(hosting, "ada@example.org", as: .developer, by: owner)
      let token = try await hosting.createToken(name: "ci", expiresAt: nil, by: ada).secret.reveal()
      #expect(try await hosting.actor(apiToken: token) != nil)
      try await hosting.removeMember(ada.userID, by: owner)
      #expect(try await hosting.actor(apiToken: token) == nil)
    }
  }

  @Test(arguments: [
    "", "ada", "@example.org", "ada@", "a@b@c", "a b@example.org", "ada@example.org\nBcc: all@example.org",
  ])
  func `no address is`(_ text: String) async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      await refused(.invalid) { _ = try await hosting.invite(text, as: .viewer, by: owner) }
    }
  }

  @Test func `grants name only what the organisation has`() async throws {
    try await withHosting { hosting in
      let owner = try await owner(hosting)
      var grants = Grants()
      grants.instances = [UUID()]
      grants.servers = [UUID()]
      let error = await #expect(throws: HostingError.self) {
        try await hosting.invite("ada@example.org", as: .viewer, grants, by: owner)
      }
      #expect(error?.fields.map(\.name) == ["instances", "servers"])
    }
  }
}
