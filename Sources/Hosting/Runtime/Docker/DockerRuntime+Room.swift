import Docker
import Jobs
import Remote

/// Room on a server's disks.
extension DockerRuntime {
  /// What a disk must have free to count as one with room, in bytes.
  private static let least = 16_000_000

  /// Has an operation that puts something new on the server wait until the disk has more than the floor free.
  ///
  /// - Throws: `Await` where it has less; `DockerError`, `HostError`, `SSHError`, `CancellationError`.
  func awaitRoomForMore() async throws {
    let folder = try await engine.info().rootFolder
    let free = try await host.facts(diskAt: folder).disk.available / 1_000_000
    guard free < configuration.diskFloorMB else { return }
    throw Await(
      forRoomOn: server.name,
      "\(folder) has \(free) MB free, and nothing new is put on it below \(configuration.diskFloorMB) MB.")
  }

  /// What an operation has to wait for that has failed with `error`, where it failed for want of room; else nil.
  func lackOfRoom(after error: any Error) async -> Await? {
    if let folder = await fullFolder() {
      return Await(forRoomOn: server.name, "The disk of \(folder) is full.")
    }
    // What was half written is gone again.
    guard case DockerError.noSpace(let message) = error else { return nil }
    return Await(forRoomOn: server.name, "Docker says: \(message)")
  }

  /// The folder of Docker, or that of the instances, where its disk has no room left; nil where both have, or that cannot
  /// be found out.
  func fullFolder() async -> String? {
    let folders = [try? await engine.info().rootFolder, configuration.instancesFolder]
    for folder in folders.compactMap(\.self) {
      if let facts = try? await host.facts(diskAt: folder), facts.disk.available < Self.least {
        return folder
      }
    }
    return nil
  }
}

extension Await {
  /// How often an operation looks whether there is room by now, and for how long.
  fileprivate init(forRoomOn server: String, _ reason: String) {
    self.init(
      "Waits for room on \(server): \(reason) Free some space there (docker system df), or raise the disk; this goes "
        + "on by itself.",
      pause: .seconds(10), limit: Hosting.longestAbsence)
  }
}
