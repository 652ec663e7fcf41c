import Remote
import SimulatedDocker
import Testing

@testable import Docker

/// Which engine a test runs against: what both do alike is the contract that keeps the simulated one faithful.
enum EngineKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case real
  case simulated

  var testDescription: String { rawValue }
}

/// What the scripts of these tests do, for an engine that runs no shell.
struct ShellPrograms: SimulatedPrograms {
  func program(of container: ContainerView, volumes: VolumeAccess) -> SimulatedProgram {
    guard container.words.count == 3, let script = container.words.last else { return .ending(127) }
    var program = SimulatedProgram()
    for part in script.split(separator: "; ") {
      switch part {
      case "true": break
      case "while :": return program
      case "do sleep 0.05", "do sleep 0.1", "done": break
      case _ where part.hasPrefix("trap '"):
        let words = part.split(separator: "'")
        let status = words[1].split(separator: " ").last.flatMap { Int($0) }
        for signal in part.split(separator: "'").last?.split(separator: " ") ?? [] {
          program.reactions["SIG\(signal)"] =
            status.map { .ends($0, after: .milliseconds(20)) } ?? SimulatedProgram.Reaction.none
        }
      case _ where part.hasPrefix("exit "):
        program.end = (program.spent, Int(part.dropFirst(5)) ?? 0)
        return program
      case _ where part.hasPrefix("sleep "):
        program.end = (program.spent + .seconds(Double(part.dropFirst(6)) ?? 0), 0)
      case "echo": program.write("\n")
      case _ where part.hasPrefix("echo "):
        let words = part.dropFirst(5)
        program.write(words.split(separator: " ")[0] + "\n", isError: words.hasSuffix(">&2"))
      case "printf 'three \\377'": program.write("three \u{fffd}")
      case "printf ' end'": program.write(" end")
      case "head -c 100000 /dev/zero | tr '\\0' x": program.write(String(repeating: "x", count: 100_000))
      default: return .ending(127)
      }
    }
    program.end = (program.spent, 0)
    return program
  }

  func exec(
    _ words: [String], environment: [String: String], in container: ContainerView, volumes: VolumeAccess
  ) -> SimulatedExec {
    switch words {
    case ["true"]: SimulatedExec(0)
    default: SimulatedExec(127, output: "exec: \"\(words[0])\": executable file not found in $PATH")
    }
  }
}

extension SimulatedProgram {
  /// How long it has run by now, as it is read.
  fileprivate var spent: Duration { end?.after ?? .zero }

  fileprivate mutating func write(_ text: some StringProtocol, isError: Bool = false) {
    writings.append(Writing(String(text), after: spent, isError: isError))
  }
}
