import Foundation
import Jobs
import Postgres

extension Hosting {
  /// The operations of the organisation of the one who asks, newest first; with `instance` (name or id) those
  /// of it. Those on servers are told to whom may see servers.
  public func operations(of instance: String? = nil, page: PageRequest, by actor: Actor) async throws -> Page<
    Operation
  > {
    try actor.require(.viewInstances)
    var filter = JobQueue.Filter(organisation: actor.organisationID)
    if let instance {
      filter.subject = try await self.instance(instance, by: actor).id
    } else {
      filter.subjects = try await reachedSubjects(by: actor)
    }
    if !actor.can(.viewServers) {
      filter.kinds = OperationKinds.steps.keys.filter { !OperationKinds.isOnServer($0) }
    }
    return try await operations(filter, page)
  }

  /// The operations on the server `reference` (name or id) as a whole, newest first.
  ///
  /// - Throws: `HostingError`: `notFound`, `forbidden`.
  public func operations(
    onServer reference: String, page: PageRequest, by actor: Actor
  ) async throws -> Page<Operation> {
    let server = try await server(reference, by: actor)
    return try await operations(
      JobQueue.Filter(subject: server.id, organisation: actor.organisationID), page)
  }

  private func operations(_ filter: JobQueue.Filter, _ page: PageRequest) async throws -> Page<Operation> {
    let before = try page.cursor.map { text in
      guard let id = UUID(uuidString: text) else {
        throw HostingError.invalid([.init("cursor", "“\(text)” is no cursor of this list.")])
      }
      return id
    }
    let found = try await jobs.jobs(filter, before: before, limit: page.limit + 1)
    return Page(try await operations(found), limit: page.limit) { $0.id.uuidString }
  }

  /// One operation with its steps.
  ///
  /// - Throws: `HostingError`: `notFound` also where it belongs to another organisation; `forbidden`.
  public func operation(_ id: UUID, by actor: Actor) async throws -> Operation {
    let job = try await job(id, by: actor)
    return Operation(
      job, begun: try await jobs.steps(of: id), subject: try await subjectNames(of: [job])[job.subject])
  }

  /// At most `limit` lines of an operation's log behind the line `after`.
  ///
  /// - Throws: as `operation`.
  public func operationLog(
    _ id: UUID, after: Int = 0, limit: Int = 1000, by actor: Actor
  ) async throws -> [OperationLogLine] {
    _ = try await job(id, by: actor)
    return try await jobs.log(of: id, after: after, limit: min(max(limit, 1), 10_000)).map(
      OperationLogLine.init)
  }

  /// The job, if it belongs to the organisation of the one who asks.
  func job(_ id: UUID, by actor: Actor) async throws -> JobRecord {
    try actor.require(.viewInstances)
    guard let job = try await jobs.job(id), job.organisation == actor.organisationID else {
      throw HostingError.notFound("job", id.uuidString.lowercased())
    }
    if OperationKinds.isOnServer(job.kind) { try actor.require(.viewServers) }
    if let subject = job.subject {
      let isReached =
        OperationKinds.isOnServer(job.kind)
        ? actor.reaches(server: subject) : actor.reaches(instance: subject)
      guard isReached else { throw HostingError.notFound("job", id.uuidString.lowercased()) }
    }
    return job
  }

  /// The instances and servers whose operations exist for `actor`, those that are gone included; nil where all do.
  func reachedSubjects(by actor: Actor) async throws -> [UUID]? {
    guard actor.instances != nil || actor.servers != nil else { return nil }
    let rows = try await database.query(
      """
      select id from instances where organisation_id = \(actor.organisationID)
        and (\(actor.instances)::uuid[] is null or id = any(\(actor.instances)))
      union all select id from servers where \(actor.servers)::uuid[] is null or id = any(\(actor.servers))
      """)
    return try rows.map { try $0.get("id") }
  }

  private func operations(_ jobs: [JobRecord]) async throws -> [Operation] {
    let names = try await subjectNames(of: jobs)
    let begun = try await self.jobs.steps(of: jobs.map(\.id))
    return jobs.map { Operation($0, begun: begun[$0.id] ?? [], subject: names[$0.subject]) }
  }

  /// The names of the instances and servers that jobs work on, those that are gone included.
  private func subjectNames(of jobs: [JobRecord]) async throws -> [UUID?: String] {
    let subjects = Array(Set(jobs.compactMap(\.subject)))
    guard !subjects.isEmpty else { return [:] }
    let instances = try await instanceStore.known(among: subjects, atOnce).mapValues(\.name)
    let servers = try await serverStore.names(of: subjects.filter { instances[$0] == nil }, atOnce)
    return Dictionary(uniqueKeysWithValues: instances.merging(servers) { $1 }.map { ($0.key, $0.value) })
  }
}
