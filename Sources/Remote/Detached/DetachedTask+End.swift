extension DetachedTask {
  /// Ends the task with all its processes: SIGTERM, two seconds later SIGKILL. Returns when the host has confirmed
  /// that none is left. A task that was not started yet is prevented from starting.
  ///
  /// - Returns: the state after it: `killed`, or `ended` if it had ended by itself before.
  /// - Throws: `DetachedTaskError.notEnded`; `HostError`; `CancellationError`.
  @discardableResult
  public func kill() async throws -> State {
    let script =
      RemoteScript.members + #"""
        umask 077
        mkdir -p -- "$1" && cd -- "$1" || exit 1
        [ -e status ] && exit 0
        : >>killed
        sync -- killed .
        # A runner that has the lock and has not yet looked for the file ends by itself, or writes its number.
        if ! flock -n lock true; then
          read -r pid <pid || { flock -w 5 lock true; read -r pid <pid || exit 0; }
          odeum_end "$pid" "$pid" 0 0 0
          flock -w 5 lock true || odeum_end "$pid" 0 0 0 0
          flock -w 5 lock true
        fi
        """#
    try await host.output(of: Command("sh", "-c", Word(script), "sh", Word(folder)), deadline: .seconds(60))
    let state = try await state()
    if state == .running { throw DetachedTaskError.notEnded(name: name, host: host.name) }
    return state
  }

  /// Removes the task's folder with its log. The name can then be used anew.
  ///
  /// - Throws: `DetachedTaskError.notEnded` if it runs; `HostError`; `CancellationError`.
  public func remove() async throws {
    guard try await state() != .running else {
      throw DetachedTaskError.notEnded(name: name, host: host.name)
    }
    try await host.output(of: Command("rm", "-rf").operands(Word(folder)), deadline: .seconds(120))
  }

  /// The names of the tasks under `root` on `host`, in order: what a restarted control plane adopts.
  ///
  /// - Throws: `HostError`; `CancellationError`.
  public static func names(on host: any Host, in root: String = "/var/lib/odeum/tasks") async throws
    -> [String]
  {
    let script =
      #"[ -d "$1" ] || exit 0; cd -- "$1" && for name in *; do [ -d "$name" ] && echo "$name"; done; :"#
    return try await host.text(
      of: Command("sh", "-c", Word(script), "sh", Word(root)), deadline: .seconds(60)
    )
    .split(separator: "\n").map(String.init).filter(isName).sorted()
  }
}
