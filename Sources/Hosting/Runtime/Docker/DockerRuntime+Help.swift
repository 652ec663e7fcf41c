import Docker
import Foundation
import Remote

/// A container for one task with volumes and folders, as root and without a network.
struct Helper: Sendable {
  let name: String
  let image: String
  let labels: [String: String]
  let mounts: [Mount]
}

extension DockerRuntime {
  /// Runs a script in a helper of its own, and takes that away. What an earlier one of its name left is ended first, so
  /// the script may find its own work half done.
  ///
  /// - Parameters:
  ///   - arguments: `$0`, `$1` … of the script.
  ///   - failure: what did not work then, a sentence without its end.
  /// - Returns: what it said, its last 20 lines.
  /// - Throws: `HostingError` with what it said, where it fails; `conflict` where something else has the helper's name.
  @discardableResult
  func help(
    _ script: Word, _ arguments: [Word], _ helper: Helper, saying failure: String, mend: String? = nil
  ) async throws -> String {
    try await removeHelper(helper.name, ours: helper.labels)
    var spec = ContainerSpec(image: helper.image, command: arguments)
    spec.entrypoint = ["/bin/sh", "-euc", script]
    spec.user = "0"
    spec.labels = helper.labels.merging([Label.role: "copy"]) { $1 }
    spec.networks = ["none"]
    spec.mounts = helper.mounts + [.inPlace(ofVolumeAt: Self.clusterFolder)]
    let id = try await engine.createContainer(helper.name, spec)
    try await engine.start(id)
    let status = try await engine.wait(id)
    let said = try await lastWords(of: id)
    guard status == 0 else {
      throw HostingError(
        .unavailable, "\(failure): \(said)",
        suggestion: mend ?? "Look at the disk of \(server.name), then try again.")
    }
    try await engine.remove(id, force: true)
    return said
  }

  /// Ends the helper of that name where `instance` has one.
  func removeHelper(_ name: String, of instance: Instance) async throws {
    try await removeHelper(
      name, ours: [Label.installation: installation.uuidString, Label.instance: instance.id.uuidString])
  }

  private func removeHelper(_ name: String, ours labels: [String: String]) async throws {
    guard let old = try await engine.container(name) else { return }
    try refuseForeign("container", name, old.labels, ours: labels)
    if old.state.status.isEnded { try await endForgottenRuns(of: [old.id]) }
    try await engine.remove(old.id, force: true)
  }
}
