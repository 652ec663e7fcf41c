import Foundation
import Postgres

extension Hosting {
  /// The person with the address `email`, for commands at the machine, where no permission is asked.
  ///
  /// - Parameter organisation: the slug of the organisation for which he acts; nil: the first that he joined.
  /// - Throws: `HostingError` with code `notFound`.
  public func person(_ email: String, in organisation: String? = nil) async throws -> Actor {
    let row = try await database.query(
      """
      select \(Self.actorColumns)
      from people p join memberships m on m.person_id = p.id join organisations o on o.id = m.organisation_id
      where p.email = \(email.lowercased()) and (\(organisation)::text is null or o.slug = \(organisation))
      order by m.created_at, o.slug limit 1
      """
    ).first
    guard let row else {
      throw HostingError.notFound(organisation.map { "member of \($0)" } ?? "person", email)
    }
    return try Self.actor(row, door: .system)
  }

  /// The person who has run the installation for the longest time, in whose name is noted what somebody at the machine
  /// did to all of it; nil where there is none.
  static func firstOperator(_ database: some SQLRunner) async throws -> Actor? {
    try await database.query(
      """
      select \(actorColumns)
      from people p join memberships m on m.person_id = p.id join organisations o on o.id = m.organisation_id
      where p.is_operator order by p.created_at, m.created_at, o.slug limit 1
      """
    ).first.map { try actor($0, door: .system) }
  }
}
