import Foundation
import Logging

/// Writes each event as one readable line to standard error: time, level, logger, message, and the metadata as
/// `key=value`.
///
/// Whatever people and programs send stays on that line and does nothing to a terminal: control characters, and what a
/// terminal would take for a line's end or the direction of writing, are written as `\u{1B}`.
struct TextLogHandler: LogHandler {
  let label: String
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level = .info

  init(label: String) {
    self.label = label
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadataProvider?.get() ?? [:]
    all.merge(metadata) { $1 }
    all.merge(event.metadata ?? [:]) { $1 }
    let line = Self.line(at: Date(), event.level, label, event.message.description, all)
    FileHandle.standardError.write(Data(line.utf8))
  }

  /// The line of an event, with its end.
  static func line(
    at time: Date, _ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata
  ) -> String {
    let values = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    let time = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    return harmless("\(time) \(level.rawValue) \(label):\(values) \(message)") + "\n"
  }

  /// `text` with everything that a terminal or a reader of lines would not show escaped.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnseen) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      if isUnseen(scalar) {
        escaped += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
