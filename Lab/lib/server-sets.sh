# shellcheck shell=bash
# A set of lab servers: what its servers share. A network of their own, a key pair and a password to log in with, and
# a relay that brings them to the lab's registry. Everything in Docker carries both labels, and nothing else is touched.

# The label of all of it; the second one names the set, the third is on servers only and holds their number.
LAB_SERVER_LABEL=odeum.lab=server
LAB_SET_LABEL=odeum.lab.set
# shellcheck disable=SC2034 # read by server.sh
LAB_NUMBER_LABEL=odeum.lab.number

# in_set SET: what Docker is to filter by. Without a set: of all sets.
in_set() {
  printf '%s\n' --filter "label=$LAB_SERVER_LABEL"
  if [[ -n ${1:-} ]]; then printf '%s\n' --filter "label=$LAB_SET_LABEL=$1"; fi
}

# The name under which a set's things stand in Docker; its servers are called so, with a number.
set_prefix() { if [[ $1 == default ]]; then echo odeum-lab; else echo "odeum-lab-$1"; fi; }

set_folder() { printf '%s/servers/%s\n' "$LAB_STATE" "$1"; }

# The id of the set's network, or nothing. By its labels, since another one may have its name.
network_id() {
  local filter
  mapfile -t filter < <(in_set "$1")
  docker network ls --quiet "${filter[@]}"
}

# The first three numbers of the set's addresses.
set_network() {
  local subnet
  subnet=$(docker network inspect --format '{{(index .IPAM.Config 0).Subnet}}' "$(network_id "$1")")
  printf '%s\n' "${subnet%.0/24}"
}

make_set() {
  make_credentials "$1"
  if [[ -z $(network_id "$1") ]]; then make_network "$1"; fi
}

make_credentials() {
  local folder
  folder=$(set_folder "$1")
  mkdir -p "$folder"
  chmod 700 "$folder"
  if [[ ! -e $folder/id_ed25519 ]]; then
    ssh-keygen -q -t ed25519 -N '' -C "$(set_prefix "$1")" -f "$folder/id_ed25519"
  fi
  if [[ ! -s $folder/password ]]; then
    (umask 077 && od --address-radix=n --format=x8 --read-bytes=8 /dev/urandom | tr -d ' ' >"$folder/password")
  fi
}

# Whether no route of this machine leads into the subnet, or contains it (the default route aside).
is_free_subnet() {
  [[ -z $(ip -4 route show table all root "$1") ]] &&
    ! ip -4 route show table all match "$1" | grep --quiet --invert-match '^default '
}

# Docker refuses a subnet that one of its other networks has; then the next one may be free.
make_network() {
  local third subnet answer='no subnet was free of other routes'
  for third in {200..249}; do
    subnet=$LAB_SERVER_NETWORKS.$third
    if ! is_free_subnet "$subnet.0/24"; then continue; fi
    if answer=$(docker network create --label "$LAB_SERVER_LABEL" --label "$LAB_SET_LABEL=$1" \
      --subnet "$subnet.0/24" --gateway "$subnet.1" "$(set_prefix "$1")" 2>&1); then
      say "network $(set_prefix "$1"): $subnet.0/24"
      return
    fi
  done
  fail "no network for the servers of the set $1: $answer" \
    "Choose other addresses: ODEUM_LAB_SERVER_NETWORKS=10.213 (now $LAB_SERVER_NETWORKS, 200 to 249)" \
    "or take sets down that nobody needs: $0 list, $0 down --set NAME"
}

# The registry listens on this machine's loopback only. On the gateway of the set's network a relay passes on what
# the servers ask; it is a container, so that it lives and goes with the set.
set_mirror() { printf '%s.1:%s\n' "$(set_network "$1")" "${LAB_REGISTRY##*:}"; }

# start_relay SET IMAGE: any of the images of servers will do, systemd has the programs.
start_relay() {
  local name address
  name=$(set_prefix "$1")-registry
  address=$(set_mirror "$1")
  if [[ $(docker inspect --format '{{.State.Running}}' "$name" 2>/dev/null) != true ]]; then
    docker rm --force "$name" >/dev/null 2>&1 || true
    docker run --detach --name "$name" --label "$LAB_SERVER_LABEL" --label "$LAB_SET_LABEL=$1" \
      --network host --restart unless-stopped --user nobody --read-only --entrypoint systemd-socket-activate "$2" \
      --listen="$address" /usr/lib/systemd/systemd-socket-proxyd "$LAB_REGISTRY" >/dev/null
  fi
  poll 10 relay_answers "$address" ||
    fail "the relay to the lab's registry does not answer on $address" "Its log: docker logs $name"
}

relay_answers() { curl --silent --fail --output /dev/null --max-time 5 --noproxy '*' "http://$1/v2/"; }

# remove_sets [SET]: containers, volumes, networks and the folder of the set, or of all sets.
remove_sets() {
  local filter ids folder
  mapfile -t filter < <(in_set "${1:-}")
  mapfile -t ids < <(docker ps --all --quiet "${filter[@]}")
  if ((${#ids[@]} > 0)); then docker rm --force --volumes "${ids[@]}" >/dev/null; fi
  mapfile -t ids < <(docker volume ls --quiet "${filter[@]}")
  if ((${#ids[@]} > 0)); then docker volume rm "${ids[@]}" >/dev/null; fi
  mapfile -t ids < <(docker network ls --quiet "${filter[@]}")
  if ((${#ids[@]} > 0)); then docker network rm "${ids[@]}" >/dev/null; fi
  folder=$LAB_STATE/servers
  if [[ -n ${1:-} ]]; then folder=$(set_folder "$1"); fi
  rm -rf --one-file-system "$folder"
}
