# shellcheck shell=bash
# shellcheck disable=SC2034 # read by the programs that source this file
# Where the lab keeps its things and under which addresses its parts answer.

# Everything that the lab writes, except Debian packages, lives in this folder.
LAB_STATE=${ODEUM_LAB_DIR:-/var/lib/odeum-lab}
# host:port of the lab's registry. Docker treats 127.0.0.0/8 as safe without TLS.
LAB_REGISTRY=${ODEUM_LAB_REGISTRY:-127.0.0.1:5000}
# The socket on which a Docker engine has to answer.
LAB_DOCKER_SOCKET=${ODEUM_LAB_DOCKER_SOCKET:-/var/run/docker.sock}
# auto: build images only where Docker Hub does not answer. always: build them in any case.
LAB_IMAGES=${ODEUM_LAB_IMAGES:-auto}
# The first two numbers of the networks of lab servers; each set of servers gets a /24 from there. Docker does not
# choose from 172.16 by itself.
LAB_SERVER_NETWORKS=${ODEUM_LAB_SERVER_NETWORKS:-172.16}

LAB_IMAGE_FOLDER=$LAB_ROOT/images

export DOCKER_HOST=unix://$LAB_DOCKER_SOCKET

# Whether Docker Hub answers from here. Its 401 is an answer; anything else means that it is out of reach.
hub_answers() {
  local status
  status=$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' \
    https://registry-1.docker.io/v2/ || true)
  [[ $status == 401 || $status == 200 ]]
}
