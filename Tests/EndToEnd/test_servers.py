"""Servers over SSH: added, validated, prepared, used for a real Odoo, and removed."""

import contextlib
import subprocess

import pytest
import requests

from . import lab_servers, processes
from .api import Refused
from .odoo_client import Odoo
from .waiting import until

pytestmark = pytest.mark.slow

SET = "end-to-end"


@pytest.fixture(scope="module")
def servers():
    try:
        yield lab_servers.up(
            2, "--bare", "1", "--pull", "odoo:19.0", "--pull", "postgres:17", set_name=SET)
    finally:
        lab_servers.down(SET)


@pytest.fixture(scope="module")
def ready(servers):
    return servers[0]


@pytest.fixture(scope="module")
def bare(servers):
    return servers[1]


def add(plane, name, server, password=None, **wish):
    """Adds a server as the API takes it."""
    body = {"name": name, "address": server.address, "hostKey": server.fingerprint, **wish}
    if password:
        body["password"] = password
    return plane.api.ask("POST", "/servers", json=body)


def reason(plane, job):
    """Why a job failed, and at which step."""
    seen = plane.api.finished(job)
    assert seen["state"] == "failed", seen
    return seen["reason"], next(step["name"] for step in seen["steps"] if step["state"] == "failed")


def test_a_host_key_is_shown_before_anything_is_sent(plane, ready):
    refused = plane.cli.attempt("server", "add", "web1", ready.address)
    assert refused.status == 2
    assert ready.fingerprint in refused.err and "--host-key" in refused.next
    with pytest.raises(Refused) as wrong:
        add(plane, "web1", ready, hostKey="SHA256:b3oqSNyXcCwlcFX0DRqh55iHUeFIxzBqdHjczOY7y3E")
    assert wrong.value.code == "invalid" and "hostKey" in wrong.value.fields
    with pytest.raises(Refused) as password:
        add(plane, "web1", ready, password="not the one")
    assert "does not accept this password for the user root" in password.value.title
    assert "authorized_keys" not in password.value.title


def test_a_user_without_sudo_is_found_out(plane, ready):
    added = add(plane, "visited", ready, password=ready.password, user="visitor")
    why, step = reason(plane, added["job"]["id"])
    assert "visitor on visited is not root and may not use sudo" in why
    assert step == "Check the user’s rights"
    plane.api.ask("DELETE", "/servers/visited")


def test_a_server_by_password_runs_odoo(plane, ready):
    added = subprocess.run(
        [plane.cli._program, "server", "add", "web1", ready.address, "--password-stdin", "--host-key",
         ready.fingerprint, "--expose", "yes", "--shared-folder", "/srv/b", "--shared-folder", "/srv/a",
         "--filestore-folder", "/mnt/nas", "--wait"],
        env=plane.cli._environment, input=ready.password + "\n", capture_output=True, text=True, timeout=120)
    assert added.returncode == 0, added.stderr
    assert "web1 is ready for instances" in added.stdout
    assert ready.password not in plane.said()

    seen = plane.api.ask("GET", "/servers/web1")
    assert seen["status"] == "ready" and seen["docker"] and seen["swapMB"] is not None and len(seen["load"]) == 3
    assert (seen["sharedFolders"], seen["filestoreFolders"]) == (["/srv/a", "/srv/b"], ["/mnt/nas"])
    # Odoo's master process ends itself where it is to start a worker while Docker, which resolves names for it, is down.
    created = plane.api.create("far", server="web1", settings={"workers": 0, "cronThreads": 0})
    plane.api.succeeded(created["job"]["id"], within=300)
    instance = plane.api.instance("far")
    assert instance["url"].startswith(f"http://{ready.address}:")
    assert Odoo(instance["url"], instance["database"], created["adminPassword"]).user
    assert any("odoo" in line["text"] for line in plane.api.log("far", tail=5))

    plane.api.succeeded(plane.api.stop("far")["id"])
    assert "odeum-far" not in ready.run("docker", "ps", "--format", "{{.Names}}").split()
    plane.api.succeeded(plane.api.start("far")["id"])
    plane.api.succeeded(plane.api.restart("far", "hard")["id"])
    assert Odoo(instance["url"], instance["database"], created["adminPassword"]).user


def test_ports_that_are_to_be_closed_wait_for_a_hard_restart(plane):
    assert plane.api.instance("far")["pendingChanges"] == []
    plane.cli.run("server", "edit", "web1", "--expose", "no")
    waiting = plane.api.instance("far")
    assert waiting["pendingRestart"] == "hard"
    assert waiting["pendingChanges"] == ["Closing its ports to the network waits for a hard restart."]
    assert "Closing its ports to the network" in plane.cli.run("instance", "show", "far").out
    plane.cli.run("server", "edit", "web1", "--expose", "yes")
    assert plane.api.instance("far")["pendingRestart"] == "none"


