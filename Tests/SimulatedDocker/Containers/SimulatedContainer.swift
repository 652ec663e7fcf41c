import Foundation
import NIOCore

/// A container of a simulated engine.
struct SimulatedContainer: Sendable {
  enum Status: String, Sendable {
    case created, running, restarting, exited
  }

  /// Something that was written, with its time.
  struct Written: Sendable {
    var at: Date
    var isError: Bool
    var bytes: [UInt8]
  }

  /// A network that it is on.
  struct Endpoint: Sendable {
    var network: String
    var aliases: [String]
  }

  let id: String
  /// The engine's count of containers, by which lists are in order.
  let number: Int
  var name: String
  let imageID: String
  let imageName: String
  let createdAt: Date
  var labels: [String: String]
  var entrypoint: [String]
  var command: [String]
  var environment: [String]
  var user: String
  var stopSignal: String
  var host: CreateBody.Host
  var mounts: [Mounted]
  var networks: [Endpoint]

  var status = Status.created
  /// Whether its last end could not be written down: Docker 20.10 lists it as it was before then.
  var isEndUnwritten = false
  /// Raised at each start, so that what belongs to an earlier run is known as such.
  var run = 0
  var program = SimulatedProgram()
  var exitStatus = 0
  var error = ""
  var startedAt: Date?
  var finishedAt: Date?
  var restartCount = 0
  var failuresInARow = 0
  /// Whether somebody stopped it, so that no policy starts it anew.
  var isStoppedByHand = false
  /// Whether its last run ended with the daemon or the host.
  var hasPerished = false
  /// The ports that it has on the host now.
  var ports: [PublishedPort] = []
  var log: [Written] = []
  var files: [String: Entry] = [:]

  struct Mounted: Sendable {
    var type: String
    var name: String?
    var source: String
    var target: String
    var isReadOnly: Bool
    /// Whether the engine gave the volume its name, because the image asked for it.
    var isNameless: Bool
  }

  struct PublishedPort: Sendable, Hashable {
    var key: String
    var address: String
    var port: Int
  }

  /// A file or folder that was put into it.
  struct Entry: Sendable {
    var bytes: [UInt8]
    var mode: UInt16
    var uid: Int
    var gid: Int
    var isFolder: Bool
  }

  var isRunning: Bool { status == .running }

  var networkMode: String { host.NetworkMode ?? "default" }

  func statusText(of status: Status, now: Date) -> String {
    func ago(_ date: Date?) -> String { EngineMoment.words(now.timeIntervalSince(date ?? now)) }
    return switch status {
    case .created: "Created"
    case .running: "Up \(ago(startedAt))"
    case .restarting: "Restarting (\(exitStatus)) \(ago(finishedAt)) ago"
    case .exited: "Exited (\(exitStatus)) \(ago(finishedAt)) ago"
    }
  }

  func view(now: Date) -> ContainerView {
    ContainerView(
      id: id, name: name, image: imageName, labels: labels, words: entrypoint + command,
      environment: Dictionary(
        environment.compactMap { text in
          text.firstIndex(of: "=").map { (String(text[..<$0]), String(text[text.index(after: $0)...])) }
        }, uniquingKeysWith: { $1 }),
      age: .seconds(now.timeIntervalSince(startedAt ?? now)), files: files.mapValues(\.bytes))
  }
}
