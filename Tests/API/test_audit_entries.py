"""Every operation of the API that changes something leaves one entry in the audit log, by whichever door it is asked for.

The table plays each of them once through the API and once by the console's form for the same, in an order in which each
succeeds, on a machine that is simulated as far as Docker goes. What each form of the console stands for in the API,
PermissionRule+console.swift of the tests in Swift says of all of them: what is new there needs a row here, too.
"""

import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from API import population
from EndToEnd.api import FINISHED, API
from EndToEnd.control_plane import ControlPlane
from EndToEnd.database import Database
from EndToEnd.visitor import PASSWORD, Visitor, one_time_code
from EndToEnd.waiting import until

ROOT = Path(__file__).parents[2]
DESCRIPTION = yaml.safe_load((ROOT / "Sources/Web/API/openapi.yaml").read_text())
# Every changing operation by its id: method and path.
CHANGING = {
    each["operationId"]: (method.upper(), path)
    for path, methods in DESCRIPTION["paths"].items() for method, each in methods.items()
    if method in ("post", "put", "patch", "delete")}

# What changes nothing although its method is that of a change, and so leaves no entry: why, and the tables that it writes
# to all the same. The rows of these say no action, and that no other table changes is looked at, too.
QUIET: dict[str, tuple[str, set[str]]] = {
    "previewSettings": ("tells what saving would bring about", set()),
    "scanHostKey": ("asks a machine for its host keys and keeps none", set()),
    "beginSecondFactor": ("keeps a secret that counts for nothing before it is confirmed, which is noted", {"people"}),
}
# Actions that no operation of the API is: what the last test plays, and what MasterKeyTests.swift does.
BESIDE = {"person.sign-in", "person.link", "member.join", "server.adopt", "installation.key"}

DOORS = ("api", "console")
OPERATOR = "admin@localhost"
NEW_PASSWORD = "a longer and newer password"
# From where is asked, and from where a person is signed in besides.
HERE, ELSEWHERE = "192.0.2.7", "192.0.2.99"
# What a browser says of a form without fields, too.
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# What the control plane writes by itself, as regular expressions of PostgreSQL.
OWN_TABLES = "^(audit_log|strays|prepared_databases|instance_storage|job_.*)$"
OWN_COLUMNS = "_at$|_since$|^(status|status_reason|absence|facts|drift)$"
ALLOWANCES = ("ide", "backups", "merge", "connectAs", "enterprise", "instanceTuning", "nginxTuning", "ipLists")


