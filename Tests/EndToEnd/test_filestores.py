"""Files of an instance in a folder of its server, on a disk of their own: there, and whole, whatever happens on the way."""

import base64
import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import requests

from . import audit, engine
from .api import Refused
from .odoo_client import Odoo
from .waiting import until

pytestmark = pytest.mark.slow

# Nothing but Odoo's one process.
SMALL = {"workers": 0, "cronThreads": 0}


@pytest.fixture(scope="module")
def disk():
    """A disk of its own, of 400 MB."""
    with mounted("400m") as folder:
        yield folder


@contextlib.contextmanager
def mounted(size):
    folder = tempfile.mkdtemp(prefix="odeum-files-")
    os.chmod(folder, 0o711)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield Path(folder)
    finally:
        subprocess.run(["umount", folder], check=True)
        shutil.rmtree(folder)


class Filed:
    """An instance with an attachment."""

    def __init__(self, plane):
        self.plane = plane
        self.api = plane.api
        created = self.api.create("filed", settings=SMALL)
        self.api.succeeded(created["job"]["id"])
        self.password = created["adminPassword"]
        self.attachments = {}
        self.attach()

    @property
    def seen(self):
        return self.api.instance("filed")

    @property
    def odoo(self):
        seen = self.seen
        return Odoo(seen["url"], seen["database"], self.password)

    def attach(self, odoo=None):
        """Has Odoo store something that is too large for its database."""
        content = base64.b64encode(os.urandom(200_000)).decode()
        stored = (odoo or self.odoo).call("ir.attachment", "create", {"name": "a file", "datas": content})
        self.attachments[stored] = content

    def check(self, folder=None):
        """It runs, everything is stored, in that folder of the server or in a volume of Docker's, and nowhere else."""
        assert self.seen["status"] == "running", self.seen["statusReason"]
        for stored, content in self.attachments.items():
            [read] = self.odoo.call("ir.attachment", "read", [stored], ["datas", "store_fname"])
            assert read["datas"] == content
        volumes = {each["Name"]: each for each in engine.volumes({"odeum.instance": self.seen["id"].upper()})}
        assert len(volumes) == 2, volumes.keys()
        [files] = volumes.keys() - {"odeum-filed-db"}
        if folder is None:
            assert files == "odeum-filed-data"
            audit.check(self.plane)
        else:
            assert volumes[files]["Options"]["device"] == f"{self.own(folder)}/files"
            database = self.seen["database"]
            assert (self.own(folder) / "files/filestore" / database / read["store_fname"]).stat().st_size >= 200_000

    def own(self, folder):
        return folder / f"odeum-{self.seen['id'].lower()}"

    def move(self, to, **settings):
        """Asks for another place, and for the restart that moves the files there. Returns its job."""
        self.api.change("filed", externalFilestore=str(to or ""), **settings)
        return self.api.restart("filed", "hard")["id"]


@pytest.fixture(scope="module")
def filed(plane, disk):
    plane.api.ask("PATCH", "/servers/local", json={"filestoreFolders": [str(disk)]})
    return Filed(plane)


def test_only_what_the_server_offers_is_taken(filed, disk):
    for place in (f"{disk}/inside", "/etc", "/", "relative", f"{disk}/../x"):
        with pytest.raises(Refused) as refused:
            filed.api.change("filed", externalFilestore=place)
        assert refused.value.code == "invalid" and "externalFilestore" in refused.value.fields, place
    for folders, wrong in (
            ({"filestoreFolders": ["/etc"]}, "the host’s own"),
            ({"filestoreFolders": [str(disk), f"{disk}/x"]}, "not apart"),
            ({"filestoreFolders": [str(disk)], "sharedFolders": [f"{disk}/x"]}, "every instance on the server may read")):
        with pytest.raises(Refused) as refused:
            filed.api.ask("PATCH", "/servers/local", json=folders)
        assert wrong in str(refused.value)


def test_a_folder_without_room_stops_nothing(filed, disk):
    with mounted("100k") as small:
        filed.api.ask("PATCH", "/servers/local", json={"filestoreFolders": [str(disk), str(small)]})
        ended = filed.api.finished(filed.move(small))
        assert ended["state"] == "failed" and "MB free" in ended["reason"]
        assert "Stop Odoo" not in [step["name"] for step in ended["steps"] if step["state"] != "pending"]
        filed.check()
        filed.api.change("filed", externalFilestore="")
        filed.api.ask("PATCH", "/servers/local", json={"filestoreFolders": [str(disk)]})


def test_a_folder_of_somebody_else_is_left_alone(filed, disk):
    filed.own(disk).mkdir()
    (filed.own(disk) / "theirs").touch()
    ended = filed.api.finished(filed.move(disk))
    assert ended["state"] == "failed" and "does not belong to this instance" in ended["reason"]
    assert [each.name for each in filed.own(disk).iterdir()] == ["theirs"]
    filed.check()
    shutil.rmtree(filed.own(disk))


