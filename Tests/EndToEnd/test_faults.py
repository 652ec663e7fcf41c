"""What is not there, breaks or is killed: the control plane says so, and goes on when it can."""

import base64
import contextlib
import os
import shutil
import signal

import pytest
import requests

from . import audit, engine, processes
from .api import Refused
from .odoo_client import Odoo
from .waiting import until

# Nothing but Odoo's one process: these instances only have to be there.
SMALL = {"workers": 0, "cronThreads": 0}


@pytest.fixture(autouse=True)
def cleared(request):
    """Removes what a test leaves, so that one that fails does not take the next ones with it."""
    yield
    if "plane" in request.fixturenames:
        plane = request.getfixturevalue("plane")
        for name in [each["name"] for each in plane.api.instances()]:
            plane.api.finished(plane.api.remove(name)["id"])


@pytest.fixture
def small(plane):
    """Makes an instance that runs."""

    def make(name, **wish):
        created = plane.api.create(name, settings={**SMALL, **wish.pop("settings", {})}, **wish)
        plane.api.succeeded(created["job"]["id"])
        return plane.api.instance(name)

    return make


def status(plane, name):
    return plane.api.instance(name)["status"]


def removed(plane, name):
    """Removes an instance, after which nothing may be left of it."""
    plane.api.succeeded(plane.api.remove(name)["id"])
    assert [each["name"] for each in plane.api.instances() if each["name"] == name] == []
    audit.check(plane)


# What is not there


def test_without_docker_it_is_said_and_with_docker_it_goes_on(new_plane):
    plane = new_plane("no-docker")
    path = f"{plane.folder}/docker.sock"
    plane.settings["ODEUM_DOCKER_SOCKET"] = path
    plane.start()

    [server] = until(
        "the server is seen to be unavailable",
        lambda: [each for each in plane.api.ask("GET", "/servers")["items"] if each["status"] == "unavailable"], 30)
    assert f"The Docker engine does not answer at {path}" in server["statusReason"]
    assert "systemctl start docker" in server["statusReason"], "it says what to do"

    job = plane.api.create("waiting", settings=SMALL)["job"]["id"]
    told = until("the job says what it waits for", lambda: plane.api.job(job).get("reason"), 30)
    assert f"The Docker engine does not answer at {path}" in told
    os.symlink(engine.SOCKET, path)

    # Far enough; that what follows works is told elsewhere.
    def goes_on():
        seen = plane.api.job(job)
        assert seen["state"] != "failed", seen["reason"]
        return "Fetch the images" in [step["name"] for step in seen["steps"] if step["state"] == "done"]

    until("the job goes on", goes_on, 60)
    until(
        "the server is seen to be ready",
        lambda: plane.api.ask("GET", "/servers")["items"][0]["status"] == "ready", 60)
    plane.api.succeeded(plane.api.remove("waiting")["id"])
    assert plane.api.instances() == []


def test_an_image_that_cannot_be_had_is_named(plane):
    assert not engine.inspect_image("odoo:17.0"), "this test needs an image that is not there"
    job = plane.api.create("imageless", version="17.0")["job"]["id"]
    ended = plane.api.finished(job, within=60)
    assert ended["state"] == "failed"
    assert "odoo:17.0" in ended["reason"]
    assert "docker pull odoo:17.0" in (ended.get("suggestion") or ended["reason"])
    assert [step["name"] for step in ended["steps"] if step["state"] == "failed"] == ["Fetch the images"]
    instance = plane.api.instance("imageless")
    assert instance["status"] == "failed" and "odoo:17.0" in instance["statusReason"]
    assert audit.parts(instance) == []
    removed(plane, "imageless")


def test_on_a_disk_below_the_floor_nothing_new_is_made(new_plane):
    plane = new_plane("full-disk", ODEUM_DISK_FLOOR_MB="9999999").start()
    until("the server was looked at", lambda: plane.api.ask("GET", "/servers/local").get("diskFreeMB"), within=60)
    with pytest.raises(Refused) as refusal:
        plane.api.create("heavy")
    assert refusal.value.status == 409
    problem = refusal.value.problem
    assert "Its disk has" in problem["title"] and "must stay free" in problem["title"]
    assert "odeum server add" in problem["suggestion"]
    assert plane.api.instances() == []


