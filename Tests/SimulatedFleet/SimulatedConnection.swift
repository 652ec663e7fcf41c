import Docker
import Foundation
import NIOCore
import SimulatedDocker
import Synchronization

@testable import Hosting
@testable import Remote

/// Reaches the machines of a simulated fleet.
final class SimulatedConnector: ServerConnector {
  let local: any Remote.Host
  let localEngine: DockerEngine
  private let machines: Mutex<[String: SimulatedMachine]>
  private let tunnels = Mutex<[String: SimulatedConnection]>([:])

  /// - Parameters:
  ///   - machines: by their addresses.
  ///   - local: the machine of the control plane.
  init(_ machines: [SimulatedMachine], local: SimulatedMachine) {
    self.machines = Mutex(Dictionary(machines.map { ($0.name, $0) }) { $1 })
    self.local = SimulatedHost(.direct(local))
    localEngine = DockerEngine(transport: local.engine)
  }

  func connection(to server: Server, owner: FenceOwner?) async throws -> any ServerConnection {
    guard let machine = machines.withLock({ $0[server.address] }) else {
      throw SSHError.unknownHostName(host: server.address)
    }
    let connection = SimulatedConnection(machine, owner: owner)
    connection.bring = { [weak self] name in self?.tunnels.withLock { $0[name] = connection } }
    return connection
  }

  func engine(as name: String, reach: @escaping @Sendable () async throws -> Void) throws -> DockerEngine {
    DockerEngine(
      transport: SimulatedTunnel(place: name) { [weak self] in self?.tunnels.withLock { $0[name] } },
      reach: reach)
  }

  func folder() throws -> String { "/simulated" }
}

/// A connection over a simulated network, under the epoch of its owner.
final class SimulatedConnection: ServerConnection, Sendable {
  private struct State {
    var era: Int?
    var number: Int?
    var isClosed = false
    var bring: (@Sendable (String) -> Void)?
  }

  let machine: SimulatedMachine
  let owner: FenceOwner?
  private let state = Mutex(State())

  init(_ machine: SimulatedMachine, owner: FenceOwner?) {
    self.machine = machine
    self.owner = owner
  }

  var bring: (@Sendable (String) -> Void)? {
    get { state.withLock { $0.bring } }
    set { state.withLock { $0.bring = newValue } }
  }

  var user: String { "root" }
  var host: any Remote.Host { SimulatedHost(.through(self)) }

  func connect() async throws {
    _ = try await era()
  }

  func bringEngine(as name: String) async throws {
    bring?(name)
  }

  func close() async {
    let number = state.withLock { state in
      state.isClosed = true
      state.era = nil
      return state.number
    }
    guard let number else { return }
    machine.change { $0.owners[number] = nil }
    machine.engine.breakOff()
  }

  /// The era of the machine in which the connection was made, which is made anew where it broke.
  func era() async throws -> Int {
    let known = state.withLock { ($0.era, $0.isClosed) }
    guard !known.1 else { throw SSHError.closed(host: machine.name) }
    if let era = known.0, isAlive { return era }
    let now = machine.change { $0.era }
    try await machine.check(nil, .seconds(20), now)
    if let owner {
      let newest = machine.change { $0.epoch(in: owner.fence.folder) }
      guard newest <= owner.epoch else {
        throw SSHError.staleEpoch(host: machine.name, epoch: owner.epoch, newest: newest)
      }
      let number = machine.change { machine in
        let number = machine.number()
        machine.owners[number] = owner.epoch
        return number
      }
      state.withLock { $0.number = number }
    }
    state.withLock { $0.era = now }
    return now
  }

  /// Whether what is sent through it arrives.
  var isAlive: Bool {
    let (era, number, isClosed) = state.withLock { ($0.era, $0.number, $0.isClosed) }
    guard !isClosed, let era else { return false }
    return machine.change { machine in
      machine.era == era && machine.isPowered && machine.way == .open
        && (owner == nil || number.map { machine.owners[$0] != nil } ?? false)
    }
  }
}

/// A simulated machine as commands reach it.
struct SimulatedHost: Remote.Host {
  enum Access: Sendable {
    case direct(SimulatedMachine)
    case through(SimulatedConnection)
  }

  private let access: Access

  init(_ access: Access) {
    self.access = access
  }

  var name: String {
    switch access {
    case .direct(let machine): machine.name
    case .through(let connection): connection.machine.name
    }
  }

  func run(_ command: Command, deadline: Duration, outputLimit: Int) async throws -> CommandResult {
    do {
      let result: CommandResult
      switch access {
      case .direct(let machine):
        result = try await machine.run(command, deadline: deadline, era: machine.change { $0.era })
      case .through(let connection):
        result = try await connection.machine.run(command, deadline: deadline, era: connection.era())
      }
      guard result.stdout.count <= outputLimit else {
        throw HostError.tooMuchOutput(command: command.description, host: name, limit: outputLimit)
      }
      return result
    } catch let error as SSHError {
      throw HostError(error)
    }
  }
}

/// The engine of a machine at the near end of a connection.
private struct SimulatedTunnel: EngineTransport {
  let place: String
  let connection: @Sendable () -> SimulatedConnection?

  func send(_ request: EngineRequest) async throws -> EngineResponse {
    guard let connection = connection() else {
      throw DockerError.unreachable(socket: place, reason: "nothing listens there")
    }
    let pace = connection.machine.pace
    try await pace.gate()
    guard connection.isAlive else {
      throw DockerError.unreachable(socket: place, reason: "nothing listens there")
    }
    func arrive() async throws {
      try await pace.travel()
      if pace.loses() { connection.machine.breakConnections() }
      guard connection.isAlive else { throw DockerError.cutOff(endpoint: request.endpoint) }
    }
    try await arrive()
    if let epoch = connection.owner?.epoch, request.method != .GET {
      connection.machine.witness(request.endpoint, under: epoch)
    }
    let response = try await connection.machine.engine.send(request)
    try await arrive()
    try await pace.gate()
    return response
  }

  func converse<Input: AsyncSequence & Sendable>(
    _ request: EngineRequest, input: Input, output: (ByteBuffer) async throws -> Void
  ) async throws where Input.Element == ByteBuffer {
    guard let connection = connection(), connection.isAlive else {
      throw DockerError.unreachable(socket: place, reason: "nothing listens there")
    }
    try await connection.machine.engine.converse(request, input: input, output: output)
  }
}
