import Foundation

extension LogLine {
  /// One line of JSON: `time`, `level`, `logger`, `message`, and the metadata beside them.
  var json: String {
    var fields = metadata
    fields["time"] = moment
    fields["level"] = level.rawValue
    fields["logger"] = logger
    fields["message"] = message
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(fields), as: UTF8.self) + "\n"
    } catch {
      preconditionFailure("texts cannot be written as JSON: \(error)")
    }
  }
}