def test_a_stray_is_listed_and_removed_when_asked_for(plane, ready):
    ready.run(
        "docker", "volume", "create", "--label", f"odeum.installation={plane.installation}", "--label",
        "odeum.slug=lost", "odeum-lost-data")
    stray = until("it is listed", lambda: plane.api.ask("GET", "/strays")["items"], within=60)[0]
    assert (stray["server"]["name"], stray["kind"], stray["name"]) == ("web1", "volume", "odeum-lost-data")
    assert stray["instance"] == "lost"
    assert "odeum-lost-data" in plane.cli.run("server", "strays").out
    unasked = plane.cli.attempt("server", "strays", "rm", stray["id"])
    assert unasked.status == 2 and "--yes" in unasked.next
    assert ready.run("docker", "volume", "ls", "--quiet", "--filter", "name=odeum-lost-data").strip()
    removed = plane.cli.run("server", "strays", "rm", stray["id"], "--yes")
    assert "The volume odeum-lost-data is removed from web1" in removed.out
    assert not ready.run("docker", "volume", "ls", "--quiet", "--filter", "name=odeum-lost-data").strip()
    assert plane.api.ask("GET", "/strays")["items"] == []


def end_in_the_start_of_docker(server, network, name):
    """Ends a container, which Docker does not start again, at a moment at which it does not take it off its network.

    Once it is removed, its endpoint is left there, which no container has, and which nothing of its name gets past.
    """
    pid = str(server.engine.inspect(name)["State"]["Pid"])
    with server.docker_in_its_start():
        server.run("kill", "-9", pid)
    until("Docker is back", lambda: not server.engine.is_running(name), within=60)
    left = server.engine.call("GET", f"/networks/{network}")["Containers"]
    assert name in {each["Name"] for each in left.values()}


def test_what_docker_leaves_on_a_network_is_in_nobodys_way(plane, ready):
    plane.api.change("far", autoRestart=False)
    end_in_the_start_of_docker(ready, "odeum-far", "odeum-far")
    plane.api.succeeded(plane.api.restart("far", "hard")["id"])
    assert plane.api.instance("far")["status"] == "running"


def test_docker_that_was_ended_in_the_start_of_a_container_gives_its_port_back(plane, ready):
    runs = ready.engine.inspect("odeum-far-db")["State"]["Pid"]
    with ready.containers_in_their_start() as await_one:
        job = plane.api.restart("far", "hard")["id"]
        await_one()
        ready.run("systemctl", "stop", "docker.socket", "docker.service")
    ready.run("systemctl", "start", "docker.socket", "docker.service")
    plane.api.succeeded(job)
    assert plane.api.instance("far")["status"] == "running"
    assert ready.engine.inspect("odeum-far-db")["State"]["Pid"] != runs
    log = plane.api.job_log(job)
    assert any("for a container that it no longer has. It is started anew" in line for line in log), log


def test_a_port_of_a_container_that_is_only_being_started_is_not_taken_for_lost(plane, ready):
    plane.api.succeeded(plane.api.stop("far")["id"])
    port = plane.api.instance("far")["ports"]["database"]
    image = ready.engine.inspect("odeum-far-db")["Image"]
    ready.run("docker", "create", "--name", "foreign", "--publish", f"{port}:5432", "--entrypoint", "true", image)
    docker = ready.run("cat", "/run/docker.pid")
    try:
        with ready.containers_in_their_start() as await_one:
            ready.run("sh", "-c", "docker start foreign > /dev/null 2>&1 &")
            await_one()
            ended = plane.api.finished(plane.api.start("far")["id"])
    finally:
        ready.run("docker", "rm", "--force", "foreign")
    assert ended["state"] == "failed" and f"Port {port} is already in use" in ended["reason"], ended["reason"]
    assert ready.run("cat", "/run/docker.pid") == docker, "Docker was started anew, although it keeps no port for nobody"
    plane.api.succeeded(plane.api.start("far")["id"])


@contextlib.contextmanager
def something_that_runs_in(server, name):
    """Runs a program in the control group of a container that has ended: what is left of one that Docker had started
    when it was ended itself, before it could note that. Gives the program's folder in /proc there."""
    group = f"/sys/fs/cgroup/memory/docker/{server.engine.inspect(name)['Id']}"
    pid = server.run("sh", "-c", 'mkdir -p "$0"; tail --follow /dev/null > /dev/null 2>&1 & echo $! > "$0/cgroup.procs"; echo $!', group)
    try:
        yield f"/proc/{pid.strip()}"
    finally:
        server.attempt("sh", "-c", 'xargs --no-run-if-empty kill -9 < "$0/cgroup.procs"; rmdir "$0"', group)


