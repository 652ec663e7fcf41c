"""The Docker engine, asked behind the control plane's back."""

import http.client
import json
import os
import re
import socket
import subprocess
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

SOCKET = os.environ.get("ODEUM_DOCKER_SOCKET", "/var/run/docker.sock")


class _Connection(http.client.HTTPConnection):
    def __init__(self):
        super().__init__("docker", timeout=60)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def call(method, path, body=None, **query):
    """One call of the Engine API; the answer's JSON, or None where it has none or the thing is not there."""
    words = {key: value if isinstance(value, str) else json.dumps(value) for key, value in query.items()}
    connection = _Connection()
    try:
        connection.request(
            method, f"/v1.41{path}?{urllib.parse.urlencode(words)}", body=json.dumps(body) if body else None,
            headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    if answer.status == 404:
        return None
    if answer.status >= 400:
        raise RuntimeError(f"The engine refused {method} {path}: {answer.status} {told.decode(errors='replace')}")
    return json.loads(told) if told.strip() else None


def _labelled(labels):
    return {"label": [f"{key}={value}" for key, value in labels.items()]}


def containers(labels):
    """Every container with `labels`, running or not."""
    return call("GET", "/containers/json", all="true", filters=_labelled(labels))


def volumes(labels):
    return call("GET", "/volumes", filters=_labelled(labels))["Volumes"] or []


def nameless_volumes():
    """The volumes that an image asked for and that no container has any more."""
    unused = call("GET", "/volumes", filters={"dangling": ["true"]})["Volumes"] or []
    return {each["Name"] for each in unused if re.fullmatch("[0-9a-f]{64}", each["Name"])}


def networks(labels):
    return call("GET", "/networks", filters=_labelled(labels))


def names(labels):
    """What there is with `labels`: `container NAME`, `volume NAME`, `network NAME`, sorted."""
    return sorted(
        [f"container {each['Names'][0].lstrip('/')}" for each in containers(labels)]
        + [f"volume {each['Name']}" for each in volumes(labels)]
        + [f"network {each['Name']}" for each in networks(labels)]
    )


def inspect(container):
    """Everything about a container, None where there is no such."""
    return call("GET", f"/containers/{container}/json")


def is_running(container):
    state = inspect(container)
    return bool(state and state["State"]["Running"])


def run_in(container, *words, user="root"):
    """Runs a program in a container and returns what it wrote."""
    result = subprocess.run(
        ["docker", "exec", "--user", user, container, *words], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, f"{words} in {container}: {result.stderr or result.stdout}"
    return result.stdout


def log(container):
    """What a container wrote, both streams."""
    result = subprocess.run(["docker", "logs", container], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def inspect_image(reference):
    """Everything about an image, None where the engine does not have it."""
    return call("GET", f"/images/{urllib.parse.quote(reference, safe='')}/json")


def remove_all(labels):
    """Removes everything with `labels`, whatever state it is in."""
    with ThreadPoolExecutor(6) as threads:
        ends = [
            threads.submit(call, "DELETE", f"/containers/{each['Id']}", force="true", v="true")
            for each in containers(labels)
        ]
    for end in ends:
        end.result()
    for each in volumes(labels):
        call("DELETE", f"/volumes/{each['Name']}")
    for each in networks(labels):
        call("DELETE", f"/networks/{each['Id']}")
