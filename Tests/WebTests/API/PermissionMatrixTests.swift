import Client
import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Odoo
import Testing

@testable import Hosting
@testable import Web

/// Every route of the API × every role × own and other organisation × plan, from the table of routes.
@Suite(.timeLimit(.minutes(5))) struct PermissionMatrixTests {
  @Test func `every route of the API has a rule, and no rule is of a route that is gone`() async throws {
    try await LiveAPI.run { api in
      let declared = api.server.routes.filter { $0.path.hasPrefix("/api/") }
      let rules = Dictionary(grouping: PermissionRule.api, by: \.name)
      for route in declared {
        let rule = rules["\(route.method.rawValue) \(route.path)"]
        #expect(rule?.count == 1, "no rule, or more than one, for \(route.method.rawValue) \(route.path)")
        #expect(rule?.first?.access == route.access, "\(route.method.rawValue) \(route.path)")
      }
      #expect(rules.count == declared.count)
    }
  }

  @Test func `nobody gets an answer of the API`() async throws {
    try await PermissionScene.run { scene in
      for rule in PermissionRule.api {
        let answer = try await scene.ask(rule, id: UUID().uuidString, token: nil)
        #expect(answer.status.code == 401, "\(rule.name)")
      }
    }
  }

  @Test(arguments: Role.allCases)
  func `a role may do in its own organisation what the rules say, and nothing else`(role: Role) async throws {
    try await PermissionScene.run { scene in
      let (token, person) = try await scene.member(role)
      for rule in PermissionRule.api {
        let isAllowed = rule.allows(role.permissions, isOperator: false)
        let subject = try await scene.subject(of: rule, in: scene.own, for: person)
        let answer = try await scene.ask(rule, id: subject, token: token, isAllowed: isAllowed)
        let told = "\(role) \(rule.name): \(answer.status.code) \(answer.text)"
        if isAllowed {
          #expect(![401, 403, 404, 405, 500].contains(answer.status.code), "\(told)")
        } else {
          #expect(answer.status.code == 403 && answer.code == "forbidden", "\(told)")
        }
      }
    }
  }

  @Test func `an operator may do what is the operator's`() async throws {
    try await PermissionScene.run { scene in
      for rule in PermissionRule.api where rule.access == .operators {
        let subject = try await scene.subject(of: rule, in: scene.own, for: scene.api.owner.userID)
        let answer = try await scene.ask(rule, id: subject, token: scene.api.token)
        let refusals = [401, 403, 405, 500] + (rule.subject == .stray ? [] : [404])
        #expect(!refusals.contains(answer.status.code), "\(rule.name): \(answer.text)")
      }
    }
  }

  @Test(arguments: Role.allCases, [false, true])
  func `what another organisation has is not found, in the words of what does not exist, whatever the plan`(
    role: Role, hasEmptyPlan: Bool
  ) async throws {
    try await PermissionScene.run { scene in
      if hasEmptyPlan { try await scene.emptyPlan() }
      let (token, _) = try await scene.member(role)
      let (_, stranger) = try await scene.member(.owner, of: scene.other)
      for rule in PermissionRule.api where rule.subject != nil && rule.access != .operators {
        let foreign = try await scene.subject(of: rule, in: scene.other, for: stranger)
        let none = UUID().uuidString.lowercased()
        var told: [String] = []
        for id in [foreign, none] {
          let answer = try await scene.ask(rule, id: id, token: token)
          let expected = rule.allows(role.permissions, isOperator: false) ? [404] : [403, 404]
          #expect(
            expected.contains(answer.status.code),
            "\(role) \(rule.name): \(answer.status.code) \(answer.text)")
          #expect(answer.code != "plan", "\(role) \(rule.name): \(answer.text)")
          told.append(answer.words.replacing(id.lowercased(), with: "ID"))
        }
        #expect(told[0] == told[1], "\(rule.name)")
      }
    }
  }

  @Test func `a token for one organisation is no token for another, which it cannot tell from none`()
    async throws
  {
    try await PermissionScene.run { scene in
      let (token, _) = try await scene.member(.owner)
      for rule in PermissionRule.api {
        var told: [String] = []
        for slug in ["globex", "nobody"] {
          let answer = try await scene.ask(rule, id: UUID().uuidString, token: token, organisation: slug)
          #expect(answer.status.code == 404, "\(rule.name): \(answer.text)")
          told.append(answer.words.replacing(slug, with: "SLUG"))
        }
        #expect(told[0] == told[1])
      }
    }
  }

  @Test func `a plan without anything refuses what it is for, with a code of its own, and nothing else`()
    async throws
  {
    try await PermissionScene.run { scene in
      try await scene.emptyPlan()
      for role in [Role.owner, .developer] {
        let (token, person) = try await scene.member(role)
        for rule in PermissionRule.api {
          let isAllowed = rule.allows(role.permissions, isOperator: false)
          let subject = try await scene.subject(of: rule, in: scene.own, for: person)
          let answer = try await scene.ask(rule, id: subject, token: token, isAllowed: isAllowed)
          let told = "\(role) \(rule.name): \(answer.status.code) \(answer.text)"
          if rule.isBeyondPlan, isAllowed {
            #expect(answer.status.code == 403 && answer.code == "plan", "\(told)")
          } else {
            #expect(answer.code != "plan", "\(told)")
          }
        }
      }
    }
  }
}

