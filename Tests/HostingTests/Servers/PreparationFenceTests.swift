import Docker
import Foundation
import PostgresTesting
import Synchronization
import Testing

@testable import Hosting
@testable import Remote

/// Preparing a server in the place of which there is a folder of this machine, with programs of the test's own for
/// those that change a system.
@Suite(.timeLimit(.minutes(2))) struct PreparationFenceTests {
  private struct Stage {
    let hosting: Hosting
    let actor: Actor
    let machine: PlayedMachine

    /// Where the machine of the control plane keeps its epoch.
    var fence: Fence { Fence(folder: OdeumFolders.here(hosting.installation, hosting.configuration)) }

    func local() async throws -> Server {
      try #require(try await hosting.serverStore.all(atOnce).first { $0.kind == .local })
    }
  }

  private func withStage(
    saying lines: [String: String?] = [:], _ body: @Sendable (Stage) async throws -> Void
  ) async throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var configuration = HostingConfiguration()
    configuration.instancesFolder = "\(folder)/instances"
    try await withHosting(configuration: configuration) { real in
      let machine = try PlayedMachine(in: folder, saying: lines, configuration, real.installation)
      defer { try? machine.letGo() }
      let hosting = Hosting(
        installation: real.installation, configuration: real.configuration, database: real.database,
        jobs: real.jobs, masterKey: real.masterKey, passwords: real.passwords,
        connector: PlayedConnector(machine), logger: real.logger)
      let worker = Task {
        try await hosting.runWorker(operationsAtOnce: 2, identity: UUID().uuidString, holdsFolder: true)
      }
      defer { worker.cancel() }
      try await body(
        Stage(
          hosting: hosting, actor: try await hosting.person(Hosting.firstEmail), machine: machine))
    }
  }

  @Test func `a step that goes on after another owner came changes something, or an old epoch bars it`()
    async throws
  {
    try await withStage { stage in
      // The server knows more than our database, which is an older state, say.
      try await stage.fence.raise(to: 7, on: LocalHost())
      stage.machine.whenReading(DaemonSettings.path) { [fence = stage.fence] in
        try await fence.raise(to: 99, on: LocalHost())
      }
      let preparation = try await stage.hosting.prepareServer("local", by: stage.actor)
      #expect(try await end(of: preparation, stage.hosting, stage.actor) == .failed)
      let ended = try await stage.hosting.operation(preparation.id, by: stage.actor)
      #expect(ended.steps.first { $0.state == .failed }?.name == "Set up Docker")
      #expect(ended.reason?.contains("a newer control plane (epoch 99, ours is 8)") == true)
      #expect(!FileManager.default.fileExists(atPath: stage.machine.path(DaemonSettings.path)))
      #expect(stage.machine.programsRun == [])
      // Nor does he outdo who has the server now: its lane has another epoch than he knows.
      let server = try await stage.local()
      let refusal = HostError.staleEpoch(host: "this machine", epoch: 7, newest: 99)
      await #expect(throws: refusal) {
        try await stage.hosting.fleet.outdo(refusal, on: server.id, from: 7)
      }
      #expect(stage.hosting.held.epoch(of: server.id) == 8)
    }
  }

  @Test func `who visits a server to change it does so under an epoch that is raised there, in everything`()
    async throws
  {
    try await withStage { stage in
      let server = StoreScene.server("web1", of: stage.actor.organisationID)
      let fence = Fence(
        folder: stage.machine.path(OdeumFolders.ofInstallation(stage.hosting.installation)))
      let file = stage.machine.path("/changed")
      await #expect(throws: HostError.staleEpoch(host: "web1", epoch: 3, newest: 4)) {
        try await stage.hosting.fleet.visit(server, under: 3) { visit in
          #expect(try await fence.epoch(of: LocalHost()) == 3)
          try await fence.raise(to: 4, on: LocalHost())
          try await visit.host.output(of: Command("touch", Word(file)), deadline: .seconds(20))
        }
      }
      await #expect(throws: HostError.staleEpoch(host: "web1", epoch: 3, newest: 4)) {
        try await stage.hosting.fleet.visit(server, under: 3) { _ in }
      }
      #expect(stage.machine.owners.map(\.?.epoch) == [3, 3])
      // Who only looks is in nobody's way.
      try await stage.hosting.fleet.visit(server) { visit in
        _ = try await visit.host.output(of: Command("true"), deadline: .seconds(20))
      }
      #expect(!FileManager.default.fileExists(atPath: file))
    }
  }

  @Test func `apt is ended half way with its operation, or goes on without a word`() async throws {
    try await withStage(saying: ["program.curl": nil]) { stage in
      let preparation = try await stage.hosting.prepareServer("local", by: stage.actor)
      var lines: [String] = []
      var state = preparation.state
      for try await event in try await stage.hosting.followOperation(preparation.id, by: stage.actor) {
        switch event {
        case .log(let line):
          lines.append(line.text)
          guard line.text.hasPrefix("apt-get"), line.text.hasSuffix("install -- curl") else { continue }
          _ = try await stage.hosting.cancelOperation(preparation.id, by: stage.actor)
        case .changed(let operation): state = operation.state
        }
      }
      #expect(state == .cancelled)
      #expect(lines.contains("apt goes on on local until it is done; preparing local again waits for that."))
      let id = preparation.id.uuidString.lowercased()
      let task = try DetachedTask(
        "\(id)-packages", on: LocalHost(),
        in: stage.machine.path(OdeumFolders.tasks(stage.hosting.installation)))
      #expect(try await task.state() == .running)
      let epoch = try #require(stage.hosting.held.epoch(of: try await stage.local().id))
      #expect(try await task.origin() == .init(operation: id, epoch: epoch))
      try stage.machine.letGo()
      #expect(try await task.wait() == .ended(.exited(0)))
    }
  }
}

