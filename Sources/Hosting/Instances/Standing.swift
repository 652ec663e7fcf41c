import Foundation
import Odoo
import Postgres

/// How everything that exists for somebody stands: counted, and what of it needs a person.
public struct Standing: Sendable {
  /// How many living instances have each status; one that none has is not in it.
  public var instances: [InstanceStatus: Int]
  /// How many jobs wait or are worked on.
  public var jobsUnderWay: Int
  /// How many of the jobs that were asked for in the last 24 hours came to a good end.
  public var jobsDone: Int
  /// How many of them failed.
  public var jobsFailed: Int
  /// Instances that need a person, those that failed first; the first twenty.
  public var troubles: [Trouble]

  /// An instance that needs a person.
  public struct Trouble: Sendable {
    /// Its name.
    public var name: Slug
    /// What it is for.
    public var stage: Stage
    /// What users see.
    public var status: InstanceStatus
    /// What is wrong, in one sentence.
    public var reason: String
    /// Since when.
    public var since: Date

    /// An instance that needs a person.
    public init(name: Slug, stage: Stage, status: InstanceStatus, reason: String, since: Date) {
      self.name = name
      self.stage = stage
      self.status = status
      self.reason = reason
      self.since = since
    }
  }

  /// These counts, and these troubles.
  public init(
    instances: [InstanceStatus: Int], jobsUnderWay: Int, jobsDone: Int, jobsFailed: Int, troubles: [Trouble]
  ) {
    self.instances = instances
    self.jobsUnderWay = jobsUnderWay
    self.jobsDone = jobsDone
    self.jobsFailed = jobsFailed
    self.troubles = troubles
  }

  /// How many living instances there are.
  public var instanceCount: Int { instances.values.reduce(0, +) }
}

extension Hosting {
  /// How everything that exists for the one who asks stands. Jobs on servers as a whole count for whom may see servers.
  ///
  /// - Throws: `HostingError` with code `forbidden`.
  public func standing(by actor: Actor) async throws -> Standing {
    try actor.require(.viewInstances)
    let organisation = actor.organisationID
    let only = actor.instances
    let counts = try await database.query(
      """
      select status, count(*)::int as n from instances
      where organisation_id = \(organisation) and removed_at is null
        and (\(only)::uuid[] is null or id = any(\(only)))
      group by status
      """)
    let instances = try Dictionary(
      uniqueKeysWithValues: counts.map {
        (try $0.get("status", as: InstanceStatus.self), try $0.get("n", as: Int.self))
      })
    let jobs = try await countedJobs(by: actor)
    return Standing(
      instances: instances, jobsUnderWay: jobs.underWay, jobsDone: jobs.done, jobsFailed: jobs.failed,
      troubles: try await troubles(in: organisation, only: only))
  }

  private func countedJobs(by actor: Actor) async throws -> (underWay: Int, done: Int, failed: Int) {
    let subjects = try await reachedSubjects(by: actor)
    let seesServers = actor.can(.viewServers)
    // Ids of jobs begin with the time at which they were asked for, so the day's jobs are the end of an index.
    let reached: SQL = """
      organisation = \(actor.organisationID) and (\(subjects)::uuid[] is null or subject = any(\(subjects)))
        and (\(seesServers) or kind not like 'server.%')
      """
    // What is under way is found by the index of active jobs, which is as small as there are few of them.
    let rows = try await database.query(
      """
      select
        (select count(*)::int from job where \(reached) and subject is not null and superseded_by is null
          and state in ('queued', 'running', 'snoozed')) as under_way,
        count(*) filter (where state = 'succeeded')::int as done,
        count(*) filter (where state = 'failed')::int as failed
      from job where \(reached) and id > \(Self.dayBound)
      """)
    guard let row = rows.first else { return (0, 0, 0) }
    return (try row.get("under_way"), try row.get("done"), try row.get("failed"))
  }

  /// The least id of a job that was asked for in the last 24 hours (UUIDv7: RFC 9562, section 5.7).
  private static let dayBound: SQL = """
    (lpad(to_hex((extract(epoch from now() - interval '1 day') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
    """

  private func troubles(in organisation: UUID, only: [UUID]?) async throws -> [Standing.Trouble] {
    try await database.query(
      """
      select name, stage, status, status_reason, status_since, drift from instances
      where organisation_id = \(organisation) and removed_at is null
        and (\(only)::uuid[] is null or id = any(\(only)))
        and (status = 'failed' or drift <> '[]')
      order by status = 'failed' desc, status_since desc limit 20
      """
    ).map { row in
      let status: InstanceStatus = try row.get("status")
      let drift = try row.get("drift", json: [Drift].self).first
      let isFailed = status == .failed
      return Standing.Trouble(
        name: try Slug(row.get("name")), stage: try row.get("stage"), status: status,
        reason: isFailed ? try row.get("status_reason") : drift?.text ?? "",
        since: isFailed ? try row.get("status_since") : drift?.since ?? Date())
    }
  }
}
