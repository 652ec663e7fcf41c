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

extension AuditAction {
  /// What was done, as people say it; the raw value stays what files and searches have.
  var words: String {
    switch self {
    case .signIn: "Signed in"
    case .setPassword: "Chose a password"
    case .turnSecondFactorOn: "Turned the second factor on"
    case .turnSecondFactorOff: "Turned the second factor off"
    case .renewRecoveryCodes: "Made new recovery codes"
    case .endSession: "Ended a session"
    case .makeLink: "Made a sign-in link on the machine"
    case .invite: "Invited"
    case .withdrawInvitation: "Withdrew an invitation"
    case .acceptInvitation: "Joined"
    case .changeMember: "Changed a member"
    case .removeMember: "Removed a member"
    case .createOrganisation: "Created an organisation"
    case .changeOrganisation: "Changed an organisation"
    case .removeOrganisation: "Removed an organisation"
    case .createToken: "Made a token"
    case .revokeToken: "Revoked a token"
    case .createInstance: "Create"
    case .startInstance: "Start"
    case .stopInstance: "Stop"
    case .restartInstanceSoftly: "Restart (soft)"
    case .restartInstanceHard: "Restart (hard)"
    case .removeInstance: "Remove"
    case .moveInstance: "Moved to another stage"
    case .changeSettings: "Changed settings"
    case .revealDatabase: "Looked at the database password"
    case .clearMail: "Cleared caught mail"
    case .cancelOperation: "Cancelled a job"
    case .addServer: "Added a server"
    case .editServer: "Edited a server"
    case .setServerMode: "Changed the mode of a server"
    case .validateServer: "Validate"
    case .prepareServer: "Prepare"
    case .removeServer: "Removed a server"
    case .removeStray: "Removed a stray"
    case .adoptServer: "Made another machine the local server"
    case .rotateMasterKey: "Changed the master key"
    }
  }
}

extension String {
  /// The name of a member of JSON in words: `base port` for `basePort`.
  fileprivate var inWords: String {
    replacing(/([a-z0-9])([A-Z])/) { "\($0.1) \($0.2.lowercased())" }.replacing(".", with: ": ")
  }
}

extension AuditPage.Row {
  init(_ entry: AuditEntry) {
    let before = Self.members(entry.before)
    let after = Self.members(entry.after)
    self.init(
      number: entry.id, at: Moment(entry.at), who: entry.who, door: entry.door, address: entry.address,
      action: AuditAction(rawValue: entry.action)?.words ?? entry.action, kind: entry.subject.kind,
      subject: entry.subject.name,
      changes: Set(before.keys).union(after.keys).sorted().map {
        AuditPage.Change(name: $0.inWords, before: before[$0], after: after[$0])
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
