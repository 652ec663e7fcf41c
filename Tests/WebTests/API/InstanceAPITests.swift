import Client
import Foundation
import Hosting
import Testing

@testable import Web

@Suite struct InstanceAPITests {
  private func create(
    _ client: OdeumClient, _ name: String, key: String? = nil,
    _ change: (inout API.CreateInstance) -> Void = { _ in }
  ) async throws -> API.CreatedInstance {
    var wish = API.CreateInstance(name: name)
    change(&wish)
    return try await client.send(.createInstance(wish, idempotencyKey: key)).value
  }

  @Test func `what is asked for is created, shown and listed`() async throws {
    try await LiveAPI.connected { _, client in
      let created = try await create(client, "shop") {
        $0.stage = "staging"
        $0.version = "18.0"
        $0.settings = API.InstanceSettings(workers: 3, odoo: API.ContainerLimits(memoryMB: 4096))
      }
      #expect(created.adminPassword?.count == 20)
      #expect(created.job.kind == "instance.create")
      #expect(created.job.state == "queued")
      #expect(created.job.steps.allSatisfy { $0.state == "pending" })
      #expect(created.job.requestedBy == Hosting.firstEmail)
      let shown = try await client.send(.instance("shop")).value
      #expect(shown == created.instance)
      #expect(shown.version == "18.0" && shown.stage == "staging" && shown.status == "creating")
      #expect(shown.settings.workers == 3 && shown.settings.odoo?.memoryMB == 4096)
      #expect(shown.activeJob == created.job.id)
      #expect(shown.url == "http://127.0.0.1:\(shown.ports.web)")
      let listed = try await client.send(.instances()).value
      #expect(listed.items.map(\.id) == [shown.id])
      #expect(listed.nextCursor == nil)
    }
  }

