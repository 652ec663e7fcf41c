import Foundation
import Hummingbird

@testable import Hosting
@testable import Web

/// What a route is to ask of whoever uses it, said a second time and apart from the routes themselves. A route that is not
/// here, or in what the console adds (`PermissionRule+console.swift`), fails the tests.
struct PermissionRule: Sendable {
  /// What the path names.
  enum Subject: Sendable {
    case instance, server, job, member, invitation, token, session, stray, organisation
  }

  var method: HTTPRequest.Method
  var path: String
  var access: Access
  /// What is needed in the end, where the use case asks for more than the route.
  var needs: Permission?
  var subject: Subject?
  var query = ""
  var body: String?
  /// Whether a plan without anything refuses it.
  var isBeyondPlan = false

  var name: String { "\(method.rawValue) \(path)" }

  /// Whether the answer goes on.
  var isStream: Bool { path.hasSuffix("/stream") || path.hasSuffix("/events") }

  /// Whether what the path names may be gone afterwards.
  var removes: Bool { method == .delete || path.hasSuffix("/remove") }

  /// Whether an owner, say, may do it.
  func allows(_ permissions: Set<Permission>, isOperator: Bool) -> Bool {
    if access == .operators { return isOperator }
    if case .permission(let permission) = access, !permissions.contains(permission) { return false }
    return needs.map(permissions.contains) ?? true
  }
}

extension PermissionRule {
  private static func rule(
    _ method: HTTPRequest.Method, _ path: String, _ access: Access, needs: Permission? = nil,
    _ subject: Subject? = nil, query: String = "", body: String? = nil, isBeyondPlan: Bool = false
  ) -> PermissionRule {
    PermissionRule(
      method: method, path: "/api/v1" + path, access: access, needs: needs, subject: subject, query: query,
      body: body, isBeyondPlan: isBeyondPlan)
  }

  private static let password = #"{"password": "wrong"}"#

  /// Every route of the API.
  static let api: [PermissionRule] = account + people + servers + instances + jobs + leaving

