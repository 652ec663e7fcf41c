import Foundation
import Odoo
import Remote

@testable import Hosting
@testable import Web

extension PlayedHosting {
  func backupStanding(by actor: Actor) async throws -> BackupStanding {
    try actor.requireOperator()
    return state.withLock { $0.backups }
  }

  func standing(by actor: Actor) async throws -> Standing {
    let (instances, operations) = state.withLock { ($0.instances, $0.operations) }
    return Standing(
      instances: Dictionary(grouping: instances, by: \.status).mapValues(\.count),
      jobsUnderWay: operations.filter { !$0.isFinished }.count,
      jobsDone: operations.filter { $0.state == .succeeded }.count,
      jobsFailed: operations.filter { $0.state == .failed }.count,
      troubles: instances.filter { $0.status == .failed }.map {
        .init(
          name: $0.name, stage: $0.stage, status: $0.status, reason: $0.statusReason, since: $0.statusSince)
      })
  }

  func instances(
    on server: UUID?, stage: Stage?, status: InstanceStatus?, search: String?, page: PageRequest,
    by actor: Actor
  ) async throws -> Page<InstanceSummary> {
    count("instances")
    let found = state.withLock { $0.instances }.sorted { $0.name < $1.name }.filter { instance in
      (server == nil || instance.server.id == server)
        && (stage == nil || instance.stage == stage) && (status == nil || instance.status == status)
        && (search == nil || instance.name.text.contains(search!))
        && (page.cursor == nil || instance.name.text > page.cursor!)
    }
    return Page(found.prefix(page.limit + 1).map(InstanceSummary.init), limit: page.limit) { $0.name.text }
  }

  func instance(_ reference: String, by actor: Actor) async throws -> Instance {
    let found = state.withLock { state in
      state.instances.first { $0.name.text == reference || $0.id.uuidString == reference.uppercased() }
    }
    guard let found else { throw HostingError.notFound("instance", reference) }
    return found
  }

  func createInstance(
    _ wish: NewInstance, idempotencyKey: IdempotencyKey?, by actor: Actor
  ) async throws -> CreatedInstance {
    try actor.require(.createInstances)
    count("createInstance")
    if let key = idempotencyKey, let id = state.withLock({ $0.keys[key] }) {
      let instance = try await instance(id.uuidString, by: actor)
      let operation = try await operation(instance.statusJob!, by: actor)
      return CreatedInstance(instance: instance, operation: operation, adminPassword: nil, notes: [])
    }
    let checked = try wish.checked(today: Date())
    let settings = try wish.settings.checked(
      onto: InstanceSettings(defaultsOf: checked.stage), version: checked.version, stage: checked.stage,
      cores: 2, offered: offered(by: actor), prefix: "settings.")
    let taken = state.withLock { state in state.instances.contains { $0.name == checked.name } }
    guard !taken else {
      let text = "The name “\(checked.name)” is not available."
      throw HostingError(.conflict, text, suggestion: "Choose another name.", fields: [.init("name", text)])
    }
    let server = state.withLock { $0.servers[0] }
    let count = state.withLock { $0.instances.count }
    let instance = Instance(
      id: UUID(), organisationID: actor.organisationID, server: server.reference, name: checked.name,
      version: checked.version, edition: checked.edition, stage: checked.stage, basePort: 10_000 + count * 10,
      origin: DatabaseOrigin(
        language: checked.language, country: checked.country, demo: wish.demo, modules: checked.modules,
        adminPassword: PasslibHash(rounds: 1, salt: [], key: [])),
      settings: settings.settings, settingsRevision: 1, appliedSettings: nil, desired: .running,
      status: .creating,
      statusReason: "Is being created.", statusSince: Date(), statusJob: nil, activeJob: nil,
      createdAt: Date())
    change(.instance(instance.id)) { state in
      state.instances.append(instance)
      if let idempotencyKey { state.keys[idempotencyKey] = instance.id }
    }
    let operation = play("instance.create", on: instance, Self.createSteps, as: .creating, by: actor) {
      instance in
      instance.status = .running
      instance.statusReason = "Answers."
      instance.appliedSettings = instance.settings
    }
    return CreatedInstance(
      instance: try await self.instance(instance.id.uuidString, by: actor), operation: operation,
      adminPassword: Secret("tR7vKmQzHk4NwPy2GxJc"), notes: checked.notes + settings.notes)
  }

  static let createSteps = [
    "Check the server", "Fetch the images", "Make network and volumes", "Copy the database",
    "Start PostgreSQL",
    "Start Odoo", "Wait until it answers",
  ]

  func startInstance(_ reference: String, by actor: Actor) async throws -> Hosting.Operation {
    let instance = try await idle(reference, actor)
    return play(
      "instance.start", on: instance, ["Start PostgreSQL", "Start Odoo"], as: .restarting, by: actor
    ) {
      $0.status = .running
      $0.statusReason = "Answers."
    }
  }

