import Foundation
import Logging

/// How the control plane logs.
enum LogFormat: String, Sendable {
  /// Text on a terminal, JSON otherwise.
  case auto
  /// One readable line an event.
  case text
  /// One JSON object an event, for Loki, ELK, CloudWatch.
  case json

  /// Sets the process's logging up. Everything goes to standard error.
  func begin(level: Logger.Level) {
    let json = self == .json || (self == .auto && isatty(STDERR_FILENO) == 0)
    LoggingSystem.bootstrap { label in
      StandardErrorLog(label: label, level: level) { json ? $0.json : $0.text }
    }
  }
}
