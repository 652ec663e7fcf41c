import Foundation

/// Which entries of the audit log are wanted. What is nil does not restrict it.
public struct AuditFilter: Sendable {
  /// Whose entries: set by the use case.
  var organisation = UUID()
  /// The only instances of which anything is told, nil for all: set by the use case.
  var instances: [UUID]?
  /// The only servers of which anything is told, nil for all: set by the use case.
  var servers: [UUID]?
  /// Those of that person.
  public var person: UUID?
  /// An action such as `instance.create`, or what they begin with: `instance`.
  public var action: String?
  /// What was done to that thing.
  public var subject: UUID?
  /// From then on.
  public var from: Date?
  /// Before then.
  public var until: Date?
  /// A text that the person's address, the thing's name or what changed contains, in any case of letters.
  public var search: String?

  /// Everything, until a property is set.
  public init() {}
}

extension Hosting {
  /// The entries of the audit log of the organisation of the one who asks that match, newest first.
  ///
  /// - Throws: `HostingError`: `forbidden`; `invalid` for a cursor from elsewhere.
  public func audit(
    _ filter: AuditFilter = AuditFilter(), page: PageRequest, by actor: Actor
  ) async throws -> Page<AuditEntry> {
    try actor.require(.viewAudit)
    let before = try page.cursor.map { text in
      guard let id = Int(text) else {
        throw HostingError.invalid([.init("cursor", "“\(text)” is no cursor of this list.")])
      }
      return id
    }
    var filter = filter
    filter.organisation = actor.organisationID
    filter.instances = actor.instances
    filter.servers = actor.servers
    let found = try await auditStore.list(filter, before: before, limit: page.limit + 1, atOnce)
    return Page(found, limit: page.limit) { String($0.id) }
  }
}
