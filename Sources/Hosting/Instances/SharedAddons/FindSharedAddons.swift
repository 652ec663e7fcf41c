import Foundation
import Remote

extension InstanceWork {
  /// Looks whether the instance could be started with its shared addons, before anything is stopped for that.
  func checkSharedAddons() async throws {
    try await checkSharedAddons(of: instance.settings)
  }

  /// As `checkSharedAddons`, before a soft restart.
  func checkSharedAddonsSoftly() async throws {
    try await checkSharedAddons(of: instance.settingsOfSoftRestart)
  }

  private func checkSharedAddons(of settings: InstanceSettings) async throws {
    guard let path = settings.sharedAddons else { return }
    let folders = try await hosting.serverStore.get(instance.server.id, atOnce)?.sharedFolders ?? []
    let found = try await runtime.sharedAddons(at: path, offered: folders, of: instance)
    log("Shared addons: \(path) on \(instance.server.name).")
    for remark in found.remarks { run.log(remark, level: .warning) }
  }
}

extension DockerRuntime {
  /// Where the shared addons at `path` are for the container of `instance`, with what should be known of them.
  ///
  /// - Parameter folders: those that the server offers to its instances now.
  /// - Throws: `HostingError` with code `invalid` where they are not there, or not the server's to offer.
  func sharedAddons(at path: HostFolder, offered folders: [HostFolder], of instance: Instance) async throws
    -> (
      path: String, remarks: [String]
    )
  {
    guard let folder = folders.holding(path) else {
      throw HostingError.notOffered(path, for: .sharedAddons, on: server.name, to: instance.name)
    }
    let look = try await look(at: path, in: folder)
    let inside = try look.inside(folder, at: path, of: instance.name, on: server.name)
    let place = InstancePlan.place(of: folder)
    return (inside.isEmpty ? place : "\(place)/\(inside)", look.remarks(at: path, on: server.name))
  }

  /// What is at `path` in the offered folder `folder`.
  func look(at path: HostFolder, in folder: HostFolder) async throws -> SharedAddonsLook {
    let own =
      HostFolder.hostsOwn(beside: configuration.instancesFolder) + [try await engine.info().rootFolder]
    let output = try await host.output(
      of: SharedAddonsLook.command(at: path.text, in: folder.text, own: own), deadline: .seconds(30))
    guard let look = SharedAddonsLook(output: output, own: own.count) else {
      throw HostingError(
        .internal, "\(server.name) described \(path) as “\(String(decoding: output, as: UTF8.self))”.")
    }
    return look
  }
}
