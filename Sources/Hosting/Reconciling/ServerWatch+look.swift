import Docker
import Foundation
import Jobs
import Logging
import Postgres

extension ServerWatch {
  /// How many containers that go on as before are looked at more closely at a time: after a start of the control
  /// plane that is every one, and none is in a hurry.
  private static let closerLooksAtOnce = 8

  /// Looks at everything on the server, compares with the database, and does what follows.
  func look() async throws {
    rest = nil
    guard let server = try await current() else { return }
    if told == nil {
      let known = try await hosting.absenceStore.known(of: server.id, atOnce)
      reachability = Reachability(known, spread: timing.spread)
      told = known
    }
    let runtime = await hosting.fleet.runtime(on: server.reference, epoch: epoch)
    var seen: SeenServer
    var isWhole: Bool
    let now: Server
    let asked = clock.now
    do {
      touched = []
      try await awaitEnds(runtime)
      seen = try await see(runtime)
      now = try await answered(server, runtime)
      isWhole = try await lookCloser(at: &seen, runtime)
      // So that asking how full the host is, later, is one question.
      if docker == nil { docker = try await runtime.seeEngine() }
    } catch let error as CancellationError {
      throw error
    } catch let error as PostgresError {
      throw error
    } catch {
      reachability.failed(.list, HostingError(translating: error).description, asked: asked, at: clock.now)
      return try await findOut(server, runtime, since: asked)
    }
    let store = hosting.watchStore
    // Before what it marks is read.
    var mark = try await store.mark(of: server.id, atOnce)
    var recorded = try await hosting.recorded(of: now, runtime, seen: seen)
    orders.keep(Set(recorded.instances.map(\.instance.id)))
    var findings = Reconciliation.plan(database: recorded, seen: seen)
    var all = findings
    let confirmations = findings.compactMap(\.confirmation)
    if !confirmations.isEmpty {
      if confirmations.contains(.later) { try await awaitOrders(of: findings) }
      try await awaitEnds(runtime)
      var again = try await see(runtime)
      isWhole = try await lookCloser(at: &again, runtime)
      again.folders = again.folders ?? seen.folders
      mark = try await store.mark(of: server.id, atOnce)
      recorded = try await hosting.recorded(of: now, runtime, seen: again)
      let first = Set(findings)
      all = Reconciliation.plan(database: recorded, seen: again)
      findings = all.filter { $0.confirmation == nil || first.contains($0) }
      seen = again
    }
    var strays = findings.compactMap { if case .stray(let thing) = $0 { thing } else { nil } }
    if !strays.isEmpty { strays = strays.filter(Set(seen.things).contains) }
    try await hosting.strayStore.note(strays, on: server.id, withFolders: seen.folders != nil)
    findings = findings.filter { isDue($0) }
    await Reconciler(hosting: hosting, server: now, runtime: runtime, recorded: recorded).carryOut(findings)
    if isWhole, let mark, let listMark = seen.listMark, all.allSatisfy(\.changesNothing) {
      rest = Rest(server: now, mark: mark, listMark: listMark, seen: seen)
    }
  }

  /// Docker tells of a container's end first, then takes it off its networks, and only then lists it as ended (measured:
  /// 0.1 s and more with Docker 20.10.24). It does not answer for that container before.
  private func awaitEnds(_ runtime: DockerRuntime) async throws {
    let containers = ended
    ended = []
    for id in containers {
      _ = try await runtime.within(timing.patience) { try await runtime.engine.container(id) }
    }
  }