def test_a_disk_that_filled_up_since_is_waited_for_before_anything_is_made(new_plane):
    plane = new_plane("filling-disk").start(ODEUM_CRASH_AT="instance.create/Check the server/before")
    with contextlib.suppress(requests.ConnectionError):
        plane.api.create("heavy")
    assert plane.wait_for_end(90) == -9, "it waits in front of the step"
    plane.start(ODEUM_DISK_FLOOR_MB="9999999")
    [job] = plane.api.ask("GET", "/jobs")["items"]
    waits = until("it waits for room", lambda: plane.api.job(job["id"])["reason"], within=60)
    assert waits.startswith("Waits for room on local: ") and "below 9999999 MB" in waits
    assert audit.parts(plane.api.instance("heavy")) == []
    plane.stop()
    plane.start()
    plane.api.succeeded(job["id"])
    removed(plane, "heavy")


# What breaks


@pytest.mark.parametrize("step, port", [("Start PostgreSQL", "database"), ("Start Odoo", "web")])
def test_ports_that_another_program_takes_meanwhile_are_exchanged(plane, step, port):
    plane.stop()
    plane.start(ODEUM_CRASH_AT=f"instance.create/{step}/before")
    created = plane.api.create("evicted", settings=SMALL)
    assert plane.wait_for_end(90) == -9, "it waits in front of the step"
    first = created["instance"]["ports"]
    with contextlib.closing(processes.listen(first[port])):
        plane.start()
        plane.api.succeeded(created["job"]["id"])
        instance = plane.api.instance("evicted")
        audit.check(plane)
    assert instance["ports"]["web"] != first["web"]
    assert any(
        f"taken port {first[port]} of local" in line and f"moves to ports {instance['ports']['web']}–" in line
        for line in plane.api.job_log(created["job"]["id"]))
    odoo = Odoo(instance["url"], instance["database"], created["adminPassword"])
    assert odoo.call("ir.config_parameter", "get_param", "web.base.url") == instance["url"], "its own links lead to where it is reached"
    removed(plane, "evicted")


def test_an_odoo_that_dies_on_its_start_is_failed_with_its_reason(plane):
    created = plane.api.create(
        "broken", settings={**SMALL, "odooConf": "server_wide_modules = base,web,nonexistent_module"})
    ended = plane.api.finished(created["job"]["id"], within=60)
    instance = plane.api.instance("broken")
    assert ended["state"] == "failed"
    assert [step["name"] for step in ended["steps"] if step["state"] == "failed"] == ["Wait until it answers"]
    assert instance["status"] == "failed"
    assert "nonexistent_module" in instance["statusReason"], instance["statusReason"]
    assert instance["statusJob"] == ended["id"], "the status leads to the job"
    assert any("nonexistent_module" in line["text"] for line in plane.api.log("broken", tail=500))
    assert audit.parts(instance) == audit.expected("broken"), "its parts stay for looking at"

    plane.api.change("broken", odooConf="")
    plane.api.succeeded(plane.api.start("broken")["id"])
    assert status(plane, "broken") == "running", "once the setting is mended it starts"
    for mode in ("soft", "hard"):
        plane.api.change("broken", odooConf="server_wide_modules = base,web,nonexistent_module", logLevel="debug")
        ended = plane.api.finished(plane.api.restart("broken", mode)["id"])
        assert ended["state"] == "failed" and "nonexistent_module" in ended["reason"], ended
        instance = plane.api.instance("broken")
        assert instance["status"] == "running", f"after a {mode} restart it is not back: {instance['statusReason']}"
        assert requests.get(f"{instance['url']}/web/login", timeout=30).status_code == 200
        assert instance["statusReason"].startswith("Runs as before. ") and "nonexistent" in instance["statusReason"]
        conf = engine.run_in("odeum-broken", "cat", "/etc/odoo/odoo.conf")
        assert "nonexistent_module" not in conf and "log_level = debug" not in conf, conf
        assert instance["settings"]["odooConf"], "what was saved waits to be mended"
    plane.api.change("broken", odooConf="")
    plane.api.succeeded(plane.api.restart("broken", "soft")["id"])
    assert "log_level = debug" in engine.run_in("odeum-broken", "cat", "/etc/odoo/odoo.conf")
    plane.api.succeeded(plane.api.remove("broken")["id"])
    audit.check(plane)


