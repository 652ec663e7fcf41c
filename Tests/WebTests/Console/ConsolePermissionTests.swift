import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Hosting
@testable import Web

/// Every route of the console × every role × own and other organisation × plan, from the table of routes.
@Suite(.timeLimit(.minutes(5))) struct ConsolePermissionTests {
  /// What belongs to no door.
  private static let health: Set = ["GET /healthz", "GET /readyz"]

  @Test func `every route of the console has a rule, and no rule is of a route that is gone`() async throws {
    try await LiveAPI.run { api in
      let declared = api.server.routes.filter {
        !$0.path.hasPrefix("/api/") && !$0.path.hasPrefix("/assets/")
          && !Self.health.contains("\($0.method.rawValue) \($0.path)")
      }
      let rules = Dictionary(grouping: PermissionRule.console, by: \.name)
      var used: Set<String> = []
      for route in declared {
        let name = "\(route.method.rawValue) \(route.withoutOrganisation)"
        used.insert(name)
        #expect(rules[name] != nil, "no rule for \(name)")
        for rule in rules[name] ?? [] { #expect(rule.access == route.access, "\(name)") }
      }
      #expect(Set(rules.keys).subtracting(used) == [])
    }
  }

  @Test func `a page of an organisation is at its own address and, for who has no other, without it`()
    async throws
  {
    try await LiveAPI.run { api in
      let declared = api.server.routes.map { "\($0.method.rawValue) \($0.path)" }
      for rule in PermissionRule.console {
        let isInside = PermissionRule.inside.contains { $0.name == rule.name }
        let inside = "\(rule.method.rawValue) \(rule.address(in: "{organisation}"))"
        #expect(declared.count { $0 == rule.name } == 1, "\(rule.name)")
        #expect(declared.count { $0 == inside } == (isInside ? 1 : 0), "\(inside)")
      }
    }
  }

  @Test func `who is not signed in is sent to sign in, but from what is for everybody`() async throws {
    try await PermissionScene.run { scene in
      for rule in PermissionRule.console {
        for slug in rule.places {
          let answer = try await scene.visit(rule, id: UUID().uuidString, session: nil, in: slug)
          let told = "\(rule.name) in \(slug ?? "none"): \(answer.status.code) \(answer.text)"
          if rule.access == .open {
            #expect(![401, 403, 404, 405, 500].contains(answer.status.code), "\(told)")
            #expect(!answer.asksToSignIn, "\(told)")
          } else {
            #expect(answer.asksToSignIn, "\(told)")
          }
        }
      }
    }
  }

  @Test(arguments: Role.allCases, ["main", nil])
  func `a role may do in its own organisation what the rules say, and nothing else`(
    role: Role, organisation: String?
  ) async throws {
    try await PermissionScene.run { scene in
      let (_, person) = try await scene.member(role)
      let session = try await scene.session(of: person)
      for rule in PermissionRule.console where rule.access != .open {
        let isAllowed = rule.allows(role.permissions, isOperator: false)
        let subject = try await scene.subject(of: rule, in: scene.own, for: person)
        let answer = try await scene.visit(
          rule, id: subject, session: session, in: organisation, isAllowed: isAllowed)
        let told = "\(role) \(rule.name)\(rule.query): \(answer.status.code) \(answer.text)"
        if isAllowed {
          #expect(answer.letsIn, "\(told)")
        } else {
          #expect(answer.isRefusal && !answer.isOfPlan, "\(told)")
        }
      }
    }
  }

  @Test func `an operator may do what is the operator's`() async throws {
    try await PermissionScene.run { scene in
      let session = try await scene.session(of: scene.own.userID)
      for rule in PermissionRule.console where rule.access == .operators {
        let subject = try await scene.subject(of: rule, in: scene.own, for: scene.own.userID)
        let answer = try await scene.visit(rule, id: subject, session: session, isAllowed: true)
        // Nothing strays in a test without a machine, and who is no operator is not told so.
        #expect(
          answer.letsIn || rule.subject == .stray && answer.status == .notFound,
          "\(rule.name): \(answer.text)")
      }
    }
  }

  @Test(arguments: Role.allCases, [false, true])
  func `what another organisation has is not found, in the words of what does not exist, whatever the plan`(
    role: Role, hasEmptyPlan: Bool
  ) async throws {
    try await PermissionScene.run { scene in
      if hasEmptyPlan { try await scene.emptyPlan() }
      let (_, person) = try await scene.member(role)
      let session = try await scene.session(of: person)
      let (_, stranger) = try await scene.member(.owner, of: scene.other)
      for rule in PermissionRule.console where rule.subject != nil && rule.access != .operators {
        let foreign = try await scene.subject(of: rule, in: scene.other, for: stranger)
        let none = UUID().uuidString.lowercased()
        var told: [String] = []
        for id in [foreign, none] {
          let answer = try await scene.visit(rule, id: id, session: session)
          let isAllowed = rule.allows(role.permissions, isOperator: false)
          #expect(
            answer.status == .notFound || !isAllowed && answer.isRefusal && !answer.isOfPlan,
            "\(role) \(rule.name)\(rule.query): \(answer.status.code) \(answer.text)")
          told.append(answer.text.lowercased().replacing(id, with: "ID"))
        }
        #expect(told[0] == told[1], "\(rule.name)\(rule.query)")
      }
    }
  }

  @Test func `no page is there in another organisation, which nobody can tell from none`() async throws {
    try await PermissionScene.run { scene in
      let (_, person) = try await scene.member(.owner)
      let session = try await scene.session(of: person)
      for rule in PermissionRule.inside {
        var told: [String] = []
        for slug in ["globex", "nobody"] {
          let id = UUID().uuidString.lowercased()
          let answer = try await scene.visit(rule, id: id, session: session, in: slug)
          #expect(answer.status == .notFound, "\(rule.name): \(answer.text)")
          told.append(answer.text.lowercased().replacing(slug, with: "SLUG").replacing(id, with: "ID"))
        }
        #expect(told[0] == told[1], "\(rule.name)")
      }
    }
  }

  @Test func `a plan without anything refuses what it is for, in its own words, and nothing else`()
    async throws
  {
    try await PermissionScene.run { scene in
      try await scene.emptyPlan()
      for role in [Role.owner, .developer] {
        let (_, person) = try await scene.member(role)
        let session = try await scene.session(of: person)
        for rule in PermissionRule.inside {
          let isAllowed = rule.allows(role.permissions, isOperator: false)
          let subject = try await scene.subject(of: rule, in: scene.own, for: person)
          let answer = try await scene.visit(rule, id: subject, session: session, isAllowed: isAllowed)
          let told = "\(role) \(rule.name)\(rule.query): \(answer.status.code) \(answer.text)"
          if !isAllowed {
            #expect(answer.isRefusal && !answer.isOfPlan, "\(told)")
          } else if rule.isBeyondPlan {
            #expect(answer.status == .forbidden && answer.isOfPlan, "\(told)")
          } else {
            #expect(answer.letsIn, "\(told)")
          }
        }
      }
    }
  }
}

