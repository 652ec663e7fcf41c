import Foundation
import Remote
import Testing

@testable import Hosting

/// Who reaches the database of an instance, and what is noted of that.
@Suite struct DatabaseAccessTests {
  @Test func `whoever may connect as users gets the password that PostgreSQL has, and that is noted`()
    async throws
  {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      let instance = try await server.create(server.wish()).instance
      var tester = person
      tester.role = .tester
      let access = try await hosting.databaseAccess(of: "shop", by: tester)
      let sealed = try #require(try await hosting.instanceStore.secrets(of: instance.id, atOnce))
      let password = try hosting.masterKey.open(sealed, of: instance.id).databasePassword.reveal()
      #expect(access.password.reveal() == password)
      #expect(access.database == instance.database.text && access.user == instance.databaseRole.text)
      #expect(access.port == PortBlock(base: instance.basePort).database)
      #expect(access.tunnel == nil, "it is this machine")
      let entry = try #require(try await hosting.audit(page: PageRequest(), by: person).items.first)
      #expect(entry.action == "instance.database.reveal" && entry.subject.name == "shop")
      #expect(entry.before == nil && entry.after == nil)
    }
  }

  @Test func `nobody else gets it`() async throws {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      _ = try await server.create(server.wish())
      var viewer = person
      viewer.role = .viewer
      let refusal = await #expect(throws: HostingError.self) {
        try await hosting.databaseAccess(of: "shop", by: viewer)
      }
      #expect(refusal?.code == .forbidden)
      var stranger = person
      stranger.organisationID = UUID()
      let absence = await #expect(throws: HostingError.self) {
        try await hosting.databaseAccess(of: "shop", by: stranger)
      }
      #expect(absence?.code == .notFound)
    }
  }

  @Test(arguments: [
    (22, "ssh -N -L 10013:127.0.0.1:10013 YOU@web1.example.org"),
    (2222, "ssh -N -L 10013:127.0.0.1:10013 -p 2222 YOU@web1.example.org"),
  ])
  func `the tunnel leads to the server's SSH`(port: Int, command: String) {
    let access = DatabaseAccess(
      database: "shop", user: "shop", password: Secret("x"), port: 10_013,
      server: .init(address: "web1.example.org", port: port))
    #expect(access.tunnel == command)
    #expect(access.client == "psql --host=127.0.0.1 --port=10013 --username=shop shop")
  }
}