/// Two organisations with something of every kind, each made as it is needed: a request may remove it.
struct PermissionScene {
  let api: LiveAPI
  let client: any TestClientProtocol
  /// The organisation of those who ask.
  let own: Actor
  /// Another one.
  let other: Actor

  static func run(_ body: @escaping @Sendable (PermissionScene) async throws -> Void) async throws {
    try await LiveAPI.run { api in
      _ = try await api.hosting.createOrganisation(slug: "globex", name: nil, by: api.owner)
      let other = try await api.hosting.person(Hosting.firstEmail, in: "globex")
      try await api.server.application.test(.router) { client in
        let scene = PermissionScene(api: api, client: client, own: api.owner, other: other)
        _ = try await scene.member(.owner, email: "owner@example.com")
        try await body(scene)
      }
    }
  }

  /// A token of somebody new who has `role`, and who he is.
  func member(_ role: Role, of organisation: Actor? = nil, email: String? = nil) async throws -> (
    String, UUID
  ) {
    let organisation = organisation ?? own
    let person = UUID()
    try await api.hosting.database.execute(
      "insert into people (id, email) values (\(person), \(email ?? "\(person.uuidString.lowercased())@example.com"))"
    )
    try await api.hosting.database.execute(
      """
      insert into memberships (person_id, organisation_id, role)
      values (\(person), \(organisation.organisationID), \(role.rawValue))
      """)
    var actor = organisation
    actor.userID = person
    actor.role = role
    return (
      try await api.hosting.createToken(name: "test", expiresAt: nil, by: actor).secret.reveal(), person
    )
  }

  /// Sends the request of `rule` with `id` in the place of what its path names. Where it leads to a stream and is
  /// expected to be allowed, only for the head of the answer: the rest has no end.
  func ask(
    _ rule: PermissionRule, id: String, token: String?, organisation: String? = nil, isAllowed: Bool = false
  ) async throws -> TestResponse {
    var headers: HTTPFields = [:]
    if let token { headers[.authorization] = "Bearer \(token)" }
    if let organisation { headers[.organisation] = organisation }
    if rule.body != nil { headers[.contentType] = "application/json" }
    return try await client.execute(
      uri: rule.path.replacing(/\{[a-z]+\}/, with: id) + rule.query,
      method: isAllowed && rule.isStream ? .head : rule.method, headers: headers,
      body: rule.body.map { ByteBuffer(string: $0) })
  }

