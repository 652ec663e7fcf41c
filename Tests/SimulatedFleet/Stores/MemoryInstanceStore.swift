import Foundation
import Jobs
import JobsTesting
import Postgres

@testable import Hosting

/// Keeps instances in memory.
struct MemoryInstanceStore: InstanceStore, MemoryStore {
  let tables: MemoryTables

  /// Changes a living instance, if there is one.
  private func update(
    _ id: UUID, _ transaction: (any Transaction)?, _ body: (inout MemoryTables.InstanceRow) -> Void
  ) async throws {
    try await run(transaction) { _ = tables.update(id, $0, body) }
  }

  func find(_ reference: String, in organisation: UUID, _ transaction: (any Transaction)?) async throws
    -> Instance?
  {
    try await run(transaction) { transaction in
      let id = UUID(uuidString: reference) ?? tables.named(reference, of: organisation, transaction)
      guard let id, let row = tables.row(id, transaction), row.instance.organisationID == organisation
      else { return nil }
      return tables.instance(row, transaction)
    }
  }

  func get(_ id: UUID, _ transaction: (any Transaction)?) async throws -> Instance? {
    try await run(transaction) { transaction in
      tables.row(id, transaction).map { tables.instance($0, transaction) }
    }
  }

  func all(on server: UUID, _ transaction: (any Transaction)?) async throws -> [Instance] {
    try await run(transaction) { transaction in
      tables.all(on: server, transaction).map { tables.instance($0, transaction) }
    }
  }

  func identities(on server: UUID, _ transaction: (any Transaction)?) async throws -> [UUID] {
    try await run(transaction) { tables.all(on: server, $0).map(\.instance.id) }
  }

  func insert(_ instance: Instance, sealed: SealedSecrets, _ transaction: (any Transaction)?) async throws {
    try await run(transaction) { transaction in
      guard tables.named(instance.name.text, of: instance.organisationID, transaction) == nil else {
        throw MemoryTables.taken("instances_name")
      }
      guard tables.hostNames.get(tables.hostName(instance), in: transaction) == nil else {
        throw MemoryTables.taken("instances_host_name")
      }
      var rows = tables.instances.get(instance.server.id, in: transaction) ?? [:]
      guard !rows.values.contains(where: { $0.instance.basePort == instance.basePort }) else {
        throw MemoryTables.taken("instances_port")
      }
      rows[instance.id] = MemoryTables.InstanceRow(instance: instance, sealed: sealed)
      tables.instances.set(instance.server.id, rows, in: transaction)
      tables.places.set(instance.id, instance.server.id, in: transaction)
      tables.name(instance, instance.id, transaction)
    }
  }

  func setStatus(
    _ id: UUID, _ status: InstanceStatus, reason: String, job: UUID?, _ transaction: (any Transaction)?
  ) async throws {
    try await update(id, transaction) { row in
      row.instance.setStatus(status, reason)
      row.instance.statusJob = job
    }
  }

  func setStatusUnlessRemoving(
    _ id: UUID, _ status: InstanceStatus, reason: String, _ transaction: (any Transaction)?
  ) async throws {
    try await run(transaction) { transaction in
      guard tables.row(id, transaction)?.instance.status != .removing else { return }
      tables.update(id, transaction) { $0.instance.setStatus(status, reason) }
    }
  }

  func correctStatus(
    _ id: UUID, from expected: InstanceStatus, to status: InstanceStatus, reason: String,
    _ transaction: (any Transaction)?
  ) async throws -> Bool {
    try await run(transaction) { transaction in
      guard tables.activeJob(id, transaction) == nil,
        tables.row(id, transaction)?.instance.status == expected
      else { return false }
      tables.update(id, transaction) { row in
        row.instance.status = status
        row.instance.statusReason = reason
        row.instance.statusJob = nil
        row.instance.statusSince = Date()
      }
      return true
    }
  }

  func setBasePort(_ id: UUID, _ port: Int, _ transaction: (any Transaction)?) async throws {
    try await run(transaction) { transaction in
      guard let server = tables.places.get(id, in: transaction) else { return }
      let others = tables.all(on: server, transaction).filter { $0.instance.id != id }
      guard !others.contains(where: { $0.instance.basePort == port }) else {
        throw MemoryTables.taken("instances_port")
      }
      tables.update(id, transaction) { $0.instance.basePort = port }
    }
  }

