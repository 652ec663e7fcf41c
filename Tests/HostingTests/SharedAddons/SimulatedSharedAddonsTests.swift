import Docker
import Foundation
import Testing

@testable import Hosting
@testable import SimulatedDocker
@testable import SimulatedFleet

/// Shared addons on a simulated server, where folders come and go, and links are laid.
@Suite("Shared addons on a simulated server", .timeLimit(.minutes(2)))
struct SimulatedSharedAddonsTests {
  private func offer(_ folders: [String], _ server: SimulatedServer) async throws {
    var change = ServerChange()
    change.sharedFolders = folders
    _ = try await server.hosting.editServer("local", change, by: server.person)
  }

  private func use(_ path: String, _ server: SimulatedServer) async throws {
    var change = SettingsChange()
    change.sharedAddons = path
    _ = try await server.hosting.changeSettings(of: "shop", change, by: server.person)
  }

  private func restart(_ server: SimulatedServer, _ mode: RestartMode = .hard) async throws -> (
    Hosting.Operation.State, Instance
  ) {
    let restart = try await server.hosting.restartInstance("shop", mode: mode, by: server.person)
    let state = try await end(of: restart, server.hosting, server.person)
    return (state, try await server.hosting.instance("shop", by: server.person))
  }

  private func mounts(_ server: SimulatedServer) async throws -> [Mount] {
    let container = try await DockerEngine(transport: server.engine).container("odeum-shop")
    return container?.mounts.filter { $0.target.hasPrefix("/mnt/odeum") } ?? []
  }

  private func conf(_ server: SimulatedServer, _ instance: Instance) -> String {
    let container = server.engine.container(publishing: instance.basePort)
    return String(decoding: container?.view.files["/etc/odoo/odoo.conf"] ?? [], as: UTF8.self)
  }

  private func put(_ path: String, _ server: SimulatedServer) {
    server.machine.change { $0.files.write(Array("{}".utf8), to: "\(path)/__manifest__.py") }
  }

