import Foundation

/// How long messages take, and how often they are lost.
struct Pace: Sendable {
  /// How long a message is on its way, in milliseconds; nil where nothing is waited for.
  var latency: ClosedRange<Int>?
  /// The part of messages with which a connection breaks.
  var losses = 0.0
  /// Passed by whoever sends a message and by whoever gets an answer: a process that is stopped waits there.
  var gate: @Sendable () async throws -> Void = {}

  /// The time of one message.
  func travel() async throws {
    guard let latency else { return }
    try await Task.sleep(for: .milliseconds(Int.random(in: latency)))
  }

  /// Whether the connection breaks now.
  func loses() -> Bool { losses > 0 && Double.random(in: 0..<1) < losses }
}
