import Foundation
import Remote

@testable import Hosting
@testable import Web

extension PlayedHosting {
  func members(by actor: Actor) async throws -> [Member] { state.withLock { $0.members } }

  func changeMember(
    _ person: UUID, to role: Role, _ change: GrantsChange, by actor: Actor
  ) async throws -> Member {
    try state.withLock { state in
      guard let index = state.members.firstIndex(where: { $0.person == person }) else {
        throw HostingError.notFound("member", "\(person)")
      }
      if state.members[index].role == .owner, role != .owner {
        throw HostingError(.conflict, "owner@example.org is the only owner of acme.")
      }
      state.changes += 1
      state.members[index].role = role
      state.members[index].grants = change.applied(to: state.members[index].grants)
      return state.members[index]
    }
  }

  func removeMember(_ person: UUID, by actor: Actor) async throws {
    try state.withLock { state in
      if state.members.contains(where: { $0.person == person && $0.role == .owner }) {
        throw HostingError(
          .conflict, "owner@example.org is the only owner of acme.",
          suggestion: "Make somebody else an owner first.")
      }
      state.changes += 1
      state.members.removeAll { $0.person == person }
    }
  }

  func invitations(by actor: Actor) async throws -> [Invitation] { state.withLock { $0.invitations } }

  func invite(
    _ email: String, as role: Role, _ grants: Grants, by actor: Actor
  ) async throws -> CreatedInvitation {
    let email = try Hosting.checked(email: email)
    let invitation = Invitation(
      id: UUID(), email: email, role: role, grants: grants, invitedBy: actor.email, createdAt: Date(),
      expiresAt: Date(timeIntervalSinceNow: 604_800))
    state.withLock { state in
      state.changes += 1
      state.invitations.insert(invitation, at: 0)
    }
    return CreatedInvitation(invitation: invitation, secret: Secret("invited"))
  }

  func withdrawInvitation(_ id: UUID, by actor: Actor) async throws {
    state.withLock { state in
      state.changes += 1
      state.invitations.removeAll { $0.id == id }
    }
  }

  func openInvitation(_ token: String) async throws -> OpenInvitation? {
    switch token {
    case "new":
      OpenInvitation(organisation: "Acme", email: "new@example.org", role: .tester, next: .choosePassword)
    case "known":
      OpenInvitation(organisation: "Acme", email: "viewer@example.org", role: .tester, next: .signIn)
    case "copied":
      OpenInvitation(organisation: "Acme", email: "new@example.org", role: .tester, next: .proveAddress)
    default: nil
    }
  }

  func mailInvitation(_ token: String, address: String) async throws {
    state.withLock { $0.changes += 1 }
  }

  func acceptInvitation(
    _ token: String, password: String?, address: String, userAgent: String
  ) async throws -> SignedIn {
    guard (password ?? "").count >= 8, let actor = state.withLock({ $0.people["viewer@example.org"] }) else {
      let text = "A password has at least 8 characters; longer is better."
      throw HostingError(.invalid, text, fields: [.init("password", text)])
    }
    return open(actor)
  }

  func acceptInvitation(_ token: String, by actor: Actor) async throws { state.withLock { $0.changes += 1 } }

  func changePassword(_ password: String, to newPassword: String, by actor: Actor) async throws {
    _ = try Hosting.checked(password: newPassword, field: "newPassword")
    try refuse(password)
    state.withLock { $0.changes += 1 }
  }

  func secondFactor(by actor: Actor) async throws -> (isOn: Bool, recoveryCodes: Int) {
    state.withLock { ($0.hasSecondFactor, $0.hasSecondFactor ? Hosting.recoveryCodes : 0) }
  }

  func beginSecondFactor(password: String, by actor: Actor) async throws -> NewSecondFactor {
    try refuse(password)
    let factor = OneTimePassword(secret: Data("12345678901234567890".utf8))
    return NewSecondFactor(
      secret: Secret(factor.text), address: Secret(factor.address(for: actor.email, issuer: "Odeum")))
  }

  /// A code that comes after too many wrong ones.
  static let codeTooMany = "999999"

  func confirmSecondFactor(_ code: String, by actor: Actor) async throws -> [Secret] {
    guard code != Self.codeTooMany else {
      throw HostingError(
        .unauthenticated, "Too many failures to sign in. The next try is possible in 2 s.",
        suggestion: "Wait, then try again.", retryAfter: .seconds(2))
    }
    guard code == "123456" else { throw HostingError.wrongCode }
    state.withLock { state in
      state.changes += 1
      state.hasSecondFactor = true
    }
    return Self.codes
  }

  func renewRecoveryCodes(password: String, by actor: Actor) async throws -> [Secret] {
    try refuse(password)
    return Self.codes
  }

  func turnSecondFactorOff(password: String, by actor: Actor) async throws {
    try refuse(password)
    state.withLock { state in
      state.changes += 1
      state.hasSecondFactor = false
    }
  }

  private static let codes = (0..<Hosting.recoveryCodes).map { Secret("aaaa-bbbb-cccc-000\($0)") }

  private func refuse(_ password: String) throws {
    guard password == Self.password else {
      throw HostingError.wrongPassword(sendsMail: sendsMail)
    }
  }

  func sessions(by actor: Actor) async throws -> [Session] {
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    return [
      Session(
        id: UUID(), address: "192.0.2.7", userAgent: firefox, createdAt: Date(), seenAt: Date(),
        isPresent: true),
      Session(
        id: UUID(), address: "192.0.2.9", userAgent: "<b>curl</b>", createdAt: Date(), seenAt: Date(),
        isPresent: false),
    ]
  }

  func endSession(_ id: UUID, by actor: Actor) async throws { state.withLock { $0.changes += 1 } }

  func endOtherSessions(by actor: Actor) async throws -> Int {
    state.withLock { state in
      state.changes += 1
      return 1
    }
  }

  func audit(_ filter: AuditFilter, page: PageRequest, by actor: Actor) async throws -> Page<AuditEntry> {
    let all = Self.entries.filter { entry in
      filter.search.map { entry.subject.name.contains($0) } ?? true
        && filter.action.map { entry.action.hasPrefix($0) } ?? true
    }
    let behind = page.cursor.flatMap(Int.init).map { cursor in all.filter { $0.id < cursor } } ?? all
    return Page(Array(behind.prefix(page.limit + 1)), limit: page.limit) { String($0.id) }
  }

  static let entries: [AuditEntry] = (1...60).reversed().map { number in
    AuditEntry(
      id: number, at: Date(timeIntervalSinceNow: Double(number) * 60 - 86_400), organisation: UUID(),
      person: UUID(), who: "owner@example.org", door: "console", address: "192.0.2.7",
      action: number.isMultiple(of: 2) ? "instance.settings" : "server.edit",
      subject: AuditSubject(number.isMultiple(of: 2) ? "instance" : "server", UUID(), "thing-\(number)"),
      before: #"{"note": "=cmd|<i>old</i>"}"#, after: #"{"note": "new, \"quoted\""}"#)
  }
}
