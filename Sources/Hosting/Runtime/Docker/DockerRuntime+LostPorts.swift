import Docker
import Foundation
import Remote

/// A port that Docker keeps for a container which it no longer has.
///
/// Docker that was ended while it started a container takes what was half made away at its next start, but not its port
/// from its list of those that are taken: no container has that port, and none can be started with it until Docker is
/// started once more (moby; seen with 20.10.24 where it was stopped within the 0.2 s of a start).
struct LostPort: Error {
  /// Why Docker was not started anew.
  let refusal: HostingError
}

extension DockerRuntime {
  /// Starts the container `id`, to which the engine said `error`, since the port `port` is in its list.
  ///
  /// - Throws: `DockerError.portInUse` where another container has the port or is about to; `LostPort` where none has it,
  ///   and Docker is not to be started anew for that, or cannot be.
  func start(_ id: String, refusedFor port: Int, with error: DockerError) async throws {
    let daemon = try await host.run(Self.askingForDaemon, deadline: .seconds(20)).repairedText
    if try await isHeld(port, byOtherThan: id) { throw error }
    do {
      // What had it may have gone between that answer and the look.
      return try await engine.start(id)
    } catch let again as DockerError where again.portInEnginesList == port {
      if try await isHeld(port, byOtherThan: id) { throw again }
      try await freeLostPort(port, keptBy: daemon)
      try await engine.start(id)
    }
  }

  /// Whether a container has `port`. One that is only being started has it, too, and does not run yet: so one that was made
  /// for the port is taken to have it.
  private func isHeld(_ port: Int, byOtherThan id: String) async throws -> Bool {
    if try await !engine.containers(publishing: port).isEmpty { return true }
    for other in try await engine.containers() where other.id != id && other.status.isEnded {
      let ports = try await engine.container(other.id)?.configuredPorts ?? []
      if ports.contains(where: { $0.hostPort == port }) { return true }
    }
    return false
  }

  /// Starts Docker, which was the process `daemon`, anew, since it keeps `port` for nobody.
  private func freeLostPort(_ port: Int, keptBy daemon: String) async throws {
    let what = "Docker on \(server.name) keeps port \(port) for a container that it no longer has"
    func refuse(_ why: String) -> LostPort {
      LostPort(
        refusal: HostingError(
          .conflict, "\(what), until it is started anew. \(why)",
          suggestion: "Restart it when that suits (sudo systemctl restart docker), then try again."))
    }
    guard try await engine.info().liveRestore else {
      throw refuse("That would stop every container there, since live-restore is off.")
    }
    log("\(what). It is started anew; containers go on meanwhile (live-restore).")
    do {
      try await host.output(of: Self.restarting(daemon: daemon), deadline: .seconds(150))
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
