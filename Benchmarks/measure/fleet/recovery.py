"""How soon things go on again: a killed control plane that is started again, and PostgreSQL that comes back."""

import contextlib
import time
import urllib.error

from measure.figures import Failed, Figure, Figures, median, note
from measure.fleet.fleet import Fleet, furnished
from measure.server import Server

ROUNDS = 5
SERVERS = 2
INSTANCES = 2 * ROUNDS
PATIENCE = 120


def measure_resume(figures: Figures) -> None:
    """With the built-in PostgreSQL, which ends with the control plane and must recover, too."""
    took = []
    with furnished(SERVERS, INSTANCES) as fleet:
        for number in range(1, ROUNDS + 1):
            took.append(_resume(fleet, f"sim-01-{number:02}"))
    rounds = ", ".join(f"{seconds:.1f} s" for seconds in took)
    seen = f"the longest of {rounds}; from the new start until the step asks its server again"
    figures.add(Figure("fleet.resume", max(took), "s", seen, at_most=5))


def _resume(fleet: Fleet, instance: str) -> float:
    """Seconds from the start after a kill in the middle of a step until that step goes on."""
    with fleet.plane.serving():
        fleet.await_known(fleet.now(), PATIENCE)
        fleet.servers.tell_engines("hold")
        job = fleet.stop(instance)
        fleet.await_stops(1, PATIENCE)
        fleet.plane.kill()
    # As a service manager starts it again: when the built-in PostgreSQL has ended, too.
    time.sleep(2)
    started = time.monotonic_ns()
    with fleet.plane.launched():
        [went_on] = fleet.await_stops(1, PATIENCE, since=started)
        fleet.servers.tell_engines("release")
        fleet.await_jobs([job])
    return (went_on - started) / 1e9


def measure_postgres(figures: Figures, postgres: Server, database: str) -> None:
    took = []
    with furnished(SERVERS, INSTANCES, database) as fleet, fleet.plane.serving():
        fleet.await_known(fleet.now(), PATIENCE)
        for number in range(1, ROUNDS + 1):
            took.append(_postgres_back(fleet, postgres, f"sim-02-{number:02}"))
            note(f"fleet: PostgreSQL is back: {took[-1]:.2f} s")
    rounds = ", ".join(f"{seconds:.2f} s" for seconds in took)
    seen = f"the longest of {rounds}; until the API takes an operation and it has begun, {median(took):.2f} s in the middle"
    figures.add(Figure("fleet.postgres-back", max(took), "s", seen, at_most=2))


def _postgres_back(fleet: Fleet, postgres: Server, instance: str) -> float:
    """Seconds from the moment at which PostgreSQL takes connections until an operation is asked for and begins."""
    fleet.servers.tell_engines("hold")
    fleet.servers.tell_engines("release")
    postgres.stop()
    time.sleep(5)
    postgres.start()
    began = time.monotonic_ns()
    while True:
        with contextlib.suppress(Failed, urllib.error.URLError, OSError):
            job = fleet.stop(instance)
            break
        if time.monotonic_ns() - began > PATIENCE * 1e9:
            raise Failed(f"the control plane does not work again:\n{fleet.plane.said()}")
        time.sleep(0.02)
    [begun] = fleet.await_stops(1, PATIENCE)[:1]
    fleet.await_jobs([job])
    return (begun - began) / 1e9
