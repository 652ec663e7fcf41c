import Docker
import Foundation
import Jobs
import Logging
import Odoo
import Postgres

extension Hosting {
  /// Holds what the database says of servers and instances against what is there, on Docker's events and
  /// every fifteen seconds, until the task is cancelled.
  ///
  /// What was seen on a host corrects a status only where nothing is under way with the instance.
  public func runWatcher() async throws {
    try await withThrowingTaskGroup { group in
      for server in try await serverStore.all(database) {
        group.addTask { try await watch(server) }
      }
      try await group.waitForAll()
    }
  }

  private func watch(_ server: Server) async throws {
    let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup { group in
      group.addTask {
        while true {
          look.yield()
          try await Task.sleep(for: .seconds(15))
        }
      }
      group.addTask { try await listen(to: server) { look.yield() } }
      group.addTask {
        for await _ in looks { try await compare(server) }
      }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Calls `noticed` at every event of a container of ours; goes on after Docker was away.
  private func listen(to server: Server, _ noticed: @Sendable () -> Void) async throws {
    let runtime = await fleet.runtime(on: server.reference)
    while true {
      do {
        for try await event in runtime.engine.events(
          labels: [Label.installation: installation.uuidString], kinds: ["container"])
        where ["die", "start", "destroy", "oom"].contains(event.action) {
          noticed()
        }
      } catch let error as DockerError {
        logger.debug("Docker's events on \(server.name) ended: \(error)")
      }
      noticed()
      try await Task.sleep(for: .seconds(2))
    }
  }

  /// One look at a server and its instances. What goes wrong is logged; the next look comes in any case.
  private func compare(_ server: Server) async throws {
    do {
      try await translatingFailures {
        guard try await look(at: server) else { return }
        let runtime = await fleet.runtime(on: server.reference)
        let containers = try await runtime.engine.containers(
          labels: [Label.installation: installation.uuidString])
        let byInstance = Dictionary(grouping: containers) { $0.labels[Label.instance] ?? "" }
        let restored = try await instanceStore.restored(on: server.id, database)
        for instance in try await instanceStore.all(on: server.id, database) where instance.activeJob == nil {
          let own = byInstance[instance.id.uuidString] ?? []
          guard !restored.contains(instance.id) else {
            try await adopt(instance, runtime, odoo: own.role("odoo"), database: own.role("database"))
            continue
          }
          try await correct(instance, runtime, odoo: own.role("odoo"), database: own.role("database"))
        }
      }
    } catch let error as HostingError {
      logger.log(
        level: error.code == .internal ? .error : .warning, "\(server.name) could not be looked at: \(error)")
    }
  }

  /// Brings the status of one instance in line with its containers.
  private func correct(
    _ instance: Instance, _ runtime: DockerRuntime, odoo: ContainerSummary?, database: ContainerSummary?
  ) async throws {
    let odooRuns = odoo?.status == .running
    let databaseRuns = database?.status == .running
    switch (instance.status, instance.desired) {
    case (.running, .running) where !odooRuns && !databaseRuns && odoo != nil && database != nil:
      // Both at once: the server or its Docker was restarted.
      logger.notice("\(instance.name) should run and is stopped; it is started")
      try await startAgain(instance)
    case (.running, _) where !odooRuns:
      let reason = try await reasonOfEnd(of: instance, runtime, odoo)
      try await correct(instance, to: .failed, reason)
    case (.running, _) where !databaseRuns:
      try await correct(instance, to: .failed, "Its database container is not running.")
    case (.failed, .running) where odooRuns && databaseRuns:
      if try await runtime.answers(instance) { try await correct(instance, to: .running, "Answers again.") }
    case (.stopped, _) where odooRuns:
      try await correct(instance, to: .running, "Somebody started its containers on the server.")
    default: break
    }
  }

  private func correct(_ instance: Instance, to status: InstanceStatus, _ reason: String) async throws {
    let done = try await instanceStore.correctStatus(
      instance.id, from: instance.status, to: status, reason: reason, database)
    if done { logger.notice("\(instance.name) is \(status.rawValue): \(reason)") }
  }

  private func reasonOfEnd(
    of instance: Instance, _ runtime: DockerRuntime, _ odoo: ContainerSummary?
  ) async throws -> String {
    let container = if let odoo { try await runtime.engine.container(odoo.id) } else { nil as Container? }
    return await runtime.failure(of: instance, container: container).description
  }

  private func startAgain(_ instance: Instance) async throws {
    do {
      try await database.transaction { connection in
        _ = try await enqueue(
          StartInstance(instance: instance.id), on: instance, as: .restarting,
          reason: "Is being started: its server was restarted.", by: .controlPlane(for: instance), connection)
      }
    } catch is JobConflict {
      // Something else is under way by now; that one decides.
    }
  }
}

extension [ContainerSummary] {
  fileprivate func role(_ role: String) -> ContainerSummary? {
    first { $0.labels[Label.role] == role }
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
