# shellcheck shell=bash
# Processes that the lab starts and stops: each has NAME.pid and NAME.log in the state folder.
# A pid alone proves nothing after a reboot, so the process must also have been started with our state folder
# among its arguments.

pid_file() { printf '%s/%s.pid' "$LAB_STATE" "$1"; }
log_file() { printf '%s/%s.log' "$LAB_STATE" "$1"; }

# Prints the pid of our running process NAME; fails if there is none.
running_pid() {
  local pid
  pid=$(cat "$(pid_file "$1")" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
  # A zombie has no arguments any more, so it counts as gone.
  tr '\0' '\n' <"/proc/$pid/cmdline" | grep --quiet --fixed-strings -- "$LAB_STATE" || return 1
  printf '%s\n' "$pid"
}

is_gone() { ! running_pid "$1" >/dev/null; }

# start_process NAME COMMAND…: starts it in a session of its own, so that it outlives this terminal.
start_process() {
  local name=$1
  shift
  # The lock descriptor stays here: a daemon that held it would lock the lab for ever.
  # shellcheck disable=SC2016 # the inner bash expands them
  setsid --fork bash -c 'echo $$ >"$1"; shift; exec "$@"' bash "$(pid_file "$name")" "$@" \
    >>"$(log_file "$name")" 2>&1 </dev/null 9>&-
}

# stop_process NAME SECONDS: asks with SIGTERM, waits, and takes SIGKILL when the time is up.
stop_process() {
  local name=$1 pid
  if ! pid=$(running_pid "$name"); then
    rm -f "$(pid_file "$name")"
    return 1
  fi
  kill -TERM "$pid"
  if ! poll "$2" is_gone "$name"; then
    say "$name (pid $pid) did not end within $2 s: killing it"
    kill -KILL "$pid" 2>/dev/null || true
    poll 10 is_gone "$name" || fail "$name (pid $pid) cannot be killed" "See $(log_file "$name")"
  fi
  rm -f "$(pid_file "$name")"
}

# Says why NAME did not come up, with the end of its log.
fail_with_log() {
  say "the last lines of $(log_file "$1"):"
  tail -n 15 "$(log_file "$1")" >&2 || true
  fail "$2" "${@:3}"
}

# lock NAME: waits until no other program of the lab holds this lock; it is let go when the program ends.
lock() {
  mkdir -p "$LAB_STATE"
  exec 9>"$LAB_STATE/$1.lock"
  if ! flock --nonblock 9; then
    say "waiting for another run of the lab ($1) to finish"
    flock --timeout 1800 9 || fail "another run of the lab holds $LAB_STATE/$1.lock for half an hour" \
      "See who: fuser $LAB_STATE/$1.lock"
  fi
}

# Lets go of the lock before the program ends.
unlock() { exec 9>&-; }
