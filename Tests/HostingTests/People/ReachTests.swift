import Foundation
import Jobs
import Testing

@testable import Hosting

/// What does not exist for a member is not found, not listed and not told of by any way.
@Suite struct ReachTests {
  /// Puts an instance in, without its creation.
  private func insert(_ name: String, _ hosting: Hosting, by actor: Actor) async throws -> UUID {
    let server = try #require(try await hosting.serverStore.all(atOnce).first)
    let id = UUID()
    let origin = DatabaseOrigin(
      language: "en_US", country: nil, demo: false, modules: [],
      adminPassword: try .ofRandomPassword(randomPassword()))
    try await hosting.database.execute(
      """
      insert into instances (id, organisation_id, server_id, name, version, edition, stage, base_port, origin, settings,
        database_password, master_password, status, status_reason)
      values (\(id), \(actor.organisationID), \(server.id), \(name), '19.0', 'community', 'dev',
        \(name == "shown" ? 10_000 : 10_010),
        \(json: origin),
        \(json: InstanceSettings(defaultsOf: .dev)), '', '', 'running', 'Answers.')
      """)
    try await hosting.database.execute(
      """
      insert into job (id, kind, body, subject, organisation, state, finished_at)
      values (\(UUID()), 'instance.start', '{}', \(id), \(actor.organisationID), 'succeeded', now())
      """)
    return id
  }

  private func refused(_ body: () async throws -> Void) async {
    let error = await #expect(throws: HostingError.self) { try await body() }
    #expect(error?.code == .notFound)
  }

  @Test func `instances beyond the list do not exist, nor do their jobs`() async throws {
    try await withHosting { hosting in
      var actor = try await hosting.person(Hosting.firstEmail)
      let shown = try await insert("shown", hosting, by: actor)
      let hidden = try await insert("hidden", hosting, by: actor)
      let jobs = try await hosting.operations(page: PageRequest(), by: actor).items
      #expect(jobs.count == 2)
      let secret = try #require(jobs.first { $0.instanceName == "hidden" })
      actor.role = .developer
      actor.grants.instances = [shown]
      #expect(try await hosting.instances(page: PageRequest(), by: actor).items.map(\.name.text) == ["shown"])
      #expect(try await hosting.operations(page: PageRequest(), by: actor).items.count == 1)
      _ = try await hosting.instance("shown", by: actor)
      let blind = actor
      for reference in ["hidden", hidden.uuidString] {
        await refused { _ = try await hosting.instance(reference, by: blind) }
        await refused { _ = try await hosting.stopInstance(reference, by: blind) }
        await refused { _ = try await hosting.operations(of: reference, page: PageRequest(), by: blind) }
      }
      await refused { _ = try await hosting.operation(secret.id, by: blind) }
      await refused { _ = try await hosting.operationLog(secret.id, by: blind) }
      await refused { _ = try await hosting.cancelOperation(secret.id, by: blind) }
    }
  }

  @Test func `servers beyond the list do not exist`() async throws {
    try await withHosting { hosting in
      var actor = try await hosting.person(Hosting.firstEmail)
      #expect(try await hosting.servers(by: actor).map(\.name) == ["local"])
      actor.role = .admin
      actor.grants.servers = []
      let blind = actor
      #expect(try await hosting.servers(by: blind).isEmpty)
      await refused { _ = try await hosting.server("local", by: blind) }
      await refused { _ = try await hosting.setMode(of: "local", to: .draining, by: blind) }
      let places = try await hosting.suggestPlacement(.init(stage: .dev), by: blind)
      #expect(places.isEmpty)
    }
  }

