"""The control plane is killed before and after every step of making and of removing an instance. Started again, it
ends the operation as if nothing had happened."""

import re
from pathlib import Path

import pytest
import requests

from . import audit, engine
from .api import Refused
from .odoo_client import Odoo
from .waiting import until

pytestmark = pytest.mark.slow

def steps_of(operation):
    """The names of an operation's steps, from where they are written down; `test_these_are_the_steps` compares them
    with what the programs do."""
    source = Path(__file__).parents[2] / "Sources/Hosting/Instances" / f"{operation}.swift"
    found = re.findall(r'\.\w*[sS]tep\(\s*"([^"]+)"', source.read_text())
    assert found, f"no steps were found in {source}"
    return found


STEPS = {"instance.create": steps_of("CreateInstance"), "instance.remove": steps_of("RemoveInstance")}


def points(kind):
    return [f"{step}/{when}" for step in STEPS[kind] for when in ("before", "after")]


# Nothing but Odoo's one process: these instances only have to be there.
SMALL = {"workers": 0, "cronThreads": 0}


class Living:
    """Instances that stand ready to be removed, so that not each test has to make one."""

    def __init__(self, plane):
        self.plane = plane
        self.names = []
        self.count = 0

    def new_name(self, stem):
        self.count += 1
        return f"{stem}-{self.count}"

    def take(self):
        if self.names:
            return self.names.pop()
        name = self.new_name("made")
        self.plane.api.succeeded(self.plane.api.create(name, settings=SMALL)["job"]["id"])
        return name


@pytest.fixture(scope="module")
def living(plane):
    # The first one prepares the database from which all others are copied.
    living = Living(plane)
    living.names.append(living.take())
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


def survive(plane, point, job):
    """Waits for the kill, starts the control plane again, and returns the job when it has ended."""
    assert plane.wait_for_end(90) == -9, f"it was not killed at {point}"
    plane.start()
    return plane.api.succeeded(job["id"], within=60)


def test_these_are_the_steps(plane, living):
    name = living.take()
    [created] = plane.api.ask("GET", "/jobs", params={"instance": name})["items"]
    removed = plane.api.remove(name)
    plane.api.succeeded(removed["id"])
    for kind, job in (("instance.create", created["id"]), ("instance.remove", removed["id"])):
        steps = [step["name"] for step in plane.api.job(job)["steps"]]
        assert steps == STEPS[kind], "the programs were built from other sources"


@pytest.mark.parametrize("point", points("instance.create"))
def test_a_creation_ends_well(living, plane_that_dies, point):
    plane = plane_that_dies(f"instance.create/{point}")
    name = living.new_name("born")
    key = f"born {point}"
    try:
        created = plane.api.create(name, key=key, settings=SMALL)
        job = survive(plane, point, created["job"])
    except requests.ConnectionError:
        # It was killed before it had answered: the same request finds what came of it, but for the password.
        assert plane.wait_for_end(90) == -9, f"it was not killed at {point}"
        plane.start()
        created = plane.api.create(name, key=key, settings=SMALL)
        job = plane.api.succeeded(created["job"]["id"], within=60)

    assert job["id"] == created["job"]["id"]
    assert [step["state"] for step in job["steps"]] == ["done"] * len(job["steps"])
    instance = plane.api.instance(name)
    assert (instance["status"], instance["id"], instance["ports"]) == (
        "running", created["instance"]["id"], created["instance"]["ports"])
    audit.check(plane)
    living.names.append(name)
    if "adminPassword" not in created:
        return
    odoo = Odoo(instance["url"], instance["database"], created["adminPassword"])
    assert odoo.user, "admin's password is another one now"
    assert odoo.partner_name(odoo.create_partner("Ada Lovelace")) == "Ada Lovelace"


def test_a_killed_control_plane_does_not_begin_a_long_run_anew(plane):
    created = plane.api.create("patient", version="14.0", settings=SMALL)

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


@pytest.mark.parametrize("point", points("instance.remove"))
def test_a_removal_ends_well(living, plane_that_dies, point):
    name = living.take()
    plane = plane_that_dies(f"instance.remove/{point}")
    instance = plane.api.instance(name)
    try:
        survive(plane, point, plane.api.remove(name))
    except requests.ConnectionError:
        # It was killed before it had answered: the job is there all the same.
        assert plane.wait_for_end(90) == -9, f"it was not killed at {point}"
        plane.start()
        jobs = [each for each in plane.api.ask("GET", "/jobs")["items"] if each["kind"] == "instance.remove"]
        [job] = [each for each in jobs if each["instanceName"] == name]
        plane.api.succeeded(job["id"], within=60)

    assert audit.parts(instance) == []
    with pytest.raises(Refused) as refused:
        plane.api.instance(name)
    assert refused.value.status == 404
    audit.check(plane)
    assert engine.volumes(plane.labels), "the prepared database is kept"
