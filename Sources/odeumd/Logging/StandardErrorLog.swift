import Foundation
import Logging

/// Writes each event to standard error, as one line.
struct StandardErrorLog: LogHandler {
  let label: String
  /// How a line is written, with its end.
  let write: @Sendable (LogLine) -> String
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level

  init(label: String, level: Logger.Level, write: @escaping @Sendable (LogLine) -> String) {
    self.label = label
    self.write = write
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadataProvider?.get() ?? [:]
    all.merge(metadata) { $1 }
    all.merge(event.metadata ?? [:]) { $1 }
    let line = LogLine(
      level: event.level, logger: label, message: event.message.description,
      metadata: all.mapValues(\.description))
    FileHandle.standardError.write(Data(write(line).utf8))
  }
}
