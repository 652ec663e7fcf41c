import Jobs
import Postgres

/// Where the domain keeps what operations on instances and servers change, all in one place beside the queue: in
/// PostgreSQL, or in memory where the queue is there too. Whatever is given the same transaction happens as a whole or
/// not at all: a job, what it makes of its instance, and the entry in the audit log that tells who asked for it.
///
/// What people change of themselves and of each other is kept in PostgreSQL alone.
struct HostingStores: Sendable {
  let instances: any InstanceStore
  let servers: any ServerStore
  let prepared: any PreparedDatabaseStore
  let absences: any ServerAbsenceStore
  let strays: any StrayStore
  let watch: any WatchStore
  let reach: any ReachStore
  let audit: any AuditStore
  let plans: any PlanStore
}

extension HostingStores {
  /// Those in PostgreSQL.
  init(in database: Database) {
    instances = PostgresInstanceStore(database: database)
    servers = PostgresServerStore(database: database)
    prepared = PostgresPreparedDatabaseStore(database: database)
    absences = PostgresServerAbsenceStore(database: database)
    strays = PostgresStrayStore(database: database)
    watch = PostgresWatchStore(database: database)
    reach = PostgresReachStore(database: database)
    audit = PostgresAuditStore(database: database)
    plans = PostgresPlanStore(database: database)
  }
}

/// Stands where a transaction could: what is done is done at once, by itself.
let atOnce: (any Transaction)? = nil
