extension DetachedTask {
  /// Starts `command` under this name, unless that was done before. Returns when it runs, or has run.
  ///
  /// It may be called again after any failure, also one in mid-command: whoever gets the lock first runs, and only
  /// if nobody has run. The command's words and input pass through files that only our user can read and that are
  /// gone when it has begun.
  ///
  /// - Throws: `HostError`; `CommandError`; `CancellationError`.
  public func start(_ command: Command, for origin: Origin) async throws {
    let words = try command.wireForm()
    if let input = command.input {
      try await host.output(of: preparing(), deadline: .seconds(60))
      try await host.write(input, to: "\(folder)/input")
    }
    try await host.output(
      of: starting(words, hasInput: command.input != nil, origin), deadline: .seconds(60))
  }

  func preparing() -> Command {
    Command("sh", "-c", "umask 077; mkdir -p -- \"$1\"", "sh", Word(folder))
  }

  /// Writes what is to run, and starts the runner in a session of its own, in which no end of ours reaches it.
  /// The shell waits until the runner has the lock, or has seen that it is not needed.
  func starting(_ words: [UInt8], hasInput: Bool, _ origin: Origin) -> Command {
    let script = #"""
      set -eu
      umask 077
      mkdir -p -- "$1"
      cd -- "$1"
      # One start at a time; the runner keeps this lock, too, until it has removed what it was given.
      exec 8>>log
      flock 8
      part=$(mktemp command.XXXXXXXX)
      cat >"$part"
      if [ "$(stat -c %s "$part")" -ne "$6" ]; then rm -f -- "$part"; exit 1; fi
      if [ -e started ]; then rm -f -- "$part" input; exit 0; fi
      mv -fT -- "$part" command
      said=$(setsid -f /bin/sh -c "$2" odeum-task "$3" "$4" "$5" 3>&1 >>log 2>&1 </dev/null)
      [ -n "$said" ]
      """#
    return Command(
      "sh", "-c", Word(script), "sh", Word(folder), Word(Self.runner), hasInput ? "input" : "/dev/null",
      Word(origin.operation.filter { !$0.isNewline }), "\(origin.epoch)", "\(words.count)",
      input: words)
  }

  /// The lock is inherited by all that the work starts, and so is held as long as any of it lives; the runner gives
  /// it back for all of them when the work itself has ended and its status is on the disk.
  private static let runner = #"""
    umask 077
    trap : TERM INT HUP
    exec 9>>lock
    # Whoever looks at the state holds the lock for a moment; whoever works holds it long.
    until flock -w 0.2 9; do
      if [ -e started ]; then echo there >&3; exit 0; fi
    done
    if [ -e started ] || [ -e killed ]; then echo there >&3; exit 0; fi
    printf '%s\n' "operation=$2" "epoch=$3" "started=$(date -u +%Y-%m-%dT%H:%M:%SZ)" >task.part
    echo $$ >pid.part
    sync -- task.part pid.part
    mv -fT -- task.part task
    mv -fT -- pid.part pid
    work=$(cat command; echo .)
    exec 4<"$1" || { echo "no input" >&2; exit 1; }
    : >started
    sync -- started .
    rm -f -- command command.* input
    exec 8>&-
    # In a shell of its own: whoever wanted to hear it may be gone, and a signal for that must not end the runner.
    (echo started >&3) 2>/dev/null
    exec 3>&-
    umask 022
    (
      exec 0<&4 4<&-
      cd / || exit 125
      eval "${work%.}"
    )
    status=$?
    umask 077
    exec 4<&-
    echo $status >status.part
    sync -- status.part
    mv -fT -- status.part status
    flock -u 9
    """#
}
