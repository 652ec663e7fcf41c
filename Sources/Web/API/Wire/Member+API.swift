import Client
import Hosting

extension API.Grants {
  init(_ grants: Grants) {
    self.init()
    actions = grants.actions?.map(\.rawValue).sorted()
    projects = grants.projects?.sorted { $0.uuidString < $1.uuidString }
    servers = grants.servers?.sorted { $0.uuidString < $1.uuidString }
    instances = grants.instances?.sorted { $0.uuidString < $1.uuidString }
  }
}

extension API.Member {
  init(_ member: Member) {
    self.init(
      id: member.person, email: member.email, role: member.role.rawValue, grants: .init(member.grants),
      permissions: member.permissions.map(\.rawValue).sorted(), hasSecondFactor: member.hasSecondFactor,
      since: member.since, seenAt: member.seenAt)
  }
}

extension API.Invitation {
  init(_ created: CreatedInvitation, link: String) {
    self.init(created.invitation, link: link)
    switch created.mail {
    case .off: break
    case .sent: mailed = true
    case .failed(let reason): (mailed, mailProblem) = (false, reason)
    }
  }

  init(_ invitation: Invitation, link: String? = nil) {
    self.init(
      id: invitation.id, email: invitation.email, role: invitation.role.rawValue,
      grants: .init(invitation.grants),
      invitedBy: invitation.invitedBy, createdAt: invitation.createdAt, expiresAt: invitation.expiresAt,
      link: link)
  }
}

extension API.AuditEntry {
  init(_ entry: AuditEntry) throws {
    self.init(
      id: entry.id, at: entry.at, who: entry.who, door: entry.door, address: entry.address,
      action: entry.action,
      kind: entry.subject.kind, subjectID: entry.subject.id, subject: entry.subject.name,
      before: try entry.before.map { try API.JSON($0) }, after: try entry.after.map { try API.JSON($0) })
  }
}
