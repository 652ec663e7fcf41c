import Foundation

extension API.Call where Answer == API.Page<API.InstanceSummary> {
  /// One page of the instances, by name; only those of `stage`, in `status`, whose name contains `search`.
  public static func instances(
    on server: UUID? = nil, stage: String? = nil, status: String? = nil, search: String? = nil,
    limit: Int? = nil, cursor: String? = nil
  ) -> Self {
    Self(
      .get, "instances",
      query: [
        ("server", server?.uuidString.lowercased()), ("stage", stage), ("status", status), ("search", search),
        ("limit", limit.map(String.init)),
        ("cursor", cursor),
      ])
  }
}

extension API.Call where Answer == API.Instance {
  /// The instance whose name or id is `ref`.
  public static func instance(_ ref: String) -> Self { Self(.get, "instances", ref) }

  /// Moves `ref` to another stage.
  public static func moveInstance(_ ref: String, to stage: String) throws -> Self {
    Self(.patch, "instances", ref, body: try API.encoder().encode(API.MoveInstance(stage: stage)))
  }
}

extension API.Call where Answer == API.CreatedInstance {
  /// Creates an instance. The same `idempotencyKey` again gets the same answer, without a second instance.
  public static func createInstance(_ request: API.CreateInstance, idempotencyKey: String? = nil) throws
    -> Self
  {
    Self(
      .post, "instances", headers: [(API.idempotencyKey, idempotencyKey)],
      body: try API.encoder().encode(request))
  }
}

extension API.Call where Answer == API.DatabaseAccess {
  /// What it takes to reach the database of `ref`, with its password. The audit log notes who asked.
  public static func databaseAccess(of ref: String) -> Self {
    Self(.post, "instances", ref, "database-access")
  }
}

extension API.Call where Answer == API.SettingsPreview {
  /// What ``changeSettings(of:_:etag:)`` would bring about; nothing is saved.
  public static func previewSettings(of ref: String, _ settings: API.SettingsChange) throws -> Self {
    Self(.post, "instances", ref, "settings", "preview", body: try API.encoder().encode(settings))
  }
}

extension API.Call where Answer == API.ChangedSettings {
  /// Changes those settings of `ref` that `settings` has; refused as a conflict where `etag` is given and is
  /// no longer the instance's.
  public static func changeSettings(
    of ref: String, _ settings: API.SettingsChange, etag: String? = nil
  ) throws -> Self {
    Self(
      .patch, "instances", ref, "settings", headers: [("If-Match", etag)],
      body: try API.encoder().encode(settings))
  }
}

extension API.Call where Answer == API.Job {
  /// Starts `ref`.
  public static func startInstance(_ ref: String) -> Self { Self(.post, "instances", ref, "start") }

  /// Stops `ref`; its data stay.
  public static func stopInstance(_ ref: String) -> Self { Self(.post, "instances", ref, "stop") }

  /// Restarts `ref`: `soft` is Odoo's process anew, `hard` its containers.
  public static func restartInstance(_ ref: String, mode: String) throws -> Self {
    Self(
      .post, "instances", ref, "restart", body: try API.encoder().encode(API.RestartInstance(mode: mode)))
  }

  /// Removes `ref` with its data.
  public static func removeInstance(_ ref: String) -> Self { Self(.delete, "instances", ref) }
}

extension API.Call where Answer == API.File {
  /// The last `tail` lines of `ref`'s log as text, 100,000 unless it says less; of Odoo's unless `source` is `database`.
  public static func logExport(of ref: String, source: String? = nil, tail: Int? = nil) -> Self {
    Self(
      .get, "instances", ref, "log", "export", query: [("source", source), ("tail", tail.map(String.init))])
  }
}

extension API.Call where Answer == API.Page<API.LogLine> {
  /// The last `tail` lines of `ref`'s log, of Odoo's unless `source` is `database`.
  public static func log(of ref: String, source: String? = nil, tail: Int? = nil) -> Self {
    Self(.get, "instances", ref, "log", query: [("source", source), ("tail", tail.map(String.init))])
  }
}