def test_a_creation_that_is_called_off_half_way_leaves_nothing_running(new_plane):
    plane = new_plane("called-off").start()
    job = plane.api.create("called-off", settings=SMALL)["job"]["id"]

    def is_preparing():
        seen = plane.api.job(job)
        assert seen["state"] != "failed", seen["reason"]
        return any(step["name"] == "Prepare the database" and step["state"] == "running" for step in seen["steps"])

    until("the database is being prepared", is_preparing, 60)
    until("its containers run", lambda: any("prepare" in name for name in engine.names(plane.labels)), 60)
    plane.api.succeeded(plane.api.remove("called-off")["id"])
    ended = plane.api.finished(job)
    assert ended["state"] == "cancelled", ended["reason"]
    audit.check(plane)


def test_a_module_that_there_is_not_fails_the_creation(plane):
    created = plane.api.create("moduleless", modules=["no_such_module"])
    ended = plane.api.finished(created["job"]["id"])
    assert ended["state"] == "failed"
    assert "no_such_module" in ended["reason"]
    removed(plane, "moduleless")


@pytest.mark.parametrize("part", ["", "-db"], ids=["odoo", "database"])
def test_a_container_that_is_killed_from_outside_is_noticed(plane, small, part):
    """By somebody with `docker kill`, after which Docker does not start it again by itself."""
    small("victim")
    engine.call("POST", f"/containers/odeum-victim{part}/kill")
    # Docker's event must be enough: what is looked at every 15 s anyhow comes later.
    instance = until(
        "the status is corrected", lambda: (seen := plane.api.instance("victim"))["status"] == "failed" and seen, 10)
    assert instance["statusReason"]
    plane.api.succeeded(plane.api.start("victim")["id"])
    assert requests.get(f"{instance['url']}/web/login", timeout=30).status_code == 200


def test_a_database_that_crashes_is_up_again_by_itself(plane, small):
    before = small("phoenix")
    died = engine.inspect("odeum-phoenix-db")["State"]["Pid"]
    os.kill(died, signal.SIGKILL)
    until("it runs again", lambda: engine.inspect("odeum-phoenix-db")["State"]["Pid"] not in (0, died), 30)
    until(
        "Odoo answers again", lambda: requests.get(f"{before['url']}/web/login", timeout=30).status_code == 200, 30)
    until("so it is shown", lambda: status(plane, "phoenix") == "running", 30)


def test_an_odoo_that_crashes_is_up_again_where_that_was_asked_for(plane, small):
    before = small("lively", settings={"autoRestart": True})
    died = engine.inspect("odeum-lively")["State"]["Pid"]
    os.kill(died, signal.SIGKILL)
    until("it runs again", lambda: engine.inspect("odeum-lively")["State"]["Pid"] not in (0, died), 30)
    until(
        "it answers again", lambda: requests.get(f"{before['url']}/web/login", timeout=30).status_code == 200, 30)
    until("so it is shown", lambda: status(plane, "lively") == "running", 30)


def test_a_container_that_is_removed_from_outside_is_noticed_and_made_anew(plane, small):
    small("robbed")
    engine.call("DELETE", "/containers/odeum-robbed", force="true", v="true")
    instance = until(
        "the status is corrected", lambda: (seen := plane.api.instance("robbed"))["status"] == "failed" and seen, 15)
    assert instance["statusReason"]
    plane.api.succeeded(plane.api.start("robbed")["id"])
    assert requests.get(f"{instance['url']}/web/login", timeout=30).status_code == 200


def test_a_foreign_container_of_the_same_name_is_not_touched(plane):
    image = engine.inspect_image("postgres:17")["Id"]
    foreign = engine.call("POST", "/containers/create", body={"Image": image, "Cmd": ["true"]}, name="odeum-squatted")
    try:
        ended = plane.api.finished(plane.api.create("squatted", settings=SMALL)["job"]["id"])
        assert ended["state"] == "failed"
        assert "odeum-squatted" in ended["reason"]
        removed(plane, "squatted")
        assert engine.inspect(foreign["Id"]), "it was removed although it is not ours"
    finally:
        engine.call("DELETE", f"/containers/{foreign['Id']}", force="true", v="true")