/// A folder that stands for a machine. Its user becomes root by sudo.
private final class PlayedMachine: Sendable {
  private struct State {
    var readings: [String: @Sendable () async throws -> Void] = [:]
    var owners: [FenceOwner?] = []
  }

  private let folder: String
  /// The script that asks what the machine is, and one that gives the test's answer.
  private let question: String
  private let answer: String
  private let state = Mutex(State())

  init(
    in folder: String, saying lines: [String: String?], _ configuration: HostingConfiguration,
    _ installation: UUID
  ) throws {
    self.folder = folder
    let asking = SystemReport.command(
      dockerSocket: "", folder: OdeumFolders.ofInstallation(installation),
      instancesFolder: configuration.instancesFolder)
    question = try #require(asking.words[1].revealText())
    let lines = lines.merging(["user": NSUserName(), "privilege": "sudo"]) { $1 }
    answer = "cat <<'END'\n\(SystemReport.sampleText(lines))END\n"
    let noting = "echo \"${0##*/}\" >> \(folder)/ran"
    let waiting = "read -r said <\(folder)/go"
    try FileManager.default.createDirectory(atPath: "\(folder)/bin", withIntermediateDirectories: true)
    try #require(mkfifo("\(folder)/go", 0o600) == 0)
    for (name, script) in [
      ("sudo", "shift 2; exec \"$@\""), ("systemctl", noting), ("usermod", noting), ("dpkg", ":"),
      ("apt-get", "echo \"apt-get $*\"; case \"$*\" in *install*) \(waiting) ;; esac"),
    ] {
      let path = "\(folder)/bin/\(name)"
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
  }

  /// Which of the programs that change a system have run.
  var programsRun: [Substring] {
    (try? String(contentsOfFile: "\(folder)/ran", encoding: .utf8))?.split(separator: "\n") ?? []
  }

  /// As whom connections were made.
  var owners: [FenceOwner?] { state.withLock { $0.owners } }

  func note(_ owner: FenceOwner?) { state.withLock { $0.owners.append(owner) } }

  /// Where the machine's file at `path` is in truth.
  func path(_ path: String) -> String { folder + path }

  /// Runs `body` once, after the first command that is given `path` as a word.
  func whenReading(_ path: String, _ body: @escaping @Sendable () async throws -> Void) {
    state.withLock { $0.readings[path] = body }
  }

  /// Lets apt end, if it waits.
  func letGo() throws {
    // To read and to write: whoever only writes waits for a reader.
    let pipe = try FileHandle(forUpdating: URL(filePath: "\(folder)/go"))
    try pipe.write(contentsOf: Data("go\n".utf8))
    try pipe.close()
  }

  func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult {
    var played = command
    played.environment["PATH"] = Word("\(folder)/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    played.words = command.words.map { word in
      guard let text = word.revealText() else { return word }
      if text == question { return Word(answer) }
      let isPlayed = [OdeumFolders.root, "/etc/"].contains { text.hasPrefix($0) }
      return isPlayed ? Word(path(text)) : word
    }
    played.input = try command.input.map(inputPlayed)
    let result = try await LocalHost().run(played, deadline: deadline, outputLimit: outputLimit)
    for word in command.words {
      let reading = state.withLock { $0.readings.removeValue(forKey: word.revealText() ?? "") }
      try await reading?()
    }
    return result
  }

  /// A detached command has its own path, as long as before: its length is compared.
  private func inputPlayed(_ input: [UInt8]) throws -> [UInt8] {
    let text = String(decoding: input, as: UTF8.self)
    guard text.contains("apt-get") else { return input }
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    let played = "\(folder)/bin:/usr/bin:/bin"
    try #require(text.contains(path) && played.utf8.count <= path.utf8.count, "nothing real is installed")
    let padding = String(repeating: "/", count: path.utf8.count - played.utf8.count)
    return Array(text.replacing(path, with: played + padding).utf8)
  }
}

private struct PlayedHost: Remote.Host {
  let name: String
  let machine: PlayedMachine

  func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult {
    try await machine.run(command, deadline: deadline, outputLimit: outputLimit)
  }
}

private struct PlayedConnector: ServerConnector {
  let machine: PlayedMachine
  let localEngine = DockerEngine(socket: "/nonexistent")

  init(_ machine: PlayedMachine) { self.machine = machine }

  var local: any Remote.Host { PlayedHost(name: "this machine", machine: machine) }
  var hasGate: Bool { true }

  func connection(to server: Server, owner: FenceOwner?) async throws -> any ServerConnection {
    machine.note(owner)
    return Connection(host: PlayedHost(name: server.name, machine: machine))
  }

  func engine(as name: String, reach: @escaping @Sendable () async throws -> Void) throws -> DockerEngine {
    localEngine
  }

  func folder() throws -> String { "/nonexistent" }

  private struct Connection: ServerConnection {
    let host: any Remote.Host
    let user = "root"

    func connect() async throws {}
    func bringEngine(as name: String) async throws {}
    func close() async {}
  }
}
