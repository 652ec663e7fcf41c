import Docker
import Foundation
import Testing

@testable import Hosting
@testable import SimulatedDocker
@testable import SimulatedFleet

/// What a Docker without room, or one that was ended in the middle of something, does to instances on a simulated server.
@Suite("A simulated Docker in trouble", .timeLimit(.minutes(2)))
struct SimulatedDockerTroubleTests {
  @Test(
    "containers that were never started are made anew where the engine knows them by halves",
    arguments: [true, false])
  func halves(isEngineEnded: Bool) async throws {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      #expect(try await server.create(server.wish()).state == .succeeded)
      let stop = try await hosting.stopInstance("shop", by: person)
      #expect(try await end(of: stop, hosting, person) == .succeeded)
      let before = server.engine.inventory.containers.map(\.id)
      server.engine.change { state in
        for id in before { state.containers[id]?.status = .created }
      }
      if isEngineEnded {
        server.engine.goDown()
        server.engine.comeUp()
      }
      let start = try await hosting.startInstance("shop", by: person)
      #expect(try await end(of: start, hosting, person) == .succeeded)
      let after = server.engine.inventory.containers
      if isEngineEnded {
        #expect(Set(before).isDisjoint(with: after.map(\.id)))
      } else {
        #expect(before == after.map(\.id))
      }
      #expect(after.map(\.aliases) == [["db"], ["odoo"]])
    }
  }

  @Test func `a creation waits for room before anything is made, and goes on by itself`() async throws {
    try await SimulatedServer.run { server in
      let hosting = server.hosting
      server.engine.isDiskFull = true
      let creation = try await hosting.createInstance(server.wish(), idempotencyKey: nil, by: server.person)
        .operation
      try await server.waits(creation, "nothing new is put on it below 5000 MB")
      #expect(server.things.isEmpty)
      try await server.makeRoom()
      #expect(try await end(of: creation, hosting, server.person) == .succeeded)
    }
  }

  @Test func `a disk that is full in the middle of anything is waited for`() async throws {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      #expect(try await server.create(server.wish()).state == .succeeded)
      server.engine.isDiskFull = true
      let restart = try await hosting.restartInstance("shop", mode: .hard, by: person)
      try await server.waits(restart, "Waits for room on local: The disk of /var/lib/docker is full.")
      #expect(try await hosting.instance("shop", by: person).status == .restarting)
      try await server.makeRoom()
      #expect(try await end(of: restart, hosting, person) == .succeeded)
    }
  }

  @Test func `a full disk is named where Odoo could not say why it ended`() async throws {
    try await SimulatedServer.run { server in
      let hosting = server.hosting
      var wish = server.wish()
      wish.settings.autoRestart = false
      #expect(try await server.create(wish).state == .succeeded)
      let watch = ServerWatch(of: try await hosting.serverStore.all(atOnce)[0], under: 1, hosting, .quick)
      try await watch.look()
      server.engine.isDiskFull = true
      server.engine.crash("odeum-shop", status: 1)
      try await watch.look()
      let instance = try await hosting.instance("shop", by: server.person)
      #expect(instance.status == .failed && instance.statusReason.contains("The disk of local is full."))
    }
  }

  @Test func `what Docker could not write down the end of is not taken for running`() async throws {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      #expect(try await server.create(server.wish()).state == .succeeded)
      let watch = ServerWatch(of: try await hosting.serverStore.all(atOnce)[0], under: 1, hosting, .quick)
      try await watch.look()
      server.engine.isDiskFull = true
      let stop = try await hosting.stopInstance("shop", by: person)
      #expect(try await end(of: stop, hosting, person) == .succeeded)
      for isFull in [true, false] {
        server.engine.isDiskFull = isFull
        try await watch.look()
        #expect(try await hosting.instance("shop", by: person).status == .stopped)
      }
      let start = try await hosting.startInstance("shop", by: person)
      #expect(try await end(of: start, hosting, person) == .succeeded)
      try await watch.look()
      #expect(try await hosting.instance("shop", by: person).status == .running)
    }
  }
}