  /// Something new of the kind that the path of `rule` names, in the organisation of `actor`; a person's own things are
  /// those of `person`.
  func subject(of rule: PermissionRule, in actor: Actor, for person: UUID) async throws -> String {
    let id = UUID()
    let database = api.hosting.database
    switch rule.subject {
    case nil: return ""
    case .instance: try await insertInstance(id, actor)
    case .server:
      try await database.execute(
        """
        insert into servers (id, name, kind, organisation_id, address, ssh_user, host_keys, public_key, private_key)
        values (\(id), \("s\(id.uuidString.lowercased())"), 'ssh', \(actor.organisationID), \("192.0.2.\(id.uuid.0)-\(id)"),
          'root', '[{"type": "ssh-ed25519", "key": "AAAA", "fingerprint": "SHA256:x"}]', 'x', 'x')
        """)
    case .job:
      let instance = UUID()
      try await insertInstance(instance, actor)
      let job = try await api.hosting.startInstance(instance.uuidString, by: actor).id
      // A stream ends with its job.
      if rule.isStream { _ = try await api.hosting.cancelOperation(job, by: actor) }
      return job.uuidString.lowercased()
    case .member:
      return try await member(.viewer, of: actor).1.uuidString.lowercased()
    case .invitation:
      return try await api.hosting.invite("\(id.uuidString)@example.org", as: .viewer, by: actor).invitation
        .id
        .uuidString.lowercased()
    case .token:
      var owner = actor
      owner.userID = person
      return try await api.hosting.createToken(name: "other", expiresAt: nil, by: owner).token.id.uuidString
        .lowercased()
    case .session:
      try await database.execute(
        """
        insert into sessions (id, token_hash, person_id, address, user_agent, expires_at)
        values (\(id), \(Data(id.uuidString.utf8)), \(person), '', '', now() + interval '1 hour')
        """)
    case .stray:
      // Nothing strays in a test without a machine: that there is none is told to operators alone.
      return id.uuidString.lowercased()
    case .organisation:
      // One's own would be gone, and the token with it.
      guard rule.removes else { return actor.organisationSlug }
      return try await api.hosting.createOrganisation(
        slug: "o\(id.uuidString.lowercased().prefix(8))", name: nil, by: api.owner
      ).slug
    }
    return id.uuidString.lowercased()
  }

  /// Takes everything out of the plan of those who ask.
  func emptyPlan() async throws {
    var plan = Plan()
    plan.lacks = Set(Plan.Allowance.allCases)
    for limit in Plan.Limit.allCases { plan.limits[limit] = 0 }
    _ = try await api.hosting.changeOrganisation("main", plan: plan, by: api.owner)
  }

  private func insertInstance(_ id: UUID, _ actor: Actor) async throws {
    let database = api.hosting.database
    let count = try await database.query("select count(*) from instances")[0].get(at: 0, as: Int.self)
    let origin = DatabaseOrigin(
      language: "en_US", country: nil, demo: false, modules: [],
      adminPassword: try .ofRandomPassword(randomPassword()))
    let secrets = try api.hosting.masterKey.seal(
      InstanceSecrets(databasePassword: randomPassword(), masterPassword: randomPassword()), of: id)
    // Far from the ports that the API gives out, lowest first.
    try await database.execute(
      """
      insert into instances (id, organisation_id, server_id, name, version, edition, stage, base_port, origin, settings,
        database_password, master_password, desired, status, status_reason)
      select \(id), \(actor.organisationID), id, \("i\(id.uuidString.lowercased().replacing("-", with: ""))"), '19.0',
        'community', 'dev', \(15_000 + 10 * (count % 499)), \(json: origin),
        \(json: InstanceSettings(defaultsOf: .dev)), \(secrets.databasePassword), \(secrets.masterPassword),
        'stopped', 'stopped', 'x'
      from servers where name = 'local'
      """)
  }
}

extension TestResponse {
  private var problem: API.Problem? { try? API.decoder().decode(API.Problem.self, from: Data(buffer: body)) }

  /// What a problem is called.
  fileprivate var code: String? { problem?.code }

  /// All that a problem says, in lower case as ids are written.
  fileprivate var words: String {
    "\(status.code) \(problem?.code ?? "") \(problem?.title ?? text) \(problem?.suggestion ?? "")"
      .lowercased()
  }
}
