# shellcheck shell=bash
# Debian packages on this machine.

need_root() {
  if ((EUID != 0)); then
    fail "${0##*/} has to run as root: it installs packages and starts a Docker engine" "Run: sudo $0"
  fi
}

# need_packages NAME…: installs those that are missing. Services of the packages are not started
# where no systemd runs: the lab starts what it needs itself.
need_packages() {
  local name missing=()
  for name in "$@"; do
    if [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) != installed ]]; then
      missing+=("$name")
    fi
  done
  if ((${#missing[@]} == 0)); then return 0; fi
  if ! command -v apt-get >/dev/null; then
    fail "these packages are missing: ${missing[*]}" "The lab needs Debian 12 (apt-get), or install them by hand."
  fi
  mkdir -p "$LAB_STATE"
  timed "apt-get install ${missing[*]}" install_packages "${missing[@]}"
}

install_packages() {
  local log=$LAB_STATE/apt.log policy=/usr/sbin/policy-rc.d own_policy=no status=0
  if [[ ! -d /run/systemd/system && ! -e $policy ]]; then
    own_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  {
    apt-get -o Acquire::Check-Valid-Until=false update &&
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install --yes \
        --no-install-recommends "$@"
  } >"$log" 2>&1 || status=$?
  if [[ $own_policy == yes ]]; then rm -f "$policy"; fi
  if ((status != 0)); then
    tail -n 15 "$log" >&2
    fail "apt-get could not install: $*" "The whole log is in $log. Is Debian's mirror reachable?"
  fi
}
