# shellcheck shell=bash
# Disks that hold pulled images already. Pulling Odoo and PostgreSQL keeps a core busy for 25 s a server; copying a disk
# takes two. The first server that pulls certain images leaves a copy of its disk, and later ones begin with it.

LAB_TEMPLATE_DAYS=3

# template_file DISK IMAGE…: where the template of such a disk is, or would be. Its name is made of what is on it, so
# that an image that was built anew is not taken from an old disk. Fails where there can be none.
template_file() {
  local disk=$1 image digest content
  shift
  if [[ $disk == none || $# -eq 0 ]]; then return 1; fi
  content="$disk $(docker image inspect --format '{{.Id}}' "$(server_image ready)")"
  for image in "$@"; do
    digest=$(registry_digest "$image") || return 1
    content+=" $image $digest"
  done
  printf '%s/server-disks/%s.img\n' "$LAB_STATE" "$(sha256sum <<<"$content" | cut -c 1-32)"
}

# registry_digest NAME:TAG: what the lab's registry holds under this name; fails if it does not have it.
registry_digest() {
  local repository=${1%:*}
  if [[ $repository != */* ]]; then repository=library/$repository; fi
  curl --silent --fail --head --max-time 5 --noproxy '*' \
    --header 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
    "http://$LAB_REGISTRY/v2/$repository/manifests/${1##*:}" |
    tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2; found = 1 } END { exit !found }'
}

server_disk() { printf '%s/disk.img\n' "$(docker volume inspect --format '{{.Mountpoint}}' "$1-data")"; }

# begin_with_template NAME TEMPLATE: for a server that has not been started.
begin_with_template() {
  # Whoever uses it keeps it.
  touch --no-create "$2"
  cp --sparse=always "$2" "$(server_disk "$1")"
}

# keep_template NAME TEMPLATE: the server is off meanwhile, so that its disk is whole. Templates that nobody used for
# some days go.
keep_template() {
  local folder=${2%/*} begun=$EPOCHREALTIME
  mkdir -p "$folder"
  find "$folder" -name '*.img*' -mtime "+$LAB_TEMPLATE_DAYS" -delete
  # What the pull wrote and removed again is not copied.
  docker exec "$1" fstrim /var/lib/docker
  docker stop "$1" >/dev/null
  cp --sparse=always "$(server_disk "$1")" "$2.$$"
  mv "$2.$$" "$2"
  docker start "$1" >/dev/null
  say "the disk of $1 is kept for servers that pull the same images: $(seconds_since "$begun")"
}
