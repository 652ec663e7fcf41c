# shellcheck shell=bash
# One lab server: a container that is a whole machine, with systemd as its first process. What grows in there lies on
# a disk of its own, a file with an ext4 file system in a volume: overlay file systems do not stack, a disk has an end,
# and to remove one file takes no time, where the 30,000 files of an image of Odoo take half a minute.

LAB_FLAVOUR_LABEL=odeum.lab.flavour
LAB_DISK_LABEL=odeum.lab.disk

# Whether this machine has loop devices; in a container the kernel's module cannot be loaded.
has_loop_devices() { [[ -e /dev/loop-control ]] || modprobe loop 2>/dev/null; }

server_image() { printf 'odeum-lab/server:%s\n' "$1"; }

server_label() { docker inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null; }

# create_server SET NUMBER FLAVOUR DISK [TEMPLATE]: DISK is a size, or "none" for the disk of this machine. TEMPLATE is
# a disk to begin with, if that file is there.
create_server() {
  local set=$1 number=$2 flavour=$3 disk=$4 template=${5:-} name network place=/var/lib/docker
  name=$(set_prefix "$set")-$number
  network=$(set_network "$set")
  if [[ $disk != none ]]; then place=/lab-disk; fi
  local labels=(--label "$LAB_SERVER_LABEL" --label "$LAB_SET_LABEL=$set")
  # Empty, even if one is left of a server that is gone.
  docker volume rm --force "$name-data" >/dev/null
  docker volume create "${labels[@]}" "$name-data" >/dev/null
  # What systemd and a Docker in Docker need. A namespace of its own for control groups: what runs in the server
  # counts as the server's. SYS_RESOURCE is not to be had on every machine. The network by its name: if it is given by
  # its id, Docker 20.10 cannot start the container a second time.
  docker create --name "$name" --hostname "$name" "${labels[@]}" --label "$LAB_NUMBER_LABEL=$number" \
    --label "$LAB_FLAVOUR_LABEL=$flavour" --label "$LAB_DISK_LABEL=$disk" \
    --network "$(set_prefix "$set")" --ip "$network.$((10 + number))" \
    --restart unless-stopped --stop-timeout 30 --cgroupns private \
    --cap-add ALL --cap-drop SYS_RESOURCE --device-cgroup-rule 'a *:* rmw' \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
    --tmpfs /run:mode=755 --tmpfs /run/lock:mode=1777,size=5m --volume "$name-data:$place" \
    "$(server_image "$flavour")" >/dev/null
  server_settings "$set" "$disk" | put_settings "$name"
  if [[ $flavour == ready && -e $template ]]; then begin_with_template "$name" "$template"; fi
  docker start "$name" >/dev/null
}

# What the server's first process reads.
server_settings() {
  local folder
  folder=$(set_folder "$1")
  printf '%s=%q\n' \
    LAB_PASSWORD "$(<"$folder/password")" \
    LAB_PUBLIC_KEY "$(<"$folder/id_ed25519.pub")" \
    LAB_DOCKER_OPTIONS "--registry-mirror=http://$(set_mirror "$1")$(name_servers)" \
    LAB_APT "$(apt_settings)" \
    LAB_DISK "$2"
}

# Docker's own name server in the server's network is a loopback address, and the Docker in the server cannot give
# that to containers on its default network: it gets the ones of this machine.
name_servers() { awk '$1 == "nameserver" && $2 !~ /^127\./ && $2 !~ /:/ { printf " --dns=%s", $2 }' /etc/resolv.conf; }

# How apt gets out of this machine.
apt_settings() {
  local key value
  for key in Acquire::http::Proxy Acquire::https::Proxy Acquire::Check-Valid-Until Acquire::Check-Date; do
    eval "$(apt-config shell value "$key")"
    if [[ -z ${value:-} && $key == Acquire::http::Proxy ]]; then value=${http_proxy:-}; fi
    if [[ -z ${value:-} && $key == Acquire::https::Proxy ]]; then value=${https_proxy:-}; fi
    if [[ -n ${value:-} ]]; then printf '%s "%s";\n' "$key" "$value"; fi
    value=
  done
}

# put_settings NAME: from standard input into a container that has not been started.
put_settings() {
  local folder
  folder=$(mktemp --directory)
  mkdir -p "$folder/etc/odeum-lab"
  (umask 077 && cat >"$folder/etc/odeum-lab/settings")
  tar --create --directory "$folder" --owner 0 --group 0 etc/odeum-lab | docker cp - "$1:/"
  rm -r "$folder"
}

# wait_for_server NAME FLAVOUR ADDRESS: until systemd has started everything, and sshd and Docker answer.
wait_for_server() {
  local name=$1
  if ! poll 90 has_booted "$name"; then
    fail "$name did not boot within 90 s" "Look at: docker logs $name; docker exec $name systemctl list-jobs"
  fi
  if [[ $(system_state "$name") != running ]]; then
    fail "$name has booted, but these units failed:" \
      "$(docker exec "$name" systemctl list-units --failed --plain --no-legend)" \
      "Look at: docker exec $name journalctl -b -p warning"
  fi
  poll 20 greets "$3" || fail "sshd of $name does not answer on $3" "Look at: docker exec $name journalctl -u ssh"
  if [[ $2 == ready ]]; then
    poll 30 docker exec "$name" docker version >/dev/null 2>&1 ||
      fail "the Docker engine in $name does not answer" "Look at: docker exec $name journalctl -u docker -n 50"
  fi
}

system_state() { docker exec "$1" systemctl is-system-running 2>/dev/null || true; }
has_booted() { [[ $(system_state "$1") == @(running|degraded) ]]; }

# Whether an SSH server says its name there.
greets() {
  # shellcheck disable=SC2016 # the inner bash expands it
  [[ $(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/22" && head -c 4 <&3' "$1" 2>/dev/null) == SSH- ]]
}

# remove_server NAME: with its data.
remove_server() {
  docker rm --force --volumes "$1" >/dev/null
  docker volume rm --force "$1-data" >/dev/null
}
