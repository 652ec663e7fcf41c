"""From the death of a worker until another one goes on with its jobs, on servers over SSH.

Each job asks a simulated engine to stop a container, which does not answer. When the worker is killed, another one
must own its servers, end what is left of its connections, make its own, and ask the engine again.
"""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from measure import places, processes
from measure.figures import Figure, Figures, median, note, percentile
from measure.fleet.fleet import Fleet
from measure.places import PROGRAMS

ROUNDS = 4
PATIENCE = 180


def measure(figures: Figures, fleet: Fleet) -> None:
    took: list[float] = []
    fleet.plane.environment["ODEUM_WORKERS"] = "60"
    with fleet.plane.serving(), places.folder("worker") as folder:
        for number in range(1, ROUNDS + 1):
            with _worker(fleet, folder) as worker:
                times = _round(fleet, worker, number)
            note(f"fleet: take-over {number} of {ROUNDS}: {len(times)} jobs, the last after {max(times):.1f} s")
            took += times
    seen = f"{len(took)} jobs of {ROUNDS} workers killed, median {median(took):.1f} s, last {max(took):.1f} s"
    figures.add(Figure("fleet.takeover.p99", percentile(took, 99), "s", seen, at_most=20))


def _round(fleet: Fleet, worker: subprocess.Popen, number: int) -> list[float]:
    """Seconds from the death until each job goes on."""
    held = f"job_lane l join job_worker w on w.id = l.holder where w.process = {worker.pid}"
    count = len(fleet.servers.servers) // 2
    fleet.awaits("the worker holds half of the servers", PATIENCE, lambda: fleet.number(held) >= count, 0.25)
    fleet.await_known(fleet.now(), PATIENCE)
    names = fleet.sql(f"select s.name from servers s join ({'select l.id from ' + held}) h on h.id = s.id").split()
    fleet.servers.tell_engines("hold")
    jobs = [fleet.stop(f"{name}-{number:02}") for name in names]
    fleet.await_stops(len(names), PATIENCE)
    killed_at = time.monotonic_ns()
    worker.kill()
    moments = fleet.await_stops(len(names), PATIENCE, since=killed_at)
    fleet.servers.tell_engines("release")
    fleet.await_jobs(jobs, PATIENCE)
    return [(moment - killed_at) / 1e9 for moment in moments]


@contextlib.contextmanager
def _worker(fleet: Fleet, folder: Path) -> Iterator[subprocess.Popen]:
    """A worker with a data folder of its own."""
    shutil.copy(Path(fleet.plane.environment["ODEUM_DATA"]) / "master.key", folder / "master.key")
    environment = {**fleet.plane.environment, "ODEUM_DATA": str(folder)}
    with (folder / "log").open("ab") as log:
        words = [PROGRAMS / "odeumd", "worker"]
        with processes.running(words, patience=60, env=environment, stdout=log, stderr=log) as worker:
            yield worker
