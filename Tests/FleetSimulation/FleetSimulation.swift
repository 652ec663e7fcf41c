import Foundation
import VirtualTime

/// Runs the domain on a simulated fleet, in virtual time, on one thread: what happens follows from the seed alone.
///
///     fleet-simulation [--seed N] [--operations N] [--servers N] [--instances N] [--processes N] [--quiet-world]
///
/// Ends with status 1, and with how to see the same again, where something that must always hold did not.
@main
enum FleetSimulation {
  static func main() {
    hashDeterministically()
    var plan = SimulationPlan()
    do {
      try plan.read(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("fleet-simulation: \(error)\n".utf8))
      exit(2)
    }
    print("seed \(plan.seed): \(plan.words)")
    let began = uptime() ?? 0
    VirtualExecutor.takeOver()
    virtual_time_begin(Int64(SimulatedClock.beginning) * 1_000_000_000, plan.seed)
    let outcome = Outcome()
    Task {
      let world = World(plan)
      outcome.report = await world.run()
    }
    let goesOn = VirtualExecutor.shared.run { outcome.report != nil }
    guard goesOn, let report = outcome.report else {
      print("FAILED: nothing can go on and nothing sleeps, so something waits for what never comes")
      replay(plan)
      exit(1)
    }
    print(report.text)
    print("took \(Int((uptime() ?? 0) - began)) s, \(VirtualExecutor.shared.steps) steps of tasks")
    guard report.violations.isEmpty else {
      replay(plan)
      exit(1)
    }
  }

  private final class Outcome: @unchecked Sendable {
    // One thread.
    var report: SimulationReport?
  }

  private static func replay(_ plan: SimulationPlan) {
    print("the same again: fleet-simulation \(plan.arguments)")
  }

  /// The order of sets and dictionaries follows from a seed of the process, which Swift reads from the environment
  /// before anything of ours runs.
  private static func hashDeterministically() {
    guard getenv("SWIFT_DETERMINISTIC_HASHING") == nil else { return }
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
    fatalError("the program could not begin anew: \(String(cString: strerror(errno)))")
  }

  /// Seconds since the machine began, from a file, since the clocks are not those of the machine.
  private static func uptime() -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/uptime", encoding: .utf8) else { return nil }
    return text.split(separator: " ").first.flatMap { Double($0) }
  }
}
