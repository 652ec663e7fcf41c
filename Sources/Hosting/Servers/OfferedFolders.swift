import Foundation
import Jobs
import Odoo

/// What a server offers folders for.
enum FolderUse: CaseIterable {
  /// Modules, which every instance on it may read.
  case sharedAddons
  /// The files of instances, a folder of its own for each.
  case filestores

  /// The field of a server in which they are declared.
  var field: String { self == .sharedAddons ? "sharedFolders" : "filestoreFolders" }
  /// The field of an instance's settings that names one.
  var setting: String { self == .sharedAddons ? "sharedAddons" : "externalFilestore" }
  /// What such a folder may be called.
  var example: String { self == .sharedAddons ? "/srv/odoo/shared" : "/mnt/nas/odoo" }
  /// How the command line turns it off for an instance, and has it declared for a server.
  var options: (instance: String, server: String) {
    self == .sharedAddons
      ? ("--shared-addons", "--shared-folder") : ("--external-filestore", "--filestore-folder")
  }

  func folders(of server: Server) -> [HostFolder] {
    self == .sharedAddons ? server.sharedFolders : server.filestoreFolders
  }

  func path(in settings: InstanceSettings) -> HostFolder? {
    self == .sharedAddons ? settings.sharedAddons : settings.externalFilestore
  }

  /// The folder of `folders` that `path` may be used by. What has its files in one has a folder of its own there, and who
  /// could name another place in it might name somebody else's.
  func folder(for path: HostFolder, among folders: [HostFolder]) -> HostFolder? {
    self == .sharedAddons ? folders.holding(path) : folders.first { $0 == path }
  }
}

/// The folders of a server that its instances may use, as far as one who asks for something may know them.
struct OfferedFolders: Sendable {
  /// What the server is called.
  var server = "The server"
  var shared: [HostFolder] = []
  var filestores: [HostFolder] = []
  /// Whether they are named to who asks.
  var areNamed = true

  func folders(for use: FolderUse) -> [HostFolder] { use == .sharedAddons ? shared : filestores }

  /// Why `path` cannot be used, in one sentence or two; nil where it can.
  func refusal(of path: HostFolder, for use: FolderUse) -> String? {
    let folders = folders(for: use)
    guard use.folder(for: path, among: folders) == nil else { return nil }
    let offer =
      folders.isEmpty
      ? " It offers none."
      : areNamed ? " It offers \(folders.map(\.text).joined(separator: ", "))." : ""
    return Self.refusal(of: path, for: use, on: server) + offer
  }

  static func refusal(of path: HostFolder, for use: FolderUse, on server: String) -> String {
    use == .sharedAddons
      ? "“\(path)” lies in no folder that \(server) offers to its instances."
      : "“\(path)” is no folder that \(server) offers for files of its instances."
  }

  /// What to do where a path cannot be used.
  static let advice = "Choose a folder in one of those; who runs the server says which they are."
}

extension HostingError {
  /// An operation on `instance` cannot use `path`, which its server does not offer any more.
  static func notOffered(_ path: HostFolder, for use: FolderUse, on server: String, to instance: Slug) -> Self
  {
    let message = OfferedFolders.refusal(of: path, for: use, on: server)
    return unfit(
      message, for: use, of: instance, "Have it offered (odeum server edit \(server) \(use.options.server) …)"
    )
  }

  /// An operation on `instance` cannot use a folder, and why; `mend` says what would help.
  static func unfit(_ message: String, for use: FolderUse, of instance: Slug, _ mend: String) -> Self {
    let off = use == .sharedAddons ? "turn shared addons off" : "keep its files where they are"
    return HostingError(
      .invalid, message,
      suggestion: "\(mend), or \(off): odeum instance settings \(instance) \(use.options.instance) ''",
      fields: [.init(use.setting, message)])
  }
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
    return OfferedFolders(
      server: name, shared: server?.sharedFolders ?? [], filestores: server?.filestoreFolders ?? [],
      areNamed: areNamed)
  }

  /// Refuses folders that the server of an instance does not offer any more, and keeps it offering them until the
  /// transaction ends.
  ///
  /// - Throws: `HostingError` with code `invalid`, or `conflict` where the server was removed meanwhile.
  func holdFolders(
    _ settings: InstanceSettings, insteadOf former: InstanceSettings?, on server: ServerReference,
    prefix: String = "",
    by actor: Actor, _ transaction: any Transaction
  ) async throws {
    let wanted = FolderUse.allCases.compactMap { use -> (use: FolderUse, path: HostFolder)? in
      guard let path = use.path(in: settings), path != former.flatMap({ use.path(in: $0) }) else {
        return nil
      }
      return (use, path)
    }
    guard !wanted.isEmpty else { return }
    try await serverStore.hold(server.id, transaction)
    let offered = offeredFolders(
      of: try await serverStore.get(server.id, transaction), named: server.name, to: actor)
    let faults = wanted.compactMap { use, path in
      offered.refusal(of: path, for: use).map { HostingError.Field("\(prefix)\(use.setting)", $0) }
    }
    guard faults.isEmpty else { throw HostingError.invalid(faults, suggestion: OfferedFolders.advice) }
  }

  /// Refuses to take back folders that instances of a server use: those that are wanted, in effect, or given to an operation.
  ///
  /// - Parameter new: the server as it is from now on, noted already.
  /// - Throws: `HostingError` with code `conflict` that names the instances which exist for `actor`.
  func refuseUsed(
    _ use: FolderUse, _ server: Server, _ new: Server, by actor: Actor, _ transaction: any Transaction
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
      let lost = wanted.compactMap { $0.flatMap { use.path(in: $0) } }.filter {
        // Of those that were not offered before either, nothing is taken.
        use.folder(for: $0, among: use.folders(of: server)) != nil
          && use.folder(for: $0, among: use.folders(of: new)) == nil
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
    let isOne = using.count == 1
    let what =
      use == .sharedAddons
      ? "\(isOne ? "has" : "have") shared addons from" : "\(isOne ? "has its" : "have their") files in"
    let message =
      "\(who) of \(server.name) \(what) \(paths.sorted().map(\.text).joined(separator: ", "))."
    let name = named.first ?? "NAME"
    throw HostingError(
      .conflict, message,
      suggestion: "Turn that off there and restart hard first: odeum instance settings "
        + "\(name) \(use.options.instance) '', then odeum instance restart --hard \(name)",
      fields: [.init(use.field, message)])
  }
}
