import Docker
import Foundation
import SimulatedDocker
import Synchronization

@testable import Hosting
@testable import Remote

/// A server of a simulated fleet: files, processes that listen, a Docker engine, and the way to it.
final class SimulatedMachine: Sendable {
  /// What becomes of who comes over the network.
  enum Way: Sendable {
    /// All gets through.
    case open
    /// Nothing listens at the port.
    case refused
    /// Nothing comes back.
    case blackHole
  }

  struct State: Sendable {
    var files = SimulatedFiles()
    var way = Way.open
    var isPowered = true
    /// Raised whenever every connection breaks.
    var era = 0
    /// Commands that nobody taught the simulation.
    var unknown: [String] = []
    /// Commands under an epoch that run now.
    var running: [Int: (epoch: Int, folder: String)] = [:]
    /// Epochs of the connections that are open, by their numbers.
    var owners: [Int: Int] = [:]
    /// The newest owner that has done something here, by his epoch.
    var newestActor = 0
    private var lastNumber = 0

    mutating func number() -> Int {
      lastNumber += 1
      return lastNumber
    }

    func epoch(in folder: String) -> Int {
      files.read("\(folder)/epoch").flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// A command under an epoch begins; nil where the machine has a newer owner.
    mutating func begin(under epoch: Int, in folder: String) -> Int? {
      guard self.epoch(in: folder) <= epoch else { return nil }
      let number = number()
      running[number] = (epoch, folder)
      return number
    }

    mutating func end(_ number: Int) {
      running[number] = nil
    }

    func report(disk isFull: Bool) -> String {
      """
      == cores
      4
      == memory
      MemTotal: 16000000 kB
      MemAvailable: 12000000 kB
      SwapTotal: 0 kB
      SwapFree: 0 kB
      == load
      0.10 0.20 0.30 1/200 1234
      == machine
      x86_64
      == system
      NAME="Debian GNU/Linux"
      VERSION_ID="12"
      == disk
      4096 100000000 \(isFull ? 1000 : 50_000_000) 10000000 9000000

      """
    }
  }

  let name: String
  let engine: SimulatedEngine
  let programs: OdooPrograms
  let pace: Pace
  private let note: @Sendable (String) -> Void
  private let trespass: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - haste: see `OdooPrograms.haste`.
  ///   - writingDown: see `OdooPrograms.writingDown`.
  ///   - note: told of everything that is done on it.
  ///   - trespass: told of whatever an owner does after a newer one has done something.
  init(
    _ name: String, haste: Int = 1, writingDown: Duration? = nil, pace: Pace = Pace(),
    note: @escaping @Sendable (String) -> Void = { _ in },
    trespass: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.trespass = trespass
    self.name = name
    self.pace = pace
    self.note = note
    programs = OdooPrograms(haste: haste, writingDown: writingDown)
    engine = SimulatedEngine(
      at: "/run/\(name).sock", programs: programs, registry: OdooPrograms.images(haste: haste)
    ) { request, moment in
      if moment == .before { note(request.endpoint) }
    }
  }

  func change<Result: Sendable>(_ body: (inout State) throws -> Result) rethrows -> Result {
    try state.withLock { try body(&$0) }
  }

  // MARK: - Commands

  /// Runs a command that came through a connection of that era.
  func run(_ command: Command, deadline: Duration, era: Int) async throws -> CommandResult {
    try command.validate()
    try await pace.gate()
    try await check(command.description, deadline, era)
    try await pace.travel()
    if pace.loses() { breakConnections() }
    try await check(command.description, deadline, era)
    note(command.program)
    let result = await SimulatedShell(machine: self).run(command)
    try await pace.travel()
    if pace.loses() { breakConnections() }
    try await pace.gate()
    try await check(command.description, deadline, era)
    return result
  }

  /// Whether a connection of that era still carries something.
  func check(_ command: @autoclosure () -> String?, _ deadline: Duration, _ era: Int) async throws {
    let (way, now, isPowered) = change { ($0.way, $0.era, $0.isPowered) }
    switch isPowered ? way : .blackHole {
    case .open where now == era: return
    case .open: throw SSHError.lost(host: name, command: command(), reason: "Connection reset by peer")
    case .refused: throw SSHError.refused(host: name)
    case .blackHole:
      try await Task.sleep(for: deadline)
      guard let command = command() else { throw SSHError.connectTimedOut(host: name, after: deadline) }
      throw HostError.timedOut(command: command, host: name, after: deadline)
    }
  }

  /// Something is done under an epoch. This only looks on: fencing is what the product does with commands and
  /// connections, and where it fails, this tells.
  func witness(_ what: String, under epoch: Int) {
    let newest = change { state in
      state.newestActor = max(state.newestActor, epoch)
      return state.newestActor
    }
    guard epoch < newest else { return }
    trespass(
      "\(name): an owner of epoch \(epoch) does \(what) after one of epoch \(newest) has done something")
  }

  /// Raises the epoch: connections of older owners end, and their commands are waited for.
  func raise(_ epoch: Int, in folder: String, patience: Int) async -> CommandResult {
    let newest = change { $0.epoch(in: folder) }
    guard newest <= epoch else {
      return CommandResult(exitStatus: .exited(75), stdout: Array("stale \(newest)\n".utf8))
    }
    let isRaised = change { state in
      guard newest < epoch else { return false }
      state.files.write(Array(String(epoch).utf8), to: "\(folder)/epoch")
      state.owners = state.owners.filter { $0.value >= epoch }
      return true
    }
    if isRaised { engine.breakOff() }
    let end = ContinuousClock.now + .seconds(patience)
    while change({ state in state.running.values.contains { $0.epoch < epoch && $0.folder == folder } }) {
      guard ContinuousClock.now < end else {
        return CommandResult(exitStatus: .exited(75), stdout: Array("running\n".utf8))
      }
      try? await Task.sleep(for: .milliseconds(50))
    }
    return .said("raised\n")
  }

  // MARK: - What listens

  /// As the kernel tells of TCP sockets that listen.
  var listenersTable: String {
    engine.publishedPorts.union(engine.foreignPorts).sorted().enumerated().map { index, port in
      let hex = String(port, radix: 16, uppercase: true)
      let padded = String(repeating: "0", count: 4 - hex.count) + hex
      return "   \(index): 0100007F:\(padded) 00000000:0000 0A 00000000:00000000\n"
    }.joined()
  }

  /// What `curl` prints of a page.
  func httpStatus(of page: String) -> String {
    let port = page.split(separator: "/").dropFirst().first?.split(separator: ":").last.flatMap { Int($0) }
    return port.map { answer(atPort: $0) } ?? "000"
  }

  /// The HTTP status of Odoo's sign-in page at a port.
  func answer(atPort port: Int) -> String {
    guard let container = engine.container(publishing: port) else { return "000" }
    return programs.httpStatus(of: container, on: engine)
  }

  /// Commands that nobody taught the simulation.
  var unknownCommands: [String] { change { $0.unknown } }

  // MARK: - Faults

  /// Every connection breaks; new ones can be made.
  func breakConnections() {
    change { state in
      state.era += 1
      state.owners = [:]
    }
    engine.breakOff()
  }

  /// The network to it changes.
  func lead(_ way: Way) {
    change { $0.way = way }
    if way != .open { breakConnections() }
  }

  /// Its power goes, and everything that runs on it.
  func losePower() {
    change { state in
      state.isPowered = false
      state.running = [:]
    }
    breakConnections()
    engine.goDown(isPowerCut: true)
  }

  /// It boots.
  func boot() {
    change { $0.isPowered = true }
    engine.comeUp()
  }
}