def test_what_docker_does_not_know_to_run_is_ended(plane, ready):
    # Two PostgreSQL on the same files would be the end of these.
    plane.api.succeeded(plane.api.stop("far")["id"])
    with something_that_runs_in(ready, "odeum-far") as odoo, something_that_runs_in(ready, "odeum-far-db") as database:
        job = plane.api.restart("far", "hard")["id"]
        plane.api.succeeded(job)
        for program in (odoo, database):
            assert ready.attempt("test", "-d", program).returncode == 1
    log = plane.api.job_log(job)
    assert sum("ran although Docker held it for ended" in line for line in log) == 2, log
    assert plane.api.instance("far")["status"] == "running"


def test_a_connection_that_is_cut_comes_back(plane, ready):
    ready.attempt("pkill", "-x", "-f", "sshd: root@notty")
    assert until("the log is read again", lambda: plane.api.log("far", tail=1), within=30)
    plane.api.succeeded(plane.api.restart("far", "soft")["id"])


def test_what_a_killed_control_plane_was_at_goes_on(plane, ready):
    job = plane.api.restart("far", "hard")["id"]
    plane.kill()
    plane.start()
    plane.api.succeeded(job)
    assert plane.api.instance("far")["status"] == "running"


def test_one_machine_is_not_added_twice(plane, ready):
    with pytest.raises(Refused) as same:
        add(plane, "twin", ready, password=ready.password)
    assert same.value.code == "conflict" and "already" in same.value.title
    other = ready.address.rsplit(".", 1)[0] + ".99"
    ready.attempt("ip", "address", "add", f"{other}/24", "dev", "eth0")
    twin = lab_servers.LabServer(ready.name, other, ready.password, ready.fingerprint, ready.key)
    why, step = reason(plane, add(plane, "twin", twin, password=ready.password)["job"]["id"])
    assert "twin is the same machine as web1" in why
    assert step == "Take it into use"
    # It has not been taken away from the first one.
    assert plane.api.ask("GET", "/servers/web1")["status"] == "ready"
    plane.api.ask("DELETE", "/servers/twin")


def test_modes_keep_instances_away(plane):
    plane.api.ask("POST", "/servers/web1/drain")
    with pytest.raises(Refused) as drained:
        plane.api.create("near", server="web1")
    assert drained.value.code == "conflict" and "server" in drained.value.fields
    places = plane.api.ask("GET", "/servers/placement", params={"stage": "dev"})["items"]
    assert [(place["server"]["name"], place["possible"]) for place in places] == [("local", True), ("web1", False)]
    plane.api.ask("POST", "/servers/web1/maintenance")
    with pytest.raises(Refused) as maintained:
        plane.api.stop("far")
    assert "is in maintenance" in maintained.value.title
    plane.api.ask("POST", "/servers/web1/activate")


def test_a_bare_server_is_prepared_even_if_the_control_plane_is_killed_meanwhile(plane, bare):
    added = add(plane, "web2", bare, password=bare.password, user="admin")
    why, step = reason(plane, added["job"]["id"])
    assert "odeum server prepare web2" in why

    job = plane.api.ask("POST", "/servers/web2/prepare")["id"]
    until("apt runs", lambda: bare.attempt("pgrep", "-x", "apt-get").returncode == 0, within=60)
    plane.kill()
    # Nobody reaches it for a while either: the job waits, and asks again by itself.
    bare.run("systemctl", "stop", "ssh")
    bare.attempt("pkill", "-x", "-f", "sshd: admin@notty")
    plane.start()
    until(
        "it waits", lambda: (plane.api.job(job).get("reason") or "").startswith("Waits for web2: web2 does not answer."),
        within=60)
    bare.run("systemctl", "start", "ssh")
    plane.api.succeeded(job, within=600)
    told = plane.api.job_log(job)
    assert any("that goes on" in line for line in told) or bare.attempt("pgrep", "-x", "apt-get").returncode != 0
    seen = plane.api.ask("GET", "/servers/web2")
    assert seen["status"] == "ready" and seen["user"] == "admin"
    assert '"live-restore": true' in bare.run("cat", "/etc/docker/daemon.json")
    for program in ("nginx", "certbot", "restic", "git", "curl"):
        bare.run("which", program)

    again = plane.api.ask("POST", "/servers/web2/prepare")["id"]
    plane.api.succeeded(again, within=120)
    assert "Every package is there." in plane.api.job_log(again)


