# shellcheck shell=bash
# What a person sees: one line per part, with the seconds it took, and errors that say what to do next.

say() { printf 'lab: %s\n' "$*" >&2; }

# fail WHAT [NEXT]: says what happened and what to do next, and ends the program.
fail() {
  printf 'lab: error: %s\n' "$1" >&2
  if [[ $# -gt 1 ]]; then printf 'lab:   %s\n' "${@:2}" >&2; fi
  exit 1
}

# The seconds since $1, a value of $EPOCHREALTIME, with one decimal.
seconds_since() {
  local now=${EPOCHREALTIME/[.,]/} then=${1/[.,]/}
  local tenths=$(((now - then) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

# timed WHAT COMMAND…: runs the command and says how long it took. The command is not part of a condition here,
# so that inside it the first error still ends the program.
timed() {
  local what=$1 begun=$EPOCHREALTIME
  shift
  "$@"
  say "$what: $(seconds_since "$begun")"
}

# poll SECONDS COMMAND…: repeats the command four times a second until it succeeds or the time is up.
poll() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= deadline)); then return 1; fi
    sleep 0.25
  done
}
