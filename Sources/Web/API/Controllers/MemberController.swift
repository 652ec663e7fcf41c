import Client
import Foundation
import Hosting
import Hummingbird

/// The people of the organisation, and those who are invited.
struct MemberController {
  let hosting: Hosting
  let outside: Outside

  func addRoutes(to routes: Routes) {
    routes.get("/members", .permission(.manageMembers), members)
    routes.patch("/members/{id}", .permission(.manageMembers), change)
    // Everybody may leave, and need not know his id for it.
    routes.delete("/members/me", .signedIn, leave)
    routes.delete("/members/{id}", .signedIn, remove)
    routes.get("/invitations", .permission(.manageMembers), invitations)
    routes.post("/invitations", .permission(.manageMembers), invite)
    routes.delete("/invitations/{id}", .permission(.manageMembers), withdraw)
  }

  private func members(_ request: Request, _ context: WebContext) async throws -> Response {
    let members = try await hosting.members(by: context.actor)
    return try .json(API.Page(items: members.map { API.Member($0) }, nextCursor: nil))
  }

  private func change(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.ChangeMember.self, context)
    var reading = MemberReading()
    let role = reading.role(wish.role)
    let change = reading.change(wish.grants)
    try reading.check()
    let member = try await hosting.changeMember(try context.id("member"), to: role, change, by: context.actor)
    return try .json(API.Member(member))
  }

  private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
    try await hosting.removeMember(try context.id("member"), by: context.actor)
    return Response(status: .noContent)
  }

  private func leave(_ request: Request, _ context: WebContext) async throws -> Response {
    try await hosting.removeMember(try context.actor.userID, by: context.actor)
    return Response(status: .noContent)
  }

  private func invitations(_ request: Request, _ context: WebContext) async throws -> Response {
    let invitations = try await hosting.invitations(by: context.actor)
    return try .json(API.Page(items: invitations.map { API.Invitation($0) }, nextCursor: nil))
  }

  private func invite(_ request: Request, _ context: WebContext) async throws -> Response {
    let wish = try await request.json(as: API.Invite.self, context)
    var reading = MemberReading()
    let role = reading.role(wish.role)
    let grants = reading.grants(wish.grants)
    try reading.check()
    let outcome = try await hosting.invite(
      wish.email, as: role, grants, idempotencyKey: try request.idempotencyKey(of: wish), by: context.actor)
    switch outcome {
    case .made(let made):
      let link = InvitationLink(secret: made.secret.reveal(), at: outside.ownAddress(request, context))
      return try .json(API.Invitation(made, link: link.text), status: .created)
    case .before(let invitation): return try .json(API.Invitation(invitation), status: .created)
    }
  }

  private func withdraw(_ request: Request, _ context: WebContext) async throws -> Response {
    try await hosting.withdrawInvitation(try context.id("invitation"), by: context.actor)
    return Response(status: .noContent)
  }
}

/// Reads what a member is to be, and collects what is wrong with it.
struct MemberReading {
  private var faults: [HostingError.Field] = []

  /// The role of that name. What is none is noted; the value counts for nothing then.
  mutating func role(_ text: String) -> Role {
    guard let role = Role(rawValue: text) else {
      let words = Role.allCases.map(\.rawValue).joined(separator: ", ")
      faults.append(.init("role", "“\(text)” is no role; there are \(words)."))
      return .viewer
    }
    return role
  }

  mutating func grants(_ wish: API.Grants?) -> Grants {
    var grants = Grants()
    grants.actions = wish?.actions.map { Set($0.compactMap { action($0) }) }
    grants.projects = wish?.projects.map { Set($0) }
    grants.servers = wish?.servers.map { Set($0) }
    grants.instances = wish?.instances.map { Set($0) }
    return grants
  }

  mutating func change(_ wish: API.GrantsChange?) -> GrantsChange {
    func list(_ wish: API.GrantsChange.List<UUID>?) -> GrantsChange.List<UUID>? {
      wish.map { $0.items.map { .only(Set($0)) } ?? .lifted }
    }
    var change = GrantsChange()
    change.actions = wish?.actions.map { list in
      list.items.map { .only(Set($0.compactMap { action($0) })) } ?? .lifted
    }
    change.projects = list(wish?.projects)
    change.servers = list(wish?.servers)
    change.instances = list(wish?.instances)
    return change
  }

  private mutating func action(_ text: String) -> Permission? {
    if let permission = Permission(rawValue: text), Permission.actions.contains(permission) {
      return permission
    }
    let words = Permission.actions.map(\.rawValue).joined(separator: ", ")
    faults.append(.init("grants.actions", "“\(text)” is not granted by itself; there are \(words)."))
    return nil
  }

  /// - Throws: `HostingError` with code `invalid` where something was wrong.
  func check() throws {
    guard let first = faults.first else { return }
    throw HostingError(.invalid, first.message, fields: faults)
  }
}

/// The link of an invitation.
struct InvitationLink {
  static let path = "/invitation"

  /// As it is sent to the person.
  let text: String

  init(secret: String, at address: String) {
    text = "\(address)\(Self.path)?token=\(secret)"
  }
}
