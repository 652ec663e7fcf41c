import Foundation
import Postgres

extension Hosting {
  /// The members of the organisation of the one who asks.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func members(by actor: Actor) async throws -> [Member] {
    try actor.require(.manageMembers)
    return try await MemberStore().all(in: actor.organisationID, database)
  }

  /// Says what a member is from now on, and changes what he may do beside that and what exists for him.
  ///
  /// - Throws: `HostingError`: `forbidden`, also where an admin changes an owner or makes one; `conflict` for the last
  ///   owner; `notFound`; `invalid`.
  public func changeMember(
    _ person: UUID, to role: Role, _ change: GrantsChange, by actor: Actor
  ) async throws -> Member {
    try actor.require(.manageMembers)
    try await refuseUnknown(change.named, in: actor.organisationID)
    return try await database.transaction { connection in
      let store = MemberStore()
      let member = try await held(person, by: actor, connection)
      try actor.requireOwnership(of: member.role, or: role)
      let grants = change.applied(to: member.grants)
      try actor.requireNoMore(than: role, grants, changing: member)
      if role != .owner { try await refuseLastOwner(member, by: actor, connection) }
      try await store.update(person, to: role, grants, in: actor.organisationID, connection)
      var changed = member
      changed.role = role
      changed.grants = grants
      try await note(
        .changeMember, AuditSubject("person", person, member.email),
        before: AuditedMember(member.role, member.grants), after: AuditedMember(role, grants), by: actor,
        connection)
      return changed
    }
  }

  /// Takes a person out of the organisation, with the tokens that he made there. Everybody may leave by himself.
  ///
  /// - Throws: as `changeMember`.
  public func removeMember(_ person: UUID, by actor: Actor) async throws {
    if person == actor.userID { try actor.requireWholePerson() } else { try actor.require(.manageMembers) }
    try await database.transaction { connection in
      let member = try await held(person, by: actor, connection)
      if person != actor.userID { try actor.requireOwnership(of: member.role) }
      try await refuseLastOwner(member, by: actor, connection)
      try await MemberStore().delete(person, from: actor.organisationID, connection)
      try await note(
        .removeMember, AuditSubject("person", person, member.email),
        before: AuditedMember(member.role, member.grants), by: actor, connection)
    }
  }

  private func held(_ person: UUID, by actor: Actor, _ connection: Connection) async throws -> Member {
    guard let member = try await MemberStore().hold(person, in: actor.organisationID, connection) else {
      throw HostingError.notFound("member", person.uuidString.lowercased())
    }
    return member
  }

  /// An organisation without an owner could not be put right by anybody in it.
  private func refuseLastOwner(_ member: Member, by actor: Actor, _ connection: Connection) async throws {
    guard member.role == .owner,
      try await MemberStore().owners(of: actor.organisationID, connection) == 1
    else { return }
    throw HostingError(
      .conflict, "\(member.email) is the only owner of \(actor.organisationSlug).",
      suggestion: "Make somebody else an owner first.")
  }

  /// Refuses grants of things that the organisation does not have: others' do not exist for it.
  func refuseUnknown(_ grants: Grants, in organisation: UUID) async throws {
    var faults = Faults()
    if let instances = grants.instances {
      let known = try await database.query(
        """
        select id from instances where organisation_id = \(organisation) and removed_at is null
          and id = any(\(instances.sortedList))
        """
      ).map { try $0.get("id", as: UUID.self) }
      for id in instances.subtracting(known).sortedList {
        faults.add("instances", "There is no instance \(id.uuidString.lowercased()).")
      }
    }
    if let servers = grants.servers {
      let known = try await database.query(
        """
        select id from servers s where removed_at is null and id = any(\(servers.sortedList))
          and (organisation_id = \(organisation)
            or exists (select from server_shares x where x.server_id = s.id and x.organisation_id = \(organisation)))
        """
      ).map { try $0.get("id", as: UUID.self) }
      for id in servers.subtracting(known).sortedList {
        faults.add("servers", "There is no server \(id.uuidString.lowercased()).")
      }
    }
    try faults.throwIfAny()
  }
}

extension Actor {
  /// Only owners make, change and remove owners.
  func requireOwnership(of roles: Role..., or other: Role? = nil) throws {
    guard role != .owner || scopes != nil, roles.contains(.owner) || other == .owner else { return }
    throw HostingError(
      .forbidden,
      "Only an owner of \(organisationSlug)\(scopes == nil ? "" : ", and no token with scopes,") says who is an owner.",
      suggestion: "Ask one of the owners.")
  }

  /// Nobody but an owner makes somebody who may do more, or for whom more exists, than he or his token. What exists for
  /// `member` already may stay, unless he may do more there than before.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  func requireNoMore(than role: Role, _ given: Grants, changing member: Member? = nil) throws {
    guard self.role != .owner || scopes != nil else { return }
    let allowed = given.permissions(of: role)
    let beyond = allowed.subtracting(permissions)
    if let first = beyond.map(\.rawValue).min() {
      throw HostingError(
        .forbidden,
        "You cannot let somebody do what you may not do yourself\(scopes == nil ? "" : " with this token") (\(first)).",
        suggestion: "Grant less, or ask an owner of \(organisationSlug).")
    }
    guard self.role != .owner else { return }
    let kept = member.flatMap { allowed.isSubset(of: $0.permissions) ? $0.grants : nil }
    let lists: [(String, KeyPath<Grants, Set<UUID>?>)] = [
      ("projects", \.projects), ("servers", \.servers), ("instances", \.instances),
    ]
    for (name, list) in lists {
      guard let mine = grants[keyPath: list] else { continue }
      // Everything exists for him already.
      if let kept, kept[keyPath: list] == nil { continue }
      let reachable = mine.union(kept?[keyPath: list] ?? [])
      if let theirs = given[keyPath: list], theirs.isSubset(of: reachable) { continue }
      throw HostingError(
        .forbidden, "You cannot let somebody reach \(name) that do not exist for you.",
        suggestion: "Name some of those that you see yourself, or ask an owner of \(organisationSlug).")
    }
  }
}

/// What a member may do, as the audit log describes it.
struct AuditedMember: Encodable, Sendable {
  var role: String
  var actions: [String]?
  var projects: [UUID]?
  var servers: [UUID]?
  var instances: [UUID]?

  init(_ role: Role, _ grants: Grants) {
    self.role = role.rawValue
    actions = grants.actionNames
    projects = grants.projects?.sortedList
    servers = grants.servers?.sortedList
    instances = grants.instances?.sortedList
  }
}
