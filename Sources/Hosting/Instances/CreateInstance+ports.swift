import Docker
import Foundation
import Jobs
import Postgres

extension Step<CreateInstance> {
  /// A step that takes ports of the instance on its server. Where another program has taken one since they were chosen,
  /// or Docker keeps it for nobody, the instance moves to another block; one that was asked for stays, and the step fails.
  static func portStep(
    _ name: String, within deadline: Duration, _ body: @escaping InstanceAction
  ) -> Step<CreateInstance> {
    Step(name, deadline: deadline, undo: .nothing) { job, run, hosting in
      try await hosting.onServer(of: job.instance, run) { work in
        var work = work
        var tried: Set<Int> = []
        while true {
          let why: String
          do {
            try await body(work)
            return .done
          } catch DockerError.portInUse(let port, _) where !job.portsAskedFor {
            why =
              "Another program has taken \(port.map { "port \($0)" } ?? "a port") of \(work.instance.server.name) meanwhile"
          } catch let lost as LostPort where !job.portsAskedFor {
            why = lost.refusal.message
          }
          tried.insert(work.instance.basePort)
          try await work.moveToFreePorts(but: tried, since: why)
          work = try await InstanceWork(of: job.instance, hosting, run)
        }
      }
    }
  }
}

extension InstanceWork {
  /// Gives the instance another block of ports.
  ///
  /// - Parameters:
  ///   - tried: first ports of blocks that are not to be tried again.
  ///   - why: why it cannot have the ones that it has.
  fileprivate func moveToFreePorts(but tried: Set<Int>, since why: String) async throws {
    let listening = try await runtime.host.listeningPorts()
    let scattered = try await hosting.serverStore.get(instance.server.id, atOnce)?.isForSeveral ?? false
    var tried = tried
    while true {
      let taken = try await hosting.instanceStore.takenPorts(on: instance.server.id, atOnce)
      let (block, _) = try PortBlock.choose(
        wish: nil, taken: taken.union(tried), listening: listening, server: instance.server.name,
        scattered: scattered)
      do {
        try await run.guarded {
          try await hosting.instanceStore.setBasePort(instance.id, block.base, $0)
        }
      } catch let error as PostgresError where error.isUniqueViolation("instances_port") {
        tried.insert(block.base)
        continue
      }
      return log("\(why); \(instance.name) moves to ports \(block.base)–\(block.base + 9).")
    }
  }

  /// Starts Odoo for the first time. Where the ports were exchanged since PostgreSQL was started, that moves first.
  func startOdooFirst() async throws {
    let plan = try await plan()
    if try await !runtime.databaseStands(as: plan) {
      // In this order, so that a container with the new ports says that the address in it is the new one, too.
      try await runtime.personalise(plan)
      try await runtime.startDatabase(plan)
      try await runtime.startMailCatcher(plan)
    }
    try await runtime.startOdoo(plan)
  }
}
