"""The control plane is killed before and after every step of every operation on an instance. Started again, it ends
the operation as if nothing had happened."""

import contextlib
import re
from pathlib import Path

import pytest
import requests

from . import audit, engine
from .api import Refused
from .odoo_client import Odoo
from .waiting import until

pytestmark = pytest.mark.slow

# Where the operations are written down.
INSTANCES = Path(__file__).parents[2] / "Sources/Hosting/Instances"
FILES = ("CreateInstance", "StartInstance", "StopInstance", "RestartInstance", "RemoveInstance")

# Steps that are spoken of elsewhere, or that several operations have, are named by a constant.
NAMES = dict(re.findall(
    r'static (?:let|var) (\w+)(?:: String)? (?:= |\{ )("[^"]+")',
    "".join(path.read_text() for path in INSTANCES.glob("*.swift"))))


def steps_of(file):
    """The steps of each kind of operation in a source file; `test_these_are_the_steps` compares them with what the
    programs do."""
    _, *parts = re.split(r'static let kind = "([^"]+)"', (INSTANCES / f"{file}.swift").read_text())
    kinds = {
        kind: [(name if name.startswith('"') else NAMES[name]).strip('"')
               for name in re.findall(r'\.\w*[sS]tep\(\s*("[^"]+"|\w+)', text)]
        for kind, text in zip(parts[::2], parts[1::2])
    }
    assert kinds and all(kinds.values()), f"no steps were found in {file}: {kinds}"
    return kinds


STEPS = {kind: steps for file in FILES for kind, steps in steps_of(file).items()}


def points(*kinds):
    return [f"{kind}/{step}/{when}" for kind in kinds for step in STEPS[kind] for when in ("before", "after")]


# Nothing but Odoo's one process: these instances only have to be there.
SMALL = {"workers": 0, "cronThreads": 0}
# Their blocks of ports begin here, where no other test on this machine's engine takes one meanwhile.
PORTS = 15_000


class Living:
    """Instances that stand ready to be removed, so that not each test has to make one."""

    def __init__(self, plane):
        self.plane = plane
        self.names = []
        self.count = 0

    def new(self, stem):
        """What is asked for: an instance with a name and ports of its own."""
        self.count += 1
        return {"name": f"{stem}-{self.count}", "basePort": PORTS + 10 * self.count, "settings": SMALL}

    def take(self):
        if self.names:
            return self.names.pop()
        wish = self.new("made")
        self.plane.api.succeeded(self.plane.api.create(**wish)["job"]["id"])
        return wish["name"]

    def look(self):
        """The name of one that stays."""
        self.names.append(self.take())
        return self.names[-1]


@pytest.fixture(scope="module")
def living(plane):
    living = Living(plane)
    # It prepares the database from which all others are copied.
    living.look()
    return living


@pytest.fixture
def plane_that_dies(plane):
    """Starts the control plane anew, so that it kills itself at a point; afterwards it runs as ever."""

    def restart(point):
        plane.stop()
        plane.start(ODEUM_CRASH_AT=point)
        return plane

    yield restart
    if plane.process is not None and plane.process.poll() is not None:
        plane.wait_for_end()
    if plane.process is None:
        plane.start()


def survive(plane, point, name, ask):
    """Asks for an operation in which the control plane is killed, starts it again, and returns the operation's job when
    it has ended."""
    with contextlib.suppress(requests.ConnectionError):
        ask()
    assert plane.wait_for_end(90) == -9, f"it was not killed at {point}"
    plane.start()
    # Killed before it had answered or not: the job is there.
    jobs = plane.api.ask("GET", "/jobs")["items"]
    newest = next(each for each in jobs if (each["instanceName"], each["kind"]) == (name, point.split("/")[0]))
    job = plane.api.succeeded(newest["id"], within=60)
    assert [step["state"] for step in job["steps"]] == ["done"] * len(job["steps"])
    return job


