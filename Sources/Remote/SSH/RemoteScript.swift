/// The shell script that runs one command on a host and tells truly how it ended.
///
/// `ssh` gives the words of a command to the user's login shell and shows them in `ps` on both machines. So the
/// only words are those that start `/bin/sh`; the script, with the command in it, comes over standard input,
/// behind it the command's own input. What a login shell's start files print comes before the first mark and is
/// dropped. A mark on each output tells that the command has ended: what programs that it left behind write
/// afterwards is not waited for.
///
/// Input that is cut off must not look complete: the script is one group, which a shell refuses without its end, and
/// behind the command's input comes a line without which the command never sees the input's end.
///
/// Standard input stays open as long as somebody here waits. Its end, by our wish or because the connection is
/// gone, makes the script end every process of the command's session: SIGTERM, and two to three seconds later
/// SIGKILL.
struct RemoteScript {
  /// What precedes every mark: random, so that no output can hold it.
  let nonce: String
  /// The bytes to send before the command's own input.
  let bytes: [UInt8]
  /// The command's own input with the line that says that it is whole.
  let input: [UInt8]

  /// The line for the login shell: it reads exactly `length` bytes as the script, and leaves the rest.
  static func starter(length: Int) -> String {
    #"exec /bin/sh -c 'eval "$(dd bs=\#(length) count=1 iflag=fullblock 2>/dev/null)"'"#
  }

  /// The line for the login shell that starts this script.
  var starter: String { Self.starter(length: bytes.count) }

  /// A script that runs `command`.
  ///
  /// - Throws: `CommandError` for what no program can receive.
  init(running command: Command) throws(CommandError) {
    let nonce = Self.newNonce()
    var script = Array("{\n".utf8)
    script.append(contentsOf: Self.watching(input: command.input?.count ?? 0, nonce: nonce).utf8)
    script.append(contentsOf: Self.checks(of: command, nonce: nonce))
    // In a process of its own, which `exec` in the wire form replaces by the program.
    script.append(contentsOf: "(\nexec 2>&4 3<&- 4>&-\n".utf8)
    script.append(contentsOf: try command.wireForm())
    script.append(contentsOf: "\n)\n".utf8)
    script.append(contentsOf: Self.ending(nonce: nonce).utf8)
    script.append(contentsOf: "}\n".utf8)
    self.nonce = nonce
    self.bytes = script
    input = command.input.map { $0.isEmpty ? [] : $0 + Array("\(nonce)\n".utf8) } ?? []
  }

  /// A script of this text, which ends with a line's end.
  init(nonce: String, text: String) {
    self.nonce = nonce
    self.bytes = Array("{\n\(text)}\n".utf8)
    input = []
  }

  static func newNonce() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let word = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - word.count) + word
    }.joined()
  }
}

extension RemoteScript {
  /// Shell functions that print, and end, the processes of the session of process `$1`, without process `$2` and
  /// without the children of `$3` and `$4`. Read from `/proc`, since procps is not everywhere. The first is for a subshell: it
  /// changes how words are split. (`setsid`, so that the look does not see itself.)
  static let members = """
    odeum_members() {
      _all=$(setsid cat /proc/[0-9]*/stat 2>/dev/null)
      set -f
      IFS='
    '
      for _line in $_all; do
        _fields=${_line##*) }
        _state=${_fields%% *}; _fields=${_fields#* }
        _parent=${_fields%% *}; _fields=${_fields#* }; _fields=${_fields#* }
        [ "${_fields%% *}" = "$1" ] || continue
        _pid=${_line%% *}
        [ "$_pid" != "$2" ] && [ "$_parent" != "$3" ] && [ "$_parent" != "$4" ] && [ "$_state" != Z ] || continue
        echo "$_pid"
      done
    }
    odeum_end() {
      _until=$(($(date +%s) + 2))
      kill -TERM $(odeum_members "$@") 2>/dev/null
      while [ -n "$(odeum_members "$@")" ] && [ "$(date +%s)" -le $_until ]; do sleep 0.1; done
      while _rest=$(odeum_members "$@"); [ -n "$_rest" ]; do kill -KILL $_rest 2>/dev/null; sleep 0.02; done
    }

    """

  /// The first part: marks the begin, and starts the watcher, which hands on the input, then waits for the end
  /// of ours. The watcher and the shell that runs the command are children of the script and so are spared.
  private static func watching(input count: Int, nonce: String) -> String {
    let watch =
      count == 0
      ? "exec >/dev/null; while read -r _odeum <&3; do :; done"
      : """
      dd bs=65536 count=\(count) iflag=fullblock,count_bytes <&3
      IFS= read -r _odeum <&3
      if [ "$_odeum" = \(nonce) ]; then exec >/dev/null; cat <&3; fi
      """
    return """
      trap : TERM INT HUP
      exec 3<&0 </dev/null 4>&2 2>/dev/null
      printf '\(nonce) begin %s\\n' $$
      printf '\(nonce) begin %s\\n' $$ >&4
      \(members){
        read -r _me _stat </proc/self/stat
        echo "$_me"
        \(watch)
        trap '' TERM
        odeum_end $$ $$ $$ "$_me"
        printf '\(nonce) ended\\n' >&4
      } | {
        trap : TERM INT HUP
        IFS= read -r _odeum

      """
  }

  /// Tells a missing folder and a missing program apart from their command's failures.
  private static func checks(of command: Command, nonce: String) -> [UInt8] {
    var checks: [UInt8] = []
    func add(_ text: some Sequence<UInt8>) { checks.append(contentsOf: text) }
    if let folder = command.folder {
      let path = ShellQuoting.always(Array((folder.hasPrefix("/") ? folder : "./" + folder).utf8))
      add("if ! [ -d ".utf8)
      add(path)
      add(" ] || ! [ -x ".utf8)
      add(path)
      add(" ]; then printf '\(nonce) folder\\n' >&4; kill $_odeum; exit 0; fi\n".utf8)
    }
    if command.environment["PATH"] == nil, command.program.hasPrefix("/") || !command.program.contains("/") {
      add("if ! command -v ".utf8)
      add(ShellQuoting.always(Array(command.program.utf8)))
      add(" >/dev/null; then printf '\(nonce) program\\n' >&4; kill $_odeum; exit 0; fi\n".utf8)
    }
    return checks
  }

  private static func ending(nonce: String) -> String {
    """
      _status=$?
      kill $_odeum
      exit $_status
    }
    _status=$?
    printf '\(nonce) end %s\\n' $_status
    printf '\(nonce) end %s\\n' $_status >&4

    """
  }
}