  @Test func `a server that organisations share tells none of them of the others`() async throws {
    try await withHosting { hosting in
      let runner = try await hosting.person(Hosting.firstEmail)
      _ = try await hosting.createOrganisation(slug: "globex", name: nil, by: runner)
      var change = ServerChange()
      change.sharedWith = ["globex", runner.organisationSlug]
      _ = try await hosting.editServer("local", change, by: runner)
      let shown = try await insert("shown", hosting, by: runner)
      _ = try await hosting.database.execute("update instances set stage = 'production'")
      var guest = try await hosting.person(Hosting.firstEmail, in: "globex")
      guest.isOperator = false
      let empty = try await hosting.server("local", by: guest)
      #expect(empty.sharedWith == [] && empty.load == ServerLoad())
      #expect(try await hosting.servers(by: guest).map(\.load) == [ServerLoad()])
      for stage in Stage.allCases {
        let said = try #require(
          try await hosting.suggestPlacement(.init(stage: stage), by: guest).first)
        #expect(said.server.load == ServerLoad() && said.server.sharedWith == [])
        let words = (said.reasons + said.warnings).joined(separator: " ")
        #expect(!words.contains("instance") || !words.contains("production"), "\(words)")
      }
      _ = try await insert("own", hosting, by: guest)
      #expect(try await hosting.server("local", by: guest).load.stages == [.dev: 1])
      // Who runs it knows everything; who is kept to some instances counts those.
      let all = try await hosting.server("local", by: runner)
      #expect(all.load.stages == [.production: 1, .dev: 1] && all.sharedWith.count == 2)
      var kept = runner
      (kept.role, kept.isOperator, kept.grants.instances) = (.admin, false, [shown])
      #expect(try await hosting.server("local", by: kept).load.stages == [.production: 1])
      kept.grants.instances = []
      #expect(try await hosting.server("local", by: kept).load == ServerLoad())
    }
  }

  @Test func `the audit log tells nothing of what is beyond the list`() async throws {
    try await withHosting { hosting in
      var actor = try await hosting.person(Hosting.firstEmail)
      let shown = try await insert("shown", hosting, by: actor)
      let hidden = try await insert("hidden", hosting, by: actor)
      let server = try #require(try await hosting.serverStore.all(atOnce).first)
      for (id, name) in [(shown, "shown"), (hidden, "hidden")] {
        try await hosting.note(
          .changeSettings, AuditSubject("instance", id, name), after: ["of": name], by: actor, atOnce)
        let job: UUID = try await hosting.database.query("select id from job where subject = \(id)")[0].get(
          "id")
        try await hosting.note(
          .cancelOperation, AuditSubject("job", job, "instance.start of \(name)"), by: actor, atOnce)
      }
      try await hosting.note(.editServer, .server(server), by: actor, atOnce)
      func told(_ actor: Actor) async throws -> Set<String> {
        Set(try await hosting.audit(page: PageRequest(), by: actor).items.map(\.subject.name))
      }
      let everything: Set = [
        "shown", "hidden", "instance.start of shown", "instance.start of hidden", server.name,
      ]
      #expect(try await told(actor).isSuperset(of: everything))
      actor.role = .admin
      actor.grants.instances = [shown]
      #expect(
        try await told(actor).intersection(everything) == ["shown", "instance.start of shown", server.name])
      actor.grants.servers = []
      #expect(try await told(actor).intersection(everything) == ["shown", "instance.start of shown"])
    }
  }

  @Test func `an owner is kept from nothing`() async throws {
    try await withHosting { hosting in
      var actor = try await hosting.person(Hosting.firstEmail)
      let shown = try await insert("shown", hosting, by: actor)
      actor.grants.instances = []
      actor.grants.servers = []
      #expect(try await hosting.instance("shown", by: actor).id == shown)
      #expect(try await hosting.servers(by: actor).count == 1)
    }
  }

  @Test func `who makes an instance reaches it from then on`() async throws {
    try await withHosting { hosting in
      let owner = try await hosting.person(Hosting.firstEmail)
      let link = try await hosting.invite("ada@example.org", as: .developer, by: owner).secret.reveal()
      let ada = try await hosting.acceptInvitation(
        link, password: "correct horse", address: "", userAgent: ""
      ).actor
      var change = GrantsChange()
      change.instances = .only([])
      _ = try await hosting.changeMember(ada.userID, to: .developer, change, by: owner)
      let made = UUID()
      try await hosting.reachStore.letReach(instance: made, ada, atOnce)
      #expect(try await hosting.person("ada@example.org").reaches(instance: made))
      #expect(try await hosting.person(Hosting.firstEmail).grants.instances == nil)
    }
  }
}