def test_files_that_cannot_be_moved_as_a_whole_stay_where_they_are(filed, disk):
    # It fits when it is looked at, and not any more when it is copied.
    filed.plane.stop()
    filed.plane.start(ODEUM_CRASH_AT="instance.restart.hard/Move the files/before")
    with contextlib.suppress(requests.ConnectionError):
        filed.api.restart("filed", "hard")
    assert filed.plane.wait_for_end(90) == -9
    filler = disk / "filler"
    room = os.statvfs(disk)
    filler.write_bytes(bytes(room.f_bavail * room.f_frsize - 100_000))
    filed.plane.start()
    job = filed.api.ask("GET", "/jobs")["items"][0]
    ended = filed.api.finished(job["id"])
    assert ended["state"] == "failed" and "No space left on device" in ended["reason"]
    filed.check()
    filler.unlink()


@pytest.mark.parametrize("point", [f"instance.restart.hard/{step}/{when}" for step, when in (
    ("Move the files", "after"), ("Start Odoo", "after"), ("Wait until it answers", "after"),
    ("Remove the files’ former place", "after"))])
def test_a_kill_on_the_way_loses_nothing(filed, disk, point):
    target = None if filed.seen["settings"]["externalFilestore"] else disk
    filed.api.change("filed", externalFilestore=str(target or ""))
    filed.plane.stop()
    filed.plane.start(ODEUM_CRASH_AT=point)
    with contextlib.suppress(requests.ConnectionError):
        filed.api.restart("filed", "hard")
    assert filed.plane.wait_for_end(90) == -9, f"it was not killed at {point}"
    filed.plane.start()
    filed.api.succeeded(filed.api.ask("GET", "/jobs")["items"][0]["id"])
    filed.check(target)
    assert (target is not None) == filed.own(disk).exists()


def test_files_of_a_stopped_instance_move_with_its_start(filed, disk):
    filed.api.succeeded(filed.api.stop("filed")["id"])
    filed.api.change("filed", externalFilestore=str(disk))
    filed.api.succeeded(filed.api.start("filed")["id"])
    filed.check(disk)
    filed.attach()
    filed.check(disk)
    with pytest.raises(Refused) as in_use:
        filed.api.ask("PATCH", "/servers/local", json={"filestoreFolders": []})
    assert in_use.value.code == "conflict" and "filed of local has its files in" in in_use.value.title


def test_what_was_stored_in_a_place_that_is_given_up_comes_along(filed, disk):
    """Odoo runs with its files in the new place already, and takes something in, when it turns out not to work."""
    filed.api.change("filed", externalFilestore="")
    filed.plane.stop()
    filed.plane.start(ODEUM_CRASH_AT="instance.restart.hard/Wait until it answers/before")
    seen = filed.seen
    with contextlib.suppress(requests.ConnectionError):
        filed.api.restart("filed", "hard")
    assert filed.plane.wait_for_end(120) == -9
    until("Odoo answers", lambda: answers(seen["url"]), 60)
    filed.attach(Odoo(seen["url"], seen["database"], filed.password))
    engine.run_in("odeum-filed", "sh", "-c", "echo 'server_wide_modules = base,web,gone' >> /etc/odoo/odoo.conf")
    engine.call("POST", "/containers/odeum-filed/restart")
    filed.plane.start()
    ended = filed.api.finished(filed.api.ask("GET", "/jobs")["items"][0]["id"])
    assert ended["state"] == "failed", ended
    filed.check(disk)
    filed.api.change("filed", externalFilestore=str(disk))


def answers(url):
    try:
        return requests.get(f"{url}/web/login", timeout=10).status_code == 200
    except requests.ConnectionError:
        return False


def test_files_go_with_their_instance(filed, disk):
    own = filed.own(disk)
    assert own.exists()
    filed.api.succeeded(filed.api.remove("filed")["id"])
    assert not own.exists() and list(disk.iterdir()) == []
    audit.check(filed.plane)


def test_an_instance_begins_in_a_folder(plane, disk):
    plane.api.ask("PATCH", "/servers/local", json={"filestoreFolders": [str(disk)]})
    created = plane.api.create("there", settings={**SMALL, "externalFilestore": str(disk)})
    plane.api.succeeded(created["job"]["id"])
    seen = plane.api.instance("there")
    assert Odoo(seen["url"], seen["database"], created["adminPassword"]).user
    own = disk / f"odeum-{seen['id'].lower()}"
    assert (own / "files/filestore").is_dir()
    # A disk that is not there: nothing is made in its place, and it says so.
    plane.api.succeeded(plane.api.stop("there")["id"])
    own.rename(disk / "away")
    ended = plane.api.finished(plane.api.start("there")["id"])
    assert ended["state"] == "failed" and "no such file or directory" in ended["reason"], ended
    assert not own.exists()
    (disk / "away").rename(own)
    plane.api.succeeded(plane.api.start("there")["id"])
    plane.api.succeeded(plane.api.remove("there")["id"])
    assert not own.exists()