  func setDesired(_ id: UUID, _ desired: DesiredState, _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.instance.desired = desired }
  }

  func setSettings(
    _ id: UUID, _ settings: InstanceSettings, expecting revision: Int, _ transaction: (any Transaction)?
  ) async throws -> Bool {
    try await run(transaction) { transaction in
      guard tables.row(id, transaction)?.instance.settingsRevision == revision else { return false }
      tables.update(id, transaction) { row in
        row.instance.settings = settings
        row.instance.settingsRevision += 1
      }
      return true
    }
  }

  func given(_ id: UUID, _ transaction: (any Transaction)?) async throws -> GivenSettings? {
    try await run(transaction) { tables.row(id, $0)?.given }
  }

  func setGiven(_ id: UUID, _ given: GivenSettings, _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.given = given }
  }

  func setApplied(
    _ id: UUID, _ settings: InstanceSettings, _ circumstances: Circumstances,
    _ transaction: (any Transaction)?
  ) async throws {
    try await update(id, transaction) {
      $0.instance.appliedSettings = settings
      $0.instance.appliedCircumstances = circumstances
      $0.partsInEffect = InstanceParts(images: $0.images, checkouts: $0.checkouts)
    }
  }

  func forgetApplied(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) {
      $0.instance.appliedSettings = nil
      $0.instance.appliedCircumstances = nil
      $0.partsInEffect = nil
    }
  }

  func setDrift(_ id: UUID, _ drift: [Drift], _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.instance.drift = drift }
  }

  func images(of id: UUID, _ transaction: (any Transaction)?) async throws -> ImageIDs? {
    try await run(transaction) { tables.row(id, $0)?.images }
  }

  func setImages(_ id: UUID, _ images: ImageIDs, _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.images = images }
  }

  func checkouts(of id: UUID, _ transaction: (any Transaction)?) async throws -> [ModuleCheckout] {
    try await run(transaction) { tables.row(id, $0)?.checkouts ?? [] }
  }

  func setCheckouts(_ id: UUID, _ checkouts: [ModuleCheckout], _ transaction: (any Transaction)?) async throws
  {
    try await update(id, transaction) { $0.checkouts = checkouts }
  }

  func secrets(of id: UUID, _ transaction: (any Transaction)?) async throws -> SealedSecrets? {
    try await run(transaction) { tables.row(id, $0)?.sealed }
  }

  /// Nobody looks on.
  func announce(on server: UUID, _ transaction: (any Transaction)?) async throws {}

  func bury(_ id: UUID, _ transaction: (any Transaction)?) async throws {
    try await run(transaction) { transaction in
      guard let row = tables.row(id, transaction) else { return }
      let server = row.instance.server.id
      tables.instances.update(server, in: transaction) { $0[id] = nil }
      tables.places.set(id, nil, in: transaction)
      tables.name(row.instance, nil, transaction)
      tables.tombstones.set(
        id, KnownInstance(name: row.instance.name.text, server: server, isRemoved: true), in: transaction)
    }
  }

  func takenPorts(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<Int> {
    try await run(transaction) { Set(tables.all(on: server, $0).map(\.instance.basePort)) }
  }

  func setStage(_ id: UUID, _ stage: Stage, _ transaction: (any Transaction)?) async throws {
    try await update(id, transaction) { $0.instance.stage = stage }
  }

  func known(among ids: [UUID], _ transaction: (any Transaction)?) async throws -> [UUID: KnownInstance] {
    try await run(transaction) { transaction in
      ids.reduce(into: [:]) { known, id in
        known[id] =
          tables.row(id, transaction).map {
            KnownInstance(
              name: $0.instance.name.text, server: $0.instance.server.id, isRemoved: false)
          } ?? tables.tombstones.get(id, in: transaction)
      }
    }
  }

  func list(
    in organisation: UUID, only ids: [UUID]?, on server: UUID?, stage: Stage?, status: InstanceStatus?,
    search: String?, after: String?, limit: Int, _ transaction: (any Transaction)?
  ) async throws -> [InstanceSummary] {
    try await run(transaction) { transaction in
      func isMeant(_ instance: Instance) -> Bool {
        instance.organisationID == organisation && ids?.contains(instance.id) ?? true
          && (server == nil || instance.server.id == server)
          && (stage == nil || instance.stage == stage) && (status == nil || instance.status == status)
          && search.map { $0.isEmpty || instance.name.text.contains($0.lowercased()) } ?? true
          && after.map { instance.name.text > $0 } ?? true
      }
      return tables.names.all(in: transaction).map(\.row).compactMap { tables.row($0, transaction) }
        .filter { isMeant($0.instance) }.map { tables.instance($0, transaction) }
        .sorted { $0.name.text < $1.name.text }.prefix(limit).map(InstanceSummary.init)
    }
  }

  func restored(on server: UUID, _ transaction: (any Transaction)?) async throws -> Set<UUID> {
    try await run(transaction) { Set(tables.all(on: server, $0).filter(\.isRestored).map(\.instance.id)) }
  }

  func adopt(_ id: UUID, _ adoption: Adoption, _ transaction: (any Transaction)?) async throws -> Bool {
    try await run(transaction) { transaction in
      guard tables.activeJob(id, transaction) == nil, tables.row(id, transaction)?.isRestored == true
      else { return false }
      return tables.update(id, transaction) { row in
        row.isRestored = false
        guard row.instance.statusJob == nil else { return false }
        if row.instance.status != adoption.status { row.instance.statusSince = Date() }
        row.instance.status = adoption.status
        row.instance.statusReason = adoption.reason ?? row.instance.statusReason
        row.instance.desired = adoption.desired ?? row.instance.desired
        if adoption.status == .running {
          row.instance.appliedSettings = row.instance.appliedSettings ?? row.instance.settings
        }
        return true
      } ?? false
    }
  }

  func partsInEffect(on server: UUID, _ transaction: (any Transaction)?) async throws -> [UUID: InstanceParts]
  {
    try await run(transaction) { transaction in
      tables.all(on: server, transaction).reduce(into: [:]) {
        $0[$1.instance.id] = $1.partsInEffect ?? InstanceParts(images: $1.images, checkouts: $1.checkouts)
      }
    }
  }

  func packageNeeds(on server: UUID, but instance: UUID?, _ transaction: (any Transaction)?) async throws
    -> [PackageNeed]
  {
    try await run(transaction) { transaction in
      tables.all(on: server, transaction).filter { $0.instance.id != instance }.map {
        PackageNeed(
          noted: $0.images, inEffect: $0.partsInEffect?.images, wanted: $0.instance.settings.packages)
      }
    }
  }
}

extension Instance {
  fileprivate mutating func setStatus(_ status: InstanceStatus, _ reason: String) {
    if self.status != status { statusSince = Date() }
    self.status = status
    statusReason = reason
  }
}
