import Foundation
import Hosting

extension Role {
  /// What the role is for, in one sentence.
  var meaning: String {
    switch self {
    case .owner: "Everything, and says who is an owner."
    case .admin: "Everything but ownership: people, servers, instances."
    case .developer: "Creates and works with instances; removes none."
    case .tester: "Looks, reads logs, restarts, connects as users."
    case .viewer: "Looks."
    }
  }
}

extension Permission {
  /// What one of the ten actions allows, in words.
  var label: String {
    switch self {
    case .viewInstances: "See projects and instances"
    case .restartInstances: "Start and restart"
    case .connectAsUsers: "Connect as a user of Odoo"
    case .mergeBranches: "Merge branches"
    case .stopInstances: "Stop"
    case .removeInstances: "Remove instances with their data"
    case .manageBackups: "Make, restore and delete backups"
    case .viewLogs: "Read logs"
    case .useIDE: "Open the web IDE"
    case .changeSettings: "Change settings"
    case .createInstances: "Create instances"
    case .viewServers: "See servers"
    case .manageServers: "Manage servers"
    case .manageMembers: "Manage people"
    case .viewAudit: "Read the audit log"
    }
  }
}

extension PeoplePage.Row {
  init(_ member: Member, for actor: Actor) {
    let grants = member.grants
    let parts = [
      grants.actions.map { countText($0.count, "action") },
      grants.projects.map { countText($0.count, "project") },
      grants.servers.map { countText($0.count, "server") },
      grants.instances.map { countText($0.count, "instance") },
    ].compactMap(\.self)
    self.init(
      email: member.email, role: member.role.rawValue.capitalized,
      grants: parts.isEmpty || member.role == .owner ? nil : "only " + parts.joined(separator: ", "),
      hasSecondFactor: member.hasSecondFactor, since: Moment(member.since),
      seen: member.seenAt.map { Moment($0) },
      href: "/people/\(member.person.uuidString.lowercased())", isSelf: member.person == actor.userID)
  }
}

extension PeoplePage.Invited {
  init(_ invitation: Invitation) {
    self.init(
      email: invitation.email, role: invitation.role.rawValue.capitalized, invitedBy: invitation.invitedBy,
      ends: Moment(invitation.expiresAt), isOver: invitation.expiresAt <= Date(),
      withdraw: "/people/invitations/\(invitation.id.uuidString.lowercased())/withdraw")
  }
}

extension ChoiceField {
  /// The choice of a role; only an owner makes owners.
  static func role(_ chosen: Role, by actor: Actor) -> ChoiceField {
    ChoiceField(
      name: "role", label: "Role",
      choices: Role.allCases.map { role in
        .init(
          value: role.rawValue, label: role.rawValue.capitalized, hint: role.meaning,
          selected: role == chosen,
          disabled: role == .owner && actor.role != .owner)
      })
  }
}
