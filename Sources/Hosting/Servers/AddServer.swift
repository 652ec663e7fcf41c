import Foundation
import Jobs
import Postgres
import Remote

/// What came of the wish for a server, or of a change of one.
public struct ChangedServer: Sendable {
  /// The server as it is now.
  public var server: Server
  /// The validation that was begun; nil where it needs somebody to do something first, or nothing to validate.
  public var operation: Operation?
  /// Remarks, such as what to do next.
  public var notes: [String]
}

extension Hosting {
  /// Adds a server that is reached over SSH.
  ///
  /// Its host key must have been compared by a person: without `hostKey`, the request is refused and says which one
  /// the server shows. With a private key or a password its validation begins at once; with neither, a key is made,
  /// whose public half somebody puts on the server before validating it. The password is used once and dropped.
  ///
  /// - Throws: `HostingError`: `invalid` with every field at fault; `conflict` where name or address are taken;
  ///   `unavailable` where nothing answers at the address; `forbidden`; `plan`.
  public func addServer(_ wish: NewServer, by actor: Actor) async throws -> ChangedServer {
    try await addServer(wish, under: nil, by: actor)
  }

  /// As `addServer`; the same wish with the same `idempotencyKey` adds nothing and connects nowhere.
  ///
  /// - Throws: also `HostingError` with code `conflict` where the server that came of it was removed.
  public func addServer(
    _ wish: NewServer, idempotencyKey: IdempotencyKey?, by actor: Actor
  ) async throws -> ChangedServer {
    let outcome = try await once(
      idempotencyKey, .server, by: actor, known: { try await server($0.uuidString, by: actor) }
    ) { try await addServer(wish, under: $0, by: actor) }
    switch outcome {
    case .made(let added): return added
    case .before(let server):
      return ChangedServer(
        server: server,
        operation: try await server.activeJob.asyncMap { try await operation($0, by: actor) },
        notes: ["The same request was made before; this is what came of it."])
    }
  }

  private func addServer(_ wish: NewServer, under requestKey: RequestKey?, by actor: Actor) async throws
    -> ChangedServer
  {
    let owner = wish.isOperators ? nil : actor.organisationID
    try actor.requireControl(of: owner)
    if owner != nil, let refusal = try await plan(by: actor).refusalOfOneMore(.servers) { throw refusal }
    let checked = try wish.checked(instancesFolder: configuration.instancesFolder)
    let shares = try await shares(wish, by: actor)
    let target = try await addressPolicy(for: actor).checked(checked.target)
    try await refuseTaken(
      checked.name, target.address, port: target.port, owner: owner, sharedWith: shares,
      but: nil, by: actor)
    let hostKeys = try await confirmedKeys(of: target, fingerprint: wish.hostKey)
    let folder = try await fleet.connectionsFolder()
    let key = try await key(wish.privateKey, for: checked.name, folder)
    if let password = wish.password {
      try await translatingFailures {
        try await PasswordSignIn(
          to: target, password: password,
          hostKeys: try hostKeys.map { try HostKey(type: $0.type, key: $0.key, fingerprint: $0.fingerprint) },
          folder: folder
        ).install(key.publicKey)
      }
    }
    let letsIn = wish.password != nil || wish.privateKey != nil
    var new = Server(
      id: UUID(), name: checked.name, kind: .ssh, organisationID: owner, sharedWith: [],
      address: target.address,
      access: ServerAccess(
        port: target.port, user: target.user, hostKeys: hostKeys, publicKey: key.publicKey),
      exposed: wish.exposed, mode: .active, stagePolicy: checked.stagePolicy, note: checked.note,
      status: .unavailable,
      statusReason: letsIn
        ? "Was not validated yet."
        : "Waits for its public key to be put on it, and for being validated then.",
      facts: ServerFacts(), load: ServerLoad(), leadsAnywhere: actor.isOperator)
    (new.sharedFolders, new.filestoreFolders) = checked.folders
    let server = new
    let sealed = try masterKey.seal(key.privateKey, in: .serverKey, of: server.id)
    let job = try await tellingTaken(server) {
      try await database.transaction { connection in
        try await requestKey?.remember(server.id, connection)
        if let owner, let refusal = try await planStore.hold(owner, connection).refusalOfOneMore(.servers) {
          throw refusal
        }
        try await serverStore.insert(server, privateKey: sealed, connection)
        try await serverStore.setShares(server.id, shares, connection)
        try await reachStore.letReach(server: server.id, actor, connection)
        try await note(
          .addServer, .server(server),
          after: AuditedServer(
            server, sharedWith: wish.sharedWith ?? (wish.isOperators ? [actor.organisationSlug] : [])),
          by: actor, connection)
        return letsIn
          ? try await request(ValidateServer(server: server.id), on: server, by: actor, in: connection) : nil
      }
    }
    var actor = actor
    actor.grants.servers?.insert(server.id)
    return ChangedServer(
      server: try await self.server(server.id.uuidString, by: actor),
      operation: try await job.asyncMap { try await operation($0, by: actor) },
      notes: letsIn
        ? []
        : [
          "Put the public key into the file ~\(target.user)/.ssh/authorized_keys of \(target.name), then validate the "
            + "server: odeum server validate \(server.name)"
        ])
  }

