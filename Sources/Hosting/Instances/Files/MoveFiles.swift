import Docker
import Foundation
import Odoo

/// Files that move to another place: copied while Odoo is stopped, and taken away from the former one only when it answers
/// with them, so that there is a way back all the time.
extension InstanceWork {
  /// Looks whether the instance could be started with its folders of the server, before anything is stopped for that.
  func checkFolders() async throws {
    try await checkSharedAddons()
    try await checkFilestore()
  }

  private func checkFilestore() async throws {
    guard let offered = instance.settings.externalFilestore else { return }
    let name = instance.server.name
    let volume = instance.filesVolume(with: instance.settings)
    // What has its files there already is not asked whether they might be: that is seen when it starts.
    guard try await filesVolume() != volume else { return }
    let folders = try await hosting.serverStore.get(instance.server.id, atOnce)?.filestoreFolders ?? []
    guard folders.contains(offered) else {
      throw HostingError.notOffered(offered, for: .filestores, on: name, to: instance.name)
    }
    try await runtime.look(at: offered, in: offered).requireFilestore(
      at: offered, of: instance.name, on: name)
    log("Its files will be in \(offered) on \(name).")
    // Where it is only being made, there is next to nothing to move.
    guard let former = try await filesVolume() else { return }
    try await requireFiles()
    let (needed, free) = try await runtime.room(for: former, in: offered, plan())
    guard needed < free else {
      throw HostingError.unfit(
        "The files of \(instance.name) take \(needed >> 10) MB, and \(offered) on \(name) has \(free >> 10) MB free.",
        for: .filestores, of: instance.name, "Make room there")
    }
  }

  /// The volume that holds its files now; nil where there is none yet.
  private func filesVolume() async throws -> String? {
    if let applied = instance.appliedSettings { return instance.filesVolume(with: applied) }
    // It never came up. What is copied to another place stays where it is until it does.
    let names = try await runtime.filesVolumes(of: instance).map(\.name)
    return names.first { $0 != instance.filesVolume(with: instance.settings) } ?? names.first
  }

  /// Docker would make an empty volume in the place of one that is gone, and that would be what is copied.
  private func requireFiles() async throws {
    guard let applied = instance.appliedSettings else { return }
    try await runtime.requireData(of: instance, with: applied)
  }

  /// Copies the files to where they are wanted, if that is another place than where they are.
  func moveFiles() async throws {
    let plan = try await plan()
    guard let former = try await filesVolume(), former != plan.filesVolume else { return }
    try await requireFiles()
    try await stopOdoo()
    log("Its files are copied to \(placeName).")
    try await runtime.copyFiles(from: former, plan)
    log("They were compared, and are written to the disk.")
  }

  /// Ends a copy that goes on by itself, whatever becomes of the operation.
  func endCopying() async throws {
    try await runtime.removeHelper(instance.parts.copier, of: instance)
  }

  /// Takes the former place of the files away, when Odoo answers with the new one.
  func removeFormerFiles() async throws {
    try await removeFormerFiles(but: instance.filesVolume(with: instance.settings))
  }

  /// - Parameter volume: the one that has the files now.
  func removeFormerFiles(but volume: String) async throws {
    for former in try await runtime.filesVolumes(of: instance) where former.name != volume {
      do {
        try await runtime.removeVolume(former)
        log("The volume \(former.name) is removed: the files are in another place now.")
      } catch let error as HostingError {
        // The instance is what it was asked to be; the next hard restart tries again.
        run.log("A copy of the files is left on \(instance.server.name). \(error)", level: .warning)
      }
    }
  }

  /// Adds to the files of `plan`, which had them before, what Odoo has stored in the place that was tried.
  func bringBackFiles(to plan: InstancePlan, from tried: InstanceSettings) async throws {
    let volume = instance.filesVolume(with: tried)
    guard volume != plan.filesVolume,
      try await runtime.filesVolumes(of: instance).contains(where: { $0.name == volume })
    else { return }
    try await runtime.bringBackFiles(from: volume, plan)
  }

  private var placeName: String {
    instance.settings.externalFilestore.map { "\($0) on \(instance.server.name)" } ?? "a volume of Docker’s"
  }
}

extension SharedAddonsLook {
  /// - Throws: `HostingError` where the offered folder `path` cannot hold files of instances.
  func requireFilestore(at path: HostFolder, of instance: Slug, on server: String) throws {
    func refusal(_ message: String, _ mend: String) -> HostingError {
      .unfit(message, for: .filestores, of: instance, mend)
    }
    guard let real, isFolder else {
      throw refusal("There is no folder \(path) on \(server).", "Make it, or mount what it is for")
    }
    if HostFolder.hostsOwn(realOwn, touching: real) != nil {
      throw refusal(
        "\(path) on \(server) leads to \(real), which is not apart from what stays the host’s own.",
        "Make it a folder of its own")
    }
  }
}
