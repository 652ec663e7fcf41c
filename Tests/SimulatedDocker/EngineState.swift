import Docker
import Foundation
import NIOCore

/// Everything that a simulated engine has.
struct EngineState: Sendable {
  /// Where bytes go to one asker as they come.
  struct Feed: Sendable {
    let number: Int
    let bytes: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    func yield(_ buffer: ByteBuffer) { bytes.yield(buffer) }
  }

  let programs: any SimulatedPrograms
  /// Changes the state after a while.
  var schedule: @Sendable (Duration, @escaping @Sendable (inout EngineState) -> Void) -> Void = { _, _ in }

  var containers: [String: SimulatedContainer] = [:]
  var volumes: [String: SimulatedVolume] = [:]
  /// The containers that were made with volumes that only their images asked for.
  var namelesslyMounted: [String] = []
  /// Networks by their ids.
  var networks: [String: SimulatedNetwork] = [:]
  var images: [SimulatedImage] = []
  /// What a registry has, by reference.
  var registry: [String: SimulatedImage] = [:]
  var execs: [String: RunningExec] = [:]
  /// Ports of the host on which other programs listen.
  var foreignPorts: Set<Int> = []
  /// As those, but of programs that come after the look at what listens.
  var hiddenPorts: Set<Int> = []
  /// Ports that are refused as those of containers, although none has them, and how many times more.
  var lostPorts: [Int: Int] = [:]
  /// Whether the daemon runs.
  var isUp = true
  /// Whether the disk is full.
  var isFull = false
  /// The folder in which the daemon says that everything is.
  var rootFolder = "/var/lib/docker"
  /// Whether containers go on while the daemon does not run.
  var livesOn = false

  var history: [EngineHappening] = []
  /// Answers that are under way.
  private(set) var open: [Int: Feed] = [:]
  var listeners: [Int: (filters: Filters, feed: Feed)] = [:]
  /// Who waits for the end of a container's run.
  var waiters: [String: [Int: Feed]] = [:]
  /// Who follows the log of a container.
  var followers: [String: [Int: (timestamps: Bool, feed: Feed)]] = [:]
  private var lastNumber = 0

  init(programs: any SimulatedPrograms) {
    self.programs = programs
    for name in ["none", "host", "bridge"] {
      let network = SimulatedNetwork(
        id: Self.newID(), number: number(), name: name, labels: [:], isInternal: false, createdAt: Date(),
        driver: name == "none" ? "null" : name)
      networks[network.id] = network
    }
  }

  /// A number that was not given before.
  mutating func number() -> Int {
    lastNumber += 1
    return lastNumber
  }

  // MARK: Answers under way

  /// An answer that begins.
  mutating func feed(_ bytes: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) -> Feed {
    let feed = Feed(number: number(), bytes: bytes)
    open[feed.number] = feed
    return feed
  }

  /// Ends an answer.
  mutating func finish(_ feed: Feed) {
    open[feed.number] = nil
    feed.bytes.finish()
  }

  /// Forgets an answer that nobody reads any more.
  mutating func forget(_ number: Int) {
    open[number] = nil
    listeners[number] = nil
    for id in Array(waiters.keys) { waiters[id]?[number] = nil }
    for id in Array(followers.keys) { followers[id]?[number] = nil }
  }

  /// Cuts every answer that is under way.
  mutating func breakOff() {
    let cut = open.sorted { $0.key < $1.key }.map(\.value)
    open = [:]
    listeners = [:]
    waiters = [:]
    followers = [:]
    for feed in cut { feed.bytes.finish(throwing: DockerError.cutOff(endpoint: "an answer")) }
  }

  // MARK: Looking up

  /// 64 hexadecimal digits.
  static func newID() -> String {
    (0..<4).map { _ in
      let part = String(UInt64.random(in: .min ... .max), radix: 16)
      return String(repeating: "0", count: 16 - part.count) + part
    }.joined()
  }

  /// The container with this id or name.
  func containerID(_ reference: String) throws -> String {
    if containers[reference] != nil { return reference }
    if let found = containers.values.first(where: { $0.name == reference }) { return found.id }
    throw Refusal(404, "No such container: \(reference)")
  }

  func container(_ reference: String) throws -> SimulatedContainer {
    let id = try containerID(reference)
    guard let container = containers[id] else { throw Refusal(404, "No such container: \(reference)") }
    return container
  }

  func networkID(_ reference: String) throws -> String {
    if networks[reference] != nil { return reference }
    if let found = networks.values.first(where: { $0.name == reference }) { return found.id }
    throw Refusal(404, "network \(reference) not found")
  }

  func image(_ reference: String) -> SimulatedImage? {
    let name = reference.hasPrefix("sha256:") || Self.hasTag(reference) ? reference : reference + ":latest"
    return images.first { $0.id == reference || $0.tags.contains(name) }
  }

  private static func hasTag(_ reference: String) -> Bool {
    reference.split(separator: "/").last?.contains(where: { $0 == ":" || $0 == "@" }) ?? false
  }

  /// What is in the volumes of a container, by where they are mounted.
  func volumes(of container: SimulatedContainer) -> VolumeAccess {
    VolumeAccess(
      contents: container.mounts.reduce(into: [:]) { contents, mount in
        if let name = mount.name { contents[mount.target] = volumes[name]?.content ?? [:] }
      })
  }

  /// Keeps what a program has left in the volumes of a container.
  mutating func keep(_ access: VolumeAccess, of container: SimulatedContainer) {
    for mount in container.mounts {
      guard let name = mount.name, !mount.isReadOnly, let content = access.contents[mount.target] else {
        continue
      }
      volumes[name]?.content = content
    }
  }
}
