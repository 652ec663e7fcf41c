import Docker
import Foundation
import Logging
import Postgres
import Remote

extension ServerWatch {
  /// Notes how much the volumes of each instance hold. Where that cannot be found out, what was known before stays.
  func measureStorage() async throws {
    do {
      guard let server = try await current() else { return }
      let runtime = await hosting.fleet.runtime(on: server.reference, epoch: epoch)
      // A server that is looked at closely just now is asked once more.
      let volumes = if let rest { rest.seen.volumes } else { try await runtime.seeVolumes() }
      try await hosting.watchStore.noteStorage(
        try await runtime.storedBytes(in: volumes), on: server.id, atOnce)
    } catch let error as CancellationError {
      throw error
    } catch {
      hosting.logger.warning(
        "How much the instances on \(name) store could not be found out: \(HostingError(translating: error))")
    }
  }
}

extension DockerRuntime {
  /// How much `volumes` hold, in bytes, by their instances; without the instances of which that cannot be told as a whole.
  ///
  /// Docker tells it of the volumes that it keeps itself. Those that are bound to a folder of the server are measured there.
  func storedBytes(in volumes: [SeenThing]) async throws -> [UUID: Int] {
    var sizes = try await engine.volumeSizes()
    if volumes.contains(where: { sizes[$0.name] == nil }) {
      let bound = try await engine.volumes(labels: ours).filter { $0.device != nil }
      let bytes = try await measure(bound.compactMap(\.device))
      for volume in bound { sizes[volume.name] = volume.device.flatMap { bytes[$0] } }
    }
    var stored: [UUID: Int] = [:]
    var unknown: Set<UUID> = []
    for volume in volumes {
      guard let instance = volume.labels[Label.instance].flatMap({ UUID(uuidString: $0) }) else { continue }
      if let bytes = sizes[volume.name] {
        stored[instance, default: 0] += bytes
      } else {
        unknown.insert(instance)
      }
    }
    return stored.filter { !unknown.contains($0.key) }
  }

  /// How much the files in each of `folders` take, in bytes; without those that cannot be read.
  private func measure(_ folders: [String]) async throws -> [String: Int] {
    guard !folders.isEmpty else { return [:] }
    let said = String(
      decoding: try await host.output(of: Self.measuring(folders), deadline: .seconds(1800)), as: UTF8.self)
    let lines = said.split(separator: "\n", omittingEmptySubsequences: false)
    return zip(folders, lines).reduce(into: [:]) { $0[$1.0] = Int($1.1) }
  }

  /// Prints a line for each of `folders`: how many bytes are in it, or "-".
  static func measuring(_ folders: [String]) -> Command {
    // Files that go meanwhile are no failure; a folder that is not there, as of a disk that is not mounted, has no total.
    let script = """
      \(Privilege.asRoot)
      for folder; do
        bytes=$(as_root nice -n 19 du -s --block-size=1 -- "$folder" 2>/dev/null | cut -f 1)
        echo "${bytes:--}"
      done
      """
    return Command("sh", words: ["-c", Word(script), "sh"] + folders.map { Word($0) })
  }
}
