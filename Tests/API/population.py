"""What a control plane has when it is asked: instances on a simulated engine, members, tokens, servers, strays."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from EndToEnd import processes
from EndToEnd.control_plane import PROGRAMS, ControlPlane
from EndToEnd.engine import Engine
from EndToEnd.visitor import PASSWORD, Visitor
from EndToEnd.waiting import until

# Nobody starts the one, and nobody stops the other.
ASLEEP, AWAKE = "asleep", "awake"
INSTANCES = ("shop", "crm", "stock", ASLEEP, AWAKE)
SPARES = ("spare-1", "spare-2", "spare-3")


@dataclass
class Host:
    """A machine that is simulated as far as Docker goes, and SSH servers on this one that let nobody in."""

    docker: Path
    ssh_ports: list[int]
    # The process that simulates Docker.
    engine: int


@contextlib.contextmanager
def host(folder: Path) -> Iterator[Host]:
    docker = folder / "docker.sock"
    with contextlib.ExitStack() as stack:
        engine = stack.enter_context(
            subprocess.Popen([PROGRAMS / "simulated-docker", docker], stdout=subprocess.PIPE, text=True))
        stack.callback(engine.kill)
        assert engine.stdout.readline() == "ready\n", "the simulated engine did not come up"
        ports = [processes.free_port() for _ in SPARES]
        key = folder / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        Path("/run/sshd").mkdir(exist_ok=True)
        words = ["/usr/sbin/sshd", "-D", "-q", "-f", "/dev/null", "-h", key, "-o", "PidFile=none", "-o", "UsePAM=no",
                 "-o", "AuthorizedKeysFile=none", "-o", "PasswordAuthentication=no", "-o", "KbdInteractiveAuthentication=no"]
        for port in ports:
            words += ["-o", f"ListenAddress=127.0.0.1:{port}"]
        sshd = stack.enter_context(subprocess.Popen(words))
        stack.callback(sshd.kill)
        yield Host(docker, ports, engine.pid)


def fill(plane: ControlPlane, host: Host) -> None:
    """Gives the control plane something of everything."""
    api = plane.api
    jobs = [api.create(name, stage="staging" if name == "crm" else "dev")["job"]["id"] for name in INSTANCES]
    _add_servers(plane, host)
    for name in ("sales", "support"):
        api.ask("POST", "/installation/organisations", json={"slug": name})
        api.ask("POST", "/tokens", json={"name": name})
    for name in ("ada", "grace"):
        joined(plane, f"{name}@example.org", "viewer")
    api.ask("POST", "/invitations", json={"email": "joan@example.org", "role": "viewer"})
    for job in jobs:
        api.succeeded(job)
    api.succeeded(api.stop(ASLEEP)["id"])
    leave_strays(plane, host)
    until("the strays are seen", lambda: len(plane.api.ask("GET", "/strays")["items"]) == 3, 60)


def joined(plane: ControlPlane, email: str, role: str) -> Visitor:
    """The browser of a person who was invited and is signed in."""
    link = plane.api.ask("POST", "/invitations", json={"email": email, "role": role})["link"]
    visitor = Visitor(plane.url)
    form = {"token": link.rpartition("token=")[2], "password": PASSWORD, "repeated": PASSWORD}
    assert visitor.post("/invitation", form).status_code == 303
    return visitor


def _add_servers(plane: ControlPlane, host: Host) -> None:
    for name, port in zip(SPARES, host.ssh_ports, strict=True):
        until("the SSH server answers", lambda port=port: not processes.listening_addresses(port) == set(), 10)
        where = {"address": "127.0.0.1", "port": port}
        keys = plane.api.ask("POST", "/servers/host-key", json=where)["items"]
        plane.api.ask(
            "POST", "/servers",
            json={"name": name, **where, "hostKey": keys[0]["fingerprint"], "owner": "operator"})


def leave_strays(plane: ControlPlane, host: Host) -> None:
    """Containers with our labels that belong to no instance."""
    engine = Engine(lambda: str(host.docker))
    for number in range(1, 4):
        labels = {
            "odeum.installation": plane.installation, "odeum.role": "odoo", "odeum.slug": f"gone-{number}",
            "odeum.instance": f"00000000-0000-4000-8000-00000000000{number}",
        }
        engine.call(
            "POST", "/containers/create", name=f"odeum-gone-{number}",
            body={"Image": "odoo:19.0", "Labels": labels, "HostConfig": {}})
