import Foundation
import Odoo
import Postgres

/// An organisation, as the operator sees it: not what is in it.
public struct Organisation: Sendable, Equatable {
  /// The identity.
  public var id: UUID
  /// What stands in addresses.
  public var slug: String
  /// What people call it.
  public var name: String
  /// Since when.
  public var createdAt: Date
  /// How many people belong to it.
  public var members: Int
  /// Its plan, and what of it is in use.
  public var plan: PlanUse
}

/// An organisation that a person belongs to.
public struct OrganisationMembership: Sendable, Equatable {
  /// What stands in addresses.
  public var slug: String
  /// What people call it.
  public var name: String
  /// What the person is in it.
  public var role: Role
}

extension Hosting {
  /// The organisations that the one who asks belongs to, the first that he joined first. A token belongs to one.
  public func memberships(by actor: Actor) async throws -> [OrganisationMembership] {
    let only = actor.token == nil ? nil : actor.organisationID
    return try await database.query(
      """
      select o.slug, o.name, m.role from memberships m join organisations o on o.id = m.organisation_id
      where m.person_id = \(actor.userID) and (\(only)::uuid is null or o.id = \(only))
      order by m.created_at, o.slug
      """
    ).map {
      OrganisationMembership(slug: try $0.get("slug"), name: try $0.get("name"), role: try $0.get("role"))
    }
  }

  /// Every organisation of the installation, by slug.
  ///
  /// - Throws: `HostingError` with code `forbidden` for whoever is no operator.
  public func organisations(by actor: Actor) async throws -> [Organisation] {
    try actor.requireOperator()
    return try await allOrganisations(nil)
  }

  /// The organisation with that slug.
  ///
  /// - Throws: `HostingError`: `forbidden` for whoever is no operator; `notFound`.
  public func organisation(_ slug: String, by actor: Actor) async throws -> Organisation {
    try actor.requireOperator()
    guard let found = try await allOrganisations(slug).first else {
      throw HostingError.notFound("organisation", slug)
    }
    return found
  }

  /// Makes an organisation. It has no servers until the operator shares some with it or it adds its own.
  ///
  /// - Parameter owner: the address of a person who is its first owner; nil: the one who asks.
  /// - Throws: `HostingError`: `forbidden`; `invalid`; `conflict` for a slug that is taken.
  public func createOrganisation(
    slug: String, name: String?, owner: String? = nil, by actor: Actor
  ) async throws -> Organisation {
    try await createOrganisation(slug: slug, name: name, owner: owner, key: nil, by: actor)
  }

  /// As `createOrganisation`; the same wish with the same `idempotencyKey` makes nothing.
  public func createOrganisation(
    slug: String, name: String?, owner: String?, idempotencyKey: IdempotencyKey?, by actor: Actor
  ) async throws -> Organisation {
    let outcome = try await once(
      idempotencyKey, .organisation, by: actor,
      known: { id in try await organisations(by: actor).first { $0.id == id } }
    ) { try await createOrganisation(slug: slug, name: name, owner: owner, key: $0, by: actor) }
    return switch outcome {
    case .made(let organisation), .before(let organisation): organisation
    }
  }

  private func createOrganisation(
    slug: String, name: String?, owner: String?, key: RequestKey?, by actor: Actor
  ) async throws -> Organisation {
    try actor.requireOperator()
    var faults = Faults()
    let slug = faults.collect { try Slug(slug, field: "slug") }
    let name = faults.organisationName(name ?? slug?.text ?? "-")
    let email = owner?.lowercased() ?? actor.email
    let person = try await database.query("select id from people where email = \(email)").first
    if person == nil {
      faults.add("owner", "There is no person \(email); invite him into another organisation first.")
    }
    try faults.throwIfAny()
    guard let slug, let name, let person else {
      throw HostingError(.internal, "A request was refused without a reason.")
    }
    let id = UUID()
    do {
      try await database.transaction { connection in
        try await key?.remember(id, connection)
        try await connection.execute(
          "insert into organisations (id, slug, name) values (\(id), \(slug.text), \(name))")
        try await MemberStore().insert(try person.get("id"), as: .owner, Grants(), in: id, connection)
        try await note(
          .createOrganisation, AuditSubject("organisation", id, slug.text),
          after: ["name": name, "owner": email],
          by: actor.acting(in: id, slug.text), connection)
      }
    } catch let error as PostgresError where error.isUniqueViolation("organisations_slug_key") {
      throw HostingError(
        .conflict, "There is an organisation “\(slug)” already.", suggestion: "Choose another slug.",
        fields: [.init("slug", "There is an organisation “\(slug)” already.")])
    }
    return try await organisation(slug.text, by: actor)
  }