  /// The key that is given, or else a new one.
  func key(_ given: Secret?, for server: String, _ folder: String) async throws -> SSHKey {
    do {
      guard let given else { return try await SSHKey.generate(comment: "odeum \(server)", in: folder) }
      return try await SSHKey.reading(given, in: folder)
    } catch let error as SSHError {
      throw HostingError.invalid([.init("privateKey", error.message)], suggestion: error.suggestion)
    } catch let error as HostError {
      throw HostingError(translating: error)
    }
  }

  /// Runs `body`; a name or address that is taken is told as such.
  func tellingTaken<Result: Sendable>(
    _ server: Server, _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as PostgresError where error.isUniqueViolation("servers_name") {
      throw HostingError.takenName(server.name)
    } catch let error as PostgresError where error.isUniqueViolation("servers_address") {
      throw HostingError.takenAddress(server.address, server.access?.port ?? 22)
    }
  }

  /// Refuses a name or an address that a server has which is seen by the owner, by the one who asks, or by somebody with
  /// whom this one is shared, before anything is done there. The constraints of the database decide where one owner asks
  /// for two at the same time.
  ///
  /// - Parameters:
  ///   - port: nil where nothing leads there over SSH.
  ///   - owner: nil for the operator.
  ///   - id: the server itself, where there is one already.
  func refuseTaken(
    _ name: String, _ address: String, port: Int?, owner: UUID?, sharedWith organisations: [UUID],
    but id: UUID?, by actor: Actor
  ) async throws {
    let row = try await database.query(
      """
      select name from servers s
      where removed_at is null and id is distinct from \(id)
        and (name = \(name) or (kind = 'ssh' and lower(address) = lower(\(address)) and port = \(port)))
        and (organisation_id is not distinct from \(owner) or organisation_id = any(\(organisations))
          or (organisation_id is null and \(actor.isOperator))
          or exists (select from server_shares h where h.server_id = s.id and h.organisation_id = \(owner)))
      order by name <> \(name) limit 1
      """
    ).first
    guard let row else { return }
    if try row.get("name", as: String.self) == name { throw HostingError.takenName(name) }
    throw HostingError.takenAddress(address, port ?? 22)
  }

  private func shares(_ wish: NewServer, by actor: Actor) async throws -> [UUID] {
    guard wish.isOperators else { return [] }
    guard let slugs = wish.sharedWith else { return [actor.organisationID] }
    return try await organisations(slugs)
  }

  /// The organisations with these slugs.
  ///
  /// - Throws: `HostingError` with code `invalid` where there is no such.
  func organisations(_ slugs: [String]) async throws -> [UUID] {
    let rows = try await database.query("select id, slug from organisations where slug = any(\(slugs))")
    let known = try Dictionary(
      uniqueKeysWithValues: rows.map {
        (try $0.get("slug", as: String.self), try $0.get("id", as: UUID.self))
      })
    if let unknown = slugs.first(where: { known[$0] == nil }) {
      throw HostingError.invalid([.init("sharedWith", "There is no organisation “\(unknown)”.")])
    }
    return known.values.sorted { $0.uuidString < $1.uuidString }
  }
}

extension HostingError {
  fileprivate static func takenName(_ name: String) -> HostingError {
    HostingError(
      .conflict, "The name “\(name)” is not available.", suggestion: "Choose another name.",
      fields: [.init("name", "The name “\(name)” is not available.")])
  }

  fileprivate static func takenAddress(_ address: String, _ port: Int) -> HostingError {
    let message = "There is a server at \(address), port \(port), already."
    return HostingError(
      .conflict, message, suggestion: "Use that one: odeum server list",
      fields: [.init("address", message)])
  }
}

extension Optional {
  /// What `transform` makes of the value, if there is one.
  func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
    guard let value = self else { return nil }
    return try await transform(value)
  }
}
