import Docker
import Foundation
import Jobs
import Postgres
import Remote

extension Hosting {
  /// Looks whether a server is fit for instances, in visible steps. It is used once it was found fit.
  ///
  /// - Throws: `HostingError`: `notFound`, `forbidden`; `conflict` where another operation is under way.
  public func validateServer(_ reference: String, by actor: Actor) async throws -> Operation {
    let server = try await controlled(reference, by: actor)
    return try await operation(
      try await request(ValidateServer(server: server.id), on: server, by: actor), by: actor)
  }
}

/// Looks whether a server is fit for instances.
struct ValidateServer: ServerJob {
  static let kind = "server.validate"
  static let action = AuditAction.validateServer
  /// Whoever asks sits before it and can ask again.
  static var maxAttempts: Int { 1 }
  /// Whether it answers is what was asked.
  static var waitsForServer: Bool { false }

  let server: UUID

  static let steps: [Step<Self>] =
    [
      .step("Reach it", within: .seconds(60)) { work in try await work.reach() },
      .step("Sign in", within: .seconds(60)) { work in try await work.signIn() },
    ] + ServerChecks.steps()
}

/// The checks with which every validation and every preparation ends.
enum ServerChecks {
  static func steps<J: ServerJob>() -> [Step<J>] {
    [
      .step("Check the user’s rights", within: .seconds(120)) { work in
        try await work.check { work.verdict.rights }
      },
      .step("Check the operating system", within: .seconds(120)) { work in
        try await work.check { work.verdict.system }
      },
      .step("Check the clock", within: .seconds(120)) { work in try await work.checkClock() },
      .step("Check memory and disk", within: .seconds(120)) { work in try await work.checkRoom() },
      .step("Check programs and ports", within: .seconds(120)) { work in try await work.checkPrograms() },
      .step("Check Docker", within: .seconds(120)) { work in try await work.checkDocker() },
      .step("Take it into use", within: .seconds(180)) { work in try await work.takeIntoUse() },
    ]
  }
}

// MARK: - Steps

extension ServerWork {
  /// Compares the host's keys with the pinned ones, before anything is sent to it.
  func reach() async throws {
    guard let access = server.access else { return run.log("It is the machine of the control plane.") }
    let target = try await server.addressPolicy(hosting.configuration).checked(
      SSHTarget(address: server.address, port: access.port, user: access.user))
    let shown = try await HostKey.scan(target)
    guard let known = access.hostKeys.first(where: { pinned in shown.contains { $0.key == pinned.key } })
    else {
      throw SSHError.hostKeyChanged(
        host: server.name, expected: access.hostKeys.map(\.fingerprint), presented: shown.first?.fingerprint)
    }
    run.log("\(target.name) answers and shows the host key that was confirmed: \(known.fingerprint).")
  }

  func signIn() async throws {
    let user = try await visit { visit in
      try await visit.host.output(of: Command("true"), deadline: .seconds(30))
      return visit.user
    }
    run.log("Signed in as \(user).")
  }

  func check(_ judge: @Sendable () -> (SystemReport) throws -> [Remark]) async throws {
    let report = try await visit { try await $0.report(hosting) }
    tell(try judge()(report))
  }

  func checkClock() async throws {
    let (report, middle) = try await visit { visit in
      let before = Date()
      let report = try await visit.report(hosting)
      return (report, before.addingTimeInterval(Date().timeIntervalSince(before) / 2))
    }
    tell(try verdict.clock(report, now: middle))
  }

  func checkRoom() async throws {
    let (facts, path) = try await visit { visit in
      let path =
        try await visit.host.run(
          Command("test", "-d", "/var/lib/docker"), deadline: .seconds(30)
        ).exitStatus.isSuccess ? "/var/lib/docker" : "/var/lib"
      return (try await visit.host.facts(diskAt: path), path)
    }
    tell(try verdict.room(facts, diskAt: path, diskFloorMB: hosting.configuration.diskFloorMB))
  }

  func checkPrograms() async throws {
    let (report, listening) = try await visit { visit in
      (try await visit.report(hosting), try await visit.host.listeningPorts())
    }
    tell(try verdict.programs(report, listening: listening))
  }

  func checkDocker() async throws {
    let remarks = try await visit { visit in
      if server.kind != .local { try verdict.openings(try await visit.report(hosting)) }
      let version = try await visit.engine.version()
      // One that is too old is told of before it is asked anything else.
      var remarks = try verdict.engine(version)
      remarks += verdict.engine(try await visit.engine.info())
      let mending = try await visit.host.run(
        Command("test", "-e").operands(Word(HalfDeletedNetworks.unit)), deadline: .seconds(30))
      return remarks + verdict.start(of: version, isMended: mending.exitStatus.isSuccess)
    }
    tell(remarks)
  }

  /// Owns the server from here on, and notes what is seen through the connection that is kept.
  func takeIntoUse() async throws {
    let machine = try await visit { try await $0.report(hosting).machine }
    if !machine.isEmpty { try await know(machine) }
    var epoch = run.epoch
    if let held = epoch, await hosting.fleet.isFenced(server.kind) {
      epoch = try await hosting.fleet.takeOver(server.id, epoch: held)
    }
    let facts = try await hosting.fleet.runtime(on: server.reference, epoch: epoch).look()
    try await run.guarded { transaction in
      try await hosting.serverStore.setValidated(server.id, at: Date(), transaction)
      try await hosting.serverStore.setSeen(
        server.id, .ready, reason: "Docker answers.", facts: facts, transaction)
    }
    run.log("\(server.name) is ready for instances.")
  }

  private func know(_ machine: String) async throws {
    let store = hosting.serverStore
    do {
      var other = try await otherServer(with: machine)
      if other == nil { other = try await localWith(machine) }
      try verdict.identity(
        machine, formerly: try await store.machine(of: server.id, atOnce),
        instances: server.instances, otherServer: other)
      try await run.guarded { try await store.setMachine(server.id, machine, $0) }
    } catch let error as PostgresError where error.isUniqueViolation("servers_machine") {
      // Both were validated at the same time.
      let other = try await otherServer(with: machine)
      try verdict.identity(machine, formerly: nil, instances: 0, otherServer: other ?? "another server")
    } catch let error as HostingError where error.code == .conflict {
      // Nothing is done on a machine that is not the one that it is taken for.
      try await run.guarded { try await store.setValidated(server.id, at: nil, $0) }
      await hosting.fleet.close(server.id)
      throw error
    }
  }

  /// What the other server is called that has that id, to who has this one: another organisation's has no name.
  private func otherServer(with machine: String) async throws -> String? {
    guard
      let other = try await hosting.serverStore.server(withMachine: machine, but: server.id, atOnce)
    else { return nil }
    let isKnown = server.organisationID == nil || other.organisationID == server.organisationID
    return isKnown ? other.name : "another server of this installation"
  }

  /// The server that is this machine, where it has that id: it need not have been validated to be in use.
  private func localWith(_ machine: String) async throws -> String? {
    guard server.kind == .ssh,
      let local = try await hosting.serverStore.all(atOnce).first(where: { $0.kind == .local }),
      let own = try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)
    else { return nil }
    return own.trimmingCharacters(in: .whitespacesAndNewlines) == machine ? local.name : nil
  }
}
