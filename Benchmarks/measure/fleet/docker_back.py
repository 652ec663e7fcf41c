"""Instances on a server of the lab, with real Odoo, after Docker there was away."""

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from measure import control_plane, processes
from measure.control_plane import ControlPlane
from measure.figures import Failed, Figure, Figures, note
from measure.places import ROOT

SET = "bench"
INSTANCES = 2
ROUNDS = 3
PATIENCE = 300
# Nothing but Odoo's one process: these instances only have to be there.
SMALL = {"workers": 0, "cronThreads": 0}


@dataclass(frozen=True)
class LabServer:
    """A container with systemd, sshd and a Docker of its own."""

    name: str
    address: str
    password: str
    fingerprint: str

    def run(self, *words: str) -> str:
        return processes.run(["docker", "exec", self.name, *words])

    def await_docker(self) -> None:
        """Returns when Docker on it answers."""
        self.run("sh", "-c", "until docker version >/dev/null 2>&1; do sleep 0.05; done")


def measure(figures: Figures) -> None:
    worst, seen = 0.0, []
    with _lab_server() as host, control_plane.running() as plane:
        _add(plane, host)
        for number in range(1, INSTANCES + 1):
            wish = {
                "name": f"bench-{number}", "version": "19.0", "stage": "production", "server": "lab",
                "settings": SMALL,
            }  # fmt: skip
            _await_job(plane, json.loads(plane.ask("POST", "/instances", wish))["job"]["id"])
        try:
            for what, break_it in (("stopped", _stop), ("killed", _kill)):
                times = [_round(plane, host, what, break_it) for _ in range(ROUNDS)]
                worst = max(worst, *times)
                seen.append(f"{what} " + ", ".join(f"{seconds:.1f} s" for seconds in times))
        finally:
            for number in range(1, INSTANCES + 1):
                with contextlib.suppress(Failed):
                    _await_job(plane, json.loads(plane.ask("DELETE", f"/instances/bench-{number}"))["id"])
    text = f"the longest; {'; '.join(seen)}; from Docker's answer until Odoo answers and is shown as running"
    figures.add(Figure("fleet.docker-back", worst, "s", text, at_most=15))


def _round(plane: ControlPlane, host: LabServer, what: str, break_it) -> float:
    """Seconds from Docker's first answer until everything is as desired."""
    break_it(host)
    _await(plane, "Docker is seen to be down", lambda each: each.get("outOfSight") is not None)
    # systemd starts nothing that was started three times in the last minute.
    host.run("systemctl", "reset-failed", "docker.service")
    host.run("systemctl", "start", "docker.socket", "docker.service")
    host.await_docker()
    began = time.monotonic()
    _await(plane, "all run again", lambda each: each["status"] == "running" and not each.get("outOfSight"))
    for number in range(INSTANCES):
        _await_page(host, number)
    took = time.monotonic() - began
    note(f"fleet: Docker was {what}: {took:.1f} s")
    return took


def _stop(host: LabServer) -> None:
    host.run("systemctl", "stop", "docker.socket", "docker.service")


def _kill(host: LabServer) -> None:
    dies = "pid=$(systemctl show --property MainPID --value docker); kill -KILL $pid; while [ -d /proc/$pid ]; do sleep 0.05; done"
    host.run("sh", "-c", dies)
    _stop(host)


def _await(plane: ControlPlane, what: str, is_so) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        names = (f"bench-{number}" for number in range(1, INSTANCES + 1))
        instances = [json.loads(plane.ask("GET", f"/instances/{name}")) for name in names]
        if all(map(is_so, instances)):
            return
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {PATIENCE} s: {instances}\n{plane.said()}")
        time.sleep(0.05)


def _await_page(host: LabServer, number: int) -> None:
    port = 10000 + 10 * number
    page = f"until curl -sf -o /dev/null http://127.0.0.1:{port}/web/login; do sleep 0.05; done"
    processes.run(["docker", "exec", host.name, "timeout", str(PATIENCE), "sh", "-c", page])


def _await_job(plane: ControlPlane, job: str) -> None:
    end = time.monotonic() + PATIENCE
    while (seen := json.loads(plane.ask("GET", f"/jobs/{job}")))["state"] not in ("succeeded", "failed", "cancelled"):
        if time.monotonic() > end:
            raise Failed(f"job {job} does not end")
        time.sleep(0.1)
    if seen["state"] != "succeeded":
        raise Failed(f"job {job} {seen['state']}: {seen.get('reason')}\n{plane.said()}")


def _add(plane: ControlPlane, host: LabServer) -> None:
    wish = {"name": "lab", "address": host.address, "hostKey": host.fingerprint, "password": host.password}
    _await_job(plane, json.loads(plane.ask("POST", "/servers", wish))["job"]["id"])


@contextlib.contextmanager
def _lab_server() -> Iterator[LabServer]:
    program = ROOT / "Lab/servers"
    try:
        words = [program, "up", "1", "--set", SET, "--pull", "odoo:19.0", "--pull", "postgres:17"]
        [made] = json.loads(processes.run(words))["servers"]
        yield LabServer(made["name"], made["address"], made["password"], made["fingerprint"])
    finally:
        subprocess.run([program, "down", "--set", SET], capture_output=True, check=False)
