import Foundation

/// Something on a server that carries this installation's label and that the database does not know: after an older
/// backup of the control plane was restored, say. It is left alone and shown, and removed on an operator's order only.
public struct Stray: Sendable, Equatable {
  /// Kinds of things.
  public enum Kind: String, Sendable, CaseIterable {
    /// A container, running or not.
    case container
    /// A volume with data.
    case volume
    /// A network.
    case network
    /// A folder of an instance.
    case folder
  }

  /// The identity of this record.
  public var id: UUID
  /// Where it is.
  public var server: UUID
  /// That server's name.
  public var serverName: String
  /// What it is.
  public var kind: Kind
  /// How Docker or the host calls it: an id, a name, a path.
  public var thing: String
  /// Its name.
  public var name: String
  /// Its labels.
  public var labels: [String: String]
  /// When it was first seen.
  public var firstSeen: Date
  /// When it was last seen.
  public var lastSeen: Date

  /// The name that the instance had which it was a part of, where its labels tell.
  public var formerInstance: String? { labels[Label.slug] }
}

extension Hosting {
  /// Everything on servers that carries this installation's label and belongs to nothing, by server and name.
  ///
  /// - Throws: `HostingError` with code `forbidden` unless the one who asks is an operator.
  public func strays(by actor: Actor) async throws -> [Stray] {
    try actor.requireOperator()
    return try await strayStore.all(atOnce)
  }

  /// One of them.
  ///
  /// - Throws: `HostingError` with code `notFound`, also where it is gone by now; `forbidden` unless the one who asks
  ///   is an operator.
  public func stray(_ id: UUID, by actor: Actor) async throws -> Stray {
    try actor.requireOperator()
    guard let stray = try await strayStore.get(id, atOnce) else {
      throw HostingError.notFound("stray", id.uuidString.lowercased())
    }
    return stray
  }

  /// Removes a stray, a volume with its data. Its labels are looked at once more: what belongs to an instance or to
  /// another installation by now is not touched.
  ///
  /// - Throws: `HostingError`: `forbidden` unless the one who asks is an operator; `notFound`; `conflict` where it is
  ///   no stray any more or in use; `unavailable` where the server does not answer.
  public func removeStray(_ id: UUID, by actor: Actor) async throws {
    let stray = try await stray(id, by: actor)
    guard let server = try await serverStore.get(stray.server, atOnce) else {
      throw HostingError.notFound("server", stray.serverName)
    }
    let runtime = await fleet.looking(at: server.reference)
    try await translatingFailures {
      if let labels = try await runtime.labels(of: stray) {
        try await refuseUnlessStray(stray, labels: labels)
        // Before it is gone: what was done is to be found even where the rest is cut off.
        try await note(
          .removeStray, AuditSubject(stray.kind.rawValue, nil, stray.name), before: ["server": server.name],
          by: actor, atOnce)
        try await runtime.remove(stray)
      }
    }
    try await strayStore.forget(id, atOnce)
  }

  private func refuseUnlessStray(_ stray: Stray, labels: [String: String]) async throws {
    let name = "The \(stray.kind.rawValue) \(stray.name) on \(stray.serverName)"
    guard labels[Label.installation] == installation.uuidString else {
      throw HostingError(
        .conflict, "\(name) is not this installation's.", suggestion: "Look at its labels; it is not touched."
      )
    }
    guard labels == stray.labels else {
      throw HostingError(
        .conflict, "\(name) is another one than the one that was shown: its labels changed.",
        suggestion: "Look at the list again.")
    }
    guard let owner = labels[Label.instance].flatMap({ UUID(uuidString: $0) }) else { return }
    guard let known = try await instanceStore.known(among: [owner], atOnce)[owner],
      known.server == stray.server
    else { return }
    throw HostingError(
      .conflict, "\(name) belongs to the instance \(known.name).",
      suggestion: "Remove the instance, and its parts go with it.")
  }
}
