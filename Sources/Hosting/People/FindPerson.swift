import Foundation

extension Hosting {
  /// The person with the address `email`, for commands at the machine, where no permission is asked.
  ///
  /// - Throws: `HostingError` with code `notFound`.
  public func person(_ email: String) async throws -> Actor {
    let row = try await database.query(
      """
      select \(Self.actorColumns)
      from people p join memberships m on m.person_id = p.id join organisations o on o.id = m.organisation_id
      where p.email = \(email.lowercased()) order by m.created_at limit 1
      """
    ).first
    guard let row else { throw HostingError.notFound("person", email) }
    return try Self.actor(row, door: .system)
  }
}
