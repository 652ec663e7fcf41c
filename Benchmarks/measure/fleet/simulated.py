"""Simulated servers: each is an sshd of its own with a file system of its own, in which Docker's socket is that of a
simulated engine. The way over SSH is real, what is at its end is not.

An sshd lives in a mount namespace, where `/run`, `/var/lib` and `/root` are folders of this run, and listens at an
address of its own of the loopback network.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measure import places, processes
from measure.figures import Failed
from measure.fleet import costs
from measure.places import ROOT

SSHD = """
ListenAddress {address}:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PrintMotd no
UseDNS no
MaxStartups 100
LogLevel VERBOSE
"""
# The namespace ends with sshd and its sessions.
NAMESPACE = """
set -e
mount --bind "$1/run" /run
mount --bind "$1/lib" /var/lib
mount --bind "$1/root" /root
exec /usr/sbin/sshd -D -E "$1/log" -f "$1/sshd_config"
"""


@dataclass(frozen=True)
class SimulatedServer:
    """One server."""

    number: int
    folder: Path
    port: int

    @property
    def name(self) -> str:
        return f"sim-{self.number:02}"

    @property
    def address(self) -> str:
        return f"127.0.1.{self.number}"

    @property
    def docker_socket(self) -> Path:
        return self.folder / "run/docker.sock"

    @property
    def fingerprint(self) -> str:
        return processes.run(["ssh-keygen", "-lf", self.folder / "host_key.pub"]).split()[1]

    def let_in(self, public_key: str) -> None:
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(public_key.strip() + "\n")

    def sessions(self) -> int:
        """How many sessions were opened so far: commands that ran, and one for each connection itself."""
        return len(re.findall(r"^Starting session: ", (self.folder / "log").read_text(), re.MULTILINE))


class SimulatedServers:
    """All servers, with their engines."""

    def __init__(self, folder: Path, servers: list[SimulatedServer], spare: Path) -> None:
        self.servers = servers
        # The sshds and the engines.
        self.processes: list[int] = []
        # An engine without anything, for the machine of the control plane.
        self.spare = spare
        self._control = folder / "control"

    def __iter__(self) -> Iterator[SimulatedServer]:
        return iter(self.servers)

    def tell_engines(self, do: str, **more: object) -> object:
        """What the engines answer to a wish."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self._control))
            control.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
            with control.makefile() as answers:
                return json.loads(answers.readline())

    def questions(self) -> dict[int, Counter]:
        """How often each kind of question was put to each server so far: requests to its engine, and `ssh`."""
        counts = self.tell_engines("counts")
        return {
            each.number: Counter({**counts[str(each.number)], "ssh": each.sessions()}) for each in self.servers
        }


@contextlib.contextmanager
def running(count: int) -> Iterator[SimulatedServers]:
    with places.folder("fleet") as folder, contextlib.ExitStack() as stack:
        port = _free_port()
        servers = [SimulatedServer(number, folder / str(number), port) for number in range(1, count + 1)]
        for server in servers:
            _furnish(server)
        spare = folder / "spare.sock"
        fleet = SimulatedServers(folder, servers, spare)
        sockets = [spare, *(server.docker_socket for server in servers)]
        words = [sys.executable, "-m", "measure.fleet.engines", folder / "control", *sockets]
        environment = processes.with_environment(
            PYTHONPATH=str(ROOT / "Benchmarks"), PYTHONDONTWRITEBYTECODE="1"
        )
        engines = stack.enter_context(
            processes.running(words, env=environment, stdout=subprocess.PIPE, text=True)
        )
        if engines.stdout.readline() != "ready\n":
            raise Failed("the simulated engines did not come up")
        fleet.processes.append(engines.pid)
        for server in servers:
            words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", NAMESPACE, "sh", server.folder]
            fleet.processes.append(stack.enter_context(processes.running(words)).pid)
            # Its sessions would outlive it.
            stack.callback(_end_below, fleet.processes[-1])
        for server in servers:
            _await(server)
        yield fleet


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.1.1", 0))
        return probe.getsockname()[1]


def _furnish(server: SimulatedServer) -> None:
    for part in ("run/sshd", "lib", "root"):
        (server.folder / part).mkdir(parents=True)
    processes.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", server.folder / "host_key"])
    (server.folder / "authorized_keys").touch()
    (server.folder / "log").touch()
    settings = SSHD.format(address=server.address, port=server.port, folder=server.folder)
    (server.folder / "sshd_config").write_text(settings)


def _end_below(process: int) -> None:
    for child in costs.family(process)[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)


def _await(server: SimulatedServer) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection((server.address, server.port), timeout=1).close()
            return
        time.sleep(0.05)
    raise Failed(f"the sshd of {server.name} did not come up:\n{(server.folder / 'log').read_text()[-2000:]}")
