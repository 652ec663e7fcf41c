import Foundation
import Jobs

/// The folders of a server that its instances may use, as far as one who asks for something may know them.
struct OfferedFolders: Sendable {
  /// What the server is called.
  var server = "The server"
  var folders: [HostFolder] = []
  /// Whether they are named to who asks.
  var areNamed = true

  /// The narrowest of them that `path` is, or lies in.
  func folder(holding path: HostFolder) -> HostFolder? { folders.holding(path) }

  /// Why `path` cannot be used, in one sentence or two.
  func refusal(of path: HostFolder) -> String {
    let offer =
      folders.isEmpty
      ? " It offers none."
      : areNamed ? " It offers \(folders.map(\.text).joined(separator: ", "))." : ""
    return "“\(path)” lies in no folder that \(server) offers to its instances.\(offer)"
  }

  /// What to do where a path cannot be used.
  static let advice = "Choose a folder in one of those; who runs the server says which they are."
}

extension [HostFolder] {
  /// The narrowest of them that `path` is, or lies in.
  func holding(_ path: HostFolder) -> HostFolder? {
    self.filter { $0.holds(path.text) }.max { $0.text.utf8.count < $1.text.utf8.count }
  }
}

extension Hosting {
  /// What the server of an instance offers to it, as far as `actor` may know.
  func offeredFolders(of server: Server?, named name: String, to actor: Actor) -> OfferedFolders {
    let areNamed = server.map { actor.can(.viewServers) && actor.reaches(server: $0.id) } ?? false
    return OfferedFolders(server: name, folders: server?.sharedFolders ?? [], areNamed: areNamed)
  }

  /// Refuses shared addons that the server of an instance does not offer any more, and keeps it offering them until the
  /// transaction ends.
  ///
  /// - Throws: `HostingError` with code `invalid`, or `conflict` where the server was removed meanwhile.
  func holdSharedAddons(
    _ settings: InstanceSettings, insteadOf former: HostFolder?, on server: ServerReference,
    prefix: String = "",
    by actor: Actor, _ transaction: any Transaction
  ) async throws {
    guard let path = settings.sharedAddons, path != former else { return }
    try await serverStore.hold(server.id, transaction)
    let offered = offeredFolders(
      of: try await serverStore.get(server.id, transaction), named: server.name, to: actor)
    guard offered.folder(holding: path) == nil else { return }
    throw HostingError.invalid(
      [.init("\(prefix)sharedAddons", offered.refusal(of: path))], suggestion: OfferedFolders.advice)
  }

  /// Refuses to take back folders that instances of a server use: those that are wanted, in effect, or given to an operation.
  ///
  /// - Parameter folders: those that the server offers from now on, noted already.
  /// - Throws: `HostingError` with code `conflict` that names the instances which exist for `actor`.
  func refuseUsed(
    _ server: Server, offering folders: [HostFolder], by actor: Actor, _ transaction: any Transaction
  )
    async throws
  {
    var using: [Instance] = []
    var paths: Set<HostFolder> = []
    for instance in try await instanceStore.all(on: server.id, transaction) {
      var wanted = [instance.settings, instance.appliedSettings]
      if instance.activeJob != nil {
        wanted.append(try await instanceStore.given(instance.id, transaction)?.settings)
      }
      let lost = wanted.compactMap { $0?.sharedAddons }.filter {
        // Of those that were not offered before either, nothing is taken.
        server.sharedFolders.holding($0) != nil && folders.holding($0) == nil
      }
      guard !lost.isEmpty else { continue }
      using.append(instance)
      paths.formUnion(lost)
    }
    guard !using.isEmpty else { return }
    let named = using.filter {
      $0.organisationID == actor.organisationID && actor.can(.viewInstances) && actor.reaches(instance: $0.id)
    }.map(\.name.text)
    let others = using.count - named.count
    let count = "\(others) \(named.isEmpty ? "" : "more ")instance\(others == 1 ? "" : "s")"
    let who = named.joined(separator: ", ") + (others == 0 ? "" : named.isEmpty ? count : " and \(count)")
    let message =
      "\(who) of \(server.name) \(using.count == 1 ? "has" : "have") shared addons from "
      + "\(paths.sorted().map(\.text).joined(separator: ", "))."
    throw HostingError(
      .conflict, message,
      suggestion: "Turn them off there and restart hard first: odeum instance settings "
        + "\(named.first ?? "NAME") --shared-addons '', then odeum instance restart --hard \(named.first ?? "NAME")",
      fields: [.init("sharedFolders", message)])
  }
}