class Scene:
    """One door, the people who come through it, and what things are called that are made and changed by it."""

    def __init__(self, plane: ControlPlane, host: population.Host, operator: Visitor, door: str) -> None:
        self.plane, self.host, self.door = plane, host, door
        self.name = f"by-{door}"
        self.person, self.member = f"person-{door}@example.org", f"member-{door}@example.org"
        self.invited = f"invited-{door}@example.org"
        self.operator, self.stray = OPERATOR, f"odeum-gone-{DOORS.index(door) + 1}"
        self.port = host.ssh_ports[DOORS.index(door)]
        self.code = self.job = ""
        self.restart = "instance.restart.hard"
        visitor = population.joined(plane, self.person, "developer")
        population.joined(plane, self.member, "viewer")
        token = plane.admin("token", "--email", self.person, "--name", "his").stdout.strip()
        self.doors = {OPERATOR: (plane.api, operator), self.person: (API(plane.url, token), visitor)}
        keys = plane.api.ask("POST", "/servers/host-key", json={"address": "127.0.0.1", "port": self.port})
        self.host_key = keys["items"][0]["fingerprint"]

    def settle(self) -> None:
        """Returns when no job is under way."""
        for job in self.plane.api.ask("GET", "/jobs", params={"limit": 20})["items"]:
            if job["state"] not in FINISHED:
                self.plane.api.finished(job["id"], within=30)

    def named(self, path: str) -> str:
        """What stands for the parameter in `path`, where it has one."""
        def the(path: str, by: str = OPERATOR, **wanted: str) -> str:
            items = self.doors[by][0].ask("GET", path)["items"]
            return next(each["id"] for each in items if wanted.items() <= each.items())

        match path.split("/")[1:]:
            case ["jobs", *_]:
                return self.job
            case ["tokens", _]:
                return the("/tokens", self.person, name=self.name)
            case ["account", "sessions", _]:
                return the("/account/sessions", self.person, address=ELSEWHERE)
            case ["members", "{id}"]:
                return the("/members", email=self.member)
            case ["invitations", _]:
                return the("/invitations", email=self.invited)
            case ["strays", _]:
                return until("the stray is seen", lambda: the("/strays", name=self.stray), 60)
        return self.name

    def play(self, deed: "Deed") -> None:
        """Does it through the door, which must succeed."""
        method, path = CHANGING[deed.operation]
        api, visitor = self.doors[getattr(self, deed.by)]
        value = self.named(path)
        said = deed.body(self)
        if self.door == "console":
            fields = deed.fields(self) if deed.fields else said
            # Whoever belongs to several organisations says for which one he asks.
            place = "" if deed.form.startswith("/organisations") else "/o/main"
            answer = visitor.post(
                place + deed.form.replace("{}", value), fields, **{"X-Forwarded-For": HERE, **FORM})
            assert answer.status_code in (200, 303), (deed.operation, answer.status_code, answer.text)
            told = answer.text
        else:
            options = {"json": said} if said else {}
            told = api.ask(method, re.sub(r"\{\w+\}", value, path), headers={"X-Forwarded-For": HERE}, **options)
        if deed.operation == "beginSecondFactor":
            self.code = one_time_code(
                told["secret"] if isinstance(told, dict) else told.partition('class="secret-text">')[2].partition("<")[0])

    @contextlib.contextmanager
    def signed_in_elsewhere(self) -> Iterator[None]:
        """He is signed in with another browser, too."""
        link = self.plane.admin("link", "--email", self.person, "--sign-in").stdout.strip()
        form = {"token": link.rpartition("token=")[2]}
        assert Visitor(self.plane.url).post("/sign-in/link", form, **{"X-Forwarded-For": ELSEWHERE}).status_code == 303
        yield

    @contextlib.contextmanager
    def job_under_way(self) -> Iterator[None]:
        """A job that cannot end, since the engine does not answer."""
        os.kill(self.host.engine, signal.SIGSTOP)
        try:
            self.job = self.plane.api.restart(self.name, "hard")["id"]
            yield
        finally:
            os.kill(self.host.engine, signal.SIGCONT)


@dataclass(frozen=True)
class Deed:
    """One successful call of an operation, and what the audit log is to tell of it."""

    operation: str
    # None: nothing is noted, see `QUIET`.
    action: str | None
    # What kind of thing it is done to.
    kind: str
    # The address of the console's form, `{}` where it names the thing.
    form: str
    body: Callable[[Scene], dict] = lambda scene: {}
    # Those of the form, where they are other ones than in `body`.
    fields: Callable[[Scene], dict] | None = None
    # What the entry says of both. With one alone, for what is new or gone, it says this and more.
    before: dict | None = None
    after: dict | None = None
    # Who does it and what the thing is called, as the scene calls them.
    by: str = "operator"
    subject: str = "name"
    # What must be so meanwhile.
    during: Callable[[Scene], contextlib.AbstractContextManager] = lambda scene: contextlib.nullcontext()


def _mode(operation: str, word: str, before: str, after: str) -> Deed:
    return Deed(operation, "server.mode", "server", f"/servers/{{}}/{word}", before={"mode": before}, after={"mode": after})


def _restart(mode: str) -> Deed:
    return Deed(
        "restartInstance", f"instance.restart.{mode}", "instance", "/instances/{}/restart", lambda scene: {"mode": mode})


def _secured(operation: str, action: str | None, form: str, body: Callable[[Scene], dict], **more) -> Deed:
    """Something of a person's own account."""
    form = f"/account/security/{form}"
    return Deed(operation, action, "person", form, body, by="person", subject="person", **more)


