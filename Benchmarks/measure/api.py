"""The API with a thousand instances: how fast it lists them, and what memory the control plane takes.

The reference is a bare route of the same HTTP server that encodes the same page, without database and permission.
"""

import contextlib
import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from measure import control_plane, places, processes, server
from measure.control_plane import ControlPlane
from measure.figures import Failed, Figure, Figures, median, note
from measure.places import BENCH_PROGRAMS

INSTANCES = 1_000
PAGE = 50
ROUNDS = 3
SECONDS = 10
DATABASE = "odeum"

SETTINGS = {
    "workerMemoryMB": 2048,
    "cronThreads": 1,
    "cpuTimeLimit": 60,
    "realTimeLimit": 120,
    "logLevel": "info",
    "databaseFilter": "",
    "odooConf": "",
    "autoRestart": False,
    "odoo": {"cpuShares": 1024, "memoryMB": 0, "memoryReservationMB": 0, "shmMB": 64},
    "database": {"cpuShares": 1024, "memoryMB": 0, "memoryReservationMB": 0, "shmMB": 256},
}
ORIGIN = {
    "language": "en_US",
    "demo": False,
    "modules": [],
    "adminPassword": {"text": "$pbkdf2-sha512$600000$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 86},
}
SEED = f"""
    insert into instances (id, organisation_id, server_id, name, version, edition, stage, base_port, origin, settings,
      applied_settings, database_password, master_password, desired, status, status_reason)
    select gen_random_uuid(), o.id, s.id, 'bench-' || lpad(n::text, 4, '0'), '19.0', 'community',
      (array['production', 'staging', 'dev'])[1 + n % 3], 10000 + 10 * (n - 1), '{json.dumps(ORIGIN)}',
      '{json.dumps(SETTINGS)}', '{json.dumps(SETTINGS)}', '\\x00', '\\x00', 'stopped', 'stopped', 'Was stopped.'
    from organisations o, servers s, generate_series(1, {INSTANCES}) n;
    analyze;
"""


@dataclass(frozen=True)
class Load:
    """What the load generator saw."""

    rate: float
    p99: float


def measure(figures: Figures) -> None:
    # What one token may ask a second is not what is measured.
    settings = {"ODEUM_API_RATE": "100000"}
    with server.running() as postgres, control_plane.running(postgres.make(DATABASE), **settings) as plane:
        postgres.sql(SEED, DATABASE)
        note(f"memory: {INSTANCES:,} instances, nothing to do, for a minute")
        time.sleep(60)
        _tell_memory(figures, "memory.idle", plane)
        _measure_list(figures, plane)
        _tell_memory(figures, "memory.after-load", plane)


def _measure_list(figures: Figures, plane: ControlPlane) -> None:
    path = f"/instances?limit={PAGE}"
    page = plane.ask("GET", path)
    if len(json.loads(page)["items"]) != PAGE:
        raise Failed(f"the list does not hold {PAGE} instances: {page.decode()[:300]}")
    port = control_plane.free_port()
    with places.folder("route") as folder:
        file = folder / "page.json"
        file.write_bytes(page)
        with _bare_route(port, file):
            ours, bare = f"{plane.url}/api/v1{path}", f"http://127.0.0.1:{port}/"
            note(f"api: {PAGE} of {INSTANCES:,} instances, {len(page):,} bytes, 32 connections")
            for url in (ours, bare):
                _load(url, plane.token, 3)
            rounds = [
                (_load(ours, plane.token, SECONDS), _load(bare, plane.token, SECONDS)) for _ in range(ROUNDS)
            ]
    seen = [median(getattr(load[who], what) for load in rounds) for what in ("rate", "p99") for who in (0, 1)]
    ratio = median(ours.rate / bare.rate for ours, bare in rounds)
    text = f"odeumd {seen[0]:,.0f}/s, bare route {seen[1]:,.0f}/s"
    figures.add(Figure("api.list", ratio, "x bare route", text, at_least=0.333))
    figures.add(Figure("api.list.p99", seen[2], "ms", f"bare route {seen[3]:.1f} ms"))


@contextlib.contextmanager
def _bare_route(port: int, file: Path):
    with processes.running([BENCH_PROGRAMS / "bare-route", str(port), file]) as process:
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            if subprocess.run(["curl", "-sf", "-o", "/dev/null", f"http://127.0.0.1:{port}/"]).returncode == 0:
                yield
                return
            time.sleep(0.1)
        raise Failed("the bare route does not answer")


def _load(url: str, token: str, seconds: int) -> Load:
    words = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", "-H", f"Authorization: Bearer {token}", url]
    said = processes.run(words)
    if refused := re.search(r"Non-2xx.*|Socket errors.*", said):
        raise Failed(f"{url} under load: {refused[0]}")
    rate, p99 = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    return Load(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])


def _tell_memory(figures: Figures, name: str, plane: ControlPlane) -> None:
    memory = plane.memory()
    seen = f"{memory['Rss']:.0f} MB resident, {memory['Pss']:.0f} MB with shared pages by their share"
    figures.add(Figure(name, memory["Rss"], "MB", seen, at_most=100))