def test_these_are_the_steps(plane, living):
    name = living.take()
    api = plane.api
    for ask in (api.stop, api.start, lambda name: api.restart(name, "soft"), lambda name: api.restart(name, "hard"),
                api.remove):
        api.succeeded(ask(name)["id"])
    done = {
        job["kind"]: [step["name"] for step in api.job(job["id"])["steps"]]
        for job in api.ask("GET", "/jobs")["items"] if job["instanceName"] == name
    }
    assert done == STEPS, "the programs were built from other sources"


@pytest.mark.parametrize("point", points("instance.create"))
def test_a_creation_ends_well(living, plane_that_dies, point):
    plane = plane_that_dies(point)
    wish = living.new("born")
    name = wish["name"]
    answers = []
    survive(plane, point, name, lambda: answers.append(plane.api.create(key=point, **wish)))
    # The same request finds what came of it, but for the password.
    again = plane.api.create(key=point, **wish)
    instance = plane.api.instance(name)
    for created in (*answers, again):
        assert (instance["status"], instance["id"], instance["ports"]) == (
            "running", created["instance"]["id"], created["instance"]["ports"])
    audit.check(plane)
    living.names.append(name)
    for created in answers:
        odoo = Odoo(instance["url"], instance["database"], created["adminPassword"])
        assert odoo.user, "admin's password is another one now"
        assert odoo.partner_name(odoo.create_partner("Ada Lovelace")) == "Ada Lovelace"


def test_a_killed_control_plane_does_not_begin_a_long_run_anew(plane):
    created = plane.api.create("patient", version="14.0", basePort=PORTS, settings=SMALL)

    def run_of_odoo():
        state = plane.api.job(created["job"]["id"])
        assert state["state"] != "failed", state["reason"]
        found = [each["Id"] for each in engine.containers(plane.labels) if each["Names"][0].endswith("-0")]
        return found and engine.is_running(found[0]) and found

    try:
        run = until("odoo -i base is under way", run_of_odoo, 60)
        plane.kill()
        assert engine.is_running(run[0]), "the run ended with the control plane"
        plane.start()
        assert run_of_odoo() in (run, [], None, False), "a second run was started"
        plane.api.succeeded(created["job"]["id"])
        audit.check(plane)
        log = plane.api.job_log(created["job"]["id"])
        assert any(line.startswith("Preparing a database: ") for line in log), log
    finally:
        plane.api.succeeded(plane.api.remove("patient")["id"])


@pytest.mark.parametrize("point", points("instance.stop", "instance.start", "instance.restart.soft", "instance.restart.hard"))
def test_a_change_of_what_runs_ends_well(living, plane_that_dies, point):
    kind = point.split("/")[0]
    name = living.look()
    plane = plane_that_dies(point)
    if kind == "instance.start":
        plane.api.succeeded(plane.api.stop(name)["id"])
    asked = {
        "instance.start": lambda: plane.api.start(name), "instance.stop": lambda: plane.api.stop(name),
        "instance.restart.soft": lambda: plane.api.restart(name, "soft"),
        "instance.restart.hard": lambda: plane.api.restart(name, "hard"),
    }
    survive(plane, point, name, asked[kind])
    instance = plane.api.instance(name)
    assert instance["status"] == ("stopped" if kind == "instance.stop" else "running")
    audit.check(plane)
    if kind == "instance.stop":
        plane.api.succeeded(plane.api.start(name)["id"])


@pytest.mark.parametrize("point", points("instance.remove"))
def test_a_removal_ends_well(living, plane_that_dies, point):
    name = living.take()
    plane = plane_that_dies(point)
    instance = plane.api.instance(name)
    survive(plane, point, name, lambda: plane.api.remove(name))

    assert audit.parts(instance) == []
    with pytest.raises(Refused) as refused:
        plane.api.instance(name)
    assert refused.value.status == 404
    audit.check(plane)
    assert engine.volumes(plane.labels), "the prepared database is kept"