DEEDS = [
    # Organisations
    Deed("createOrganisation", "organisation.create", "organisation", "/organisations",
         lambda scene: {"slug": scene.name}, after={"owner": OPERATOR}),
    Deed("changeOrganisation", "organisation.change", "organisation", "/organisations/{}", lambda scene: {"name": "New"},
         lambda scene: {"name": "New", **{f"plan.has.{each}": "on" for each in ALLOWANCES}},
         before={"name": "{name}"}, after={"name": "New"}),
    Deed("removeOrganisation", "organisation.remove", "organisation", "/organisations/{}/remove",
         fields=lambda scene: {"confirm": scene.name}, before={"name": "New"}),
    # Servers
    Deed("scanHostKey", None, "server", "/servers/new", lambda scene: {"address": "127.0.0.1", "port": scene.port},
         lambda scene: {"name": scene.name, "address": "127.0.0.1", "port": scene.port}),
    Deed("addServer", "server.add", "server", "/servers",
         lambda scene: {"name": scene.name, "address": "127.0.0.1", "port": scene.port, "hostKey": scene.host_key},
         lambda scene: {"name": scene.name, "address": "127.0.0.1", "port": scene.port, "hostKey": scene.host_key,
                        "confirmed": "yes", "way": "new"},
         after={"name": "{name}", "address": "127.0.0.1", "mode": "active"}),
    Deed("changeServer", "server.edit", "server", "/servers/{}/edit", lambda scene: {"note": "rack 7"},
         before={"note": ""}, after={"note": "rack 7"}),
    _mode("drainServer", "drain", "active", "draining"),
    _mode("maintainServer", "maintenance", "draining", "maintenance"),
    _mode("activateServer", "activate", "maintenance", "active"),
    Deed("validateServer", "server.validate", "server", "/servers/{}/validate"),
    Deed("prepareServer", "server.prepare", "server", "/servers/{}/prepare"),
    Deed("removeServer", "server.remove", "server", "/servers/{}/remove",
         fields=lambda scene: {"confirm": scene.name}, before={"name": "{name}", "note": "rack 7"}),
    # Instances
    Deed("createInstance", "instance.create", "instance", "/instances",
         lambda scene: {"name": scene.name, "stage": "dev"}, after={"stage": "dev", "server": "local", "version": "19.0"}),
    Deed("previewSettings", None, "instance", "/instances/{}/settings", lambda scene: {"cronThreads": 3},
         lambda scene: {"cronThreads": 3, "preview": "yes"}),
    Deed("changeSettings", "instance.settings", "instance", "/instances/{}/settings", lambda scene: {"cronThreads": 3},
         before={"cronThreads": 1}, after={"cronThreads": 3}),
    Deed("moveInstance", "instance.stage", "instance", "/instances/{}/settings/stage",
         lambda scene: {"stage": "staging"}, before={"stage": "dev"}, after={"stage": "staging"}),
    Deed("databaseAccess", "instance.database.reveal", "instance", "/instances/{}/database"),
    Deed("clearMail", "instance.mail.clear", "instance", "/instances/{}/mail/clear"),
    _restart("soft"),
    _restart("hard"),
    Deed("cancelJob", "job.cancel", "job", "/jobs/{}/cancel", subject="restart", during=Scene.job_under_way),
    Deed("stopInstance", "instance.stop", "instance", "/instances/{}/stop"),
    Deed("startInstance", "instance.start", "instance", "/instances/{}/start"),
    Deed("removeInstance", "instance.remove", "instance", "/instances/{}/remove",
         fields=lambda scene: {"confirm": "DELETE"}, before={"stage": "staging"}),
    Deed("removeStray", "server.stray", "container", "/strays/{}/remove", fields=lambda scene: {"confirm": "DELETE"},
         subject="stray", before={"server": "local"}),
    # People
    Deed("invite", "member.invite", "person", "/people/invitations",
         lambda scene: {"email": scene.invited, "role": "tester"}, subject="invited", after={"role": "tester"}),
    Deed("withdrawInvitation", "member.withdraw", "person", "/people/invitations/{}/withdraw", subject="invited"),
    Deed("changeMember", "member.change", "person", "/people/{}", lambda scene: {"role": "tester"}, subject="member",
         before={"role": "viewer"}, after={"role": "tester"}),
    Deed("removeMember", "member.remove", "person", "/people/{}/remove", subject="member", before={"role": "tester"}),
    # One's own account
    Deed("createToken", "token.create", "token", "/account/tokens", lambda scene: {"name": scene.name}, by="person",
         after={}),
    Deed("revokeToken", "token.revoke", "token", "/account/tokens/{}/revoke", by="person"),
    _secured("changePassword", "person.password", "password",
             lambda scene: {"password": PASSWORD, "newPassword": NEW_PASSWORD},
             fields=lambda scene: {
                 "presentPassword": PASSWORD, "newPassword": NEW_PASSWORD, "repeated": NEW_PASSWORD}),
    _secured("endSession", "person.session.end", "sessions/{}/end", lambda scene: {},
             during=Scene.signed_in_elsewhere, before={"address": ELSEWHERE}),
    _secured("endOtherSessions", "person.session.end", "sessions/end-others", lambda scene: {},
             during=Scene.signed_in_elsewhere, before={"sessions": 1}),
    _secured("beginSecondFactor", None, "second-factor", lambda scene: {"password": NEW_PASSWORD}),
    _secured("confirmSecondFactor", "person.second-factor.on", "second-factor/confirm",
             lambda scene: {"code": scene.code}),
    _secured("renewRecoveryCodes", "person.recovery-codes", "second-factor/codes",
             lambda scene: {"password": NEW_PASSWORD}),
    _secured("turnSecondFactorOff", "person.second-factor.off", "second-factor/off",
             lambda scene: {"password": NEW_PASSWORD}),
    Deed("leaveOrganisation", "member.remove", "person", "/account/leave", by="person", subject="person",
         before={"role": "developer"}),
]


