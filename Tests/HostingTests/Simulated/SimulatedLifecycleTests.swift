import Docker
import Foundation
import Testing

@testable import Hosting
@testable import SimulatedDocker
@testable import SimulatedFleet

/// What an instance goes through on a simulated server, with what hardly ever happens on a real one.
@Suite("Instances on a simulated server", .timeLimit(.minutes(2)))
struct SimulatedLifecycleTests {
  @Test func `an instance is created, stopped, started, restarted and removed, and nothing of it is left`()
    async throws
  {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      let (state, instance) = try await server.create(server.wish())
      #expect(state == .succeeded && instance.status == .running && instance.pendingRestart == .none)
      #expect(server.machine.answer(atPort: instance.basePort) == "200")
      #expect(
        server.things == ["odeum-shop-db", "odeum-shop", "odeum-shop-data", "odeum-shop-db", "odeum-shop"])
      let stop = try await hosting.stopInstance("shop", by: person)
      #expect(try await end(of: stop, hosting, person) == .succeeded)
      #expect(server.engine.inventory.containers.allSatisfy { !$0.isRunning })
      let start = try await hosting.startInstance("shop", by: person)
      #expect(try await end(of: start, hosting, person) == .succeeded)
      for mode in RestartMode.allCases {
        let restart = try await hosting.restartInstance("shop", mode: mode, by: person)
        #expect(try await end(of: restart, hosting, person) == .succeeded)
        #expect(server.machine.answer(atPort: instance.basePort) == "200")
      }
      let remove = try await hosting.removeInstance("shop", by: person)
      #expect(try await end(of: remove, hosting, person) == .succeeded)
      #expect(server.things.isEmpty)
      #expect(server.engine.inventory.namelesslyMounted == [], "volumes of which nobody knows whose they are")
    }
  }

  @Test(
    "a port that a program takes after it was chosen is exchanged for another block",
    arguments: [10_003, 10_000])
  func takenPort(port: Int) async throws {
    try await SimulatedServer.run { server in
      // The kernel's table does not show it when the ports are chosen, and Docker cannot bind it.
      server.engine.hiddenPorts = [port]
      let (state, instance) = try await server.create(server.wish())
      #expect(state == .succeeded && instance.basePort == 10_010)
      #expect(server.machine.answer(atPort: 10_010) == "200")
      #expect(server.engine.inventory.containers.count == 2)
      #expect(try await server.log(of: instance).contains { $0.contains("moves to ports 10010–10019") })
    }
  }

  @Test func `ports that were asked for are not exchanged`() async throws {
    try await SimulatedServer.run { server in
      server.engine.hiddenPorts = [12_003]
      let (state, instance) = try await server.create(server.wish(port: 12_000))
      #expect(state == .failed && instance.status == .failed && instance.basePort == 12_000)
      #expect(instance.statusReason.contains("Port 12003 is already in use on the host"))
    }
  }

  @Test func `a port whose container goes while somebody looks for it is had at the second try`() async throws
  {
    try await SimulatedServer.run { server in
      server.engine.lostPorts = [10_003: 1]
      let (state, instance) = try await server.create(server.wish())
      #expect(state == .succeeded && instance.basePort == 10_000)
    }
  }

  @Test func `a port of a container that is only being started is not taken for lost`() async throws {
    try await SimulatedServer.run { server in
      server.engine.load(OdooPrograms.images())
      server.engine.lostPorts = [10_003: 1]
      var spec = ContainerSpec(image: "postgres:16")
      spec.portBindings = [PortBinding(5432, hostPort: 10_003)]
      _ = try await DockerEngine(transport: server.engine).createContainer("foreign", spec)
      let (state, instance) = try await server.create(server.wish())
      #expect(state == .succeeded && instance.basePort == 10_010)
      let log = try await server.log(of: instance)
      #expect(
        log.contains { $0.contains("Another program has taken port 10003 of local meanwhile") }, "\(log)")
    }
  }

  @Test func `a port that Docker keeps for nobody is left to it, unless it was asked for`() async throws {
    try await SimulatedServer.run { server in
      server.engine.lostPorts = [10_003: .max]
      let (state, instance) = try await server.create(server.wish())
      #expect(state == .succeeded && instance.basePort == 10_010)
      let log = try await server.log(of: instance)
      let words =
        "Docker on local keeps port 10003 for a container that it no longer has, until it is started anew"
      #expect(log.contains { $0.contains(words) }, "\(log)")
    }
    try await SimulatedServer.run { server in
      server.engine.lostPorts = [12_003: .max]
      let (state, instance) = try await server.create(server.wish(port: 12_000))
      #expect(state == .failed)
      #expect(instance.statusReason.contains("Docker on local keeps port 12003"), "\(instance.statusReason)")
    }
  }

  @Test func `on a server for several organisations neither names nor ports tell that there are others`()
    async throws
  {
    try await SimulatedServer.run { server in
      let main = server.person
      _ = try await server.hosting.createOrganisation(slug: "globex", name: nil, by: main)
      var share = ServerChange()
      share.sharedWith = [main.organisationSlug, "globex"]
      _ = try await server.hosting.editServer("local", share, by: main)
      let globex = try await server.hosting.person(Hosting.firstEmail, in: "globex")
      var ports: Set<Int> = []
      for actor in [main, globex] {
        for name in ["shop", "erp"] {
          let created = try await server.hosting.createInstance(
            server.wish(name), idempotencyKey: nil, by: actor)
          #expect(try await end(of: created.operation, server.hosting, actor) == .succeeded)
          #expect(created.instance.parts.odoo.contains(try Regex("^odeum-\(name)-[0-9a-z]{1,4}$")))
          ports.insert(created.instance.basePort)
        }
      }
      // One in forty thousand million.
      #expect(ports.count == 4 && ports != [10_000, 10_010, 10_020, 10_030])
    }
  }

  @Test func `a foreign container of the same name fails the creation and is not touched`() async throws {
    try await SimulatedServer.run { server in
      server.engine.load(OdooPrograms.images())
      let foreign = try await DockerEngine(transport: server.engine).createContainer(
        "odeum-shop-db", ContainerSpec(image: "postgres:16"))
      let (state, instance) = try await server.create(server.wish())
      #expect(state == .failed && instance.status == .failed)
      #expect(
        instance.statusReason.contains("there is a container “odeum-shop-db” that does not belong to shop"))
      let removal = try await server.hosting.removeInstance("shop", by: server.person)
      #expect(try await end(of: removal, server.hosting, server.person) == .succeeded)
      #expect(server.engine.inventory.containers.map(\.id) == [foreign])
    }
  }

  @Test func `a foreign volume of the same name fails the creation and is not touched`() async throws {
    try await SimulatedServer.run { server in
      _ = try await DockerEngine(transport: server.engine).createVolume("odeum-shop-data")
      let (state, instance) = try await server.create(server.wish())
      #expect(state == .failed)
      #expect(
        instance.statusReason.contains("there is a volume “odeum-shop-data” that does not belong to this"))
      let removal = try await server.hosting.removeInstance("shop", by: server.person)
      #expect(try await end(of: removal, server.hosting, server.person) == .succeeded)
      #expect(server.things == ["odeum-shop-data"])
    }
  }

  @Test func `Odoo that ends in its start without a word is started again, and not for ever`() async throws {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      var wish = server.wish()
      wish.settings.autoRestart = false
      #expect(try await server.create(wish).state == .succeeded)
      for (ends, expected) in [(2, Operation.State.succeeded), (3, .failed)] {
        server.machine.programs.stumbles.set(ends)
        let restart = try await hosting.restartInstance("shop", mode: .soft, by: person)
        #expect(try await end(of: restart, hosting, person) == expected)
      }
      let reason = try await hosting.instance("shop", by: person).statusReason
      #expect(reason.contains("Odoo ended with status 1 and did not say why."))
    }
  }

  @Test(arguments: RestartMode.allCases)
  func `where Odoo does not come up with what was changed, it runs as before`(mode: RestartMode) async throws
  {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      var wish = server.wish()
      wish.settings.autoRestart = false
      #expect(try await server.create(wish).state == .succeeded)
      var change = SettingsChange()
      change.odooConf = "server_wide_modules = base,web,\(OdooPrograms.poison)"
      change.workers = .some(3)
      _ = try await hosting.changeSettings(of: "shop", change, by: person)
      let stopAndStart = {
        let stop = try await hosting.stopInstance("shop", by: person)
        #expect(try await end(of: stop, hosting, person) == .succeeded)
        return try await hosting.startInstance("shop", by: person)
      }
      for ask in [{ try await hosting.restartInstance("shop", mode: mode, by: person) }, stopAndStart] {
        let operation = try await ask()
        #expect(try await end(of: operation, hosting, person) == .failed)
        let instance = try await hosting.instance("shop", by: person)
        #expect(instance.status == .running)
        #expect(
          instance.statusReason.hasPrefix("Runs as before. Wait until it answers: Odoo ended with status 1"))
        #expect(instance.appliedSettings?.odooConf == "" && instance.pendingRestart != .none)
        #expect(server.machine.answer(atPort: instance.basePort) == "200")
      }
      change = SettingsChange()
      change.odooConf = ""
      _ = try await hosting.changeSettings(of: "shop", change, by: person)
      let mended = try await hosting.restartInstance("shop", mode: .hard, by: person)
      #expect(try await end(of: mended, hosting, person) == .succeeded)
      #expect(try await hosting.instance("shop", by: person).appliedSettings?.workers == 3)
      // What was not changed would fail once more.
      server.machine.programs.stumbles.set(3)
      let restart = try await hosting.restartInstance("shop", mode: mode, by: person)
      #expect(try await end(of: restart, hosting, person) == .failed)
      #expect(try await hosting.instance("shop", by: person).status == .failed)
    }
  }

  @Test func `a restart that is called off while Odoo does not answer leaves it as it was before`()
    async throws
  {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      #expect(try await server.create(server.wish()).state == .succeeded)
      var change = SettingsChange()
      change.odooConf = "server_wide_modules = base,web,\(OdooPrograms.wax)"
      _ = try await hosting.changeSettings(of: "shop", change, by: person)
      let restart = try await hosting.restartInstance("shop", mode: .soft, by: person)
      let state = try await server.end(of: restart, doing: "Wait until it answers") {
        _ = try await hosting.cancelOperation(restart.id, by: person)
      }
      let instance = try await hosting.instance("shop", by: person)
      #expect(state == .cancelled && instance.status == .running)
      #expect(instance.statusReason == "Runs as before: what was asked for was cancelled.")
      #expect(server.machine.answer(atPort: instance.basePort) == "200")
      #expect(instance.pendingRestart == .soft)
    }
  }

  @Test func `settings that are saved while Odoo comes up wait, and do not count as in effect`() async throws
  {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      /// Saves bad settings while Odoo does not answer yet, and gives what became of the operation.
      func save(_ workers: Int, during operation: Hosting.Operation) async throws -> Hosting.Operation.State {
        try await server.end(of: operation, doing: "Wait until it answers") {
          var change = SettingsChange()
          change.odooConf = "server_wide_modules = base,web,\(OdooPrograms.poison)"
          change.workers = .some(workers)
          _ = try await hosting.changeSettings(of: "shop", change, by: person)
          // Another worker begins the step anew.
          await server.worker.exchange()
          server.machine.programs.silences.set(0)
        }
      }
      var wish = server.wish()
      wish.settings.autoRestart = false
      server.machine.programs.silences.set(.max)
      let created = try await hosting.createInstance(wish, idempotencyKey: nil, by: person)
      #expect(try await save(2, during: created.operation) == .succeeded)
      for (mode, workers) in zip(RestartMode.allCases, [3, 4]) {
        let now = try await hosting.instance("shop", by: person)
        #expect(now.appliedSettings?.odooConf == "" && now.pendingRestart != .none, "\(mode)")
        #expect(now.settings.workers == workers - 1)
        // What was not in effect is taken back; what was saved stays saved.
        let bad = try await hosting.restartInstance("shop", mode: mode, by: person)
        #expect(try await end(of: bad, hosting, person) == .failed)
        #expect(try await hosting.instance("shop", by: person).status == .running)
        var change = SettingsChange()
        change.odooConf = ""
        _ = try await hosting.changeSettings(of: "shop", change, by: person)
        server.machine.programs.silences.set(.max)
        let restart = try await hosting.restartInstance("shop", mode: mode, by: person)
        #expect(try await save(workers, during: restart) == .succeeded)
      }
      #expect(try await hosting.instance("shop", by: person).appliedSettings?.workers == 3)
    }
  }

  @Test func `what is called off before it began leaves the instance as it was`() async throws {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      #expect(try await server.create(server.wish()).state == .succeeded)
      #expect(try await server.create(server.wish("rest")).state == .succeeded)
      let stop = try await hosting.stopInstance("rest", by: person)
      #expect(try await end(of: stop, hosting, person) == .succeeded)
      let (shop, rest) = (
        try await hosting.instance("shop", by: person), try await hosting.instance("rest", by: person)
      )
      // The worker has as much to do as it takes on.
      server.machine.programs.silences.set(.max)
      var others: [Hosting.Operation] = []
      for number in 0..<4 {
        others.append(
          try await hosting.createInstance(server.wish("busy-\(number)"), idempotencyKey: nil, by: person)
            .operation)
      }
      let asks = [
        { try await hosting.stopInstance("shop", by: person) },
        { try await hosting.restartInstance("shop", mode: .hard, by: person) },
        { try await hosting.removeInstance("shop", by: person) },
        { try await hosting.startInstance("rest", by: person) },
      ]
      for ask in asks {
        let operation = try await ask()
        _ = try await hosting.cancelOperation(operation.id, by: person)
        #expect(try await end(of: operation, hosting, person) == .cancelled)
        for before in [shop, rest] {
          let now = try await hosting.instance(before.name.text, by: person)
          #expect(now.status == before.status && now.statusReason == before.statusReason, "\(operation.kind)")
          #expect(now.desired == before.desired && now.statusJob == before.statusJob, "\(operation.kind)")
        }
      }
      server.machine.programs.silences.set(0)
      for other in others { #expect(try await end(of: other, hosting, person) == .succeeded) }
      #expect(server.machine.answer(atPort: shop.basePort) == "200")
    }
  }

  @Test func `what only waited for its server and is called off leaves the instance as it was`() async throws
  {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      #expect(try await server.create(server.wish()).state == .succeeded)
      let before = try await hosting.instance("shop", by: person)
      server.engine.change { $0.livesOn = true }
      for ask in [
        { try await hosting.stopInstance("shop", by: person) },
        { try await hosting.removeInstance("shop", by: person) },
        { try await hosting.restartInstance("shop", mode: .hard, by: person) },
      ] {
        server.engine.goDown()
        let operation = try await ask()
        var (state, isCalledOff) = (operation.state, false)
        for try await event in try await hosting.followOperation(operation.id, by: person) {
          guard case .changed(let operation) = event else { continue }
          state = operation.state
          guard !isCalledOff, operation.reason?.hasPrefix("Waits for local") == true else { continue }
          isCalledOff = true
          _ = try await hosting.cancelOperation(operation.id, by: person)
        }
        // Nobody has to wait for the server for that.
        #expect(state == .cancelled && isCalledOff)
        server.engine.comeUp()
        let now = try await hosting.instance("shop", by: person)
        #expect(now.status == .running && now.statusReason == before.statusReason, "\(operation.kind)")
        #expect(now.desired == .running, "\(operation.kind)")
        #expect(server.machine.answer(atPort: now.basePort) == "200")
      }
    }
  }

  @Test func `a creation called off when Odoo answers leaves nothing, and nobody looks for its data`()
    async throws
  {
    try await SimulatedServer.run(writingDown: .seconds(600)) { server in
      let (hosting, person) = (server.hosting, server.person)
      let created = try await hosting.createInstance(server.wish(), idempotencyKey: nil, by: person)
      let state = try await server.end(of: created.operation, doing: "Write everything to disk") {
        _ = try await hosting.cancelOperation(created.operation.id, by: person)
      }
      let instance = try await hosting.instance("shop", by: person)
      #expect(state == .cancelled && server.things.isEmpty)
      #expect(instance.appliedSettings == nil, "it has never lived")
      #expect(instance.status == .failed && instance.statusReason.hasPrefix("Its creation was cancelled"))
      for ask in [
        { _ = try await hosting.startInstance("shop", by: person) },
        { _ = try await hosting.stopInstance("shop", by: person) },
        { _ = try await hosting.restartInstance("shop", mode: .soft, by: person) },
        { _ = try await hosting.restartInstance("shop", mode: .hard, by: person) },
      ] {
        let refused = await #expect(throws: HostingError.self) { try await ask() }
        #expect(
          refused?.message == "shop was never made as a whole: its creation ended before its database was.")
      }
    }
  }

  @Test func `two creations at once prepare one database`() async throws {
    try await SimulatedServer.run { server in
      async let first = server.create(server.wish("one"))
      async let second = server.create(server.wish("two"))
      let states = try await [first.state, second.state]
      #expect(states == [.succeeded, .succeeded])
      let prepared = server.engine.inventory.volumes.keys.filter { $0.hasPrefix("odeum-prepared-") }
      #expect(prepared.count == 2, "a cluster and the files to it")
    }
  }
}