extension PermissionScene {
  /// What a browser shows as its cookie in which `person` is signed in.
  func session(of person: UUID) async throws -> String {
    let email: String = try await api.hosting.database.query(
      "select email from people where id = \(person)")[0].get("email")
    let link = try await api.hosting.makeSignInLink(
      for: email, purpose: .signIn, lifetime: .seconds(60))
    return try await api.hosting.useSignInLink(
      link.reveal(), newPassword: nil, address: "127.0.0.1", userAgent: "test"
    ).token.reveal()
  }

  /// As a browser asks for what is at the route of `rule`, with `id` in the place of what its path or its form names;
  /// see `ask`.
  func visit(
    _ rule: PermissionRule, id: String, session: String?, in organisation: String? = "main",
    isAllowed: Bool = false
  ) async throws -> TestResponse {
    var headers: HTTPFields = [.secFetchSite: "same-origin"]
    if let session { headers[.cookie] = "odeum=\(session)" }
    if rule.body != nil { headers[.contentType] = "application/x-www-form-urlencoded" }
    let slug = rule.places.count > 1 ? organisation : nil
    return try await client.execute(
      uri: (rule.address(in: slug) + rule.query).replacing(/\{[a-z]+\}/, with: id),
      method: isAllowed && rule.isStream ? .head : rule.method, headers: headers,
      body: rule.body.map { ByteBuffer(string: $0.replacing("{id}", with: id)) })
  }
}

extension PermissionRule {
  /// The organisations at whose addresses the route is; nil is without one.
  fileprivate var places: [String?] { Self.inside.contains { $0.name == name } ? ["main", nil] : [nil] }

  fileprivate func address(in organisation: String?) -> String {
    organisation.map { "/o/\($0)" + (path == "/" ? "" : path) } ?? path
  }
}

extension DeclaredRoute {
  /// The path without the organisation in which the page stands.
  fileprivate var withoutOrganisation: String {
    let place = "/o/{organisation}"
    guard path.hasPrefix(place) else { return path }
    return path == place ? "/" : String(path.dropFirst(place.count))
  }
}

extension TestResponse {
  /// Whether it leads to the page on which one signs in.
  fileprivate var asksToSignIn: Bool {
    status == .seeOther && headers[.location]?.hasPrefix("/sign-in?back=") == true
  }

  /// Whether it is the page that says so to who may not.
  fileprivate var isRefusal: Bool { status == .forbidden && text.contains("<h1>Not allowed</h1>") }

  /// Whether the plan is named as the reason.
  fileprivate var isOfPlan: Bool { text.contains("Ask who runs this installation for another plan.") }

  /// Whether who asked was let in, whatever became of it then.
  fileprivate var letsIn: Bool {
    ![401, 403, 404, 405, 500].contains(status.code) && !asksToSignIn
  }
}
