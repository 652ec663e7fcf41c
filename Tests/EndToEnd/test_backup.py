"""The control plane's own backup: made, restored, refused, killed half way; and its master key, exported and changed."""

import base64
import os
import secrets
import shutil
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import audit, engine
from .api import API, Refused
from .control_plane import NO_DOCKER, ControlPlane
from .database import Database
from .waiting import until

# Instances here are rows: nobody ever makes them, since there is no Docker.

# What asks a control plane for something, and makes none.
ASKING = [
    ["backup"], ["admin", "key", "export"], ["admin", "link"], ["admin", "token"], ["admin", "installation"],
    ["admin", "audit"],
]


@pytest.fixture(scope="module")
def plane():
    """A control plane that runs, with one instance in its database, for tests that leave both as they are."""
    plane = ControlPlane("backup", **NO_DOCKER)
    try:
        plane.start().api.create("shop")
        yield plane
    finally:
        plane.destroy()


@pytest.fixture
def source(new_plane):
    """The same for one test, which may do with it what it likes."""
    plane = new_plane("source", **NO_DOCKER).start()
    plane.api.create("shop")
    return plane


def backup(plane, *words, **settings):
    """Makes a backup and returns its path."""
    return plane.run("backup", *words, **settings).stdout.strip()


def refused(plane, *words, **settings):
    """What a command of `odeumd` is refused with."""
    ended = plane.attempt(*words, **settings)
    assert ended.returncode == 1, f"odeumd {words} ended with {ended.returncode}: {ended.stdout}{ended.stderr}"
    assert ended.stdout == "", "what went wrong is no output"
    return ended.stderr


def give_key(plane, key):
    os.makedirs(plane.data, mode=0o711, exist_ok=True)
    Path(plane.data, "master.key").write_text(key)


def key_of(plane):
    return Path(plane.data, "master.key").read_text()


def names(plane):
    return sorted(each["name"] for each in plane.api.instances())


