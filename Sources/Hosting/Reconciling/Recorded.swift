import Foundation
import Jobs
import Odoo
import Postgres
import Remote

/// What the database says should be on a server, read behind a look at it.
///
/// In this order, because a row is written before anything is made on a host: whatever was seen has its row by now,
/// unless it never had one.
struct Recorded: Sendable {
  /// The living instances of the server.
  var instances: [RecordedInstance] = []
  /// The instances that were removed, by what was seen of them.
  var removed: [UUID: String] = [:]
  /// Living instances of other servers, by what was seen of them here.
  var elsewhere: Set<UUID> = []
  /// The keys of the prepared databases of the server.
  var prepared: Set<String> = []
}

/// A living instance as the database knows it.
struct RecordedInstance: Sendable {
  var instance: Instance
  /// Whether its row comes from a backup of the control plane and the server was not looked at since.
  var isRestored = false
  /// Whether it ever ran, so that it has data.
  var hasLived: Bool { instance.appliedSettings != nil }
  /// Whether a mail catcher should be beside it.
  var catchesMail = false
  /// What its containers should be; empty where that is not known.
  var expected: [ContainerRole: ExpectedContainer] = [:]
}

extension Hosting {
  /// What the database says of `server` and of whatever was seen there.
  func recorded(of server: Server, _ runtime: DockerRuntime, seen: SeenServer) async throws -> Recorded {
    var recorded = Recorded()
    let restored = try await instanceStore.restored(on: server.id, atOnce)
    recorded.instances = try await instanceStore.all(on: server.id, atOnce).map {
      RecordedInstance(
        instance: $0, isRestored: restored.contains($0.id),
        catchesMail: configuration.catchesMail(on: $0.circumstancesInEffect.stage))
    }
    let parts = try await instanceStore.partsInEffect(on: server.id, atOnce)
    if let cores = server.facts.cores {
      for index in recorded.instances.indices {
        guard let parts = parts[recorded.instances[index].instance.id] else { continue }
        recorded.instances[index].expect(parts, cores: cores, offered: server.sharedFolders, runtime)
      }
    }
    let known = Set(recorded.instances.map(\.instance.id))
    let others = Set(seen.things.compactMap(\.instance)).subtracting(known)
    if !others.isEmpty {
      for (id, other) in try await instanceStore.known(among: Array(others), atOnce) {
        if other.isRemoved {
          recorded.removed[id] = other.name
        } else {
          recorded.elsewhere.insert(id)
        }
      }
    }
    recorded.prepared = try await preparedStore.keys(on: server.id, atOnce)
    return recorded
  }
}

extension RecordedInstance {
  /// Works out what the containers should be: what the settings in effect make of them.
  mutating func expect(
    _ parts: InstanceParts, cores: Int, offered folders: [HostFolder], _ runtime: DockerRuntime
  ) {
    guard let applied = instance.appliedSettings, let images = parts.images else { return }
    var inEffect = instance
    inEffect.settings = applied
    inEffect.circumstances = instance.circumstancesInEffect
    // Secrets go into odoo.conf, which is not compared.
    let none = InstanceSecrets(databasePassword: Secret(""), masterPassword: Secret(""))
    let plan = InstancePlan(
      instance: inEffect, secrets: none, operation: UUID(), images: images, checkouts: parts.checkouts,
      cores: cores, offeredFolders: folders)
    expected = [
      .odoo: ExpectedContainer(mark: DockerRuntime.mark(of: plan.odooMarks), spec: runtime.odooSpec(plan)),
      .database: ExpectedContainer(
        mark: DockerRuntime.mark(of: plan.databaseMarks), spec: runtime.databaseSpec(plan)),
    ]
  }
}

/// What an instance is made of beside its settings.
struct InstanceParts: Sendable, Codable, Equatable {
  var images: ImageIDs?
  var checkouts: [ModuleCheckout]
}
