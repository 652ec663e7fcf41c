import Foundation
import Hosting

/// The audit log.
struct AuditPage: ConsolePage {
  static let template = "audit"

  var search: String
  var kinds: [ChoiceField.Choice]
  var rows: [Row]
  /// The same entries as files.
  var exports: [LinkView]
  var first: String?
  var next: String?

  /// One entry.
  struct Row {
    var number: Int
    var at: Moment
    var who: String
    var door: String
    var address: String?
    var action: String
    var kind: String
    var subject: String
    /// What changed, a member a line.
    var changes: [Change]
  }

  /// One member that changed.
  struct Change {
    var name: String
    var before: String?
    var after: String?
  }
}

extension AuditPage: DerivesValues {
  var derived: [String: Any] { ["more": first != nil || next != nil] }
}

extension AuditPage.Row {
  init(_ entry: AuditEntry) {
    let before = Self.members(entry.before)
    let after = Self.members(entry.after)
    self.init(
      number: entry.id, at: Moment(entry.at), who: entry.who, door: entry.door, address: entry.address,
      action: entry.action, kind: entry.subject.kind, subject: entry.subject.name,
      changes: Set(before.keys).union(after.keys).sorted().map {
        AuditPage.Change(name: $0, before: before[$0], after: after[$0])
      })
  }

  /// The members of a JSON object, each as a text.
  private static func members(_ object: String?) -> [String: String] {
    guard let object, let data = try? JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: Any]
    else {
      return [:]
    }
    return data.mapValues { value in
      if let text = value as? String { return text }
      let json = try? JSONSerialization.data(
        withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
      return json.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }
}
