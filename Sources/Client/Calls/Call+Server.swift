import Foundation

extension API.Call where Answer == API.Page<API.Server> {
  /// The servers that the person who asks may see.
  public static var servers: Self { Self(.get, "servers") }
}

extension API.Call where Answer == API.Page<API.HostKey> {
  /// The host keys that the SSH server at an address shows.
  public static func hostKeys(_ question: API.ScanHostKey) throws -> Self {
    Self(.post, "servers", "host-key", body: try API.encoder().encode(question))
  }
}

extension API.Call where Answer == API.Page<API.Placement> {
  /// Where an instance of `stage` goes best, the best first.
  public static func placement(stage: String? = nil, workers: Int? = nil) -> Self {
    Self(.get, "servers", "placement", query: [("stage", stage), ("workers", workers.map(String.init))])
  }
}

extension API.Call where Answer == API.Server {
  /// The server whose name or id is `ref`.
  public static func server(_ ref: String) -> Self { Self(.get, "servers", ref) }

  /// `ref` takes no new instances.
  public static func drainServer(_ ref: String) -> Self { Self(.post, "servers", ref, "drain") }

  /// Somebody works on `ref`: nothing is begun with its instances either.
  public static func maintainServer(_ ref: String) -> Self { Self(.post, "servers", ref, "maintenance") }

  /// `ref` takes new instances again.
  public static func activateServer(_ ref: String) -> Self { Self(.post, "servers", ref, "activate") }
}

extension API.Call where Answer == API.ChangedServer {
  /// Adds a server. The same `idempotencyKey` again gets the same answer, without a second server.
  public static func addServer(_ request: API.AddServer, idempotencyKey: String? = nil) throws -> Self {
    Self(
      .post, "servers", headers: [(API.idempotencyKey, idempotencyKey)],
      body: try API.encoder().encode(request))
  }

  /// Changes what `change` has of the server `ref`.
  public static func changeServer(_ ref: String, _ change: API.ChangeServer) throws -> Self {
    Self(.patch, "servers", ref, body: try API.encoder().encode(change))
  }
}

extension API.Call where Answer == API.Job {
  /// Looks whether `ref` is fit for instances.
  public static func validateServer(_ ref: String) -> Self { Self(.post, "servers", ref, "validate") }

  /// Makes `ref` fit for instances.
  public static func prepareServer(_ ref: String) -> Self { Self(.post, "servers", ref, "prepare") }
}

extension API.Call where Answer == API.Page<API.Job> {
  /// One page of the jobs on the server `ref` as a whole, newest first.
  public static func jobs(onServer ref: String, limit: Int? = nil, cursor: String? = nil) -> Self {
    Self(.get, "servers", ref, "jobs", query: [("limit", limit.map(String.init)), ("cursor", cursor)])
  }
}

extension API.Call where Answer == API.Nothing {
  /// Takes `ref` out of the installation; with `force` also with the records of instances on a machine that is gone.
  public static func removeServer(_ ref: String, force: Bool = false) -> Self {
    Self(.delete, "servers", ref, query: [("force", force ? "true" : nil)])
  }
}