  /// Waits for as long as Docker may be in the middle of something: a moment, where somebody's order explains what was
  /// found, be it told only now. That nothing follows an end is told by nobody, so the clock ends the long wait.
  private func awaitOrders(of findings: [Finding]) async throws {
    if !orders.explain(findings) {
      let (told, tell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
      onOrder = tell
      defer { onOrder = nil }
      try await withThrowingTaskGroup { group in
        group.addTask { [timing] in try await Task.sleep(for: timing.confirmation) }
        group.addTask {
          for await _ in told where await self.orders.explain(findings) { return }
          try Task.checkCancellation()
        }
        try await group.next()
        group.cancelAll()
      }
    }
    if orders.explain(findings) { try await Task.sleep(for: timing.settling) }
  }

  /// Everything on the server, without a closer look at anything.
  private func see(_ runtime: DockerRuntime) async throws -> SeenServer {
    let now = clock.now
    let withFolders = rota.isDue(.folders, at: now)
    let seen = try await runtime.see(folders: withFolders, patience: timing.patience)
    rota.note(.volumes, at: now)
    rota.note(.networks, at: now)
    if withFolders { rota.note(.folders, at: now) }
    rota.note(.containers, at: now)
    parts = Set((seen.volumes + seen.networks).map(\.id))
    return seen
  }

  /// Looks more closely at those containers to which something happened since they were last seen, and at some of
  /// those that nobody has looked at yet.
  ///
  /// - Returns: whether every container was looked at by now.
  private func lookCloser(at seen: inout SeenServer, _ runtime: DockerRuntime) async throws -> Bool {
    let now = clock.now
    let (urgent, others) = wanting(among: seen.containers, at: now)
    lastList = (now, Dictionary(seen.containers.map { ($0.thing.id, $0) }) { $1 })
    closerLooks = closerLooks.filter { lastList?.containers[$0.key] != nil }
    loops.keep(Set(seen.containers.map(\.thing.id)))
    let wanting = urgent + others.prefix(Self.closerLooksAtOnce)
    for container in urgent { closerLooks[container.thing.id] = nil }
    let looked = try await runtime.lookCloser(at: wanting)
    for container in wanting where !touched.contains(container.thing.id) {
      closerLooks[container.thing.id] = looked[container.thing.id].map { CloserLook(details: $0) }
    }
    for index in seen.containers.indices {
      let id = seen.containers[index].thing.id
      seen.containers[index].take(looked[id] ?? closerLooks[id]?.details)
      if let count = seen.containers[index].details?.restarts { loops.note(id, count: count, at: now) }
    }
    seen.restarts = loops.restarts(at: now)
    return others.count <= Self.closerLooksAtOnce
  }

  /// The containers of instances that want a closer look: those of instances to which something happened, and those
  /// that can wait.
  private func wanting(
    among containers: [SeenContainer], at now: ContinuousClock.Instant
  ) -> (urgent: [SeenContainer], others: [SeenContainer]) {
    var changed: Set<UUID> = []
    var wanting: [(container: SeenContainer, instance: UUID)] = []
    for container in containers {
      guard let instance = container.thing.instance else { continue }
      let id = container.thing.id
      let known = closerLooks[id]
      let former = lastList.flatMap { list in
        list.containers[id].map { (container: $0, elapsed: list.at.duration(to: now)) }
      }
      let isStill =
        if let former { container.isStill(former.container, after: former.elapsed) } else {
          container.isSettled
        }
      if !isStill || (known == nil && !container.isSettled) { changed.insert(instance) }
      if known?.isOld != false || !isStill { wanting.append((container, instance)) }
    }
    return (
      wanting.filter { changed.contains($0.instance) }.map(\.container),
      wanting.filter { !changed.contains($0.instance) }.map(\.container)
    )
  }

  /// A prepared database that nobody knows is left alone for a while.
  private func isDue(_ finding: Finding) -> Bool {
    guard case .forgottenPreparation(let key) = finding else { return true }
    let since = forgottenSince[key] ?? clock.now
    forgottenSince[key] = since
    guard since.duration(to: clock.now) >= timing.preparedGrace else { return false }
    forgottenSince[key] = nil
    return true
  }

  /// Notes that Docker answered.
  ///
  /// - Returns: the server, with new facts where these were asked.
  private func answered(_ server: Server, _ runtime: DockerRuntime) async throws -> Server {
    noteAnswer(.list)
    reconnect = timing.reconnect
    var server = server
    if told != .present { hosting.logger.notice("\(name) answers again") }
    var facts: ServerFacts?
    if told != .present || server.facts.cores == nil { facts = try await seeFacts(runtime) }
    try await hosting.absenceStore.setPresent(server.id, facts: facts)
    told = .present
    if let facts { server.facts = facts }
    guard owesWake else { return server }
    let waiting = try await hosting.jobs.wakeWaiting(
      on: [server.id] + hosting.instanceStore.identities(on: server.id, atOnce))
    owesWake = false
    if waiting > 0 { hosting.logger.notice("\(waiting) operations that waited for \(name) go on") }
    return server
  }
}

extension SeenContainer {
  /// Whether it runs, and has for longer than it takes to notice that.
  fileprivate var isSettled: Bool {
    status == .running && StatusAge(summary).atLeast.map { $0 >= .seconds(60) } ?? false
  }
}

extension Finding {
  /// Whether nothing follows from it but that it is shown.
  fileprivate var changesNothing: Bool { if case .stray = self { true } else { false } }
}