class Log:
    """The audit log and everything else in the database, read behind the control plane's back."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._seen = 0

    def new(self) -> list[dict]:
        """The entries of all organisations since it was read last, but for those of the control plane itself."""
        found = self.database.rows(f"""
            select a.id, who, door, address, action, kind, subject, before, after, o.slug as organisation
            from audit_log a left join organisations o on o.id = a.organisation_id
            where a.id > {self._seen} order by a.id""")
        self._seen = max((each["id"] for each in found), default=self._seen)
        return [each for each in found if each["who"] != "the control plane"]

    def kept(self) -> dict[str, str]:
        """What each table holds, but for what the control plane writes while nobody asks it for anything."""
        tables = self.database.rows(f"""
            select table_name as name from information_schema.tables
            where table_schema = 'public' and table_name !~ '{OWN_TABLES}'""")
        held = " union all ".join(
            f"""select '{each["name"]}' as name, (
                select md5(string_agg(told::text, ',' order by told::text)) from (
                    select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(rows)) where key !~ '{OWN_COLUMNS}')
                    from "{each["name"]}" rows) as held (told)) as held"""
            for each in tables)
        return {each["name"]: each["held"] for each in self.database.rows(held)}


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    database = Database()
    yield Log(database)
    database.destroy()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[population.Host]:
    with population.host(tmp_path_factory.mktemp("audit")) as host:
        yield host


@pytest.fixture(scope="module")
def plane(log: Log, host: population.Host) -> Iterator[ControlPlane]:
    plane = ControlPlane(
        "audit-entries", DATABASE_URL=log.database.url, ODEUM_DOCKER_SOCKET=str(host.docker), ODEUM_API_RATE="100000",
        ODEUM_TRUSTED_PROXIES="127.0.0.1", ODEUM_INSTANCES=str(host.docker.parent / "instances"))
    try:
        # With it comes the image of which the strays are.
        plane.start().api.succeeded(plane.api.create("first")["job"]["id"])
        population.leave_strays(plane, host)
        yield plane
    finally:
        plane.destroy()


@pytest.fixture(scope="module")
def browser(plane: ControlPlane) -> Visitor:
    """The operator's."""
    return Visitor(plane.url).choose_password(plane.admin("link").stdout.strip())