def databases(plane):
    """The databases on the built-in server, which must run."""
    ended = subprocess.run(
        ["psql", "-h", f"{plane.data}/postgres/socket", "-U", "odeum", "-d", "postgres", "-AtXc",
         "select datname from pg_database where not datistemplate order by 1"],
        capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()


# Making one


def test_a_backup_is_made_while_the_control_plane_runs_and_while_it_does_not(source):
    while_running = backup(source)
    assert Path(while_running).parent == Path(source.data, "backups")
    assert os.stat(while_running).st_mode & 0o777 == 0o600
    with tarfile.open(while_running) as archive:
        assert archive.getnames() == ["manifest.json", "manifest.seal", "control-plane.dump"]
    assert key_of(source).strip() not in Path(while_running).read_bytes().decode(errors="replace")
    source.stop()
    while_stopped = backup(source)
    assert while_stopped != while_running
    assert source.database_server is None, "what was started for the backup is stopped after it"


def test_without_room_it_is_said_and_what_is_there_stays(plane):
    with disk_of(plane, size="16k") as folder:
        old = Path(folder, Path(backup(plane, "--to", f"{plane.folder}/")).name)
        old.write_text("an earlier one")
        told = refused(plane, "backup", "--to", folder, "--keep", "1")
        assert f"There is no room for the backup in {folder}" in told
        assert "name another place: --to" in told
        assert [each.name for each in Path(folder).iterdir()] == [old.name]
        assert old.read_text() == "an earlier one"


@contextmanager
def disk_of(plane, size):
    """A disk of that size."""
    folder = f"{plane.folder}/small-disk"
    os.mkdir(folder)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only root may make a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("place, names_left", [("written", 0), ("checked", 0), ("named", 1)])
def test_a_backup_that_is_killed_leaves_a_whole_file_or_none_of_its_name(plane, place, names_left):
    folder = Path(plane.folder, f"killed-{place}")
    killed(plane, f"backup/{place}", "backup", "--to", f"{folder}/")
    assert len(list(folder.iterdir())) > 0, "it was killed half way"
    whole = list(folder.glob("*.tar"))
    assert len(whole) == names_left and all(map(is_whole, whole))
    last = backup(plane, "--to", f"{folder}/", "--keep", "1")
    assert [str(each) for each in folder.iterdir()] == [last], "remains and surplus are gone"


def killed(plane, place, *words):
    """Runs a command of `odeumd` that is killed at that place."""
    ended = plane.attempt(*words, ODEUM_CRASH_AT=place)
    assert ended.returncode == -9, f"{words} did not come to {place}: {ended.stdout}{ended.stderr}"


def is_whole(path):
    with tarfile.open(path) as archive:
        return [archive.extractfile(each).read() != b"" for each in archive] == [True] * 3


def test_a_link_as_target_is_not_followed(plane):
    victim = Path(plane.folder, "victim")
    victim.write_text("precious")
    for name in ("link.tar", "new.tar.part"):
        Path(plane.folder, name).symlink_to(victim)
    for name in ("link.tar", "new.tar"):
        told = refused(plane, "backup", "--to", f"{plane.folder}/{name}")
        assert "is there already" in told or "is in the way" in told
    assert victim.read_text() == "precious"


def test_where_there_is_nothing_nothing_is_made(new_plane):
    plane = new_plane("nothing", **NO_DOCKER)
    for words in ASKING:
        told = refused(plane, *words)
        assert f"There is no control plane in {plane.data}: it has no database there." in told, words
        assert "ODEUM_DATA=" in told and not Path(plane.data).exists(), words
    os.mkdir(plane.data, 0o700)
    for words in ASKING:
        assert f"There is no control plane in {plane.data}" in refused(plane, *words), words
        assert not os.listdir(plane.data), words


def test_in_an_empty_database_nothing_is_made(new_plane):
    database = Database()
    try:
        plane = new_plane("empty", **NO_DOCKER, DATABASE_URL=database.url)
        for words in ASKING:
            told = refused(plane, *words)
            assert "There is no control plane in the database" in told and "DATABASE_URL" in told, words
            assert not Path(plane.data).exists(), words
        assert database.sql("select count(*) from pg_tables where schemaname = 'public'") == "0"
        plane.start()
        assert "/sign-in/link?token=" in plane.admin("link").stdout
    finally:
        database.destroy()


# Restoring one


def test_a_restore_on_a_new_machine_brings_everything_back(source, new_plane):
    token = source.token
    before = source.api.instance("shop")
    file = backup(source)
    heir = new_plane("heir", **NO_DOCKER)
    give_key(heir, key_of(source))
    said = heir.run("restore", file).stdout
    assert "Restored the control plane as it was at " in said
    assert "1 instance, taken over" in said and "1 operation of those under way then, ended and not resumed" in said
    assert "1 API token, good as they were then" in said
    assert said.strip().endswith("Next: start odeumd.")
    heir.start()
    assert heir.installation == source.installation
    api = API(heir.url, token)
    shop = api.instance("shop")
    assert shop["id"] == before["id"]
    assert shop["status"] == "failed"
    assert "The control plane was restored from a backup of " in shop["statusReason"]
    [job] = api.ask("GET", "/jobs")["items"]
    assert job["state"] in ("failed", "cancelled")
    assert "The control plane was restored from a backup of " in job["reason"]
    assert any("was not resumed" in line for line in api.job_log(job["id"]))
    assert databases(heir) == ["odeum", "postgres"]
    # It lives: what is wished for now is taken up.
    api.create("another")
    with pytest.raises(Refused) as again:
        api.create("shop")
    assert again.value.status == 409


def test_a_restore_is_refused_with_what_to_do(plane, new_plane):
    file = backup(plane)
    told = refused(plane, "restore", "--replace", file)
    assert f"works with the data folder {plane.data}" in told and "systemctl stop odeumd" in told

    heir = new_plane("heir", **NO_DOCKER)
    assert "There is no master key" in refused(heir, "restore", file)
    give_key(heir, base64.b64encode(secrets.token_bytes(32)).decode())
    told = refused(heir, "restore", file)
    assert "was made under another master key" in told and "Give the key from the time of the backup" in told
    give_key(heir, key_of(plane))
    bent = Path(heir.folder, "bent.tar")
    content = bytearray(Path(file).read_bytes())
    content[len(content) // 2] ^= 1
    bent.write_bytes(content)
    told = refused(heir, "restore", str(bent))
    assert f"{bent} is damaged" in told and "Take another copy of it" in told
    evil = Path(heir.folder, "evil.tar")
    with tarfile.open(evil, "w", format=tarfile.USTAR_FORMAT) as archive:
        archive.add(bent, arcname="../../tmp/odeum-was-here")
    assert "where manifest.json belongs it has “../../tmp/odeum-was-here”" in refused(heir, "restore", str(evil))
    assert not Path("/tmp/odeum-was-here").exists()
    assert not Path(heir.data, "postgres").exists(), "nothing of all that was begun"
    heir.run("restore", file)

    told = refused(heir, "restore", file)
    assert "There is a control plane in the database already, with 1 instances" in told and "--replace" in told


def test_a_restore_that_is_killed_leaves_the_former_state_or_the_new_one(source):
    file = backup(source)
    source.api.create("since")
    source.stop()
    for place in ("made", "begun", "filled", "completed", "exchanged"):
        killed(source, f"restore/{place}", "restore", "--replace", file)
        left = 1 if place == "exchanged" else 2
        assert f"already, with {left} instances" in refused(source, "restore", file), place
    source.run("restore", "--replace", file)
    source.start()
    assert names(source) == ["shop"]
    assert databases(source) == ["odeum", "postgres"], "what the killed ones left is gone"


# The master key


def test_the_key_is_exported_only_where_it_is_the_right_one(source):
    assert source.admin("key", "export").stdout == key_of(source)
    source.stop()
    assert source.admin("key", "export").stdout == key_of(source)
    Path(source.data, "master.key").rename(f"{source.data}/elsewhere")
    for words in (["admin", "key", "export"], ["serve"], ["backup"]):
        assert "was written under a master key, and there is none" in refused(source, *words)
    assert not Path(source.data, "master.key").exists(), "a missing key is not made up"
    give_key(source, base64.b64encode(secrets.token_bytes(32)).decode())
    assert "is not the one under which this database was written" in refused(source, "admin", "key", "export")


def test_the_key_is_changed_while_the_control_plane_is_stopped(source, new_plane):
    file = backup(source)
    old = key_of(source)
    assert "systemctl stop odeumd" in refused(source, "admin", "key", "rotate")
    assert key_of(source) == old
    source.stop()
    said = source.admin("key", "rotate").stderr
    assert "2 secrets are sealed under the new key" in said and "admin key export" in said
    assert key_of(source) != old
    assert Path(source.data, "master.key.old").read_text() == old
    source.start()
    assert names(source) == ["shop"]
    source.stop()
    # A backup opens with the key of its time.
    told = refused(source, "restore", "--replace", file)
    assert "was made under another master key" in told and "master.key.old" in told
    heir = new_plane("heir", **NO_DOCKER, ODEUM_MASTER_KEY=old.strip())
    heir.run("restore", file)
    heir.start()


def test_a_change_of_the_key_that_is_killed_leaves_one_that_fits(source):
    source.stop()
    for place, is_changed in (("prepared", False), ("sealed", False), ("committed", True), ("kept", True)):
        before = key_of(source)
        killed(source, f"rotate/{place}", "admin", "key", "rotate")
        assert Path(source.data, "master.key.new").exists()
        assert (source.admin("key", "export").stdout != before) == is_changed, place
        assert not Path(source.data, "master.key.new").exists(), "the next command brings it to its end"
        assert not is_changed or Path(source.data, "master.key.old").read_text() == before
    source.start()
    assert names(source) == ["shop"]


def test_a_key_from_the_environment_is_changed_to_another_one(new_plane):
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    plane = new_plane("from-environment", **NO_DOCKER, ODEUM_MASTER_KEY=old).start()
    plane.api.create("shop")
    plane.stop()
    assert "openssl rand -base64 32" in refused(plane, "admin", "key", "rotate")
    said = plane.admin("key", "rotate", ODEUM_NEW_MASTER_KEY=new).stderr
    assert "set ODEUM_MASTER_KEY to that key, unset ODEUM_NEW_MASTER_KEY" in said
    assert "is not the one under which" in refused(plane, "serve")
    # As after a kill: both are there, and one of them is right.
    plane.start(ODEUM_NEW_MASTER_KEY=new)
    plane.stop()
    plane.settings["ODEUM_MASTER_KEY"] = new
    plane.start()
    assert names(plane) == ["shop"]
    assert not Path(plane.data, "master.key").exists()


# A real instance


@pytest.mark.slow
def test_an_instance_goes_on_while_the_control_plane_is_lost_and_restored(new_plane):
    plane = new_plane("lost").start()
    created = plane.api.create("survivor", settings={"workers": 0, "cronThreads": 0})
    plane.api.succeeded(created["job"]["id"])
    plane.api.create("later", settings={"workers": 0, "cronThreads": 0})
    token = plane.token
    file = backup(plane, "--to", f"{plane.folder}/")
    key = plane.admin("key", "export").stdout
    until("the second one is made", lambda: plane.api.instance("later")["status"] == "running", 180)
    stopped = plane.api.succeeded(plane.api.stop("later")["id"])
    assert stopped["state"] == "succeeded"
    started = {name: engine.inspect(f"odeum-{name}")["State"]["StartedAt"] for name in ("survivor", "later")}
    plane.kill()
    until("its PostgreSQL has ended", lambda: plane.database_server is None, 30)
    shutil.rmtree(plane.data)

    give_key(plane, key)
    plane.run("restore", file)
    plane.start()
    api = API(plane.url, token)
    until("it is taken over", lambda: api.instance("survivor")["statusReason"] == "Answers.", 60)
    assert api.instance("survivor")["status"] == "running"
    # Its creation was under way in the backup, and has come to its end since.
    later = until(
        "the other one is taken over",
        lambda: (seen := api.instance("later"))["statusReason"] != "" and seen, 60)
    assert later["status"] == "failed" and "was not resumed" in later["statusReason"]
    assert not engine.is_running("odeum-later"), "a restore starts nothing"
    assert {name: engine.inspect(f"odeum-{name}")["State"]["StartedAt"] for name in started} == started
    # Both are managed again.
    api.succeeded(api.start("later")["id"])
    api.succeeded(api.restart("survivor", "soft")["id"])
    for name in ("survivor", "later"):
        assert audit.parts(api.instance(name)) == audit.expected(name)
        api.succeeded(api.remove(name)["id"])
