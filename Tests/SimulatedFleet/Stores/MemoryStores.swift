import Foundation
import Jobs
import JobsTesting
import Postgres

@testable import Hosting

/// The tables of instances and servers in memory, beside a queue in memory.
final class MemoryTables: Sendable {
  let database: MemoryDatabase
  /// The living instances by their servers.
  let instances = MemoryTable<UUID, [UUID: InstanceRow]>()
  /// The servers of the living instances.
  let places = MemoryTable<UUID, UUID>()
  /// The living instances by their organisations and names.
  let names = MemoryTable<String, UUID>()
  /// The living instances by their servers and what their parts on those are called.
  let hostNames = MemoryTable<String, UUID>()
  /// The instances that are gone.
  let tombstones = MemoryTable<UUID, KnownInstance>()
  let servers = MemoryTable<UUID, ServerRow>()
  let prepared = MemoryTable<PreparedKey, PreparedRow>()
  let strays = MemoryTable<UUID, [StrayKey: Stray]>()
  /// The audit log by the places of its entries.
  let audit = MemoryTable<Int, AuditEntry>()
  /// How many entries each organisation has.
  let auditNumbers = MemoryTable<UUID, Int>()
  /// The job that is queued or under way on a subject.
  let activeJob: @Sendable (UUID, MemoryTransaction) -> UUID?
  /// Whether a job is queued or under way.
  let isActive: @Sendable (UUID, MemoryTransaction) -> Bool

  struct InstanceRow: Sendable {
    var instance: Instance
    var sealed: SealedSecrets
    var images: ImageIDs?
    var checkouts: [ModuleCheckout] = []
    var partsInEffect: InstanceParts?
    var given: GivenSettings?
    var isRestored = false
    /// Another one after every change.
    var version = 0
  }

  struct ServerRow: Sendable {
    var server: Server
    var privateKey: Data?
    var machine: String?
    var shares: Set<UUID> = []
    var isRemoved = false
  }

  struct PreparedKey: Hashable, Sendable {
    var server: UUID
    var key: String
  }

  struct PreparedRow: Sendable {
    var isReady = false
    var job: UUID
  }

  struct StrayKey: Hashable, Sendable {
    var kind: Stray.Kind
    var thing: String
  }

  init(
    _ database: MemoryDatabase, activeJob: @escaping @Sendable (UUID, MemoryTransaction) -> UUID?,
    isActive: @escaping @Sendable (UUID, MemoryTransaction) -> Bool
  ) {
    self.database = database
    self.activeJob = activeJob
    self.isActive = isActive
  }

  var stores: HostingStores {
    HostingStores(
      instances: MemoryInstanceStore(tables: self), servers: MemoryServerStore(tables: self),
      prepared: MemoryPreparedDatabaseStore(tables: self), absences: MemoryServerAbsenceStore(tables: self),
      strays: MemoryStrayStore(tables: self), watch: MemoryWatchStore(tables: self),
      reach: MemoryReachStore(), audit: MemoryAuditStore(tables: self),
      plans: MemoryPlanStore())
  }

  /// What a unique index says.
  static func taken(_ constraint: String) -> PostgresError {
    var error = PostgresError(.server, "duplicate key value violates unique constraint \"\(constraint)\"")
    error.sqlState = "23505"
    error.constraint = constraint
    return error
  }

  // MARK: - Reading

  func row(_ id: UUID, _ transaction: MemoryTransaction) -> InstanceRow? {
    places.get(id, in: transaction).flatMap { instances.get($0, in: transaction)?[id] }
  }

  /// The living instance of `organisation` with that name.
  func named(_ name: String, of organisation: UUID, _ transaction: MemoryTransaction) -> UUID? {
    names.get("\(organisation)/\(name)", in: transaction)
  }

  /// Keeps `id` as the living instance that is called so, or nobody.
  func name(_ instance: Instance, _ id: UUID?, _ transaction: MemoryTransaction) {
    names.set("\(instance.organisationID)/\(instance.name)", id, in: transaction)
    hostNames.set(hostName(instance), id, in: transaction)
  }

  func hostName(_ instance: Instance) -> String { "\(instance.server.id)/\(instance.parts.slug)" }

  /// The instance with what other tables say of it.
  func instance(_ row: InstanceRow, _ transaction: MemoryTransaction) -> Instance {
    var instance = row.instance
    instance.activeJob = activeJob(instance.id, transaction)
    if let server = servers.get(instance.server.id, in: transaction)?.server {
      instance.server = server.reference
      instance.seenAt = server.seenAt
      instance.outOfSight = server.absence == nil ? nil : server.statusReason
    }
    return instance
  }

  func all(on server: UUID, _ transaction: MemoryTransaction) -> [InstanceRow] {
    (instances.get(server, in: transaction) ?? [:]).values.sorted {
      $0.instance.name.text < $1.instance.name.text
    }
  }

  func preparedKeys(on server: UUID, _ transaction: MemoryTransaction) -> Set<String> {
    Set(prepared.all(in: transaction).map(\.key).filter { $0.server == server }.map(\.key))
  }

  // MARK: - Writing

  /// Changes a living instance. Returns whether there is one.
  @discardableResult
  func update<Result>(
    _ id: UUID, _ transaction: MemoryTransaction, _ body: (inout InstanceRow) throws -> Result
  )
    rethrows -> Result?
  {
    guard let server = places.get(id, in: transaction) else { return nil }
    return try instances.update(server, in: transaction) { rows in
      guard var row = rows[id] else { return nil }
      let result = try body(&row)
      row.version += 1
      rows[id] = row
      return result
    } ?? nil
  }

  @discardableResult
  func updateServer<Result>(
    _ id: UUID, _ transaction: MemoryTransaction, _ body: (inout ServerRow) throws -> Result
  ) rethrows -> Result? {
    try servers.update(id, in: transaction, body)
  }
}