  /// Changes what the operator says of an organisation; what is nil stays.
  ///
  /// A limit below what there is takes nothing away: nothing more can be made.
  ///
  /// - Throws: `HostingError`: `forbidden`, `notFound`, `invalid`.
  public func changeOrganisation(
    _ slug: String, name: String? = nil, plan: Plan? = nil, by actor: Actor
  ) async throws -> Organisation {
    let former = try await organisation(slug, by: actor)
    var faults = Faults()
    let name = name.flatMap { faults.organisationName($0) }
    if let plan { faults.check(plan) }
    try faults.throwIfAny()
    try await database.transaction { connection in
      if let name {
        try await connection.execute("update organisations set name = \(name) where id = \(former.id)")
      }
      if let plan {
        try await connection.execute(
          "update organisations set plan = \(json: plan) where id = \(former.id)")
      }
      try await note(
        .changeOrganisation, AuditSubject("organisation", former.id, former.slug),
        before: AuditedOrganisation(name: former.name, plan: former.plan.plan),
        after: AuditedOrganisation(name: name ?? former.name, plan: plan ?? former.plan.plan),
        by: actor.acting(in: former.id, former.slug), connection)
    }
    return try await organisation(slug, by: actor)
  }
}

extension Actor {
  /// Refuses whoever does not run the installation.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func requireOperator() throws {
    guard !isOperator else { return }
    throw HostingError(
      .forbidden, "Only an operator of the installation may do this.",
      suggestion: "Ask the one who runs this installation.")
  }

  /// The same person, so that what he does is noted in the log of that organisation.
  func acting(in organisation: UUID, _ slug: String) -> Actor {
    var actor = self
    actor.organisationID = organisation
    actor.organisationSlug = slug
    return actor
  }
}

extension Faults {
  /// The name of an organisation, or nil with what is wrong noted.
  fileprivate mutating func organisationName(_ text: String) -> String? {
    let name = text.trimmingCharacters(in: .whitespaces)
    guard (1...100).contains(name.count), !name.contains(where: \.isControl) else {
      add("name", "An organisation's name has 1 to 100 characters on one line.")
      return nil
    }
    return name
  }

  fileprivate mutating func check(_ plan: Plan) {
    if plan.name.count > 100 || plan.name.contains(where: \.isControl) {
      add("plan.name", "A plan's name has at most 100 characters on one line.")
    }
    for (limit, most) in plan.limits where !(0...1_000_000).contains(most) {
      add("plan.limits.\(limit.rawValue)", "A limit goes from 0 to 1000000; leave it out for none.")
    }
  }
}

/// An organisation as the audit log describes it.
private struct AuditedOrganisation: Encodable, Sendable {
  var name: String
  var plan: Plan
}

extension Hosting {
  /// The organisation with that slug, or all of them.
  private func allOrganisations(_ slug: String?) async throws -> [Organisation] {
    let rows = try await database.query(
      """
      select o.id, o.slug, o.name, o.created_at,
        (select count(*) from memberships where organisation_id = o.id) as members
      from organisations o where removed_at is null and (\(slug)::text is null or o.slug = \(slug)) order by o.slug
      """)
    var found: [Organisation] = []
    for row in rows {
      let id: UUID = try row.get("id")
      found.append(
        Organisation(
          id: id, slug: try row.get("slug"), name: try row.get("name"), createdAt: try row.get("created_at"),
          members: try row.get("members"), plan: try await planStore.use(of: id, atOnce)))
    }
    return found
  }
}
