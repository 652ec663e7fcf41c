/// What runs on a host to keep its epoch.
///
/// In the folder: `epoch`, the number; `epoch.lock`, held while it is read or changed with the owners;
/// `running.lock`, held shared by each command that runs under an epoch; `owners/`, a file for each connection,
/// named after its epoch, its process (sshd's, or a gate's) and when that began, since numbers of processes are used again.
enum FenceScript {
  /// The status with which a command is refused. `EX_TEMPFAIL` of sysexits.h; a mark tells it from the program's.
  static let refusal = 75

  private static let reading = #"""
    odeum_epoch() {
      _epoch=0
      if [ -e "$1/epoch" ]; then read -r _epoch <"$1/epoch" || return 1; fi
      case $_epoch in ''|*[!0-9]*) return 1 ;; esac
    }

    """#

  // The lock is the shell's: what the program leaves behind must not keep a new owner waiting. When the program is
  // ended, the shell keeps the lock until it has ended.
  static let runningScript =
    reading + #"""
      _folder=$1 _mine=$2 _nonce=$3
      shift 3
      refuse() { printf '\n%s %s\n' "$_nonce" "$1" >&2; exit 75; }
      [ -d "$_folder" ] || (umask 077; mkdir -p -- "$_folder") || refuse "the folder cannot be made"
      { exec 9>>"$_folder/running.lock"; } 2>/dev/null || refuse "running.lock cannot be written"
      flock -s 9 || refuse "running.lock cannot be locked"
      odeum_epoch "$_folder" || refuse "the epoch is not a number"
      [ "$_epoch" -le "$_mine" ] || refuse "stale $_epoch"
      command -v "$1" >/dev/null || refuse program
      trap : TERM INT HUP
      (exec 9>&-; exec "$@")

      """#

  static func running(_ command: Command, under epoch: Int, in folder: String, nonce: String) -> Command {
    var fenced = command
    fenced.program = "sh"
    fenced.words =
      ["-c", Word(runningScript), "sh", Word(folder), "\(epoch)", Word(nonce), Word(command.program)]
      + command.words
    return fenced
  }

  static let raisingScript =
    reading + #"""
      set -e
      umask 077
      mkdir -p -- "$1/owners"
      exec 8>>"$1/epoch.lock" 9>>"$1/running.lock"
      flock 8
      odeum_epoch "$1" || { echo "$1/epoch is not a number" >&2; exit 1; }
      if [ "$_epoch" -gt "$2" ]; then echo "stale $_epoch"; exit 75; fi
      if [ "$_epoch" -lt "$2" ]; then
        echo "$2" >"$1/epoch.part"
        sync -- "$1/epoch.part"
        mv -fT -- "$1/epoch.part" "$1/epoch"
      fi
      for owner in "$1"/owners/*; do
        name=${owner##*/} pid=${owner##*.}
        began=${pid#*-} pid=${pid%-*}
        [ "$name" != '*' ] && [ "${name%%.*}" -lt "$2" ] || continue
        if [ "$pid" -le 1 ]; then rm -f -- "$owner"; continue; fi
        left=40
        while { read -r line <"/proc/$pid/stat"; } 2>/dev/null; do
          set -- "$1" "$2" "$3" ${line##*) }
          [ "$4" != Z ] && [ "${23}" = "$began" ] || break
          if [ $left -gt 0 ]; then kill -TERM "$pid" || :; else kill -KILL "$pid" || :; fi
          left=$((left - 1))
          if [ $left -lt -40 ]; then echo "the former owner's sshd process $pid does not end" >&2; exit 1; fi
          sleep 0.05
        done
        rm -f -- "$owner"
      done
      flock -u 8
      flock -w "$3" 9 || { echo running; exit 75; }
      echo raised

      """#

  static func raising(to epoch: Int, in folder: String, patience: Int) -> Command {
    Command("sh", "-c", Word(raisingScript), "sh", Word(folder), "\(epoch)", "\(patience)")
  }
}

extension FenceScript {
  // The program takes the place of the shell, so the note is of its process.
  private static let gateScript =
    reading + #"""
      exec 2>&1
      set -e
      umask 077
      mkdir -p -- "$1/owners"
      exec 9>>"$1/epoch.lock"
      flock 9
      odeum_epoch "$1" || { echo "$1/epoch is not a number"; exit 1; }
      if [ "$_epoch" -gt "$2" ]; then echo "stale $_epoch"; exit 0; fi
      began() { shift 19; echo "$1"; }
      read -r line <"/proc/$$/stat"
      : >"$1/owners/$2.$$-$(began ${line##*) })"
      shift 2
      exec 9>&-
      exec "$@"

      """#

  /// The words for `/bin/sh` that runs `program` as one of the owner's connections, which a new owner ends.
  static func gate(_ owner: FenceOwner, program: [String]) -> [String] {
    ["-c", gateScript, "sh", owner.fence.folder, "\(owner.epoch)"] + program
  }
}

extension RemoteScript {
  /// What the keeper of a connection runs: it says that sessions can be opened, and waits for the end of its
  /// input. With an owner it first looks at the epoch, and leaves a note that lets a new owner end the connection;
  /// where the connection has gone by then, its place has been taken by process 1, which nobody is to end.
  static func keeper(nonce: String, owner: FenceOwner?) -> RemoteScript {
    var text = ""
    if let owner {
      let folder = String(decoding: ShellQuoting.always(Array(owner.fence.folder.utf8)), as: UTF8.self)
      text += """
        set -e
        umask 077
        mkdir -p -- \(folder)/owners
        exec 9>>\(folder)/epoch.lock
        flock 9
        newest=0
        if [ -e \(folder)/epoch ]; then read -r newest <\(folder)/epoch; fi
        if [ "$newest" -gt \(owner.epoch) ]; then printf '\(nonce) stale %s\\n' "$newest"; exit 0; fi
        if [ "$PPID" -le 1 ]; then exit 0; fi
        read -r line <"/proc/$PPID/stat"
        set -- ${line##*) }
        note=\(folder)/owners/\(owner.epoch).$PPID-${20}
        : >"$note"
        exec 9>&-
        trap 'rm -f -- "$note"' EXIT

        """
    }
    text += """
      printf '\(nonce) ready\\n'
      while read -r line; do :; done

      """
    return RemoteScript(nonce: nonce, text: text)
  }
}