  @Test func `custom modules are kept as they were given, and a new list replaces the old one`() async throws
  {
    try await LiveAPI.connected { _, client in
      let sources = [
        API.ModuleSource(repository: "https://host/web.git", branch: "19.0"),
        API.ModuleSource(repository: "git@host:acme/shop"),
      ]
      let created = try await create(client, "shop") {
        $0.settings = API.InstanceSettings(customModules: sources)
      }
      #expect(created.instance.settings.customModules == sources)
      var change = API.SettingsChange()
      change.workers = .fixed(2)
      let other = try await client.send(.changeSettings(of: "shop", change)).value
      #expect(other.instance.settings.customModules == sources)
      change.customModules = []
      let none = try await client.send(.changeSettings(of: "shop", change)).value
      #expect(none.instance.settings.customModules == [])

      change.customModules = [API.ModuleSource(repository: "https://ann:hunter2@host/x")]
      let problem = await #expect(throws: API.Problem.self) {
        try await client.send(.changeSettings(of: "shop", change))
      }
      #expect(problem?.status == 422)
      #expect(problem?.fields?.map(\.name) == ["customModules"])
      #expect("\(String(describing: problem))".contains("hunter2") == false)
    }
  }

  @Test func `the same key creates once and says the password once`() async throws {
    try await LiveAPI.connected { _, client in
      let first = try await create(client, "shop", key: "k")
      let second = try await create(client, "shop", key: "k")
      #expect(second.instance.id == first.instance.id)
      #expect(second.job.id == first.job.id)
      #expect(first.adminPassword != nil && second.adminPassword == nil)
    }
  }

  @Test func `another wish under the same key makes an instance, or is taken for the first one`() async throws
  {
    try await LiveAPI.connected { _, client in
      _ = try await create(client, "shop", key: "k")
      let problem = await #expect(throws: API.Problem.self) { try await create(client, "store", key: "k") }
      #expect(problem?.status == 422 && problem?.fields?.map(\.name) == ["Idempotency-Key"])
      #expect(try await client.send(.instances()).value.items.map(\.name) == ["shop"])
    }
  }

  @Test
  func
    `of the same creation at the same time one makes something, also of the last one that the plan allows`()
    async throws
  {
    try await LiveAPI.connected { api, client in
      var plan = Plan()
      plan.limits[.instancesPerProject] = 1
      let operatorActor = try await api.hosting.person(Hosting.firstEmail)
      _ = try await api.hosting.changeOrganisation(
        operatorActor.organisationSlug, plan: plan, by: operatorActor)
      let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
        for _ in 0..<6 { group.addTask { try await create(client, "shop", key: "k").instance.id } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
      #expect(try await client.send(.instances()).value.items.count == 1)
    }
  }

  @Test func `every field at fault is named in the words of the API`() async throws {
    try await LiveAPI.connected { _, client in
      let problem = await #expect(throws: API.Problem.self) {
        try await create(client, "Shop") {
          $0.version = "13.0"
          $0.settings = API.InstanceSettings(odooConf: "data_dir = /tmp\n")
        }
      }
      #expect(problem?.status == 422 && problem?.code == "invalid")
      #expect(problem?.fields?.map(\.name).contains("name") == true)
      #expect(problem?.fields?.map(\.name).contains("version") == true)
    }
  }

  @Test func `a name that is taken is a conflict`() async throws {
    try await LiveAPI.connected { _, client in
      _ = try await create(client, "shop")
      let problem = await #expect(throws: API.Problem.self) { try await create(client, "shop") }
      #expect(problem?.status == 409 && problem?.code == "conflict")
    }
  }

  @Test func `lists are filtered, and paged without a gap`() async throws {
    try await LiveAPI.connected { _, client in
      for (name, stage) in [("a-one", "dev"), ("b-two", "staging"), ("c-three", "dev"), ("d-four", "dev")] {
        _ = try await create(client, name) { $0.stage = stage }
      }
      #expect(
        try await client.send(.instances(stage: "dev")).value.items.map(\.name) == [
          "a-one", "c-three", "d-four",
        ])
      #expect(
        try await client.send(.instances(search: "o")).value.items.map(\.name) == [
          "a-one", "b-two", "d-four",
        ])
      #expect(try await client.send(.instances(status: "failed")).value.items.isEmpty)
      var names: [String] = []
      var cursor: String?
      repeat {
        let page = try await client.send(.instances(limit: 3, cursor: cursor)).value
        names += page.items.map(\.name)
        cursor = page.nextCursor
      } while cursor != nil
      #expect(names == ["a-one", "b-two", "c-three", "d-four"])
    }
  }

  @Test(arguments: [
    ("/instances?stage=prod", "stage", "production, staging, dev"),
    ("/instances?limit=0", "limit", "from 1 to 200"),
    ("/instances?limit=x", "limit", "from 1 to 200"), ("/instances?staeg=dev", "staeg", "mistyped"),
    ("/instances/shop/log?source=nginx", "source", "odoo, database"),
    ("/instances/shop/log?tail=0", "tail", "1 to"),
    ("/jobs?limit=201", "limit", "from 1 to 200"),
  ])
  func `a parameter that is wrong is refused by its name`(target: String, name: String, text: String)
    async throws
  {
    try await LiveAPI.run { api in
      try await api.server.application.test(.router) { http in
        let response = try await http.execute(
          uri: "/api/v1\(target)", method: .get, headers: [.authorization: "Bearer \(api.token)"])
        let problem = try API.decoder().decode(API.Problem.self, from: Data(buffer: response.body))
        #expect(problem.status == 422)
        #expect(problem.fields?.map(\.name) == [name])
        #expect(problem.title.contains(text), "\(problem.title)")
      }
    }
  }

  @Test func `settings change by revision, and an older one is a conflict`() async throws {
    try await LiveAPI.connected { _, client in
      _ = try await create(client, "shop")
      let before = try await client.send(.instance("shop"))
      var change = API.SettingsChange()
      change.workers = .fixed(2)
      change.logLevel = "warn"
      let saved = try await client.send(.changeSettings(of: "shop", change, etag: before.etag))
      #expect(saved.value.instance.settings.workers == 2)
      #expect(saved.value.instance.settings.logLevel == "warn")
      #expect(saved.etag != before.etag)
      let problem = await #expect(throws: API.Problem.self) {
        try await client.send(.changeSettings(of: "shop", change, etag: before.etag))
      }
      #expect(problem?.code == "conflict" && problem?.status == 412)
      change = API.SettingsChange()
      change.workers = .automatic
      let automatic = try await client.send(.changeSettings(of: "shop", change)).value.instance.settings
      #expect(automatic.workers == nil && automatic.logLevel == "warn")
    }
  }

  @Test func `a preview says what saving would bring about, with its checks, and saves nothing`() async throws
  {
    try await LiveAPI.connected { _, client in
      _ = try await create(client, "shop")
      let before = try await client.send(.instance("shop"))
      var change = API.SettingsChange()
      change.workers = .fixed(2)
      let preview = try await client.send(.previewSettings(of: "shop", change)).value
      var wanted = before.value.settings
      wanted.workers = 2
      #expect(preview.settings == wanted)
      let now = try await client.send(.instance("shop"))
      #expect(now.value.settings == before.value.settings && now.etag == before.etag)
      change.cronThreads = -1
      let problem = await #expect(throws: API.Problem.self) {
        try await client.send(.previewSettings(of: "shop", change))
      }
      #expect(problem?.fields?.map(\.name) == ["cronThreads"])
    }
  }

  @Test func `a move to another stage is kept, and to none is refused`() async throws {
    try await LiveAPI.connected { _, client in
      _ = try await create(client, "shop")
      #expect(try await client.send(.moveInstance("shop", to: "dev")).value.stage == "dev")
      let problem = await #expect(throws: API.Problem.self) {
        try await client.send(.moveInstance("shop", to: "test"))
      }
      #expect(problem?.fields?.map(\.name) == ["stage"])
    }
  }

  @Test func `what is not there is not found, also for another organisation`() async throws {
    try await LiveAPI.connected { _, client in
      for call in [
        API.Call.startInstance("nothing"), .stopInstance("nothing"), .removeInstance("nothing"), .job(UUID()),
      ] {
        let problem = await #expect(throws: API.Problem.self) { try await client.send(call) }
        #expect(problem?.code == "notFound", "\(call.target)")
      }
    }
  }

  @Test func `a log that cannot be had because Docker is away says so`() async throws {
    try await LiveAPI.connected { _, client in
      _ = try await create(client, "shop")
      let problem = await #expect(throws: API.Problem.self) {
        try await client.send(.log(of: "shop", tail: 5))
      }
      #expect(problem?.code == "unavailable")
      #expect(problem?.title.contains("Docker") == true, "\(problem?.title ?? "")")
    }
  }
}
