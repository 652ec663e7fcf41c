import Foundation
import Postgres

extension Hosting {
  /// Takes a server out of the installation. Nothing is changed on it; its key is forgotten.
  ///
  /// A server that holds instances is refused. With `force`, a machine that is gone for good is removed with the
  /// records of its instances: only while it does not answer, and not while one of them is in production. Should it
  /// come back, what is on it is unknown, and unknown things are shown and never deleted by themselves.
  ///
  /// - Throws: `HostingError`: `conflict` with the instances that it holds; `notFound`, `forbidden`.
  public func removeServer(_ reference: String, force: Bool, by actor: Actor) async throws {
    let server = try await controlled(reference, by: actor)
    guard server.kind == .ssh else {
      throw HostingError(
        .conflict, "\(server.name) is the machine of the control plane and stays.",
        suggestion: "Keep new instances away from it: odeum server drain \(server.name)")
    }
    if let job = server.activeJob { throw HostingError.serverBusy(server, job) }
    do {
      try await database.transaction { connection in
        // Whoever creates an instance there now waits for us, or we for him.
        try await connection.query("select from servers where id = \(server.id) for update")
        let instances = try await instanceStore.all(on: server.id, connection)
        try await refuse(server, instances, force: force)
        for instance in instances {
          // In the log of those whose it was.
          var actor = actor
          actor.organisationID = instance.organisationID
          try await note(
            .removeInstance, .instance(instance), before: AuditedInstance(instance), by: actor, connection)
        }
        if !instances.isEmpty {
          try await connection.execute(
            "delete from instances where server_id = \(server.id) and removed_at is null")
        }
        try await serverStore.bury(server.id, connection)
        try await note(
          .removeServer, .server(server), before: AuditedServer(server, sharedWith: server.sharedWith),
          by: actor, connection)
      }
    } catch let error as PostgresError where error.isForeignKeyViolation() {
      throw HostingError(
        .conflict, "Something that is kept still belongs to instances of \(server.name): \(error.message)",
        suggestion: "Remove that first, then try again.")
    }
    await fleet.close(server.id)
  }

  private func refuse(_ server: Server, _ instances: [Instance], force: Bool) async throws {
    guard !instances.isEmpty else { return }
    let names = instances.map(\.name.text).joined(separator: ", ")
    let holds =
      "\(server.name) holds \(instances.count) instance\(instances.count == 1 ? "" : "s"): \(names)."
    guard force else {
      throw HostingError(
        .conflict, holds,
        suggestion: "Remove them first (odeum instance rm …), and keep new ones away meanwhile: "
          + "odeum server drain \(server.name)")
    }
    guard server.status == .unavailable else {
      throw HostingError(
        .conflict, "\(holds) It answers, so they can be removed properly.",
        suggestion: "Remove them first (odeum instance rm …). Force is for machines that are gone for good.")
    }
    let production = instances.filter { $0.stage == .production }.map(\.name.text)
    guard production.isEmpty else {
      throw HostingError(
        .conflict,
        "\(server.name) holds instances in production, whose records are not thrown away: "
          + production.joined(separator: ", ") + ".",
        suggestion: "If they are lost for good, move them to another stage first: "
          + "odeum instance settings \(production[0]) --stage dev")
    }
  }
}
