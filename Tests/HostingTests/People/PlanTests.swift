import Foundation
import Odoo
import Testing

@testable import Hosting

@Suite struct PlanTests {
  private func plan(_ change: (inout Plan) -> Void) -> Plan {
    var plan = Plan()
    plan.name = "Small"
    change(&plan)
    return plan
  }

  private func refused(_ part: String, _ body: () async throws -> Void) async {
    let error = await #expect(throws: HostingError.self) { try await body() }
    #expect(error?.code == .plan)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  /// Puts an instance into the organisation of `actor`, as if it ran.
  private func put(_ name: String, _ stage: Stage, _ hosting: Hosting, _ actor: Actor) async throws {
    let origin = DatabaseOrigin(
      language: "en_US", country: nil, demo: false, modules: [],
      adminPassword: try .ofRandomPassword(randomPassword()))
    let count = try await hosting.database.query("select count(*) from instances")[0].get(at: 0, as: Int.self)
    try await hosting.database.execute(
      """
      insert into instances (id, organisation_id, server_id, name, version, edition, stage, base_port, origin, settings,
        database_password, master_password, status, status_reason)
      select \(UUID()), \(actor.organisationID), id, \(name), '19.0', 'community', \(stage.rawValue),
        \(10_000 + 10 * count), \(json: origin), \(json: InstanceSettings(defaultsOf: stage)), '\\x00', '\\x00',
        'running', 'x'
      from servers limit 1
      """)
  }

  @Test func `without a plan nothing is refused, and the whole plan survives its keeping`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      let free = try await hosting.plan(by: actor)
      for allowance in Plan.Allowance.allCases { #expect(free.refusal(of: allowance) == nil) }
      for limit in Plan.Limit.allCases { #expect(free.refusalOfOneMore(limit) == nil) }
      let full = plan { plan in
        for limit in Plan.Limit.allCases { plan.limits[limit] = 0 }
        plan.lacks = Set(Plan.Allowance.allCases)
      }
      _ = try await hosting.changeOrganisation("main", plan: full, by: actor)
      let kept = try await hosting.plan(by: actor)
      #expect(kept.plan == full)
      for allowance in Plan.Allowance.allCases {
        #expect(kept.refusal(of: allowance)?.message.contains(allowance.words) == true)
      }
      for limit in Plan.Limit.allCases { #expect(kept.refusalOfOneMore(limit) != nil) }
    }
  }

  @Test func `what instances store is counted in whole GB, and no instance is made beyond it`() async throws {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      try await put("shop", .production, hosting, actor)
      try await put("erp", .dev, hosting, actor)
      let shop = try await hosting.instance("shop", by: actor)
      let erp = try await hosting.instance("erp", by: actor)
      #expect(try await hosting.plan(by: actor).used[.storageGB] == 0)
      let note = { (bytes: [UUID: Int]) in
        try await hosting.watchStore.noteStorage(bytes, on: shop.server.id, atOnce)
      }
      try await note([shop.id: 1_200_000_000, erp.id: 700_000_000, UUID(): 5_000_000_000])
      #expect(try await hosting.plan(by: actor).used[.storageGB] == 1)
      _ = try await hosting.changeOrganisation("main", plan: plan { $0.limits[.storageGB] = 2 }, by: actor)
      #expect(try await hosting.plan(by: actor).refusalOfOneMoreInstance == nil)
      try await note([erp.id: 900_000_000])
      await refused("allows 2 GB of storage, and there are 2.") {
        _ = try await hosting.createInstance(NewInstance(name: "more"), idempotencyKey: nil, by: actor)
      }
      // What is gone stores nothing.
      try await hosting.instanceStore.bury(erp.id, atOnce)
      #expect(try await hosting.plan(by: actor).used[.storageGB] == 1)
      // What is on another server now is not told of by its former one.
      try await hosting.watchStore.noteStorage([shop.id: 0], on: UUID(), atOnce)
      #expect(try await hosting.plan(by: actor).used[.storageGB] == 1)
    }
  }

  @Test func `an instance, a staging one, Enterprise and tuning are refused where the plan says so`()
    async throws
  {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      try await put("shop", .production, hosting, actor)
      _ = try await hosting.changeOrganisation(
        "main", plan: plan { $0.limits[.instancesPerProject] = 1 }, by: actor)
      await refused("The plan “Small” of main allows 1 instances in a project, and there are 1.") {
        _ = try await hosting.createInstance(NewInstance(name: "more"), idempotencyKey: nil, by: actor)
      }
      _ = try await hosting.changeOrganisation(
        "main",
        plan: plan {
          $0.limits[.staging] = 0
          $0.lacks = [.enterprise, .instanceTuning]
        }, by: actor)
      await refused("0 staging instances") {
        _ = try await hosting.moveInstance("shop", to: .staging, by: actor)
      }
      #expect(try await hosting.moveInstance("shop", to: .dev, by: actor).stage == .dev)
      var wish = NewInstance(name: "more")
      wish.stage = "staging"
      await refused("0 staging instances") {
        _ = try await hosting.createInstance(wish, idempotencyKey: nil, by: actor)
      }
      wish.stage = "dev"
      wish.edition = "enterprise"
      await refused("Odoo Enterprise") {
        _ = try await hosting.createInstance(wish, idempotencyKey: nil, by: actor)
      }
      var change = SettingsChange()
      change.workers = 3
      await refused("settings of Odoo and PostgreSQL") {
        _ = try await hosting.changeSettings(of: "shop", change, by: actor)
      }
      // Saying again what holds anyhow, and what is no tuning, is let through.
      var same = SettingsChange()
      same.cronThreads = InstanceSettings(defaultsOf: .production).cronThreads
      same.autoRestart = false
      #expect(try await !hosting.changeSettings(of: "shop", same, by: actor).instance.settings.autoRestart)
    }
  }

  @Test
  func
    `a server of the organisation's own is refused where there is no room, before anything is asked of it`()
    async throws
  {
    try await withHosting { hosting in
      let actor = try await hosting.person(Hosting.firstEmail)
      _ = try await hosting.changeOrganisation("main", plan: plan { $0.limits[.servers] = 0 }, by: actor)
      await refused("0 servers of your own") {
        _ = try await hosting.addServer(NewServer(name: "web1", address: "192.0.2.1"), by: actor)
      }
    }
  }
}