@pytest.mark.parametrize("verb", ["validate", "prepare"])
def test_a_kill_before_and_after_each_step_ends_well(plane, verb):
    def ask():
        return plane.api.ask("POST", f"/servers/web2/{verb}")

    whole = plane.api.succeeded(ask()["id"], within=120)
    steps = [step["name"] for step in whole["steps"]]
    for point in [f"server.{verb}/{step}/{when}" for step in steps for when in ("before", "after")]:
        plane.stop()
        plane.start(ODEUM_CRASH_AT=point)
        with contextlib.suppress(requests.ConnectionError):
            ask()
        assert plane.wait_for_end(90) == -9, f"it was not killed at {point}"
        plane.start()
        # Killed before it had answered or not: the job is there.
        newest = next(job for job in plane.api.ask("GET", "/jobs")["items"] if job["kind"] == f"server.{verb}")
        assert newest["id"] != whole["id"], point
        whole = plane.api.succeeded(newest["id"], within=120)
        assert [step["state"] for step in whole["steps"]] == ["done"] * len(steps), point
        assert plane.api.ask("GET", "/servers/web2")["status"] == "ready", point


def test_docker_of_a_prepared_server_starts_where_it_was_ended_while_it_deleted_a_network(bare):
    record = "/var/lib/docker/network/files/local-kv.db"
    bare.run("docker", "network", "create", "half-deleted")
    # As it is written down in the middle of the deletion, in which it loses its addresses.
    bare.run("systemctl", "stop", "docker.socket", "docker.service")
    bare.run(
        "perl", "-0777", "-pi", "-e",
        's/"inDelete":false,("ingress":[^\\0]*)"ipamV4Info"([^\\0]*"name":"half-deleted")/"inDelete":true, $1"ipamV4Lost"$2/g',
        record)
    unit = "/etc/systemd/system/docker.service.d/odeum.conf"
    bare.run("sh", "-c", f"mv {unit} /root && systemctl daemon-reload")
    assert bare.attempt("systemctl", "start", "docker.service").returncode != 0
    bare.run("systemctl", "stop", "docker.socket", "docker.service")
    bare.run("sh", "-c", f"mv /root/odeum.conf {unit} && systemctl daemon-reload && systemctl reset-failed docker.service")
    started = bare.attempt("systemctl", "start", "docker.service")
    assert started.returncode == 0, bare.run("journalctl", "--unit", "docker", "--lines", "100", "--no-pager")
    assert "half-deleted" not in bare.run("docker", "network", "ls", "--format", "{{.Name}}").split()


def test_another_user_takes_over_what_the_former_one_had(plane, ready):
    key = plane.api.ask("GET", "/servers/web1")["publicKey"]
    ready.run(
        "sh", "-euc", 'cd ~admin; install -d -m 700 -o admin .ssh; echo "$0" >> .ssh/authorized_keys; chown admin .ssh/*', key)
    changed = plane.api.ask("PATCH", "/servers/web1", json={"user": "admin"})
    why, _ = reason(plane, changed["job"]["id"])
    assert "odeum server prepare web1" in why
    plane.api.succeeded(plane.api.ask("POST", "/servers/web1/prepare")["id"], within=300)
    folders = [f"/var/lib/odeum/{plane.installation.lower()}", "/var/lib/odeum-instances"]
    assert ready.run("find", *folders, "-user", "root").split() == []
    assert ready.run("find", *folders, "-user", "admin").split() != folders, "they are empty: nothing was taken over"
    plane.api.succeeded(plane.api.restart("far", "hard")["id"])
    assert plane.api.instance("far")["status"] == "running"


def test_a_server_with_instances_stays_until_they_are_gone(plane, ready):
    with pytest.raises(Refused) as held:
        plane.api.ask("DELETE", "/servers/web1")
    assert held.value.code == "conflict" and "web1 holds 1 instance: far." == held.value.title
    # With an endpoint left on its network, which must not keep it there.
    end_in_the_start_of_docker(ready, "odeum-far", "odeum-far")
    plane.api.succeeded(plane.api.remove("far")["id"])
    left = [thing for thing in ready.things(plane.installation) if "prepared" not in thing]
    assert left == []
    removed = plane.cli.run("server", "rm", "web1", "--yes")
    assert "web1 is removed" in removed.out
    assert [each["name"] for each in plane.api.ask("GET", "/servers")["items"]] == ["local", "web2"]
    plane.api.ask("DELETE", "/servers/web2")
    # The connection went with it.
    until("no ssh is left", lambda: not [
        pid for pid in processes.belonging_to(plane.folder)
        if b"ssh\0" in open(f"/proc/{pid}/cmdline", "rb").read()], within=15)
