import Foundation

/// The file `/etc/docker/daemon.json`, to which one setting is added and in which nothing else is touched.
struct DaemonSettings: Sendable {
  static let path = "/etc/docker/daemon.json"

  /// What is to become of the file.
  enum Change: Equatable, Sendable {
    /// It says already what it should.
    case none
    /// Somebody has decided otherwise; that stays.
    case keptOff
    /// This is the new text.
    case text(String)
  }

  /// The text of the file; nil where there is none.
  let text: String?

  /// What makes containers go on while the engine restarts (`live-restore`).
  ///
  /// The text is kept with its order and its spaces; the setting goes behind the last one.
  ///
  /// - Throws: `HostingError` where the file is no JSON object.
  func keepingContainers(on server: String) throws -> Change {
    let old = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    guard !old.isEmpty else { return .text("{\n  \"live-restore\": true\n}\n") }
    guard let known = try? JSONDecoder().decode(Known.self, from: Data(old.utf8)),
      let brace = old.lastIndex(of: "}")
    else { throw unreadable(on: server) }
    var body = String(old[..<brace])
    while let last = body.last, last.isWhitespace { body.removeLast() }
    // Foundation overlooks that; Docker does not.
    guard body.last != "," else { throw unreadable(on: server) }
    if let on = known.liveRestore { return on ? .none : .keptOff }
    return .text(body + (known.isEmpty ? "" : ",") + "\n  \"live-restore\": true\n}\n")
  }

  private func unreadable(on server: String) -> HostingError {
    HostingError(
      .invalid, "\(Self.path) on \(server) is no JSON object.",
      suggestion: "Mend it there (Docker itself would not start with it), then prepare the server again.")
  }

  private struct Known: Decodable {
    var isEmpty: Bool
    var liveRestore: Bool?

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      isEmpty = container.allKeys.isEmpty
      liveRestore = try container.decodeIfPresent(Bool.self, forKey: Key(stringValue: "live-restore"))
    }

    private struct Key: CodingKey {
      let stringValue: String
      let intValue: Int? = nil
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
  }
}
