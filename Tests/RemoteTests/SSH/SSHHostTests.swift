import Foundation
import Remote
import Testing

@Suite("SSHHost", .serialized, .timeLimit(.minutes(2)))
struct SSHHostTests {
  @Test("output and errors come back apart, byte for byte, and so does large input")
  func bytes() async throws {
    try await withSSHHost { host, _ in
      let all = Array(UInt8.min...UInt8.max) + Array("\n\n".utf8)
      let script = "cat; printf 'no newline' >&2"
      let result = try await host.run(Command("sh", "-c", Word(script), input: all), deadline: .seconds(20))
      #expect(result == CommandResult(exitStatus: .exited(0), stdout: all, stderr: Array("no newline".utf8)))
      let large = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(try await host.output(of: Command("cat", input: large), deadline: .seconds(30)) == large)
      let unread = try await host.run(Command("true", input: large), deadline: .seconds(20))
      #expect(unread == CommandResult(exitStatus: .exited(0)))
      #expect(try await host.run(Command("true"), deadline: .seconds(20)).stdout.isEmpty)
      #expect(try await host.output(of: Command("cat"), deadline: .seconds(20)).isEmpty)
    }
  }

  @Test("a command's status is its own, 255 and the death by a signal included")
  func statuses() async throws {
    try await withSSHHost { host, _ in
      for status in [0, 1, 7, 75, 126, 128, 255] {
        let result = try await host.run(Command("sh", "-c", "exit \(status)"), deadline: .seconds(20))
        #expect(result == CommandResult(exitStatus: .exited(status)))
      }
      for signal in [9, 15] {
        let result = try await host.run(Command("sh", "-c", "kill -\(signal) $$"), deadline: .seconds(20))
        #expect(result == CommandResult(exitStatus: .signalled(signal)))
      }
      // Programs that end their own group must not end what tells their status.
      let own = try await host.run(
        Command("sh", "-c", "trap 'exit 3' TERM; kill 0; exit 4"), deadline: .seconds(20))
      #expect(own.exitStatus == .exited(3))
    }
  }

  @Test("hostile words, variables and folders reach a program byte for byte")
  func words() async throws {
    try await withSSHHost { host, server in
      let words = QuotingTests.hostile + QuotingTests.random(1000, seed: 22)
      let command = Command("/usr/bin/printf", words: [#"%s\0"#] + words.map { Word(bytes: $0) })
      let output = try await host.output(of: command, deadline: .seconds(30))
      #expect(
        output.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init) == words)
      let folder = "\(server.folder)/a '$(id)\nb"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let place = Command(
        "sh", "-c", #"pwd; printf %s "$VALUE""#, folder: folder, environment: ["VALUE": "'$(id)'\n\"x"])
      #expect(try await host.text(of: place, deadline: .seconds(20)) == "\(folder)\n'$(id)'\n\"x")
    }
  }

  @Test(
    "a command of any length runs with and without input, and what ends at once leaves nothing that waits")
  func lengths() async throws {
    try await withSSHHost { host, _ in
      for length in [0, 20_000, 120_000] {
        let word = Word(String(repeating: "x", count: length))
        let command = Command("sh", "-c", #"printf %s "$1"; cat"#, "sh", word)
        #expect(try await host.output(of: command, deadline: .seconds(20)).count == length)
        var asking = command
        asking.input = [1, 2, 3]
        #expect(try await host.output(of: asking, deadline: .seconds(20)).count == length + 3)
      }
      for _ in 0..<30 { try await host.output(of: Command("true"), deadline: .seconds(20)) }
    }
  }

  @Test("files are written and read on a host as on this machine")
  func files() async throws {
    try await withSSHHost { host, server in
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
      try await host.write(bytes, to: "\(server.folder)/file")
      #expect(try await host.read("\(server.folder)/file") == bytes)
      #expect(try await host.read("\(server.folder)/none") == nil)
      let cores = try await host.facts().cores
      #expect(cores > 0)
    }
  }

  @Test("a noisy start file of the login shell disturbs neither output, errors nor input")
  func noise() async throws {
    try await withSSHHost { host, server in
      try server.writeStartFile(
        "echo WELCOME; echo oops >&2; alias sh='false'; function dd { false; }; trap 'echo bye' EXIT\n")
      let result = try await host.run(
        Command("sh", "-c", "cat; echo e >&2", input: [1, 2, 3]), deadline: .seconds(20))
      #expect(result == CommandResult(exitStatus: .exited(0), stdout: [1, 2, 3], stderr: Array("e\n".utf8)))
    }
  }

  @Test("a missing program and a missing folder are told apart from failures")
  func missing() async throws {
    try await withSSHHost { host, _ in
      await #expect(throws: HostError.programMissing(program: "no-such-program", host: "web1")) {
        try await host.run(Command("no-such-program"), deadline: .seconds(20))
      }
      await #expect(throws: HostError.folderMissing(folder: "/no/such", host: "web1")) {
        try await host.run(Command("true", folder: "/no/such"), deadline: .seconds(20))
      }
      let own = try await host.run(Command("sh", "-c", "exit 127"), deadline: .seconds(20))
      #expect(own.exitStatus == .exited(127))
    }
  }

  @Test("output over the limit ends the command there and says so; at the limit it is whole")
  func outputLimit() async throws {
    try await withSSHHost { host, _ in
      let word = "odeum-\(UUID().uuidString)"
      await #expect(throws: HostError.tooMuchOutput(command: "yes \(word)", host: "web1", limit: 10_000)) {
        try await host.run(Command("yes", Word(word)), deadline: .seconds(60), outputLimit: 10_000)
      }
      #expect(ProcessTable.count(withWord: word) == 0)
      let exact = try await host.run(
        Command("head", "-c", "10000", "/dev/zero"), deadline: .seconds(20), outputLimit: 10_000)
      #expect(exact.stdout.count == 10_000)
    }
  }

  @Test("fifty commands at once all run, never more than eight at a time")
  func concurrency() async throws {
    try await withSSHHost { host, server in
      let folder = "\(server.folder)/now"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let script = #"mkdir "$1/$2"; ls "$1" | wc -l; sleep 0.05; rmdir "$1/$2"; echo "$2""#
      let most = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<50 {
          group.addTask {
            let text = try await host.text(
              of: Command("sh", "-c", Word(script), "sh", Word(folder), "\(number)"), deadline: .seconds(60))
            let lines = text.split(separator: "\n").compactMap {
              Int($0.trimmingCharacters(in: .whitespaces))
            }
            #expect(lines.last == number)
            return lines.first ?? 99
          }
        }
        var most = 0
        for try await count in group { most = max(most, count) }
        return most
      }
      #expect((2...8).contains(most))
      // All of them went through one connection.
      #expect(server.descendants().count == 1)
    }
  }

  @Test("a program left in the background does not keep the command")
  func background() async throws {
    try await withSSHHost { host, _ in
      let word = "31.\(Int.random(in: 1...999_999))"
      let text = try await host.text(
        of: Command("sh", "-c", #"sleep "$1" & echo done"#, "sh", Word(word)), deadline: .seconds(20))
      #expect(text == "done\n")
      #expect(ProcessTable.count(withWord: word) == 1)
      try await host.output(of: Command("pkill", "-f", "sleep \(word)"), deadline: .seconds(20))
    }
  }
}