  @Test func `a folder is mounted by a hard restart, searched, and let go by the next`() async throws {
    try await SimulatedServer.run { server in
      put("/srv/shared/retail/loyalty", server)
      try await offer(["/srv/shared"], server)
      #expect(try await server.create(server.wish()).state == .succeeded)
      try await use("/srv/shared/retail", server)
      let (soft, before) = try await restart(server, .soft)
      #expect(soft == .succeeded && before.pendingRestart == .hard)
      #expect(try await mounts(server).isEmpty)
      let (hard, after) = try await restart(server)
      #expect(hard == .succeeded && after.pendingRestart == .none)
      #expect(
        try await mounts(server)
          == [Mount(.bind("/srv/shared"), at: "/mnt/odeum/shared/srv/shared", readOnly: true)])
      #expect(conf(server, after).contains("addons_path = /mnt/odeum/shared/srv/shared/retail\n"))
      #expect(
        try await server.log(of: after).contains("Shared addons: /srv/shared/retail on local."))
      try await use("", server)
      let (off, without) = try await restart(server)
      #expect(off == .succeeded && !conf(server, without).contains("addons_path"))
      #expect(try await mounts(server).isEmpty)
      try await offer([], server)
    }
  }

  @Test func `what is missing or leads elsewhere ends a restart before anything is stopped`() async throws {
    try await SimulatedServer.run { server in
      put("/srv/shared/retail/loyalty", server)
      server.machine.change { state in
        state.files.makeFolder("/etc/ssl")
        state.files.makeFolder("/srv/shared-evil")
        state.files.link("/srv/shared/etc", to: "/etc")
        state.files.link("/srv/shared/evil", to: "/srv/shared-evil")
        state.files.link("/srv/shared/circle", to: "/srv/shared/circle")
      }
      try await offer(["/srv/shared"], server)
      #expect(try await server.create(server.wish()).state == .succeeded)
      let container = try await DockerEngine(transport: server.engine).container("odeum-shop")?.id
      for (path, said) in [
        ("gone", "There is no folder /srv/shared/gone on local, where shop has shared addons from."),
        ("circle", "There is no folder /srv/shared/circle on local"),
        ("etc", "/srv/shared/etc on local leads to /etc, which lies outside of /srv/shared."),
        ("etc/ssl", "/srv/shared/etc/ssl on local leads to /etc/ssl, which lies outside of /srv/shared."),
        ("evil", "leads to /srv/shared-evil, which lies outside of /srv/shared."),
        ("retail/loyalty/__manifest__.py", "is no folder."),
      ] {
        try await use("/srv/shared/\(path)", server)
        let (state, instance) = try await restart(server)
        #expect(state == .failed && instance.status == .running, "\(path)")
        #expect(instance.statusReason.contains(said), "\(instance.statusReason)")
        #expect(server.machine.answer(atPort: instance.basePort) == "200")
      }
      #expect(
        try await DockerEngine(transport: server.engine).container("odeum-shop")?.id == container,
        "it was made anew for nothing")
    }
  }

  @Test
  func `a link that is laid or a folder that goes after the settings were saved is found at the next start`()
    async throws
  {
    try await SimulatedServer.run { server in
      let (hosting, person) = (server.hosting, server.person)
      put("/srv/shared/retail/loyalty", server)
      try await offer(["/srv/shared"], server)
      var wish = server.wish()
      wish.settings.sharedAddons = "/srv/shared/retail"
      #expect(try await server.create(wish).state == .succeeded)
      server.machine.change { state in
        state.files.makeFolder("/etc")
        state.files.remove("/srv/shared/retail")
        state.files.link("/srv/shared/retail", to: "/etc")
      }
      // A soft one starts with what is in effect, which leads elsewhere by now.
      for mode in RestartMode.allCases {
        let (state, instance) = try await restart(server, mode)
        #expect(state == .failed && instance.status == .running)
        #expect(instance.statusReason.contains("leads to /etc, which lies outside of /srv/shared."))
      }
      let stop = try await hosting.stopInstance("shop", by: person)
      #expect(try await end(of: stop, hosting, person) == .succeeded)
      let start = try await hosting.startInstance("shop", by: person)
      #expect(try await end(of: start, hosting, person) == .failed)
      #expect(try await hosting.instance("shop", by: person).status == .failed)
      // The folder that is offered itself leads to what is the host's own.
      server.machine.change { state in
        state.files.makeFolder("/etc/retail")
        state.files.remove("/srv/shared")
        state.files.link("/srv/shared", to: "/etc")
      }
      let second = try await hosting.startInstance("shop", by: person)
      #expect(try await end(of: second, hosting, person) == .failed)
      #expect(
        try await hosting.instance("shop", by: person).statusReason.contains("stays the host’s own"))
      server.machine.change { $0.files.remove("/srv/shared") }
      put("/srv/shared/retail/loyalty", server)
      let third = try await hosting.startInstance("shop", by: person)
      #expect(try await end(of: third, hosting, person) == .succeeded)
    }
  }

  @Test func `a folder without a module is remarked on, and Odoo starts`() async throws {
    try await SimulatedServer.run { server in
      server.machine.change { $0.files.makeFolder("/srv/shared") }
      try await offer(["/srv/shared"], server)
      var wish = server.wish()
      wish.settings.sharedAddons = "/srv/shared"
      let (state, instance) = try await server.create(wish)
      #expect(state == .succeeded)
      #expect(
        try await server.log(of: instance).contains {
          $0.hasPrefix("There is no module in /srv/shared on local")
        })
    }
  }

  @Test func `a folder that is not offered any more, behind the back of the rules, is not mounted`()
    async throws
  {
    try await SimulatedServer.run { server in
      put("/srv/shared/loyalty", server)
      try await offer(["/srv/shared"], server)
      #expect(try await server.create(server.wish()).state == .succeeded)
      try await use("/srv/shared", server)
      // As after a restore of the control plane.
      let id = try await server.hosting.serverStore.all(atOnce)[0].id
      try await server.hosting.serverStore.setFolders(id, shared: [], filestores: [], atOnce)
      let (state, instance) = try await restart(server)
      #expect(state == .failed && instance.status == .running)
      #expect(
        instance.statusReason.contains("“/srv/shared” lies in no folder that local offers to its instances."))
    }
  }
}
