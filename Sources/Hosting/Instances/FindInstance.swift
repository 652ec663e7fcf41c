import Foundation

extension Hosting {
  /// The instances of the organisation of the one who asks that match, by name; of `server` alone, where it is given.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func instances(
    on server: UUID? = nil, stage: Stage? = nil, status: InstanceStatus? = nil, search: String? = nil,
    page: PageRequest, by actor: Actor
  ) async throws -> Page<InstanceSummary> {
    try actor.require(.viewInstances)
    let found = try await instanceStore.list(
      in: actor.organisationID, only: actor.instances, on: server, stage: stage, status: status,
      search: search, after: page.cursor, limit: page.limit + 1, atOnce)
    return Page(found, limit: page.limit) { $0.name.text }
  }

  /// The instance that `reference` (name or id) names.
  ///
  /// - Throws: `HostingError`: `notFound` also where it belongs to another organisation; `forbidden`.
  public func instance(_ reference: String, by actor: Actor) async throws -> Instance {
    try actor.require(.viewInstances)
    guard let instance = try await instanceStore.find(reference, in: actor.organisationID, atOnce),
      actor.reaches(instance: instance.id)
    else {
      throw HostingError.notFound("instance", reference)
    }
    return instance
  }
}
