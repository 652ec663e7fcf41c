import Docker
import Foundation
import Jobs
import Logging
import Postgres

/// Does what follows from a comparison. Each finding stands alone: what goes wrong with one is logged, and the next
/// look finds it again.
struct Reconciler: Sendable {
  let hosting: Hosting
  let server: Server
  let runtime: DockerRuntime
  let recorded: Recorded

  /// How many findings are worked on at once; asking Odoo may take seconds.
  private static let workers = 8

  func carryOut(_ findings: [Finding]) async {
    await withDiscardingTaskGroup { group in
      for lane in 0..<min(Self.workers, findings.count) {
        group.addTask {
          for index in stride(from: lane, to: findings.count, by: Self.workers) {
            await carryOutOrTell(findings[index])
          }
        }
      }
    }
  }

  private func carryOutOrTell(_ finding: Finding) async {
    guard !Task.isCancelled else { return }
    do {
      try await carryOut(finding)
    } catch is CancellationError {
      return
    } catch {
      hosting.logger.warning("On \(server.name), \(finding.topic): \(HostingError(translating: error))")
    }
  }

  private func carryOut(_ finding: Finding) async throws {
    switch finding {
    case .status(let mark, let status, .text(let reason)):
      try await correct(mark, to: status, reason)
    case .status(let mark, let status, .end(let container, _)):
      try await correct(mark, to: status, reasonOfEnd(of: mark.id, in: container))
    case .startAgain(let mark): try await startAgain(mark)
    case .adopt(let mark, let odooRuns, let databaseRuns):
      guard let instance = instance(mark.id) else { return }
      try await hosting.adopt(instance, runtime, odooRuns: odooRuns, databaseRuns: databaseRuns)
    case .mayAnswer(let mark, let reason):
      guard let instance = instance(mark.id), try await runtime.answers(instance) else { return }
      try await correct(mark, to: .running, reason)
    case .crashLoop(let mark, let container, let ends): try await stopLoop(mark, container, ends: ends)
    case .drift(let mark, let differences): try await tell(differences, of: mark)
    case .remains(let id, let name, let things): try await remove(things, of: id, name)
    case .stray: return  // Noted with all others of the look.
    case .forgottenPreparation(let key): try await discard(preparation: key)
    }
  }

  private func instance(_ id: UUID) -> Instance? {
    recorded.instances.first { $0.instance.id == id }?.instance
  }

  // MARK: - Instances

  /// Returns whether the status was corrected: whether the instance is still what was judged.
  @discardableResult
  private func correct(_ mark: Finding.InstanceMark, to status: InstanceStatus, _ reason: String) async throws
    -> Bool
  {
    let done = try await hosting.instanceStore.correctStatus(
      mark.id, from: mark.status, to: status, reason: reason, atOnce)
    if done { hosting.logger.notice("\(mark.name) is \(status.rawValue): \(reason)") }
    return done
  }

  private func reasonOfEnd(of id: UUID, in container: String) async throws -> String {
    guard let instance = instance(id) else { return "Odoo ended." }
    return await runtime.failure(of: instance, container: try await runtime.engine.container(container))
      .description
  }

  private func startAgain(_ mark: Finding.InstanceMark) async throws {
    guard let instance = instance(mark.id) else { return }
    guard server.mode != .maintenance else {
      // As one that failed it is found again by the first look behind the maintenance.
      guard mark.status != .failed else { return }
      let reason =
        "Its containers went down while \(server.name) is in maintenance. It is started when that is over: "
        + "odeum server activate \(server.name)"
      try await correct(mark, to: .failed, reason)
      return
    }
    do {
      try await hosting.jobs.transaction { transaction in
        _ = try await hosting.enqueue(
          StartInstance(instance: instance.id), on: instance, as: .restarting,
          reason: "Is being started: \(server.name) or its Docker was restarted.",
          by: .controlPlane(for: instance), transaction)
      }
      hosting.logger.notice("\(mark.name) should run and went down with \(server.name); it is started")
    } catch is JobConflict {
      // Something else is under way by now; that one decides.
    }
  }

  /// The status first: where an operation is under way by now, its container is not stopped.
  private func stopLoop(_ mark: Finding.InstanceMark, _ container: String, ends: Int) async throws {
    let reason =
      "Odoo ended \(ends) times within \(CrashLoops.window.components.seconds / 60) minutes and is not started "
      + "again: \(try await reasonOfEnd(of: mark.id, in: container))"
    guard try await correct(mark, to: .failed, reason) else { return }
    try await runtime.engine.stop(container, timeout: hosting.configuration.stopGrace)
  }

  private func tell(_ differences: [Difference], of mark: Finding.InstanceMark) async throws {
    guard let instance = instance(mark.id) else { return }
    let drift = instance.drift.updated(to: differences, at: Date())
    try await hosting.instanceStore.setDrift(mark.id, drift, atOnce)
    for new in drift where !instance.drift.contains(new) { hosting.logger.notice("\(new.text)") }
    if drift.isEmpty { hosting.logger.notice("\(mark.name) is again as it should be") }
  }

  // MARK: - What nobody has any more

  private func remove(_ things: [SeenThing], of id: UUID, _ name: String) async throws {
    try await runtime.removeContainers(of: id)
    try await runtime.removeVolumes(of: id)
    try await runtime.removeNetworks(of: id)
    if things.contains(where: { $0.kind == .folder }) { try await runtime.folder(of: id).remove() }
    let names = things.map { "\($0.kind.rawValue) \($0.name)" }.joined(separator: ", ")
    hosting.logger.notice(
      "What was left on \(server.name) of \(name), which was removed, is gone now: \(names)")
  }

  /// Under the lock that a claim takes, so that nobody begins to make it meanwhile.
  private func discard(preparation key: String) async throws {
    try await hosting.jobs.transaction { transaction in
      let store = hosting.preparedStore
      try await store.lock(key, on: server.id, transaction)
      guard try await !store.isKnown(key, on: server.id, transaction) else { return }
      try await runtime.discard(preparation: key)
      hosting.logger.notice(
        "A prepared database on \(server.name) that the control plane does not know (\(key)) was removed")
    }
  }
}

extension Finding {
  /// What it is about, for a log.
  fileprivate var topic: String {
    switch self {
    case .status(let mark, _, _), .startAgain(let mark), .mayAnswer(let mark, _), .crashLoop(let mark, _, _),
      .adopt(let mark, _, _),
      .drift(let mark, _):
      "instance \(mark.name)"
    case .remains(_, let name, _): "what is left of \(name)"
    case .stray(let thing): "\(thing.kind.rawValue) \(thing.name)"
    case .forgottenPreparation(let key): "the prepared database \(key)"
    }
  }
}

extension Actor {
  /// The control plane itself, acting for the organisation of `instance`.
  static func controlPlane(for instance: Instance) -> Actor {
    Actor(
      userID: UUID(), email: "the control plane", organisationID: instance.organisationID,
      organisationSlug: "",
      role: .owner, isOperator: true, door: .system)
  }
}
