import Foundation
import Jobs

@testable import Hosting
@testable import SimulatedFleet

/// People who ask for things, each in his own time.
struct Users: Sendable {
  let world: World

  /// So many that several operations are under way on every server.
  private var atOnce: Int { max(16, 2 * world.machines.count) }

  func run() async {
    let share = world.plan.operations / atOnce
    let more = world.plan.operations % atOnce
    await withDiscardingTaskGroup { group in
      for user in 0..<atOnce {
        group.addTask {
          var left = share + (user < more ? 1 : 0)
          while left > 0 {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 200...20_000)))
            if await askForSomething() { left -= 1 }
          }
        }
      }
    }
  }

  /// Returns whether an operation came of it.
  private func askForSomething() async -> Bool {
    guard let plane = world.anyPlane else { return false }
    let (instance, count) = await world.anyInstance()
    guard count >= 3, let instance else { return await create(on: plane) }
    if count < world.plan.instances, Int.random(in: 0..<4) < 2 { return await create(on: plane) }
    let name = instance.id.uuidString
    let person = world.person
    switch Int.random(in: 0..<100) {
    case 0..<18: return await ask("stop", plane) { _ = try await $0.stopInstance(name, by: person) }
    case 18..<40: return await ask("start", plane) { _ = try await $0.startInstance(name, by: person) }
    case 40..<55:
      return await ask("restart softly", plane) {
        _ = try await $0.restartInstance(name, mode: .soft, by: person)
      }
    case 55..<68:
      return await ask("restart hard", plane) {
        _ = try await $0.restartInstance(name, mode: .hard, by: person)
      }
    case 68..<80: return await ask("remove", plane) { _ = try await $0.removeInstance(name, by: person) }
    case 80..<88:
      guard let job = instance.activeJob else { return false }
      return await ask("cancel", plane) { _ = try await $0.cancelOperation(job, by: person) }
    case 88..<96:
      var change = SettingsChange()
      change.odoo.memoryMB = Int.random(in: 1...4) * 512
      // Now and then what keeps Odoo from starting, until somebody saves something else.
      change.odooConf =
        Int.random(in: 0..<4) == 0 ? "server_wide_modules = base,web,\(OdooPrograms.poison)" : ""
      return await ask("change settings", plane) { [change] hosting in
        _ = try await hosting.changeSettings(of: name, change, by: person)
      }
    default: return await create(on: plane)
    }
  }

  private func create(on plane: ControlPlane) async -> Bool {
    var wish = NewInstance(name: "i-\(String(UInt32.random(in: .min ... .max), radix: 36))")
    wish.stage = ["dev", "staging", "dev", "dev"].randomElement()
    wish.version = ["19.0", "18.0", "17.0"].randomElement()
    let chosen = wish
    let person = world.person
    return await ask("create", plane) {
      _ = try await $0.createInstance(chosen, idempotencyKey: nil, by: person)
    }
  }

  private func ask(
    _ what: String, _ plane: ControlPlane, _ body: @escaping @Sendable (Hosting) async throws -> Void
  ) async -> Bool {
    do {
      try await plane.asked(body)
      world.asked(to: what)
      world.trace.note("asked \(plane.number) to \(what)")
      return true
    } catch is HostingError where plane.gate.condition == .isDead {
      world.count("cut off while asking to \(what)")
    } catch let error as HostingError where error.code == .internal {
      world.violated("asked to \(what): \(error)")
    } catch let error as HostingError {
      world.count("refused (\(error.code.rawValue)) to \(what)")
    } catch {
      world.count("cut off while asking to \(what)")
    }
    return false
  }

  /// What a person does with an instance that failed, when the world is whole again.
  func mend(_ instance: Instance) async {
    guard let plane = world.anyPlane else { return world.violated("no control plane runs") }
    let name = instance.id.uuidString
    let person = world.person
    if instance.appliedSettings == nil {
      _ = await ask("remove what failed", plane) { _ = try await $0.removeInstance(name, by: person) }
    } else {
      _ = await ask("start what failed", plane) {
        _ = try await $0.restartInstance(name, mode: .hard, by: person)
      }
    }
  }
}
