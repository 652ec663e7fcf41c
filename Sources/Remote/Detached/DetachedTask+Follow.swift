extension DetachedTask {
  /// How the task stands now.
  ///
  /// - Throws: `HostError`; `CancellationError`.
  public func state() async throws -> State {
    try await state(waiting: 0, through: host)
  }

  /// Waits until the task has ended. The wait is on the host's lock, in slices, so that it holds no session for long
  /// and a connection that is lost costs nothing but the call.
  ///
  /// - Returns: any state but `running`.
  /// - Throws: `HostError`, after which it may be called again; `CancellationError`, which leaves the task running.
  public func wait() async throws -> State {
    while true {
      let state = try await state(waiting: 10, through: host.forWaiting)
      if state != .running { return state }
    }
  }

  private func state(waiting seconds: Int, through host: any Host) async throws -> State {
    let script = #"""
      cd -- "$1" 2>/dev/null || { echo absent; exit 0; }
      tell() {
        if [ -e status ]; then
          if [ -e killed ]; then echo killed; else echo ended; cat status; fi
        elif ! flock -n -s lock true; then echo running
        elif [ -e status ]; then tell
        elif [ -e killed ]; then echo killed
        elif [ -e started ]; then echo lost
        else echo absent
        fi
      }
      if [ "$2" -gt 0 ] && [ -e lock ] && ! [ -e status ]; then flock -s -w "$2" lock true; fi
      tell
      """#
    let command = Command("sh", "-c", Word(script), "sh", Word(folder), "\(seconds)")
    let text = try await host.text(of: command, deadline: .seconds(seconds + 30))
    let words = text.split(whereSeparator: \.isWhitespace)
    switch words.first {
    case "absent": return .absent
    case "running": return .running
    case "killed": return .killed
    case "lost": return .lost
    case "ended":
      if words.count == 2, let status = Int(words[1]) { return .ended(ExitStatus(shell: status)) }
      fallthrough
    default:
      throw HostError.unexpectedOutput(
        command: "the look at the task \(name)", host: host.name, detail: String(reflecting: text))
    }
  }

  /// For whom the task works, or `nil` if it was never started.
  ///
  /// - Throws: `HostError`; `CancellationError`.
  public func origin() async throws -> Origin? {
    guard let bytes = try await host.read("\(folder)/task", limit: 65536) else { return nil }
    var origin = Origin(operation: "")
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("operation=") { origin.operation = String(line.dropFirst(10)) }
      if line.hasPrefix("epoch="), let epoch = Int(line.dropFirst(6)) { origin.epoch = epoch }
    }
    return origin
  }

  /// What the task has written from `offset` on, at most `limit` bytes; empty where there is nothing yet.
  ///
  /// - Throws: `HostError`; `CancellationError`.
  public func log(from offset: Int = 0, limit: Int = 1 << 20) async throws -> [UInt8] {
    let script = #"if [ -e "$1" ]; then tail -c "+$2" -- "$1" | head -c "$3"; fi"#
    return try await host.output(
      of: Command("sh", "-c", Word(script), "sh", "\(folder)/log", "\(offset + 1)", "\(limit)"),
      deadline: .seconds(60))
  }

  /// What the task writes, from `offset` on, as it comes, until it has ended. A part begins where the one before it
  /// has ended; whoever lost the connection goes on from there.
  ///
  /// The stream ends with `HostError` where the connection is lost.
  public func follow(from offset: Int = 0) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { stream in
      let task = Task {
        do {
          var offset = offset
          while true {
            // Asked first: what is written before the end is then read after it.
            let isOver = try await state() != .running
            let part = isOver ? try await log(from: offset) : try await nextPart(from: offset)
            offset += part.count
            if !part.isEmpty { stream.yield(part) }
            if isOver, part.isEmpty { break }
          }
          stream.finish()
        } catch {
          stream.finish(throwing: error)
        }
      }
      stream.onTermination = { _ in task.cancel() }
    }
  }

  /// Waits on the host, ten seconds at most, for bytes from `offset` on or the end of the task.
  private func nextPart(from offset: Int) async throws -> [UInt8] {
    let script = #"""
      read -r pid <"$1/pid" || exit 0
      timeout --foreground 10 tail -c "+$2" -f --pid="$pid" -- "$1/log" | dd bs=65536 count=1 2>/dev/null
      """#
    return try await host.forWaiting.output(
      of: Command("sh", "-c", Word(script), "sh", Word(folder), "\(offset + 1)"), deadline: .seconds(40))
  }
}
