import Docker
import Foundation
import Remote

/// Programs that run on in containers which Docker holds for ended.
///
/// Docker that was ended between a container's start and its note of it does not find out at its next start (moby; seen
/// with 20.10.24): what runs there runs on, the container cannot be started ("id already in use"), and once it is removed
/// nobody knows of it any more. A PostgreSQL of that kind would share its files with the next one.
extension DockerRuntime {
  /// Removes every container with `labels`, and what runs in it whether Docker knows of that or not.
  func removeContainers(labels: [String: String?]) async throws {
    let containers = try await engine.containers(labels: labels)
    try await endForgottenRuns(of: containers.filter(\.status.isEnded).map(\.id))
    for container in containers { try await engine.remove(container.id, force: true) }
  }

  /// Ends whatever runs in containers of which Docker says that they do not.
  ///
  /// - Throws: `HostingError` where something runs on.
  func endForgottenRuns(of ids: [String]) async throws {
    guard !ids.isEmpty else { return }
    do {
      let ended = try await host.text(of: Self.endingRuns(of: ids), deadline: .seconds(60))
      for id in ended.split(separator: "\n") {
        log("The container \(id.prefix(12)) ran although Docker held it for ended. That was ended now.")
      }
    } catch HostError.failed(_, _, _, let lastWords) {
      throw HostingError(
        .conflict,
        "On \(server.name) something runs in a container that Docker holds for ended, and could not be ended: "
          + lastWords,
        suggestion: "End it as root (kill -9), then try again.")
    }
  }

  /// Ends the processes in the control groups of these containers, and prints the ids of those that had any.
  ///
  /// They are looked for again until they are gone: a shell of Debian 12 has no way to wait for the end of a process that is
  /// not its child (`waitpid` came with util-linux 2.39).
  static func endingRuns(of ids: [String]) -> Command {
    let script = """
      set -u
      \(Privilege.asRoot)
      for id; do
        tries=0
        while pids=$(grep -ls -- "$id" /proc/[0-9]*/cgroup | cut -d / -f 3) && [ -n "$pids" ]; do
          [ $tries -gt 0 ] || echo "$id"
          tries=$((tries + 1))
          if [ $tries -gt 100 ]; then echo "the processes" $pids "stay" >&2; exit 1; fi
          # One that has just ended by itself is no failure: they are looked for again.
          as_root kill -9 $pids
          sleep 0.1
        done
      done
      """
    return Command("sh", words: ["-c", Word(script), "sh"] + ids.map { Word($0) })
  }
}
