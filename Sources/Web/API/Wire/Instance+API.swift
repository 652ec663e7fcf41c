import Client
import Hosting

extension API.Instance {
  init(_ instance: Instance) {
    self.init(
      id: instance.id, name: instance.name.text, version: instance.version.description,
      edition: instance.edition.rawValue, stage: instance.stage.rawValue, status: instance.status.rawValue,
      statusReason: instance.statusReason, statusSince: instance.statusSince, statusJob: instance.statusJob,
      activeJob: instance.activeJob, server: API.ServerReference(instance.server), url: instance.url,
      ports: API.Ports(base: instance.basePort), database: instance.database.text,
      settings: API.InstanceSettings(instance.settings), pendingRestart: instance.pendingRestart.rawValue,
      pendingChanges: instance.pendingChanges.map(\.text), createdAt: instance.createdAt,
      drift: instance.drift.map(API.Drift.init), seenAt: instance.seenAt,
      outOfSight: instance.outOfSight)
  }
}

extension API.Drift {
  init(_ drift: Drift) {
    self.init(kind: drift.kind.rawValue, part: drift.part, text: drift.text, since: drift.since)
  }
}

extension API.InstanceSummary {
  init(_ instance: InstanceSummary) {
    self.init(
      id: instance.id, name: instance.name.text, version: instance.version.description,
      edition: instance.edition.rawValue, stage: instance.stage.rawValue, status: instance.status.rawValue,
      statusReason: instance.statusReason, statusSince: instance.statusSince, activeJob: instance.activeJob,
      server: API.ServerReference(instance.server), url: instance.url, createdAt: instance.createdAt)
  }
}

extension API.ServerReference {
  init(_ server: ServerReference) { self.init(id: server.id, name: server.name) }
}

extension API.CreatedInstance {
  init(_ created: CreatedInstance) {
    self.init(
      instance: API.Instance(created.instance), job: API.Job(created.operation),
      adminPassword: created.adminPassword?.reveal(), notes: created.notes)
  }
}

extension API.ChangedSettings {
  init(_ changed: ChangedSettings) {
    self.init(instance: API.Instance(changed.instance), notes: changed.notes)
  }
}

extension API.DatabaseAccess {
  init(_ access: DatabaseAccess) {
    self.init(
      database: access.database, user: access.user, password: access.password.reveal(), port: access.port,
      tunnel: access.tunnel, client: access.client)
  }
}

extension API.SettingsPreview {
  init(_ preview: SettingsPreview) {
    self.init(
      settings: API.InstanceSettings(preview.settings), restart: preview.restart.rawValue,
      notes: preview.notes)
  }
}

extension API.LogLine {
  init(_ line: InstanceLogLine) {
    self.init(time: line.time, source: line.source.rawValue, level: line.level, text: line.text)
  }
}

extension NewInstance {
  init(_ wish: API.CreateInstance) {
    self.init(name: wish.name)
    version = wish.version
    edition = wish.edition
    stage = wish.stage
    server = wish.server
    language = wish.language
    country = wish.country
    demo = wish.demo ?? false
    modules = wish.modules ?? []
    basePort = wish.basePort
    settings = wish.settings.map(SettingsChange.init) ?? SettingsChange()
  }
}
