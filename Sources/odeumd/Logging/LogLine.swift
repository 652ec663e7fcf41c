import Foundation
import Logging

/// An event of the log, which becomes one line.
struct LogLine: Sendable {
  var time = Date()
  var level: Logger.Level
  /// The label of the logger that wrote it.
  var logger: String
  var message: String
  var metadata: [String: String] = [:]

  /// The moment in UTC, with milliseconds.
  var moment: String { time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
}
