import Docker
import Foundation
import Remote

/// Ports that Docker keeps for containers which it no longer has.
///
/// Docker that was ended while it started a container takes what was half made away at its next start, but not its port
/// from its list of those that are taken: no container has that port, and none can be started with it until Docker is
/// started once more (moby; seen with 20.10.24 where it was stopped within the 0.2 s of a start).
extension DockerRuntime {
  /// Starts Docker anew where it keeps `port` for nobody.
  ///
  /// - Returns: whether it did; false where a container has the port.
  /// - Throws: `HostingError` with code `conflict` where Docker is not to be restarted, or cannot be.
  func freeLostPort(_ port: Int) async throws -> Bool {
    let daemon = try await host.run(Self.askingForDaemon, deadline: .seconds(20)).repairedText
    guard try await engine.containers(publishing: port).isEmpty else { return false }
    let what = "Docker on \(server.name) keeps port \(port) for a container that it no longer has"
    func refuse(_ why: String) -> HostingError {
      HostingError(
        .conflict, "\(what), until it is started anew. \(why)",
        suggestion: "Restart it when that suits (sudo systemctl restart docker), then try again.")
    }
    guard try await engine.info().liveRestore else {
      throw refuse("That would stop every container there, since live-restore is off.")
    }
    log("\(what). It is started anew, which containers do not notice (live-restore).")
    do {
      try await host.output(of: Self.restarting(daemon: daemon), deadline: .seconds(150))
      return true
    } catch HostError.failed(_, _, _, let lastWords) {
      throw refuse("That failed: \(lastWords)")
    }
  }

  /// Prints which process Docker is.
  static let askingForDaemon = Command(
    "systemctl", "show", "--value", "--property=MainPID", "docker.service")

  /// Starts Docker anew unless that was done since it was the process `daemon`: several containers may have lost their
  /// ports at once.
  static func restarting(daemon: String) -> Command {
    let script = """
      set -eu
      \(Privilege.asRoot)
      exec 9</run
      flock 9
      [ "$(systemctl show --value --property=MainPID docker.service)" = "$1" ] || exit 0
      as_root systemctl restart docker.service
      """
    return Command(
      "sh", "-c", Word(script), "sh", Word(daemon.trimmingCharacters(in: .whitespacesAndNewlines)))
  }
}
