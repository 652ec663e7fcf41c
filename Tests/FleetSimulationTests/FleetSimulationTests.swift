import Foundation
import Testing

/// The domain on a simulated fleet. `ODEUM_SIMULATION_SEED` repeats what one seed leads to, `ODEUM_SIMULATION_OPERATIONS`
/// asks for more; `make simulate` does the same with an optimised program.
@Suite("The fleet, simulated", .serialized, .timeLimit(.minutes(20)))
struct FleetSimulationTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// The same ones every time, so that what fails is what was changed.
  private static let seeds = environment["ODEUM_SIMULATION_SEED"].map { [$0] } ?? ["1", "2", "3"]

  @Test func `the same seed leads to the same, to the last step`() async throws {
    func run(
      _ seed: String, _ operations: String, _ servers: String, more: [String: String] = [:]
    ) async throws -> Simulation {
      try await Simulation.run(
        ["--seed", seed, "--operations", operations, "--servers", servers, "--instances", "1000"], more: more)
    }
    // On as many servers as the runs in which the same seed once led to something else: with another environment what a
    // process has in memory lies elsewhere.
    let first = try await run("1", "100", "50")
    let second = try await run("1", "100", "50", more: ["ODEUM_PADDING": "another length of the environment"])
    #expect(first.trace != nil && first.trace == second.trace, "\(first.output)\n\(second.output)")
    let (one, other) = (try await run("1", "10", "2"), try await run("91", "10", "2"))
    #expect(one.trace != nil && one.trace != other.trace)
  }

  @Test(arguments: seeds)
  func `whatever breaks, nothing is orphaned, doubled, lost or stuck, and all converges`(_ seed: String)
    async throws
  {
    let operations = Self.environment["ODEUM_SIMULATION_OPERATIONS"] ?? "100"
    let end = try await Simulation.run([
      "--seed", seed, "--operations", operations, "--servers", "8", "--instances", "25",
    ])
    #expect(end.status == 0, "\(end.output)")
  }
}

/// One run of the simulation, in a process of its own, whose clocks and chance are not those of the tests.
private struct Simulation {
  var status: Int32
  var output: String

  /// The sum over everything that happened.
  var trace: Substring? {
    output.split(separator: "\n").first { $0.hasPrefix("trace ") }
  }

  static func run(_ words: [String], more: [String: String] = [:]) async throws -> Simulation {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(more) { $1 }
    process.executableURL = try executable()
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let reading = Task.detached { try pipe.fileHandleForReading.readToEnd() ?? Data() }
    let output = try await reading.value
    process.waitUntilExit()
    return Simulation(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// It is built beside the tests.
  private static func executable() throws -> URL {
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    guard let bundle = ([program] + CommandLine.arguments).first(where: { $0.hasSuffix(".xctest") }) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "fleet-simulation")
  }
}
