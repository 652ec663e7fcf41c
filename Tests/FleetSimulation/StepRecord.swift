import Foundation
import VirtualTime

/// What the executor did step by step, kept in memory and written at the end, so that two runs can be compared without
/// being disturbed. Where the files of two runs of one seed differ first is where they parted:
///
///     ODEUM_SIMULATION_STEPS=a fleet-simulation …; ODEUM_SIMULATION_STEPS=b fleet-simulation …; diff a b | head
///
/// A line a step: its number, the milliseconds of the simulation, how much chance was drawn so far as a sum, how many
/// tasks were ready, how many have slept, and what was noted in it.
final class StepRecord: @unchecked Sendable {
  // One thread.
  static let wanted = ProcessInfo.processInfo.environment["ODEUM_SIMULATION_STEPS"].map { StepRecord($0) }

  private struct Step {
    var number: Int
    var moment: Int64
    var chance: UInt64
    var ready: Int
    var sleepers: Int
  }

  private let path: String
  private var steps: [Step] = []
  private var notes: [Int: [String]] = [:]

  private init(_ path: String) {
    self.path = path
    steps.reserveCapacity(1 << 22)
  }

  func add(_ number: Int, _ ready: Int, _ sleepers: Int) {
    steps.append(
      Step(
        number: number, moment: virtual_time_now() / 1_000_000, chance: virtual_chance_state(), ready: ready,
        sleepers: sleepers))
  }

  func note(_ text: String) {
    notes[steps.count, default: []].append(text)
  }

  func write() {
    var lines = ""
    for (index, step) in steps.enumerated() {
      lines += "\(step.number) \(step.moment) \(step.chance) \(step.ready) \(step.sleepers)"
      for note in notes[index + 1] ?? [] { lines += " | \(note)" }
      lines += "\n"
    }
    do {
      try Data(lines.utf8).write(to: URL(filePath: path))
    } catch {
      print("The steps could not be written to \(path): \(error)")
    }
  }
}