def test_an_instance_is_removed_although_somebody_removed_half_of_it(plane, small):
    small("halved")
    engine.call("DELETE", "/containers/odeum-halved", force="true", v="true")
    engine.call("DELETE", "/volumes/odeum-halved-data")
    removed(plane, "halved")


# The control plane itself


def test_a_killed_database_server_is_started_again(plane, small):
    small("witness")
    before = plane.database_server
    os.kill(before, signal.SIGKILL)
    until("the built-in PostgreSQL runs again", lambda: plane.database_server not in (None, before), 30)
    until("the API answers", lambda: status(plane, "witness") == "running", 30)
    plane.api.succeeded(plane.api.restart("witness", "soft")["id"])
    assert plane.process.poll() is None, "odeumd itself runs on"


def test_a_killed_control_plane_finds_its_instances_again(plane, small):
    before = small("orphan")
    plane.kill()
    until("its PostgreSQL ends with it", lambda: plane.database_server is None, 30)
    assert requests.get(f"{before['url']}/web/login", timeout=30).status_code == 200, "Odoo needs no control plane"
    plane.start()
    after = plane.api.instance("orphan")
    assert (after["status"], after["id"], after["ports"]) == ("running", before["id"], before["ports"])
    audit.check(plane)
    plane.api.succeeded(plane.api.restart("orphan", "hard")["id"])
    audit.check(plane)


def test_what_happened_while_the_control_plane_was_away_is_noticed(plane, small):
    small("alone")
    plane.stop()
    engine.call("POST", "/containers/odeum-alone/kill")
    plane.start()
    until("the status is corrected", lambda: status(plane, "alone") == "failed", 15)


def test_it_ends_at_once_when_asked_and_leaves_nothing_running(new_plane):
    plane = new_plane("asked").start()
    assert plane.stop(within=15) == 0
    assert processes.belonging_to(plane.folder) == {}


def test_a_second_one_on_the_same_data_refuses(plane):
    said = plane.refuses_to_start(ODEUM_LISTEN="127.0.0.1:0")
    assert f"{plane.data}/postgres is in use by another process ({plane.process.pid})" in said
    assert "another data folder" in said
    assert plane.api.instances() is not None, "the first one goes on"


def test_a_port_that_is_taken_is_named(new_plane, plane):
    said = new_plane("no-port").refuses_to_start(ODEUM_LISTEN=f"127.0.0.1:{plane.port}")
    assert str(plane.port) in said and "ODEUM_LISTEN" in said, said


def test_a_wrong_master_key_does_not_start(new_plane):
    plane = new_plane("wrong-key").start()
    plane.stop()
    wrong = base64.b64encode(bytes(32)).decode()
    said = plane.refuses_to_start(ODEUM_MASTER_KEY=wrong)
    assert "The master key is not the one under which this database was written." in said
    assert "ODEUM_MASTER_KEY" in said
    assert wrong not in said
    said = plane.refuses_to_start(ODEUM_MASTER_KEY="secret")
    assert "32 bytes in base64" in said and "openssl rand -base64 32" in said
    shutil.move(f"{plane.data}/master.key", f"{plane.folder}/kept")
    said = plane.refuses_to_start()
    assert "there is none" in said and "Put the master.key from your safe into the data folder" in said
    assert not os.path.exists(f"{plane.data}/master.key"), "none is made up in its place"
    shutil.move(f"{plane.folder}/kept", f"{plane.data}/master.key")
    plane.start()


def test_a_setting_that_cannot_be_read_is_named(new_plane):
    said = new_plane("mistyped").refuses_to_start(ODEUM_WORKERS="many")
    assert "ODEUM_WORKERS is “many”, but must be a whole number from 1 to 200" in said


def test_a_database_that_does_not_answer_is_named(new_plane):
    said = new_plane("elsewhere").refuses_to_start(
        DATABASE_URL="postgres://nobody:hush@127.0.0.1:1/none", within=60)
    assert "127.0.0.1" in said
    assert "hush" not in said
