import Foundation

@testable import Hosting
@testable import SimulatedDocker
@testable import SimulatedFleet

/// What breaks, and is mended after a while.
struct Chaos: Sendable {
  let world: World

  func run() async {
    guard !world.plan.isQuiet else { return }
    await withDiscardingTaskGroup { group in
      group.addTask { await processes() }
      // The more servers, the more often one of them has something.
      for _ in 0..<max(1, world.machines.count / 5) {
        group.addTask { await machines() }
        group.addTask { await backups() }
      }
    }
  }

  /// Makes everything whole.
  func mend() async {
    for machine in world.machines {
      machine.lead(.open)
      machine.engine.isDiskFull = false
      machine.engine.foreignPorts = []
      machine.boot()
    }
    for plane in world.planes.withLock({ $0 }) where plane.gate.condition == .isStopped {
      plane.gate.set(.runs)
    }
    while world.planes.withLock({ $0.count }) < world.plan.processes { world.startPlane() }
  }

  // MARK: - Servers

  private func machines() async {
    while !Task.isCancelled {
      guard (try? await Task.sleep(for: .seconds(Int.random(in: 1...20)))) != nil,
        let machine = world.machines.randomElement()
      else { return }
      await breakSomething(of: machine)
    }
  }

  private func breakSomething(of machine: SimulatedMachine) async {
    func note(_ what: String) {
      world.count("fault: \(what)")
      world.trace.note("\(machine.name): \(what)")
    }
    switch Int.random(in: 0..<10) {
    case 0...2:
      note("connections break")
      machine.breakConnections()
    case 3:
      note("SSH refused")
      machine.lead(.refused)
      await wait(1...180)
      machine.lead(.open)
    case 4:
      note("black hole")
      machine.lead(.blackHole)
      await wait(1...400)
      machine.lead(.open)
    case 5:
      note("power cut")
      machine.losePower()
      await wait(20...300)
      machine.boot()
    case 6:
      note("Docker down")
      machine.engine.goDown()
      await wait(1...120)
      machine.engine.comeUp()
    case 7:
      note("disk full")
      machine.engine.isDiskFull = true
      await wait(5...120)
      machine.engine.isDiskFull = false
    case 8:
      note("Odoo crashes")
      machine.engine.inventory.containers.filter { $0.isRunning && $0.labels["odeum.role"] == "odoo" }
        .randomElement().map { machine.engine.crash($0.id, status: 1) }
    default:
      note("a program takes a port")
      let base = 10_000 + 10 * Int.random(in: 0..<60)
      if machine.engine.publishedPorts.isDisjoint(with: [base, base + 3]) {
        machine.engine.foreignPorts.insert([base, base + 3].randomElement() ?? base)
      }
    }
  }

  /// Somebody puts a backup of a machine's disk back: what was removed since then is there again when it boots.
  private func backups() async {
    var backups: [String: HostBackup] = [:]
    while (try? await Task.sleep(for: .seconds(Int.random(in: 1...6)))) != nil {
      guard let machine = world.machines.randomElement() else { return }
      if let backup = backups[machine.name] {
        let living = Set(await world.livingInstances().map(\.id))
        let names = machine.engine.bringBack(backup) { labels in
          labels[Label.instance].flatMap { UUID(uuidString: $0) }.map { !living.contains($0) } ?? false
        }
        if !names.isEmpty {
          world.count("fault: what was removed comes back")
          world.trace.note("\(machine.name) comes back with \(names.joined(separator: ", "))")
          machine.losePower()
          await wait(1...30)
          machine.boot()
        }
      }
      backups[machine.name] = machine.engine.backup
    }
  }

  /// Also when the simulation comes to its end: what is broken is mended then in any case.
  private func wait(_ seconds: ClosedRange<Int>) async {
    try? await Task.sleep(for: .seconds(Int.random(in: seconds)))
  }

  // MARK: - Processes

  private func processes() async {
    while !Task.isCancelled {
      guard (try? await Task.sleep(for: .seconds(Int.random(in: 5...60)))) != nil,
        let plane = world.anyPlane
      else { return }
      if Bool.random() {
        world.count("fault: kill -9 of a control plane")
        world.trace.note("kill -9 of process \(plane.number)")
        world.kill(plane)
        await wait(1...40)
        world.startPlane()
      } else {
        world.count("fault: a control plane stops for a while")
        world.trace.note("SIGSTOP of process \(plane.number)")
        plane.gate.set(.isStopped)
        await wait(1...90)
        world.trace.note("SIGCONT of process \(plane.number)")
        plane.gate.set(.runs)
      }
    }
  }
}
