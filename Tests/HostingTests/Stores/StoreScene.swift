import Foundation
import Jobs
import JobsTesting
import Odoo
import Postgres
import Testing

@testable import Hosting
@testable import SimulatedFleet

/// Where stores keep what they are given: what holds of one must hold of the other.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case postgres
  case memory

  var testDescription: String { rawValue }
}

/// The stores of one kind, with an organisation and a server in them.
struct StoreScene: Sendable {
  let stores: HostingStores
  let organisation: UUID
  let server: Server
  /// Runs a body in a transaction.
  let transaction: @Sendable (@Sendable (any Transaction) async throws -> Void) async throws -> Void
  /// Makes a job on a subject that waits for a worker.
  let makeActive: @Sendable (UUID) async throws -> UUID
  /// Ends such a job.
  let end: @Sendable (UUID) async throws -> Void

  static func run(_ kind: StoreKind, _ body: (StoreScene) async throws -> Void) async throws {
    switch kind {
    case .postgres:
      try await withHosting { hosting in
        let organisation = try await hosting.person(Hosting.firstEmail).organisationID
        let database = hosting.database
        let jobs = hosting.jobs
        let scene = try await StoreScene(
          stores: HostingStores(in: database), organisation: organisation,
          transaction: { body in try await database.transaction { try await body($0) } },
          makeActive: { subject in
            try await jobs.enqueue(
              StopInstance(instance: subject), options: EnqueueOptions(subject: subject)
            ).id
          },
          end: { job in
            try await database.execute(
              "update job set state = 'cancelled', finished_at = now() where id = \(job)")
          })
        try await body(scene)
      }
    case .memory:
      let database = MemoryDatabase()
      let jobs = MemoryTable<UUID, UUID>()
      let tables = MemoryTables(
        database,
        activeJob: { subject, transaction in
          jobs.all(in: transaction).first { $0.row == subject }?.key
        }, isActive: { jobs.get($0, in: $1) != nil })
      let scene = try await StoreScene(
        stores: tables.stores, organisation: UUID(),
        transaction: { body in try await database.transaction { try await body($0) } },
        makeActive: { subject in
          let job = UUID()
          try await database.transaction { jobs.set(job, subject, in: $0) }
          return job
        },
        end: { job in try await database.transaction { jobs.set(job, nil, in: $0) } })
      try await body(scene)
    }
  }

  private init(
    stores: HostingStores, organisation: UUID,
    transaction: @escaping @Sendable (@Sendable (any Transaction) async throws -> Void) async throws -> Void,
    makeActive: @escaping @Sendable (UUID) async throws -> UUID,
    end: @escaping @Sendable (UUID) async throws -> Void
  ) async throws {
    self.stores = stores
    self.organisation = organisation
    self.transaction = transaction
    self.makeActive = makeActive
    self.end = end
    server = Self.server("web1", of: organisation)
    try await stores.servers.insert(server, privateKey: Data([1]), atOnce)
  }

  /// A server over SSH that was not looked at yet.
  static func server(_ name: String, of organisation: UUID) -> Server {
    Server(
      id: UUID(), name: name, kind: .ssh, organisationID: organisation, sharedWith: [],
      address: "\(name).example.com",
      access: ServerAccess(
        port: 22, user: "root",
        hostKeys: [PinnedHostKey(type: "ssh-ed25519", key: "AAAA", fingerprint: "SHA256:x")], publicKey: "k"),
      exposed: false, mode: .active, stagePolicy: .warn, note: "", status: .unavailable, statusReason: "New.",
      facts: ServerFacts(), load: ServerLoad())
  }

  /// An instance on the server that is not put in yet.
  func instance(_ name: String, port: Int = 10_000) throws -> Instance {
    Instance(
      id: UUID(), organisationID: organisation, server: server.reference, name: try Slug(name), version: .v19,
      edition: .community, stage: .dev, basePort: port,
      origin: DatabaseOrigin(
        language: "en_US", country: nil, demo: false, modules: [],
        adminPassword: PasslibHash(rounds: 1, salt: [], key: [])),
      settings: InstanceSettings(defaultsOf: .dev), settingsRevision: 1, appliedSettings: nil,
      desired: .running,
      status: .creating, statusReason: "Is being created.", statusSince: Date(), statusJob: nil,
      activeJob: nil, createdAt: Date())
  }

  /// Puts an instance in.
  func insert(_ name: String, port: Int = 10_000) async throws -> Instance {
    let instance = try instance(name, port: port)
    try await stores.instances.insert(instance, sealed: Self.sealed, atOnce)
    return instance
  }

  static let sealed = SealedSecrets(databasePassword: Data([1]), masterPassword: Data([2]))
}
