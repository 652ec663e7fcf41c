import Client
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Hosting
@testable import Web

@Suite struct ServerAPITests {
  @Test func `a server is shown with everything, changed, and kept from new instances`() async throws {
    try await LiveAPI.connected { _, client in
      let local = try await client.send(.server("local")).value
      #expect(local.kind == "local")
      #expect(local.mode == "active")
      #expect(local.owner == "operator")
      #expect(local.sharedWith == ["main"])
      #expect(local.stages == ["production": 0, "staging": 0, "dev": 0])
      var change = API.ChangeServer()
      change.note = "rack 4"
      change.stagePolicy = "refuse"
      let changed = try await client.send(.changeServer("local", change)).value
      #expect(changed.server.note == "rack 4")
      #expect(changed.job == nil)
      _ = try await client.send(.createInstance(API.CreateInstance(name: "shop")))
      var second = API.CreateInstance(name: "copy")
      second.stage = "staging"
      let asked = second
      let refused = await #expect(throws: API.Problem.self) {
        try await client.send(.createInstance(asked))
      }
      #expect(refused?.code == "conflict")
      #expect(refused?.fields?.map(\.name) == ["server"])
      #expect(refused?.title.contains("Its policy refuses that.") == true)
      let places = try await client.send(.placement(stage: "staging")).value.items
      #expect(places.map(\.possible) == [false])
      #expect(try await client.send(.drainServer("local")).value.mode == "draining")
      #expect(try await client.send(.maintainServer("local")).value.mode == "maintenance")
      #expect(try await client.send(.activateServer("local")).value.mode == "active")
    }
  }

  @Test func `a server offers folders, an instance uses one, and it stays meanwhile`() async throws {
    try await LiveAPI.connected { _, client in
      #expect(try await client.send(.server("local")).value.sharedFolders == [])
      var change = API.ChangeServer()
      change.sharedFolders = ["/srv/shared"]
      let offering = try await client.send(.changeServer("local", change)).value
      #expect(offering.server.sharedFolders == ["/srv/shared"])
      var wish = API.CreateInstance(name: "shop")
      wish.settings = API.InstanceSettings(sharedAddons: "/srv/shared/retail")
      let created = try await client.send(.createInstance(wish)).value
      #expect(created.instance.settings.sharedAddons == "/srv/shared/retail")
      var settings = API.SettingsChange()
      settings.sharedAddons = "/srv/shared-evil"
      let evil = settings
      let refused = await #expect(throws: API.Problem.self) {
        try await client.send(.changeSettings(of: "shop", evil))
      }
      #expect(refused?.status == 422 && refused?.fields?.map(\.name) == ["sharedAddons"])
      change.sharedFolders = []
      let none = change
      let used = await #expect(throws: API.Problem.self) {
        try await client.send(.changeServer("local", none))
      }
      #expect(used?.status == 409 && used?.fields?.map(\.name) == ["sharedFolders"])
      settings.sharedAddons = ""
      let off = try await client.send(.changeSettings(of: "shop", settings)).value
      #expect(off.instance.settings.sharedAddons == "")
      #expect(try await client.send(.changeServer("local", none)).value.server.sharedFolders == [])
    }
  }

  @Test func `a move to a stage that the server’s policy keeps away is refused`() async throws {
    try await LiveAPI.connected { _, client in
      for name in ["shop", "copy"] {
        var wish = API.CreateInstance(name: name)
        wish.stage = name == "shop" ? "production" : "dev"
        _ = try await client.send(.createInstance(wish))
      }
      _ = try await client.send(.moveInstance("copy", to: "staging"))
      var change = API.ChangeServer()
      change.stagePolicy = "refuse"
      _ = try await client.send(.changeServer("local", change))
      let refused = await #expect(throws: API.Problem.self) {
        try await client.send(.moveInstance("copy", to: "dev"))
      }
      #expect(refused?.fields?.map(\.name) == ["stage"])
      // To its own kind it may go.
      _ = try await client.send(.moveInstance("copy", to: "production"))
    }
  }

  @Test func `a wish that cannot be right names its fields, and nothing is asked of any host`() async throws {
    try await LiveAPI.connected { _, client in
      var wish = API.AddServer(name: "Web_1", address: "$(reboot)")
      wish.stagePolicy = "perhaps"
      let hostile = wish
      let refused = await #expect(throws: API.Problem.self) { try await client.send(.addServer(hostile)) }
      #expect(refused?.status == 422)
      #expect(Set(refused?.fields?.map(\.name) ?? []) == ["name", "address", "stagePolicy"])
      let scan = await #expect(throws: API.Problem.self) {
        try await client.send(.hostKeys(.init(address: "-oProxyCommand=id")))
      }
      #expect(scan?.fields?.map(\.name) == ["address"])
      wish = API.AddServer(name: "web1", address: "192.0.2.1")
      wish.owner = "nobody"
      let ownerless = wish
      let owner = await #expect(throws: API.Problem.self) { try await client.send(.addServer(ownerless)) }
      #expect(owner?.fields?.map(\.name) == ["owner"])
    }
  }

  @Test func `the operator’s server is changed by the operator only, and seen by whoever may see servers`()
    async throws
  {
    try await LiveAPI.run { api in
      let tokens = [
        Role.developer: try await api.token(for: .developer), .viewer: try await api.token(for: .viewer),
        .admin: try await api.token(for: .admin),
      ]
      try await api.server.application.test(.router) { http in
        func status(_ method: HTTPRequest.Method, _ path: String, _ role: Role) async throws -> Int {
          try await http.execute(
            uri: "/api/v1/servers\(path)", method: method,
            headers: [.authorization: "Bearer \(tokens[role] ?? "")"]
          ) { $0.status.code }
        }
        #expect(try await status(.get, "/local", .developer) == 200)
        #expect(try await status(.get, "/local", .viewer) == 403)
        for path in ["/local/drain", "/local/validate", "/local/prepare"] {
          let answered = try await status(.post, path, .admin)
          #expect(answered == 403, "\(path)")
        }
        #expect(try await status(.delete, "/local", .admin) == 403)
      }
    }
  }

  @Test func `the machine of the control plane is validated by a job that is listed with its server`()
    async throws
  {
    try await LiveAPI.connected { api, client in
      let job = try await client.send(.validateServer("local")).value
      #expect(job.kind == "server.validate")
      #expect(job.serverName == "local")
      #expect(job.instance == nil)
      #expect(job.steps.count == 9)
      // Asked for again, it is the same one.
      #expect(try await client.send(.validateServer("local")).value.id == job.id)
      let other = await #expect(throws: API.Problem.self) { try await client.send(.prepareServer("local")) }
      #expect(other?.code == "conflict")
      #expect(try await client.send(.jobs(onServer: "local")).value.items.map(\.id) == [job.id])
      #expect(try await client.send(.jobs()).value.items.first?.serverName == "local")
      #expect(try await client.send(.server("local")).value.activeJob == job.id)
      let last = try await api.working {
        var last = job
        for try await event in client.follow(job: job.id) {
          if case .changed(let changed) = event { last = changed }
        }
        return last
      }
      // How fit the machine of the tests is does not matter; it must be said.
      #expect(last.isFinished)
      #expect(last.steps.prefix(2).map(\.state) == ["done", "done"])
      #expect(last.state == "succeeded" || last.reason?.isEmpty == false)
    }
  }
}
