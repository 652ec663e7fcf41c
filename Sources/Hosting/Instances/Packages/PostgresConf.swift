import Foundation
import Odoo

/// A user's lines for postgresql.conf, read as PostgreSQL reads them: `key = value` or `key value`, remarks behind `#`,
/// values in single quotes where they hold blanks.
struct PostgresConf: Sendable, Equatable {
  /// The settings in their order.
  private(set) var settings: [(name: String, value: String)] = []

  static func == (one: PostgresConf, other: PostgresConf) -> Bool {
    one.settings.elementsEqual(other.settings) { $0 == $1 }
  }

  /// Reads `text`.
  ///
  /// - Throws: `InvalidInput` with every line at fault.
  init(_ text: String, field: String) throws(InvalidInput) {
    var problems: [InputProblem] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.trimmingCharacters(in: .whitespaces)
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      do throws(InputProblem) {
        try take(line, number: index + 1, field: field)
      } catch {
        problems.append(error)
      }
    }
    guard problems.isEmpty else { throw InvalidInput(problems) }
  }

  private mutating func take(_ line: String, number: Int, field: String) throws(InputProblem) {
    func problem(_ message: String, _ suggestion: String = "") -> InputProblem {
      InputProblem(field: field, line: number, message: message, suggestion: suggestion)
    }
    guard
      let match = line.wholeMatch(
        of: #/([A-Za-z_][A-Za-z0-9_.]*)\s*[=\s]\s*(?:'([^'\\]*)'|([^\s'#\\]+))\s*(?:#.*)?/#)
    else { throw problem("“\(line)” is no setting.", "Write key = value, such as shared_buffers = 256MB.") }
    let name = match.1.lowercased()
    let value = String(match.2 ?? match.3 ?? "")
    if value.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      throw problem("The value of \(name) has a control character in it.")
    }
    if let reason = Self.reserved[name] {
      throw problem("The key \(name) is set by Odeum: \(reason).", "Remove the line.")
    }
    if name.hasPrefix("include") {
      throw problem("Other files are not included.", "Write their settings here.")
    }
    if settings.contains(where: { $0.name == name }) {
      throw problem("The key \(name) stands there twice.", "Keep one of the two lines.")
    }
    settings.append((name, value))
  }

  /// What users cannot set, and why.
  private static let reserved: [String: String] = {
    let place = "it says where the container has its data and how it is reached"
    let program = "it would run programs of the container as PostgreSQL’s own user"
    var keys = [
      "max_connections": "it follows from workers and cron threads",
      "fsync": "without it a crash loses the database",
      "full_page_writes": "without it a crash loses the database",
    ]
    for key in [
      "data_directory", "config_file", "hba_file", "ident_file", "external_pid_file", "listen_addresses",
      "port",
      "unix_socket_directories", "unix_socket_group", "unix_socket_permissions",
    ] { keys[key] = place }
    for key in [
      "archive_command", "archive_library", "restore_command", "archive_cleanup_command",
      "recovery_end_command",
      "ssl_passphrase_command", "dynamic_library_path", "local_preload_libraries",
    ] { keys[key] = program }
    return keys
  }()
}