  func stopInstance(_ reference: String, by actor: Actor) async throws -> Hosting.Operation {
    let instance = try await idle(reference, actor)
    return play(
      "instance.stop", on: instance, ["Stop Odoo", "Stop PostgreSQL"], as: instance.status, by: actor
    ) {
      $0.status = .stopped
      $0.statusReason = "Was stopped; its data are kept."
    }
  }

  func restartInstance(_ reference: String, mode: RestartMode, by actor: Actor) async throws
    -> Hosting.Operation
  {
    let instance = try await idle(reference, actor)
    return play(
      "instance.restart.\(mode)", on: instance, ["Stop Odoo", "Start Odoo"], as: .restarting, by: actor
    ) {
      $0.status = .running
      $0.statusReason = "Answers."
      $0.appliedSettings = $0.settings
    }
  }

  func removeInstance(_ reference: String, by actor: Actor) async throws -> Hosting.Operation {
    let instance = try await idle(reference, actor)
    guard instance.stage != .production || instance.appliedSettings == nil else {
      throw HostingError(
        .conflict, "\(instance.name) is in production, and instances in production are not removed.")
    }
    return play(
      "instance.remove", on: instance, ["Stop Odoo", "Remove the volumes"], as: .removing, by: actor, nil)
  }

  private func idle(_ reference: String, _ actor: Actor) async throws -> Instance {
    let instance = try await instance(reference, by: actor)
    guard instance.activeJob == nil else { throw HostingError.busy("has a job under way", instance) }
    return instance
  }

  func moveInstance(_ reference: String, to stage: Stage, by actor: Actor) async throws -> Instance {
    let id = try await instance(reference, by: actor).id
    change(.instance(id)) { state in
      for index in state.instances.indices where state.instances[index].id == id {
        state.instances[index].stage = stage
      }
    }
    return try await instance(reference, by: actor)
  }

  func changeSettings(
    of reference: String, _ change: SettingsChange, expectedRevision: Int?, by actor: Actor
  ) async throws -> ChangedSettings {
    let instance = try await instance(reference, by: actor)
    let checked = try change.checked(
      onto: instance.settings, version: instance.version, stage: instance.stage, cores: 2,
      offered: offered(by: actor))
    guard expectedRevision == nil || expectedRevision == instance.settingsRevision else {
      throw HostingError(
        .conflict, "Somebody else saved settings of \(instance.name) meanwhile.",
        suggestion: "Load them again, look at what changed, then save yours.")
    }
    self.change(.instance(instance.id)) { state in
      for index in state.instances.indices where state.instances[index].id == instance.id {
        state.instances[index].settings = checked.settings
        state.instances[index].settingsRevision += 1
      }
    }
    return ChangedSettings(instance: try await self.instance(reference, by: actor), notes: checked.notes)
  }

  func databaseAccess(of reference: String, by actor: Actor) async throws -> DatabaseAccess {
    try actor.require(.connectAsUsers)
    let instance = try await instance(reference, by: actor)
    state.withLock { $0.changes += 1 }
    return DatabaseAccess(
      database: instance.database.text, user: instance.databaseRole.text, password: Secret("played secret"),
      port: PortBlock(base: instance.basePort).database,
      server: DatabaseAccess.SSHPlace(address: "203.0.113.7", port: 2222))
  }

  func previewSettings(
    of reference: String, _ change: SettingsChange, by actor: Actor
  ) async throws -> SettingsPreview {
    var instance = try await instance(reference, by: actor)
    let checked = try change.checked(
      onto: instance.settings, version: instance.version, stage: instance.stage, cores: 2,
      offered: offered(by: actor))
    instance.settings = checked.settings
    return SettingsPreview(settings: checked.settings, restart: instance.pendingRestart, notes: checked.notes)
  }

  private func offered(by actor: Actor) -> OfferedFolders {
    let server = state.withLock { $0.servers[0] }
    return OfferedFolders(
      server: server.name, shared: server.sharedFolders, filestores: server.filestoreFolders,
      areNamed: actor.can(.viewServers))
  }

  private static let flood = (1...120_000).map { (number: Int) -> InstanceLogLine in
    InstanceLogLine(
      time: Date(timeIntervalSince1970: Double(number)), source: .odoo,
      level: number % 100 == 0 ? "ERROR" : "INFO",
      text: "2026-11-21 03:00:00,001 1 INFO flood odoo.http: request \(number)")
  }

  func log(
    of reference: String, source: LogSource, tail: Int, follow: Bool, by actor: Actor
  ) async throws -> AsyncThrowingStream<InstanceLogLine, any Error> {
    // “flood” is an instance that talks a lot.
    let name = try await instance(reference, by: actor).name.text
    let lines = name == "flood" ? Self.flood : lines
    let pace = pace
    return AsyncThrowingStream { continuation in
      for line in lines.suffix(tail) { continuation.yield(line) }
      guard follow else { return continuation.finish() }
      let writing = Task {
        var number = 0
        while (try? await Task.sleep(for: max(pace, .milliseconds(50)))) != nil {
          number += 1
          continuation.yield(
            InstanceLogLine(time: Date(), source: source, level: "INFO", text: "streamed line \(number)"))
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in writing.cancel() }
    }
  }
}
