import Docker
import Foundation
import NIOCore
import Synchronization

/// A Docker engine in memory: it answers requests of the Engine API (1.47) as far as Odeum asks them, with the words and
/// the statuses of moby 27. What containers do when they run is decided by `SimulatedPrograms`; time is the process's.
///
/// The tests of the Docker room run against a real engine and against this one, which is how it stays faithful.
package final class SimulatedEngine: EngineTransport {
  /// What may happen on the way to an engine and back.
  package enum Moment: Sendable {
    /// The request was sent and has not arrived.
    case before
    /// The engine has done what was asked, and its answer has not arrived.
    case after
  }

  /// Where it pretends to be.
  package let place: String
  private let state: Mutex<EngineState>
  private let passage: @Sendable (EngineRequest, Moment) async throws -> Void

  /// An engine without anything.
  ///
  /// - Parameters:
  ///   - registry: the images that can be pulled.
  ///   - passage: runs before and after each request; what it throws, the asker sees.
  package init(
    at place: String = "/run/simulated.sock", programs: any SimulatedPrograms,
    registry: [SimulatedImage] = [],
    passage: @escaping @Sendable (EngineRequest, Moment) async throws -> Void = { _, _ in }
  ) {
    self.place = place
    self.passage = passage
    var state = EngineState(programs: programs)
    for image in registry {
      for tag in image.tags { state.registry[tag] = image }
    }
    self.state = Mutex(state)
    change { state in
      state.schedule = { [weak self] delay, body in
        Task { [weak self] in
          try? await Task.sleep(for: delay)
          self?.change { body(&$0) }
        }
      }
    }
  }

  func change<Result: Sendable>(_ body: (inout EngineState) throws -> Result) rethrows -> Result {
    try state.withLock { try body(&$0) }
  }

  // MARK: - Requests

  package func send(_ request: EngineRequest) async throws -> EngineResponse {
    try Task.checkCancellation()
    try await passage(request, .before)
    guard change({ $0.isUp }) else {
      throw DockerError.unreachable(socket: place, reason: "nothing listens there")
    }
    let response = try await answer(try Call(request))
    try await passage(request, .after)
    return response
  }

  private func answer(_ call: Call) async throws -> EngineResponse {
    do {
      return try await route(call)
    } catch let refusal as Refusal {
      return Self.json(["message": .string(refusal.message)], status: refusal.status)
    }
  }

  static func json(_ json: JSON, status: Int = 200) -> EngineResponse {
    whole(ByteBuffer(bytes: json.bytes), status: status)
  }

  static func whole(_ bytes: ByteBuffer, status: Int) -> EngineResponse {
    EngineResponse(
      status: status,
      body: EngineBody(
        AsyncStream { feed in
          if bytes.readableBytes > 0 { feed.yield(bytes) }
          feed.finish()
        }))
  }

  /// An answer that goes on: `begin` gets where to write it.
  func stream(_ begin: (inout EngineState, EngineState.Feed) throws -> Void) throws -> EngineResponse {
    EngineResponse(status: 200, body: EngineBody(try bytes(begin)))
  }

  func bytes(
    _ begin: (inout EngineState, EngineState.Feed) throws -> Void
  ) throws -> AsyncThrowingStream<ByteBuffer, any Error> {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
    let number = try change { state in
      let feed = state.feed(continuation)
      do {
        try begin(&state, feed)
      } catch {
        state.forget(feed.number)
        throw error
      }
      return feed.number
    }
    continuation.onTermination = { [weak self] reason in
      // Where the engine has ended it, under its lock, it has forgotten it.
      if case .cancelled = reason { self?.change { $0.forget(number) } }
    }
    return stream
  }

  /// Nothing simulated reads an input.
  package func converse<Input: AsyncSequence & Sendable>(
    _ request: EngineRequest, input: Input, output: (ByteBuffer) async throws -> Void
  ) async throws where Input.Element == ByteBuffer {
    try await passage(request, .before)
    for try await _ in input {}
    let response = try await answer(try Call(request))
    for try await chunk in response.body {
      guard response.status == 200 else { throw EngineRefusal(status: response.status, body: chunk) }
      try await output(chunk)
    }
  }
}

// MARK: - What happens to the machine

extension SimulatedEngine {
  /// Sets on which ports of the host other programs listen.
  package var foreignPorts: Set<Int> {
    get { change { $0.foreignPorts } }
    set { change { $0.foreignPorts = newValue } }
  }

  /// As those, but of programs that nobody sees before a container is to have one of these ports.
  package var hiddenPorts: Set<Int> {
    get { change { $0.hiddenPorts } }
    set { change { $0.hiddenPorts = newValue } }
  }

  /// Sets which ports are refused as those of containers, although none has them, and how many times more.
  package var lostPorts: [Int: Int] {
    get { change { $0.lostPorts } }
    set { change { $0.lostPorts = newValue } }
  }

  /// The ports of the host that containers have now.
  package var publishedPorts: Set<Int> {
    change { Set($0.containers.values.filter(\.isRunning).flatMap(\.ports).map(\.port)) }
  }

  /// Whether the disk is full.
  package var isDiskFull: Bool {
    get { change { $0.isFull } }
    set { change { $0.isFull = newValue } }
  }

  /// Sets the folder in which the daemon says that everything is, where somebody looks at the disk below it.
  package var rootFolder: String {
    get { change { $0.rootFolder } }
    set { change { $0.rootFolder = newValue } }
  }

  /// Puts images on the host, as if they had been pulled.
  package func load(_ images: [SimulatedImage]) {
    change { $0.images += images }
  }

  /// Ends the program in a container by itself with a status, as when it crashes.
  package func crash(_ reference: String, status: Int) {
    change { state in
      guard let container = try? state.container(reference) else { return }
      state.ended(container.id, run: container.run, status: status)
    }
  }

  /// Ends the daemon, and with it, unless they live on, the containers. Of those that were never started it knows less
  /// afterwards, as Docker 20.10 does of one that it was just making.
  package func goDown(isPowerCut: Bool = false) {
    change { state in
      guard state.isUp else { return }
      state.isUp = false
      state.breakOff()
      for (id, container) in state.containers where container.status == .created {
        state.containers[id]?.mounts.removeAll(where: \.isNameless)
        for index in container.networks.indices { state.containers[id]?.networks[index].aliases = [] }
      }
      guard isPowerCut || !state.livesOn else { return }
      for container in state.containers.values.sorted(by: { $0.number < $1.number }) where container.isRunning
      {
        state.perish(container.id, status: isPowerCut ? 255 : 143)
      }
    }
  }

  /// Starts the daemon, and with it the containers whose policy says so.
  package func comeUp() {
    change { state in
      guard !state.isUp else { return }
      state.isUp = true
      for id in state.containers.keys { state.containers[id]?.isEndUnwritten = false }
      for container in state.containers.values.sorted(by: { $0.number < $1.number }) {
        state.revive(container.id)
      }
    }
  }

  /// Cuts every answer that is under way.
  package func breakOff() {
    change { $0.breakOff() }
  }

  /// Everything that is on the host, for an audit.
  package var inventory: Inventory { change { $0.inventory } }
}
