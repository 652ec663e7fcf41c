import Docker
import Foundation
import Jobs
import PostgresTesting
import Remote
import Testing

@testable import Hosting

/// What the watcher sees and does on the real engine.
@Suite struct WatchTests {
  // MARK: - What belongs to nobody

  @Test func `what nobody knows is touched, or not shown, or removed without an order`() async throws {
    try await Stand.standing { stand in
      let hosting = stand.hosting
      let name = "odeum-lost-\(stand.id.uuidString.lowercased())"
      let labels = [
        Label.installation: hosting.installation.uuidString, Label.instance: UUID().uuidString,
      ]
      try await stand.put(name, labels)
      try await stand.watch.look()
      #expect(try await stand.isRunning(name))
      let strays = try await hosting.strays(by: stand.person)
      #expect(strays.map(\.name) == [name, name])
      #expect(Set(strays.map(\.kind)) == [.container, .volume])
      #expect(strays.allSatisfy { $0.labels[Label.instance] == labels[Label.instance] })
      var member = stand.person
      member.isOperator = false
      await #expect(throws: HostingError.self) { try await hosting.strays(by: member) }
      await #expect(throws: HostingError.self) { try await hosting.removeStray(strays[0].id, by: member) }
      #expect(try await stand.isRunning(name))

      let container = try #require(strays.first { $0.kind == .container })
      let volume = try #require(strays.first { $0.kind == .volume })
      let inUse = await #expect(throws: HostingError.self) {
        try await hosting.removeStray(volume.id, by: stand.person)
      }
      #expect(inUse?.code == .conflict)
      try await hosting.removeStray(container.id, by: stand.person)
      #expect(try await stand.engine.container(name) == nil)
      #expect(try await stand.engine.volume(name) != nil)

      // By the time of the order there is another volume of that name.
      try await stand.engine.removeVolume(name)
      let foreign = [Label.installation: UUID().uuidString, "odeum.test": stand.id.uuidString]
      _ = try await stand.engine.createVolume(name, labels: foreign)
      let refused = await #expect(throws: HostingError.self) {
        try await hosting.removeStray(volume.id, by: stand.person)
      }
      #expect(refused?.message.contains("is not this installation's") == true)
      #expect(try await stand.engine.volume(name) != nil)
      try await stand.watch.look()
      #expect(try await hosting.strays(by: stand.person).isEmpty)
      #expect(try await stand.instance().status == .running)
    }
  }

  @Test func `the rest of a removed instance stays, or what another installation has of it goes`()
    async throws
  {
    try await Stand.standing { stand in
      let suffix = stand.id.uuidString.lowercased()
      let others = [Label.installation: UUID().uuidString, Label.instance: stand.id.uuidString]
      try await stand.put("odeum-others-\(suffix)", others)
      try await stand.put("odeum-unlabelled-\(suffix)", [:])
      try await stand.runtime.folder(of: stand.id).ensure()
      try await stand.hosting.instanceStore.bury(stand.id, atOnce)
      try await stand.watch.look()
      #expect(try await stand.runtime.remains(of: stand.id) == [])
      #expect(try await stand.isRunning("odeum-others-\(suffix)"))
      #expect(try await stand.isRunning("odeum-unlabelled-\(suffix)"))
      #expect(try await stand.engine.volume("odeum-others-\(suffix)") != nil)
      #expect(try await stand.hosting.strays(by: stand.person).isEmpty)
    }
  }

  @Test func `a forgotten prepared database is removed at once, or never, or one that is known`() async throws
  {
    var timing = WatchTiming.quick
    timing.preparedGrace = .milliseconds(200)
    try await Stand.standing(timing: timing) { stand in
      let database = stand.hosting.database
      for key in ["known", "forgotten"] {
        _ = try await stand.engine.createVolume(
          "odeum-prepared-\(key)-\(stand.id.uuidString)",
          labels: [Label.installation: stand.hosting.installation.uuidString, Label.prepared: key])
      }
      try await database.execute(
        """
        insert into prepared_databases (server_id, key, origin, state, job)
        values (\(stand.plan.instance.server.id), 'known', '"x"', 'ready', \(UUID()))
        """)
      try await stand.watch.look()
      #expect(try await stand.engine.volume("odeum-prepared-forgotten-\(stand.id.uuidString)") != nil)
      try await eventually("it is removed") {
        try await stand.watch.look()
        return try await stand.engine.volume("odeum-prepared-forgotten-\(stand.id.uuidString)") == nil
      }
      #expect(try await stand.engine.volume("odeum-prepared-known-\(stand.id.uuidString)") != nil)
    }
  }

  // MARK: - Status

  @Test func `a container that is removed behind our back is not noticed within seconds`() async throws {
    try await Stand.standing { stand in
      try await stand.watching {
        try await stand.engine.remove(stand.names.odoo, force: true)
        // It ends before it is gone, and that may be told first.
        try await eventually("its removal is told") {
          try await stand.instance().statusReason.contains(
            "\(stand.names.odoo) was removed from local behind Odeum's back")
        }
      }
      #expect(try await stand.instance().status == .failed)
      #expect(try await stand.isRunning(stand.names.database))
    }
  }

  @Test(arguments: [ContainerRole.odoo, .database])
  func `what somebody stops or removes is told only when Docker can be in the middle of nothing any more`(
    role: ContainerRole
  ) async throws {
    try await Stand.standing(timing: .patient) { stand in
      try await stand.watching {
        try await stand.hears(role)
        try await stand.engine.stop(stand.names.container(role), timeout: .seconds(5))
        try await stand.awaits(.failed)
        try await stand.engine.remove(stand.names.container(role))
        try await eventually("its removal is told") {
          try await stand.instance().statusReason.contains("removed from local behind Odeum's back")
        }
      }
    }
  }

  @Test func `a restart by hand is taken for a stop`() async throws {
    try await Stand.standing(timing: .patient) { stand in
      let before = try await stand.instance().statusSince
      try await stand.watching {
        try await stand.hears(.odoo)
        for _ in 0..<5 {
          try await stand.engine.restart(stand.names.odoo, timeout: .seconds(5))
          #expect(try await stand.instance().status == .running)
        }
        // A look that comes after all of them: where one was taken for a stop, that is the reason.
        #expect(try await stand.instance().statusSince == before)
        try await stand.engine.stop(stand.names.database, timeout: .seconds(5))
        try await stand.awaits(.failed)
      }
      #expect(try await stand.instance().statusReason.contains("Its database container is not running."))
    }
  }

  @Test func `a crash loop goes on, or is not shown with its reason`() async throws {
    try await Stand.standing(autoRestart: true) { stand in
      try await stand.engine.remove(stand.names.odoo, force: true)
      try await stand.watching {
        try await stand.awaits(.failed)
        try await stand.make(odoo: "echo odoo: cannot go on; exit 3")
        try await stand.hosting.database.execute("update instances set status = 'running'")
        // Not for "restarting" first, which is over as soon as the loop is known for one.
        try await stand.awaits(.failed)
        try await eventually("it is stopped") {
          try await stand.engine.container(stand.names.odoo)?.state.status == .exited
        }
      }
      let reason = try await stand.instance().statusReason
      #expect(reason.contains("within 5 minutes and is not started again"))
      #expect(try await stand.engine.container(stand.names.odoo)?.restartCount ?? 0 >= CrashLoops.ends)
    }
  }

  @Test func `what went down with Docker stays down, or two starts are asked for`() async throws {
    try await Stand.standing { stand in
      try await stand.engine.kill(stand.names.odoo)
      try await stand.engine.kill(stand.names.database)
      try await stand.watch.look()
      try await stand.watch.look()
      let instance = try await stand.instance()
      #expect(instance.status == .restarting)
      let jobs = try await stand.hosting.jobs.jobs(.init(subject: stand.id))
      #expect(jobs.map(\.kind) == [StartInstance.kind])
      #expect(jobs.first?.id == instance.activeJob)
    }
  }

  @Test func `on a server in maintenance something is started, or nothing when that is over`() async throws {
    try await Stand.standing { stand in
      let server = stand.plan.instance.server.id
      try await stand.hosting.serverStore.setMode(server, .maintenance, atOnce)
      try await stand.engine.kill(stand.names.odoo)
      try await stand.engine.kill(stand.names.database)
      try await stand.watch.look()
      try await stand.watch.look()
      var instance = try await stand.instance()
      #expect(instance.status == .failed)
      #expect(instance.statusReason.contains("is in maintenance"))
      #expect(instance.activeJob == nil)
      try await stand.hosting.serverStore.setMode(server, .active, atOnce)
      try await stand.watch.look()
      instance = try await stand.instance()
      #expect(instance.status == .restarting)
      #expect(instance.activeJob != nil)
    }
  }

  @Test func `a start makes empty volumes where the data are gone`() async throws {
    try await Stand.standing { stand in
      for role in ContainerRole.allCases {
        try await stand.engine.remove(stand.names.container(role), force: true)
      }
      try await stand.engine.removeVolume(stand.names.cluster)
      try await stand.watch.look()
      let instance = try await stand.instance()
      #expect(instance.status == .failed)
      #expect(instance.statusReason.contains("\(stand.names.cluster) (database) is gone from local"))
      try await withWorker(stand.hosting) {
        let start = try await stand.hosting.startInstance(stand.id.uuidString, by: stand.person)
        #expect(try await end(of: start, stand.hosting, stand.person) == .failed)
      }
      #expect(try await stand.engine.volume(stand.names.cluster) == nil)
    }
  }

  @Test func `at rest, what no event told of is not noticed, or everything is looked at at every tick`()
    async throws
  {
    var timing = WatchTiming.quick
    timing.folders = .seconds(3600)
    try await Stand.standing(timing: timing) { stand in
      try await eventually("it is at rest") {
        try await stand.watch.look()
        return await stand.watch.rest != nil
      }
      let mark = await stand.watch.rest?.mark
      for _ in 0..<3 { try await stand.watch.tick() }
      // Nothing was looked at anew, since nothing has changed.
      #expect(await stand.watch.rest?.mark == mark)

      try await stand.hosting.database.execute("update instances set status = 'stopped', desired = 'stopped'")
      try await stand.watch.tick()
      #expect(try await stand.instance().status == .running)
      try await stand.hosting.database.execute("update instances set desired = 'running'")
      try await stand.watch.look()
      try await stand.watch.look()
      try await stand.engine.remove(stand.names.odoo, force: true)
      for _ in 0..<2 { try await stand.watch.tick() }
      #expect(try await stand.instance().status == .failed)
    }
  }

  // MARK: - Drift

  @Test func `limits that somebody changed are not told, or are mended, or stay told`() async throws {
    try await Stand.standing { stand in
      try await stand.watch.look()
      #expect(try await stand.instance().drift == [])
      let container = try #require(try await stand.engine.container(stand.names.odoo)?.id)
      try await stand.engine.update(container, .init(memory: 256 << 20))
      try await stand.watching {
        try await eventually("it is told") { try await !stand.instance().drift.isEmpty }
      }
      let drift = try await stand.instance().drift
      #expect(drift.map(\.kind) == [.limits])
      #expect(drift.first?.text.contains("has 256 MB memory limit") == true)
      try await stand.watch.look()
      #expect(try await stand.instance().drift == drift)
      #expect(try await stand.engine.container(container)?.limits.memory == 256 << 20)

      try await stand.engine.remove(container, force: true)
      try await stand.make()
      try await stand.watch.look()
      #expect(try await stand.instance().drift == [])
    }
  }

  @Test func `what the server and the stage want of containers is told as if somebody had changed them`()
    async throws
  {
    try await Stand.standing { stand in
      let database = stand.hosting.database
      try await database.execute("update servers set exposed = true")
      try await database.execute("update instances set stage = 'production' where id = \(stand.id)")
      try await stand.watch.look()
      let instance = try await stand.instance()
      #expect(instance.drift == [])
      #expect(instance.pendingChanges == [.ports(open: true), .stage(.production)])
    }
  }

  // MARK: - Docker that is away

  @Test func `without Docker instances fail, or operations do not wait, or do not go on`() async throws {
    try await EngineProxy.standing { proxy in
      try await Stand.standing(socket: proxy.socket) { stand in
        try await withWorker(stand.hosting) {
          try await stand.watching {
            try await stand.watch.look()
            try await proxy.end()
            try await eventually("it is seen to be down") {
              await stand.watch.state.absence == .dockerDown
            }
            try await eventually("it is told") { try await stand.instance().outOfSight != nil }
            let server = try await stand.hosting.serverStore.all(atOnce)[0]
            #expect(server.absence == .dockerDown)
            let away = try await stand.instance()
            #expect(away.status == .running)
            #expect(
              away.outOfSight?.hasPrefix("Docker on local is down. The Docker engine does not answer") == true
            )
            #expect(away.seenAt != nil)

            let stop = try await stand.hosting.stopInstance(stand.id.uuidString, by: stand.person)
            let jobs = stand.hosting.jobs
            try await eventually("it waits") { try await jobs.job(stop.id)?.state == .snoozed }
            let waiting = try #require(try await jobs.job(stop.id))
            #expect(waiting.reason?.hasPrefix("Waits for local: Docker on local is down.") == true)
            #expect(waiting.attempt == 1)

            let begin = ContinuousClock.now
            try await proxy.begin()
            #expect(try await end(of: stop, stand.hosting, stand.person) == .succeeded)
            // It was woken: by itself it looks every 30 seconds.
            #expect(ContinuousClock.now - begin < .seconds(25))
            try await eventually("it is seen again") { try await stand.instance().outOfSight == nil }
            #expect(try await stand.instance().status == .stopped)
          }
        }
      }
    }
  }

  @Test func `after Docker was away nobody looks before the rhythm says so`() async throws {
    var timing = WatchTiming.quick
    timing.rhythm = .seconds(3600)
    try await EngineProxy.standing { proxy in
      try await Stand.standing(socket: proxy.socket, timing: timing) { stand in
        try await stand.watching {
          try await stand.watch.look()
          try await proxy.end()
          try await eventually("it is seen to be down") { await stand.watch.state.absence == .dockerDown }
          try await proxy.begin()
          try await eventually("it is seen again") { await stand.watch.state == .present }
          try await eventually("it is told") { try await stand.instance().outOfSight == nil }
        }
      }
    }
  }

  @Test func `a server that is added is not watched, or one that is removed is watched on`() async throws {
    try await withHosting { hosting in
      var timing = WatchTiming.quick
      timing.servers = .milliseconds(20)
      let watching = Task { [timing] in try await hosting.runWatcher(timing: timing) }
      defer { watching.cancel() }
      let id = UUID()
      try await hosting.database.execute(
        "insert into servers (id, name, kind, address) values (\(id), 'second', 'local', '127.0.0.1')")
      hosting.held.set([Lane(id: id, epoch: 1)])
      try await eventually("it is looked at") {
        try await hosting.serverStore.get(id, atOnce)?.seenAt != nil
      }
      try await hosting.database.execute("delete from servers where id = \(id)")
      watching.cancel()
      await #expect(throws: CancellationError.self) { try await watching.value }
    }
  }
}
