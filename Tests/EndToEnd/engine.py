"""Docker engines, asked behind the control plane's back."""

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
    def __init__(self, path, timeout):
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _labelled(labels):
    return {"label": [f"{key}={value}" for key, value in labels.items()]}


class Engine:
    """One Docker engine. `socket_path` gives the path of its socket, which may be another one each time."""

    def __init__(self, socket_path):
        self._socket_path = socket_path

    def ask(self, method, path, body=None, timeout=60, **query):
        """Begins a call of the Engine API; the connection, to be closed by the caller, and its answer."""
        words = {key: value if isinstance(value, str) else json.dumps(value) for key, value in query.items()}
        connection = _Connection(self._socket_path(), timeout)
        try:
            connection.request(
                method, f"/v1.41{path}?{urllib.parse.urlencode(words)}", body=json.dumps(body) if body else None,
                headers={"Content-Type": "application/json"})
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def call(self, method, path, body=None, **query):
        """One call of the Engine API; the answer's JSON, or None where it has none or the thing is not there."""
        connection, answer = self.ask(method, path, body, **query)
        try:
            told = answer.read()
        finally:
            connection.close()
        if answer.status == 404:
            return None
        if answer.status >= 400:
            raise RuntimeError(f"The engine refused {method} {path}: {answer.status} {told.decode(errors='replace')}")
        return json.loads(told) if told.strip() else None

    def containers(self, labels):
        """Every container with `labels`, running or not."""
        return self.call("GET", "/containers/json", all="true", filters=_labelled(labels))

    def volumes(self, labels):
        return self.call("GET", "/volumes", filters=_labelled(labels))["Volumes"] or []

    def nameless_volumes(self):
        """The volumes that an image asked for and that no container has any more."""
        unused = self.call("GET", "/volumes", filters={"dangling": ["true"]})["Volumes"] or []
        return {each["Name"] for each in unused if re.fullmatch("[0-9a-f]{64}", each["Name"])}

    def images(self, labels):
        """Every image with `labels`, those without a name included."""
        return self.call("GET", "/images/json", filters=_labelled(labels))

    def networks(self, labels):
        return self.call("GET", "/networks", filters=_labelled(labels))

    def names(self, labels):
        """What there is with `labels`: `container NAME`, `volume NAME`, `network NAME`, sorted."""
        return sorted(
            [f"container {each['Names'][0].lstrip('/')}" for each in self.containers(labels)]
            + [f"volume {each['Name']}" for each in self.volumes(labels)]
            + [f"network {each['Name']}" for each in self.networks(labels)]
        )

    def inspect(self, container):
        """Everything about a container, None where there is no such."""
        return self.call("GET", f"/containers/{container}/json")

    def is_running(self, container):
        state = self.inspect(container)
        return bool(state and state["State"]["Running"])

    def inspect_image(self, reference):
        """Everything about an image, None where the engine does not have it."""
        return self.call("GET", f"/images/{urllib.parse.quote(reference, safe='')}/json")

    def remove_all(self, labels):
        """Removes everything with `labels`, whatever state it is in."""
        with ThreadPoolExecutor(6) as threads:
            ends = [
                threads.submit(self.call, "DELETE", f"/containers/{each['Id']}", force="true", v="true")
                for each in self.containers(labels)
            ]
        for end in ends:
            end.result()
        for each in self.volumes(labels):
            self.call("DELETE", f"/volumes/{each['Name']}")
        for each in self.networks(labels):
            network = f"/networks/{each['Id']}"
            # Endpoints of containers that are gone, which a dockerd leaves that was killed at a bad moment.
            for left in (self.call("GET", network) or {}).get("Containers", {}).values():
                self.call("POST", f"{network}/disconnect", {"Container": left["Name"], "Force": True})
            self.call("DELETE", network)


# This machine's, which most tests ask: `engine.inspect(…)`.
local = Engine(lambda: SOCKET)
call, containers, volumes, networks = local.call, local.containers, local.volumes, local.networks
images = local.images
names, nameless_volumes, remove_all = local.names, local.nameless_volumes, local.remove_all
inspect, is_running, inspect_image = local.inspect, local.is_running, local.inspect_image


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
