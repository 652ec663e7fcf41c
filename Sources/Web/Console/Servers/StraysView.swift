import Foundation
import Hosting

/// What is on servers and belongs to nothing, in a list.
struct StraysView {
  var rows: [Row]

  /// One of them.
  struct Row {
    var id: String
    var name: String
    var kind: String
    /// What it was a part of, where its labels tell.
    var former: String?
    var server: String
    var serverHref: String
    var first: Moment
    var last: Moment
    /// Where its removal is asked for.
    var href: String
  }
}

extension StraysView: DerivesValues {
  var derived: [String: Any] { ["count": countText(rows.count, "stray") + " on servers"] }
}

extension StraysView {
  /// The list of `strays`; nil where there are none.
  init?(_ strays: [Stray]) {
    guard !strays.isEmpty else { return nil }
    rows = strays.map { stray in
      Row(
        id: stray.id.uuidString.lowercased(), name: stray.name, kind: stray.kind.rawValue.capitalized,
        former: stray.formerInstance, server: stray.serverName,
        serverHref: "/servers/\(stray.serverName.inAddress)",
        first: Moment(stray.firstSeen), last: Moment(stray.lastSeen), href: "\(stray.path)/remove")
    }
  }
}

extension Stray {
  /// Where its pages are.
  var path: String { "/strays/\(id.uuidString.lowercased())" }
}