  private static let account = [
    rule(.get, "", .signedIn), rule(.get, "/openapi.yaml", .signedIn), rule(.get, "/account", .signedIn),
    rule(.get, "/plan", .signedIn),
    rule(.get, "/organisations", .signedIn), rule(.get, "/tokens", .signedIn),
    rule(.post, "/tokens", .signedIn, body: #"{"name": "x"}"#),
    rule(.delete, "/tokens/{id}", .signedIn, .token),
    rule(
      .post, "/account/password", .signedIn,
      body: #"{"password": "wrong", "newPassword": "another horse"}"#),
    rule(.get, "/account/second-factor", .signedIn),
    rule(.post, "/account/second-factor", .signedIn, body: password),
    rule(.post, "/account/second-factor/confirm", .signedIn, body: #"{"code": "000000"}"#),
    rule(.post, "/account/second-factor/recovery-codes", .signedIn, body: password),
    rule(.post, "/account/second-factor/off", .signedIn, body: password),
    rule(.get, "/account/sessions", .signedIn), rule(.delete, "/account/sessions", .signedIn),
    rule(.delete, "/account/sessions/{id}", .signedIn, .session),
  ]

  /// The last of all: the token by which it is asked ends with it.
  private static let leaving = [rule(.delete, "/members/me", .signedIn)]

  private static let people = [
    rule(.get, "/members", .permission(.manageMembers)),
    rule(.patch, "/members/{id}", .permission(.manageMembers), .member, body: #"{"role": "viewer"}"#),
    rule(.delete, "/members/{id}", .signedIn, needs: .manageMembers, .member),
    rule(.get, "/invitations", .permission(.manageMembers)),
    rule(
      .post, "/invitations", .permission(.manageMembers),
      body: #"{"email": "new@example.org", "role": "viewer"}"#),
    rule(.delete, "/invitations/{id}", .permission(.manageMembers), .invitation),
    rule(.get, "/audit", .permission(.viewAudit)), rule(.get, "/audit/export", .permission(.viewAudit)),
    rule(.get, "/installation", .operators), rule(.get, "/installation/organisations", .operators),
    rule(.post, "/installation/organisations", .operators, body: #"{"slug": "main"}"#),
    rule(.get, "/installation/organisations/{slug}", .operators, .organisation),
    rule(.patch, "/installation/organisations/{slug}", .operators, .organisation, body: #"{"name": "Main"}"#),
    rule(.delete, "/installation/organisations/{slug}", .operators, .organisation),
  ]

  private static let servers =
    [
      rule(.get, "/servers", .permission(.viewServers)),
      rule(
        .post, "/servers", .permission(.viewServers), needs: .manageServers,
        body: #"{"name": "new", "address": "127.0.0.1", "port": 1}"#, isBeyondPlan: true),
      rule(
        .post, "/servers/host-key", .permission(.viewServers), needs: .manageServers,
        body: #"{"address": "127.0.0.1", "port": 1}"#),
      rule(.get, "/servers/placement", .permission(.viewServers)),
      rule(.get, "/servers/{ref}", .permission(.viewServers), .server),
      rule(
        .patch, "/servers/{ref}", .permission(.viewServers), needs: .manageServers, .server,
        body: #"{"note": "x"}"#),
      rule(.delete, "/servers/{ref}", .permission(.viewServers), needs: .manageServers, .server),
      rule(.get, "/servers/{ref}/jobs", .permission(.viewServers), .server),
      rule(.get, "/strays", .operators), rule(.delete, "/strays/{id}", .operators, .stray),
    ]
    + ["validate", "prepare", "drain", "maintenance", "activate"].map {
      rule(.post, "/servers/{ref}/\($0)", .permission(.viewServers), needs: .manageServers, .server)
    }

  private static let instances = [
    rule(.get, "/instances", .permission(.viewInstances)),
    rule(
      .post, "/instances", .permission(.createInstances), body: #"{"name": "new", "stage": "dev"}"#,
      isBeyondPlan: true),
    rule(.get, "/instances/{ref}", .permission(.viewInstances), .instance),
    rule(
      .patch, "/instances/{ref}", .permission(.changeSettings), .instance, body: #"{"stage": "staging"}"#,
      isBeyondPlan: true),
    rule(.delete, "/instances/{ref}", .permission(.removeInstances), .instance),
    rule(.post, "/instances/{ref}/start", .permission(.restartInstances), .instance),
    rule(.post, "/instances/{ref}/stop", .permission(.stopInstances), .instance),
    rule(
      .post, "/instances/{ref}/restart", .permission(.restartInstances), .instance, body: #"{"mode": "soft"}"#
    ),
    rule(
      .patch, "/instances/{ref}/settings", .permission(.changeSettings), .instance,
      body: #"{"cronThreads": 3}"#,
      isBeyondPlan: true),
    rule(
      .post, "/instances/{ref}/settings/preview", .permission(.changeSettings), .instance,
      body: #"{"cronThreads": 3}"#, isBeyondPlan: true),
    rule(.post, "/instances/{ref}/database-access", .permission(.connectAsUsers), .instance),
    rule(.get, "/instances/{ref}/log", .permission(.viewLogs), .instance),
    rule(.get, "/instances/{ref}/log/stream", .permission(.viewLogs), .instance),
    rule(.get, "/instances/{ref}/log/export", .permission(.viewLogs), .instance),
    rule(.get, "/instances/{ref}/mail", .permission(.connectAsUsers), .instance),
    rule(.delete, "/instances/{ref}/mail", .permission(.connectAsUsers), .instance),
    rule(.get, "/instances/{ref}/mail/{message}", .permission(.connectAsUsers), .instance),
    rule(
      .get, "/instances/{ref}/mail/{message}/attachments/{part}", .permission(.connectAsUsers), .instance),
  ]

  private static let jobs = [
    rule(.get, "/jobs", .permission(.viewInstances)),
    rule(.get, "/jobs/{id}", .permission(.viewInstances), .job),
    rule(.get, "/jobs/{id}/log", .permission(.viewInstances), .job),
    rule(.get, "/jobs/{id}/stream", .permission(.viewInstances), .job),
    rule(.post, "/jobs/{id}/cancel", .permission(.viewInstances), needs: .restartInstances, .job),
  ]
}