def test_every_changing_operation_is_in_the_table() -> None:
    assert {each.operation for each in DEEDS} == set(CHANGING), "what changes something needs its row here"
    assert {each.operation for each in DEEDS if each.action is None} == set(QUIET)


def test_every_action_that_the_log_knows_is_expected_somewhere() -> None:
    source = (ROOT / "Sources/Hosting/Audit/AuditAction.swift").read_text()
    assert {each.action for each in DEEDS} - {None} | BESIDE == set(re.findall(r'case \w+ = "(.*)"', source))


@pytest.mark.parametrize("door", DOORS)
def test_every_change_leaves_the_entry_that_tells_of_it(
    plane: ControlPlane, host: population.Host, browser: Visitor, log: Log, door: str
) -> None:
    scene = Scene(plane, host, browser, door)
    for deed in DEEDS:
        scene.settle()
        with deed.during(scene):
            log.new()
            kept = log.kept() if deed.action is None else {}
            scene.play(deed)
            entries = log.new()
        if deed.action is None:
            changed = {table for table, held in log.kept().items() if held != kept[table]}
            assert (entries, changed) == ([], QUIET[deed.operation][1]), (deed.operation, entries, changed)
            continue
        assert len(entries) == 1, f"{deed.operation} by {door}: {entries}"
        _tells(entries[0], deed, scene)
    scene.settle()


def _tells(entry: dict, deed: Deed, scene: Scene) -> None:
    wanted = {
        "action": deed.action, "who": getattr(scene, deed.by), "door": scene.door, "address": HERE, "kind": deed.kind,
        "subject": getattr(scene, deed.subject)}
    assert wanted == {key: entry[key] for key in wanted}, f"{deed.operation} by {scene.door}: {entry}"
    # Nobody reads the log of an organisation that is gone.
    if deed.kind != "organisation" or deed.operation == "removeOrganisation":
        assert entry["organisation"] == "main", entry
    is_change = deed.before is not None and deed.after is not None
    for side, told in (("before", deed.before), ("after", deed.after)):
        if told is None:
            assert entry[side] is None, f"{deed.operation} by {scene.door}, {side}: {entry}"
            continue
        told = {key: scene.name if value == "{name}" else value for key, value in told.items()}
        noted = entry[side] if is_change else {key: (entry[side] or {}).get(key) for key in told}
        assert entry[side] is not None and noted == told, f"{deed.operation} by {scene.door}, {side}: {entry}"


def test_the_command_line_the_machine_itself_and_signing_in_are_told_of_too(plane: ControlPlane, log: Log) -> None:
    email = "newcomer@example.org"
    said = {"X-Forwarded-For": HERE}

    def told() -> list[tuple]:
        return [(each["action"], each["who"], each["door"], each["address"]) for each in log.new()]

    link = plane.api.ask("POST", "/invitations", json={"email": email, "role": "viewer"})["link"]
    visitor, form = Visitor(plane.url), {"password": PASSWORD, "repeated": PASSWORD}
    told()
    assert visitor.post("/invitation", {**form, "token": link.rpartition("token=")[2]}, **said).status_code == 303
    assert told() == [("member.join", email, "console", HERE), ("person.sign-in", email, "console", HERE)]
    link = plane.admin("link", "--email", email).stdout.strip()
    assert told() == [("person.link", email, "system", None)]
    assert visitor.post("/sign-in/link", {**form, "token": link.rpartition("token=")[2]}, **said).status_code == 303
    assert told() == [("person.password", email, "console", HERE), ("person.sign-in", email, "console", HERE)]
    assert visitor.post("/sign-out", {}, **said).status_code == 303
    assert told() == [("person.session.end", email, "console", HERE)]
    plane.admin("token", "--email", email, "--name", "his")
    plane.admin("second-factor-off", "--email", email)
    plane.admin("adopt-local")
    plane.cli.run("server", "activate", "local")
    assert told() == [
        ("token.create", email, "system", None), ("person.second-factor.off", email, "system", None),
        ("server.adopt", OPERATOR, "system", None), ("server.mode", OPERATOR, "cli", "127.0.0.1")]
