import Docker
import Foundation
import Odoo
import Remote
import Testing

@testable import Hosting

/// What settings and runtime make of shared addons.
@Suite("Shared addons") struct SharedAddonsPlanTests {
  private func folder(_ text: String) throws -> HostFolder { try HostFolder(text, field: "") }

  private func check(
    _ path: String, saved: String? = nil, offered: [String] = ["/srv/shared"], areNamed: Bool = true
  ) throws -> CheckedSettings {
    var settings = InstanceSettings(defaultsOf: .dev)
    settings.sharedAddons = try saved.map(folder)
    var change = SettingsChange()
    change.sharedAddons = path
    return try change.checked(
      onto: settings, version: .v19, stage: .dev, cores: 1,
      offered: OfferedFolders(server: "web1", shared: offered.map(folder), areNamed: areNamed),
      prefix: "settings.")
  }

  @Test func `a folder that the server offers is taken, and one in it; empty is off`() throws {
    #expect(try check("/srv/shared").settings.sharedAddons?.text == "/srv/shared")
    #expect(try check("/srv/shared/a/b").settings.sharedAddons?.text == "/srv/shared/a/b")
    #expect(try check("", saved: "/srv/shared").settings.sharedAddons == nil)
  }

  @Test(arguments: [
    "/srv/shared-evil", "/srv/shared/../../etc", "/srv", "/etc", "/srv/shared/", "/srv/shared//a",
    "srv/shared",
    "/srv/shared/./a", "/srv/shared/a\n", "/srv/shared,/etc", "/SRV/shared", "/",
  ])
  func `anything else is refused at its field`(path: String) {
    let error = #expect(throws: HostingError.self) { try check(path) }
    #expect(error?.code == .invalid && error?.fields.map(\.name) == ["settings.sharedAddons"])
  }

  @Test func `a refusal says what is offered, to who may know`() {
    func message(_ offered: [String], _ areNamed: Bool) -> String? {
      #expect(throws: HostingError.self) { try check("/opt/x", offered: offered, areNamed: areNamed) }?
        .message
    }
    let start = "“/opt/x” lies in no folder that web1 offers to its instances."
    #expect(message(["/srv/a", "/srv/b"], true) == "\(start) It offers /srv/a, /srv/b.")
    #expect(message([], true) == "\(start) It offers none.")
    #expect(message(["/srv/a"], false) == start)
  }

  @Test func `what is saved already keeps nobody from saving something else`() throws {
    #expect(try check("/srv/old", saved: "/srv/old").settings.sharedAddons?.text == "/srv/old")
  }

  @Test func `a change waits for a hard restart, and a soft one leaves it`() throws {
    let applied = InstanceSettings(defaultsOf: .dev)
    var wanted = applied
    wanted.sharedAddons = try folder("/srv/shared")
    #expect(wanted.restart(from: applied) == .hard && applied.restart(from: wanted) == .hard)
    #expect(wanted.takingOverSoftly(onto: applied).sharedAddons == nil)
    #expect(wanted.isTuned(from: applied), "it counts as tuning, as the other settings of Odoo do")
  }

  @Test func `settings are kept as a plain path, and those without one are still read`() throws {
    var settings = InstanceSettings(defaultsOf: .dev)
    let plain = try JSONEncoder().encode(settings)
    #expect(!String(decoding: plain, as: UTF8.self).contains("sharedAddons"))
    #expect(try JSONDecoder().decode(InstanceSettings.self, from: plain) == settings)
    settings.sharedAddons = try folder("/srv/shared")
    let data = try JSONEncoder().encode(settings)
    let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    #expect(json?["sharedAddons"] as? String == "/srv/shared")
    #expect(try JSONDecoder().decode(InstanceSettings.self, from: data) == settings)
  }

  private func plan(_ path: String?, offered: [String] = ["/srv/shared"]) throws -> InstancePlan {
    var settings = InstanceSettings(defaultsOf: .dev)
    settings.sharedAddons = try path.map(folder)
    let instance = Instance(
      id: UUID(), organisationID: UUID(),
      server: ServerReference(id: UUID(), name: "local", address: "127.0.0.1", exposed: false),
      name: try Slug("shop"), version: .v19, edition: .community, stage: .dev, basePort: 10_000,
      origin: DatabaseOrigin(
        language: "en_US", country: nil, demo: false, modules: [],
        adminPassword: PasslibHash(rounds: 1, salt: [], key: [])),
      settings: settings, settingsRevision: 1, appliedSettings: nil, desired: .running, status: .creating,
      statusReason: "", statusSince: Date(), statusJob: nil, activeJob: nil, createdAt: Date())
    let source = ModuleSource(repository: try RepositoryAddress("https://host/own"), branch: nil)
    let checkout = try ModuleCheckout(
      of: source, commit: String(repeating: "a", count: 40), subject: "", manifests: ["m/__manifest__.py"])
    return InstancePlan(
      instance: instance,
      secrets: InstanceSecrets(databasePassword: Secret("d"), masterPassword: Secret("m")), operation: UUID(),
      images: ImageIDs(odoo: "o", database: "d"), checkouts: [checkout], cores: 1,
      offeredFolders: try offered.map(folder))
  }

  private func mounts(_ plan: InstancePlan) -> [Mount] {
    DockerRuntime(
      engine: .init(socket: "/nonexistent") {}, host: LocalHost(), server: plan.instance.server,
      installation: UUID(), configuration: HostingConfiguration()
    ).odooSpec(plan).mounts
  }

  @Test func `the folder that is offered is mounted read-only, and searched behind custom modules`() throws {
    var plan = try plan("/srv/shared/a")
    #expect(
      mounts(plan).last == Mount(.bind("/srv/shared"), at: "/mnt/odeum/shared/srv/shared", readOnly: true))
    plan.sharedAddons = "/mnt/odeum/shared/srv/shared/a"
    let own = try #require(plan.checkouts.first?.addons.first)
    #expect(
      try plan.odooConf().contains(
        "addons_path = /mnt/odeum/modules/\(own),/mnt/odeum/shared/srv/shared/a\n"))
  }

  @Test func `nothing is mounted where there is nothing, or nothing offered any more`() throws {
    for plan in [try plan(nil), try plan("/srv/shared-evil"), try plan("/srv/shared", offered: [])] {
      #expect(mounts(plan).map(\.target) == ["/var/lib/odoo", "/mnt/extra-addons", "/mnt/odeum/modules"])
    }
  }

  @Test func `another mount is another container`() throws {
    let marks = try [
      plan(nil).odooMarks, plan("/srv/shared").odooMarks,
      plan("/srv/shared", offered: ["/srv"]).odooMarks,
    ]
    #expect(Set(marks).count == 3)
    #expect(try plan("/srv/shared/a").odooMarks == plan("/srv/shared/b").odooMarks)
  }
}
