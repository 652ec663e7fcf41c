"""Several processes on one database: what one of them was at, another goes on with, and nothing is done twice."""

import base64
import contextlib
import os
import signal
import socket
from pathlib import Path

import pytest

from . import audit
from .clock import Clock
from .database import Database
from .waiting import until
from .worker import Worker

pytestmark = pytest.mark.slow

# Nothing but Odoo's one process: these instances only have to be there.
SMALL = {"workers": 0, "cronThreads": 0}


@pytest.fixture(scope="module")
def database():
    database = Database()
    yield database
    database.destroy()


@pytest.fixture
def plane(database, new_plane):
    """A control plane that serves from a database of its own, not started yet."""
    database.sql("drop schema public cascade; create schema public")
    key = base64.b64encode(os.urandom(32)).decode()
    return new_plane("shared", DATABASE_URL=database.url, ODEUM_MASTER_KEY=key)


@pytest.fixture
def worker(plane, database):
    """Starts a process beside the control plane, and returns when it is at work."""
    started = []

    def start():
        started.append(Worker(plane))
        started[-1].launch()
        until("the worker is at work", lambda: database.sql("select count(*) from job_worker") == "2", 30)

    yield start
    for process in started:
        assert process.stop() == 0


def epoch(database):
    return int(database.sql("select epoch from job_lane"))


def gates_of(pid):
    """The gates before Docker that this process has started."""
    gates = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text().rpartition(")")[2].split()[1]
            words = stat.with_name("cmdline").read_bytes().split(b"\0")
            if int(parent) == pid and b"gate" in words:
                gates.append(int(stat.parent.name))
    return gates


def socket_of(gate):
    return Path(f"/proc/{gate}/cmdline").read_bytes().split(b"\0")[2].decode()


def ask_engine(through):
    """Whether Docker answers through this socket."""
    with socket.socket(socket.AF_UNIX) as way:
        way.connect(through)
        way.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return way.recv(12).endswith(b" 200")


def test_a_worker_says_what_it_needs(plane):
    refused = plane.attempt("worker", DATABASE_URL="")
    assert refused.returncode == 1
    assert "DATABASE_URL names none" in refused.stderr and "set DATABASE_URL" in refused.stderr


def test_what_a_killed_process_was_at_is_ended_by_another(plane, worker, database):
    plane.start(ODEUM_CRASH_AT="instance.create/Start Odoo/before")
    created = plane.api.create("heir", settings=SMALL)
    worker()
    before = epoch(database)
    assert plane.wait_for_end(120) == -9, "it was not killed"

    job = created["job"]["id"]
    until(
        "the worker has ended the job",
        lambda: database.sql(f"select state from job where id = '{job}'") == "succeeded", 90)
    assert epoch(database) > before, "the server is looked after under a new number"
    plane.start()
    assert plane.api.instance("heir")["status"] == "running"
    audit.check(plane)
    plane.api.succeeded(plane.api.remove("heir")["id"])
    audit.check(plane)


def test_a_process_that_stood_still_does_nothing_when_it_goes_on(plane, worker, database):
    plane.start()
    worker()
    created = plane.api.create("frozen", settings=SMALL)
    job = created["job"]["id"]
    until("it is in the middle of a step", lambda: [
        step for step in plane.api.job(job)["steps"] if step["name"] == "Wait until it answers" and step["state"] != "pending"
    ], 120, every=0.01)
    pid = plane.process.pid
    [gate] = gates_of(pid)
    way = socket_of(gate)
    assert ask_engine(way)
    open_way = socket.socket(socket.AF_UNIX)
    open_way.connect(way)
    os.kill(pid, signal.SIGSTOP)
    try:
        until(
            "the worker has ended the job",
            lambda: database.sql(f"select state from job where id = '{job}'") == "succeeded", 90)
        lease = database.sql(f"select lease from job where id = '{job}'")
        # While it still stands: what it had open is gone, and nobody answers where its way to Docker was.
        assert open_way.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            ask_engine(way)
    finally:
        open_way.close()
        os.kill(pid, signal.SIGCONT)
    until(
        "the one that stood still begins anew",
        lambda: database.sql(f"select count(*) from job_worker where registered_at > (select finished_at from job where id = '{job}')") == "1", 30)
    assert database.sql(f"select state, lease from job where id = '{job}'") == f"succeeded|{lease}"
    assert plane.api.instance("frozen")["status"] == "running"
    audit.check(plane)
    plane.api.succeeded(plane.api.remove("frozen")["id"])
    audit.check(plane)


def test_a_process_that_is_stopped_properly_hands_over_at_once(plane, worker, database):
    plane.start()
    worker()
    job = plane.api.create("handed", settings=SMALL)["job"]["id"]
    until("the job is under way", lambda: plane.api.job(job)["state"] == "running", 30, every=0.01)
    assert plane.stop() == 0
    until(
        "the worker has ended the job",
        lambda: database.sql(f"select state from job where id = '{job}'") == "succeeded", 120)
    assert database.sql(f"select interruptions from job where id = '{job}'") == "0", "nothing was cut off"
    plane.start()
    audit.check(plane)
    plane.api.succeeded(plane.api.remove("handed")["id"])


def test_each_time_of_a_schedule_is_kept_once_whatever_the_clock_does(plane, worker, database):
    """Two processes share a database whose clock jumps an hour ahead and back again."""
    clock = Clock(database.folder)
    database.stop()
    database.start(**clock.environment)
    folder = f"{plane.folder}/backups"
    plane.settings |= {
        "ODEUM_BACKUP_FOLDER": folder, "ODEUM_BACKUP_TIMES": " ".join(f"{hour:02}:00" for hour in range(24))}
    plane.start()
    worker()

    def made():
        """What was asked for and done, a key each."""
        jobs = database.rows(
            "select idempotency_key as key, state from job where kind = 'installation.backup' order by 1")
        return all(job["state"] == "succeeded" for job in jobs) and [job["key"] for job in jobs]

    def beats():
        """How often every process has looked at the clock, the least of them."""
        return int(database.sql("select min(beat) from job_worker"))

    first = until("a backup is made", made, 60)
    clock.set(1)
    second = until("that of the next hour is made", lambda: len(made() or []) > len(first) and made(), 60)
    clock.set(0)
    seen = beats()
    until("both have looked at the clock again", lambda: beats() > seen + 3, 60)
    third = until("nothing is under way", made, 60)
    assert second[: len(first)] == first and third[: len(second)] == second
    # An hour may have ended meanwhile, no more.
    hours = [int(key.split()[-1]) // 3600 for key in third]
    assert hours == list(range(hours[0], hours[0] + len(hours))) and len(hours) <= 3, third
    assert len(list(Path(folder).iterdir())) == len(hours), "a backup was made twice, or not at all"
    assert plane.api.ask("GET", "/installation")["backups"].keys() == {"lastMade"}
    database.stop()
    database.start()


def test_backups_that_cannot_be_made_are_told(plane):
    (Path(plane.folder) / "file").touch()
    plane.start(ODEUM_BACKUP_TIMES="02:00", ODEUM_BACKUP_FOLDER=f"{plane.folder}/file/backups")
    told = until("it is told", lambda: plane.api.ask("GET", "/installation")["backups"].get("trouble"), 90)
    assert f"The folder {plane.folder}/file/backups cannot be made" in told
    assert "The control plane could not be backed up" in plane.said()
    said = plane.cli.run("installation").out
    assert "none was made yet" in said and "cannot be made" in said
