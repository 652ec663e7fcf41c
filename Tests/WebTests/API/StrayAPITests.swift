import Client
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Hosting
@testable import Web

@Suite struct StrayAPITests {
  private func seen(_ name: String) -> SeenThing {
    SeenThing(
      kind: .volume, id: name, name: name, labels: [Label.installation: "x", Label.slug: "lost"])
  }

  @Test func `what belongs to nothing is not listed with where it is and since when`() async throws {
    try await LiveAPI.connected { api, client in
      #expect(try await client.send(.strays).value.items.isEmpty)
      let local = try await client.send(.server("local")).value
      let database = api.hosting.database
      try await PostgresStrayStore(database: database).note(
        [seen("odeum-lost-data")], on: local.id, withFolders: false)
      let stray = try #require(try await client.send(.strays).value.items.first)
      #expect(stray.server == API.ServerReference(id: local.id, name: "local"))
      #expect(stray.kind == "volume" && stray.name == "odeum-lost-data" && stray.instance == "lost")
      #expect(stray.firstSeen <= stray.lastSeen)
      // Docker does not answer here; the stray stays listed.
      let away = await #expect(throws: API.Problem.self) { try await client.send(.removeStray(stray.id)) }
      #expect(away?.status == 503)
      #expect(try await client.send(.strays).value.items.count == 1)
      let unknown = await #expect(throws: API.Problem.self) { try await client.send(.removeStray(UUID())) }
      #expect(unknown?.status == 404)
    }
  }

  @Test func `a stray that comes, changes or goes is not told to who looks on, or one that stays is`()
    async throws
  {
    try await LiveAPI.run { api in
      let local = try #require(try await api.hosting.serverStore.all(atOnce).first).id
      let database = api.hosting.database
      let announcer = Task { try await api.hosting.runAnnouncer() }
      defer { announcer.cancel() }
      var changes = try await api.hosting.changes(by: api.owner).makeAsyncIterator()
      let first = await changes.next()
      #expect(first == .everything)
      func note(_ strays: SeenThing...) async throws {
        try await PostgresStrayStore(database: database).note(strays, on: local, withFolders: false)
      }
      /// What is told of `work`, known by the note of another server behind it.
      func told(_ work: () async throws -> Void) async throws -> Int {
        try await work()
        let mark = UUID()
        try await database.query("select pg_notify('hosting_changes', \(mark.uuidString))")
        var count = 0
        while let change = await changes.next(), change != .server(mark) {
          count += change == .server(local) ? 1 : 0
        }
        return count
      }
      #expect(try await told { try await note(seen("a")) } == 1)
      #expect(try await told { try await note(seen("a")) } == 0)
      #expect(try await told { try await note(seen("a"), seen("b")) } == 1)
      #expect(try await told { try await note(seen("b")) } == 1)
    }
  }

  @Test func `who is no operator is told what nobody owns`() async throws {
    try await LiveAPI.run { api in
      let token = try await api.token(for: .admin)
      try await api.server.application.test(.router) { http in
        for (method, path) in [(HTTPRequest.Method.get, "/strays"), (.delete, "/strays/\(UUID())")] {
          let status = try await http.execute(
            uri: "/api/v1\(path)", method: method, headers: [.authorization: "Bearer \(token)"]
          ) { $0.status.code }
          #expect(status == 403, "\(method) \(path)")
        }
      }
    }
  }
}
