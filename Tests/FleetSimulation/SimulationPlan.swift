/// How much is simulated.
struct SimulationPlan {
  var seed: UInt64 = 1
  /// How many operations are asked for.
  var operations = 1_000
  var servers = 10
  var instances = 60
  /// How many control planes share the database.
  var processes = 2
  /// Whether nothing breaks.
  var isQuiet = false

  var words: String {
    "\(operations) operations on \(servers) servers and \(instances) instances, \(processes) control planes"
      + (isQuiet ? ", nothing breaks" : "")
  }

  var arguments: String {
    "--seed \(seed) --operations \(operations) --servers \(servers) --instances \(instances) "
      + "--processes \(processes)" + (isQuiet ? " --quiet-world" : "")
  }

  struct Unreadable: Error, CustomStringConvertible {
    var description: String
  }

  mutating func read(_ words: [String]) throws {
    var rest = words[...]
    while let option = rest.popFirst() {
      if option == "--quiet-world" {
        isQuiet = true
        continue
      }
      guard let text = rest.popFirst(), let number = UInt64(text) else {
        throw Unreadable(description: "\(option) wants a number")
      }
      switch option {
      case "--seed": seed = number
      case "--operations": operations = Int(number)
      case "--servers": servers = Int(number)
      case "--instances": instances = Int(number)
      case "--processes": processes = Int(number)
      default: throw Unreadable(description: "there is no option \(option)")
      }
    }
  }
}

/// The clock of a simulation.
enum SimulatedClock {
  /// When it begins, in seconds since 1970: a Friday morning, far from what any real clock shows.
  static let beginning = 1_800_000_000
}

/// What came of a simulation.
struct SimulationReport: Sendable {
  /// What must always hold and did not.
  var violations: [String]
  var lines: [String]
  /// Follows from everything that happened, in its order.
  var trace: UInt64

  var text: String {
    (lines + ["trace \(String(trace, radix: 16))"]
      + (violations.isEmpty
        ? ["everything that must hold did"]
        : ["FAILED: \(violations.count) violations"] + violations.prefix(40)))
      .joined(separator: "\n")
  }
}
