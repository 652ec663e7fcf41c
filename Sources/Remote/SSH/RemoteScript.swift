/// The shell script that runs one command on a host and tells truly how it ended.
///
/// `ssh` gives the words of a command to the user's login shell and shows them in `ps` on both machines. So the
/// only words are those that start `/bin/sh`; the script, with the command in it, comes over standard input,
/// behind it the command's own input. What a login shell's start files print comes before the first mark and is
/// dropped. A mark on each output tells that the command has ended: what programs that it left behind write
/// afterwards is not waited for.
///
/// A command without input costs two processes beside the login shell: the program, and the watcher below. With input
/// there are two more: one takes the script apart from the input, since a shell may read ahead of what it runs, and one
/// hands the input on.
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

  /// Whether the shell reads the script by itself: nothing comes behind it that it must leave.
  private let isReadByShell: Bool

  /// Up to this length; from there on it is slow where `/bin/sh` asks for one byte after the other, as bash does.
  private static let longestForShell = 16 << 10

  /// The line for the login shell: it reads exactly `length` bytes as the script, and leaves the rest.
  static func starter(length: Int) -> String {
    #"exec /bin/sh -c 'eval "$(dd bs=\#(length) count=1 iflag=fullblock 2>/dev/null)"'"#
  }

  /// The line for the login shell that starts this script.
  var starter: String { isReadByShell ? "exec /bin/sh" : Self.starter(length: bytes.count) }

  /// A script that runs `command`.
  ///
  /// - Throws: `CommandError` for what no program can receive.
  init(running command: Command) throws(CommandError) {
    let nonce = Self.newNonce()
    let input = command.input ?? []
    var script = Array("{\n".utf8)
    func add(_ text: some Sequence<UInt8>) { script.append(contentsOf: text) }
    add(Self.beginning(nonce: nonce).utf8)
    add("odeum_run() {\n".utf8)
    add(Self.checks(of: command, nonce: nonce))
    // In a process of its own, which `exec` in the wire form replaces by the program.
    add("(\nexec 2>&4 3<&- 4>&-\n".utf8)
    add(try command.wireForm())
    add("\n)\n}\n".utf8)
    add((input.isEmpty ? Self.runningAlone : Self.running(input: input.count, nonce: nonce)).utf8)
    add(Self.ending(nonce: nonce).utf8)
    add("}\n".utf8)
    self.nonce = nonce
    self.bytes = script
    self.input = input.isEmpty ? [] : input + Array("\(nonce)\n".utf8)
    isReadByShell = input.isEmpty && script.count <= Self.longestForShell
  }

  /// A script of this text, which ends with a line's end.
  init(nonce: String, text: String) {
    self.nonce = nonce
    self.bytes = Array("{\n\(text)}\n".utf8)
    input = []
    isReadByShell = false
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
  /// Shell functions that print, and end, the processes of the session of process `$1`, without the processes `$2` and
  /// `$3` and without the children of `$4` and `$5`. Read from `/proc`, since procps is not everywhere. The first is for
  /// a subshell: it changes how words are split. (`setsid`, so that the look does not see itself.)
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
        [ "$_pid" != "$2" ] && [ "$_pid" != "$3" ] && [ "$_state" != Z ] || continue
        [ "$_parent" != "$4" ] && [ "$_parent" != "$5" ] || continue
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

  /// The first part: marks the begin, and keeps standard input and error for the watcher and the marks.
  private static func beginning(nonce: String) -> String {
    """
    exec 3<&0 </dev/null 4>&2 2>/dev/null
    printf '\(nonce) begin %s\\n' $$
    printf '\(nonce) begin %s\\n' $$ >&4
    \(members)odeum_watched() {
      trap '' TERM
      read -r _me _stat </proc/self/stat
      odeum_end $$ $$ "$_me" "$1" "$_me"
      printf '\(nonce) ended\\n' >&4
    }

    """
  }

  /// Runs the command beside the watcher, which waits for the end of ours.
  ///
  /// Signals are caught only once the watcher is there: while it begins it would take one for the script's, and then
  /// outlive the program.
  private static let runningAlone = """
    {
      exec >/dev/null
      while read -r _odeum; do :; done
      odeum_watched 0
    } <&3 &
    trap : TERM INT HUP
    odeum_run
    _status=$?
    kill $!
    wait $!

    """

  /// Runs the command behind the watcher, which first hands on the input. The watcher and the shell that runs the
  /// command are children of the script and so are spared.
  private static func running(input count: Int, nonce: String) -> String {
    """
    trap : TERM INT HUP
    {
      read -r _me _stat </proc/self/stat
      echo "$_me"
      dd bs=65536 count=\(count) iflag=fullblock,count_bytes <&3
      IFS= read -r _odeum <&3
      if [ "$_odeum" = \(nonce) ]; then exec >/dev/null; cat <&3; fi
      odeum_watched $$
    } | {
      trap : TERM INT HUP
      IFS= read -r _odeum
      odeum_run
      _status=$?
      kill $_odeum
      exit $_status
    }
    _status=$?

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
      add(" ]; then printf '\(nonce) folder\\n' >&4; return 0; fi\n".utf8)
    }
    if command.environment["PATH"] == nil, command.program.hasPrefix("/") || !command.program.contains("/") {
      add("if ! command -v ".utf8)
      add(ShellQuoting.always(Array(command.program.utf8)))
      add(" >/dev/null; then printf '\(nonce) program\\n' >&4; return 0; fi\n".utf8)
    }
    return checks
  }

  private static func ending(nonce: String) -> String {
    """
    printf '\(nonce) end %s\\n' $_status
    printf '\(nonce) end %s\\n' $_status >&4
    exit 0

    """
  }
}
