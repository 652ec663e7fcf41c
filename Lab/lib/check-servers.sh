# shellcheck shell=bash
# The part of Lab/check that tries lab servers: a ready one and a bare one, in a set of their own.

CHECK_SET=try-$$
CHECK_FOLDER=

clean_up_servers() {
  if [[ -z $CHECK_FOLDER ]]; then return 0; fi
  "$LAB_ROOT/servers" down --set "$CHECK_SET"
  rm -rf "$CHECK_FOLDER"
}

# of SERVER KEY: what Lab/servers said about the first (0) or the second (1) server.
of() {
  /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["servers"][int(sys.argv[1])][sys.argv[2]])' \
    "$1" "$2" <"$CHECK_FOLDER/servers.json"
}

# The host keys that Lab/servers said, as ssh wants them: whoever shows another one is not let in.
write_known_hosts() {
  /usr/bin/python3 -c '
import json, sys
for server in json.load(sys.stdin)["servers"]:
    for key in server["hostKeys"]:
        print(server["address"], key["type"], key["key"])' <"$CHECK_FOLDER/servers.json" >"$CHECK_FOLDER/known_hosts"
}

# log_in SERVER USER COMMAND…: by key.
log_in() {
  ssh -F none -i "$(of "$1" key)" -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=yes \
    -o UserKnownHostsFile="$CHECK_FOLDER/known_hosts" "$2@$(of "$1" address)" "${@:3}"
}

log_in_by_password() {
  printf '#!/bin/sh\necho %s\n' "$(of "$1" password)" >"$CHECK_FOLDER/password"
  chmod 700 "$CHECK_FOLDER/password"
  SSH_ASKPASS=$CHECK_FOLDER/password SSH_ASKPASS_REQUIRE=force ssh -F none -o PubkeyAuthentication=no \
    -o NumberOfPasswordPrompts=1 -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$CHECK_FOLDER/known_hosts" \
    "$2@$(of "$1" address)" "${@:3}"
}

check_servers() {
  CHECK_FOLDER=$(mktemp -d)
  "$LAB_ROOT/servers" up 2 --set "$CHECK_SET" --bare 1 --disk 3G --pull postgres:17 >"$CHECK_FOLDER/servers.json"
  write_known_hosts
  check_who_gets_in
  check_ready_server
  check_bare_server
  check_reset
}

check_who_gets_in() {
  local user
  for user in root admin visitor; do
    expect "a login of $user by key" "$user" "$(log_in 0 "$user" whoami)"
    expect "a login of $user by password" "$user" "$(log_in_by_password 1 "$user" whoami)"
  done
  expect "sudo of admin" root "$(log_in 0 admin sudo --non-interactive whoami)"
  expect "sudo of visitor" "password is required" "$(log_in 0 visitor sudo --non-interactive whoami 2>&1 || true)"
  if [[ $(log_in 0 root cat /etc/machine-id) == "$(log_in 1 root cat /etc/machine-id)" ]]; then
    fail "two servers have the same machine id"
  fi
}

check_ready_server() {
  local name started boot
  name=$(of 0 name)
  expect "the disk in MB, of 3 GiB" 30 "$(log_in 0 root df --output=size --block-size=MB /var/lib/docker)"
  expect "Docker's storage" overlay2 "$(log_in 0 root docker info --format '{{.Driver}}')"
  log_in 0 root docker run --detach --name db --restart unless-stopped --memory 200m \
    --env POSTGRES_PASSWORD=secret postgres:17 >/dev/null
  started=$(log_in 0 root docker inspect --format '{{.State.StartedAt}}' db)
  log_in 0 root systemctl restart docker
  expect "start of a container after a restart of its engine" "$started true" \
    "$(log_in 0 root docker inspect --format "'{{.State.StartedAt}} {{.State.Running}}'" db)"
  boot=$(log_in 0 root cat /proc/sys/kernel/random/boot_id)
  docker restart "$name" >/dev/null
  poll 30 log_in 0 root true 2>/dev/null || fail "$name cannot be reached after a reboot" "See: docker logs $name"
  if [[ $(log_in 0 root cat /proc/sys/kernel/random/boot_id) == "$boot" ]]; then
    fail "$name was started anew and says that it was not"
  fi
  poll 30 runs_again db || fail "a container in $name did not come back after a reboot"
}

runs_again() { [[ $(log_in 0 root docker inspect --format '{{.State.Running}}' "$1" 2>/dev/null) == true ]]; }

check_bare_server() {
  expect "programs on the bare server" "none" "$(log_in 1 root 'command -v docker nginx restic || echo none')"
  log_in 1 admin 'sudo apt-get -q update && sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y install restic' \
    >"$CHECK_FOLDER/apt.log" 2>&1 || fail "the bare server cannot install restic" "$(tail -n 10 "$CHECK_FOLDER/apt.log")"
}

check_reset() {
  local before after
  before=$(of 1 fingerprint)
  "$LAB_ROOT/servers" reset "$(of 1 name)" >"$CHECK_FOLDER/servers.json"
  after=$(of 1 fingerprint)
  if [[ $before == "$after" ]]; then fail "a server that was reset has the host key of the old one"; fi
  expect "a login with the old host key" "HOST IDENTIFICATION HAS CHANGED" "$(log_in 1 root true 2>&1 || true)"
  write_known_hosts
  expect "what the old one had installed" "none" "$(log_in 1 root 'command -v restic || echo none')"
}
