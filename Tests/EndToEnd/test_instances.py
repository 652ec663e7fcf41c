"""A person's way through the life of an instance, for the newest and the oldest version of Odoo."""

import configparser
import json
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from . import audit, engine, processes
from .api import Refused
from .odoo_client import Odoo
from .waiting import until

pytestmark = pytest.mark.slow

WISHES = {
    "19.0": ["--country", "DE", "--language", "de_DE", "--modules", "contacts"],
    "14.0": ["--demo"],
}


@dataclass
class Lived:
    """An instance and what is remembered of its creation."""

    plane: object
    name: str
    version: str
    password: str
    job: str
    followed: str
    command_lines: set = field(default_factory=set)

    @property
    def odoo(self):
        return f"odeum-{self.name}"

    @property
    def database(self):
        return f"odeum-{self.name}-db"

    @property
    def seen(self):
        return self.plane.api.instance(self.name)

    def sign_in(self):
        instance = self.seen
        odoo = Odoo(instance["url"], instance["database"], self.password)
        assert odoo.user, "the password that was said once does not let admin in"
        return odoo

    def conf(self):
        """odoo.conf as Odoo has it."""
        parser = configparser.RawConfigParser()
        parser.read_string(engine.run_in(self.odoo, "cat", "/etc/odoo/odoo.conf"))
        return dict(parser["options"])

    def query(self, sql):
        """What the database answers, a line a row."""
        words = ["psql", "--username=postgres", f"--dbname={self.seen['database']}", "-AtX", "-c", sql]
        return engine.run_in(self.database, *words).splitlines()

    def parameter(self, key):
        return self.query(f"select value from ir_config_parameter where key = '{key}'")

    def do(self, job):
        """Waits for the job that was asked for, and for what it leads to."""
        ended = self.plane.api.succeeded(job["id"])
        audit.check(self.plane)
        return ended


def answers(url):
    return requests.get(f"{url}/web/login", timeout=30).status_code == 200


@pytest.fixture(scope="module", params=list(WISHES))
def lived(request, plane):
    """An instance made by the command line, followed to its end."""
    version = request.param
    name = f"life-{version.split('.')[0]}"
    with processes.CommandLines() as watched:
        result = plane.cli.run(
            "instance", "create", name, "--version", version, "--stage", "dev", *WISHES[version], "--wait", "--json")
    created = json.loads(result.out)
    lived = Lived(
        plane, name, version, created["adminPassword"], created["job"]["id"], result.err, watched.seen)
    yield lived
    if any(each["name"] == name for each in plane.api.instances()):
        plane.api.succeeded(plane.api.remove(name)["id"])


def test_it_answers_where_the_command_line_says(lived):
    instance = lived.plane.cli.json("instance", "show", lived.name)
    assert (instance["status"], instance["version"], instance["stage"]) == ("running", lived.version, "dev")
    assert instance["statusReason"]
    assert instance["url"] == f"http://127.0.0.1:{instance['ports']['web']}"
    assert answers(instance["url"])
    audit.check(lived.plane)


def test_its_creation_could_be_followed(lived):
    job = lived.plane.api.job(lived.job)
    assert (job["kind"], job["state"]) == ("instance.create", "succeeded")
    assert [step["state"] for step in job["steps"]] == ["done"] * len(job["steps"])
    log = lived.plane.api.job_log(lived.job)
    assert any(line.startswith("Preparing a database: ") for line in log), log
    assert f"{lived.name} answers at {lived.seen['url']}." in log
    for step in job["steps"]:
        assert step["name"] in lived.followed, f"“--wait” did not show the step {step['name']}:\n{lived.followed}"
    shown = lived.plane.cli.run("job", "show", lived.job, "--follow", "--log")
    assert f"{lived.name} answers at" in shown.out, str(shown)


def test_it_is_listed(lived):
    listed = {each["name"]: each for each in lived.plane.cli.json("instance", "list")["items"]}
    assert listed[lived.name]["status"] == "running"
    table = lived.plane.cli.run("instance", "list").out
    assert any(lived.name in line and "running" in line for line in table.splitlines()), table


def test_its_server_is_listed_with_what_it_has(lived):
    [server] = lived.plane.cli.json("server", "list")["items"]
    assert (server["name"], server["kind"], server["status"]) == ("local", "local", "ready")
    assert server["cores"] >= 1 and server["memoryMB"] > 0 and server["diskFreeMB"] > 0 and server["docker"]
    assert server["instances"] >= 1


def test_admin_signs_in_and_a_partner_can_be_read_back(lived):
    odoo = lived.sign_in()
    partner = odoo.create_partner("Ada Lovelace")
    assert odoo.partner_name(partner) == "Ada Lovelace"
    with pytest.raises(AssertionError, match="password"):
        Lived(lived.plane, lived.name, lived.version, "admin", "", "").sign_in()


def test_it_was_made_as_wished(lived):
    odoo = lived.sign_in()
    modules = {
        each["name"]: each["demo"]
        for each in odoo.call("ir.module.module", "search_read", [["state", "=", "installed"]], fields=["name", "demo"])
    }
    [user] = odoo.call("res.users", "read", [odoo.user], fields=["lang"])
    company = odoo.call("res.company", "search_read", [], fields=["country_id"], limit=1)[0]
    if lived.version == "19.0":
        assert "contacts" in modules
        assert user["lang"] == "de_DE"
        country = odoo.call("res.country", "search_read", [["code", "=", "DE"]], fields=["id"])[0]["id"]
        assert company["country_id"][0] == country
        assert not modules["base"], "demo data was not asked for"
    else:
        assert "contacts" not in modules
        assert user["lang"] == "en_US"
        assert modules["base"], "demo data was asked for"


def test_it_knows_where_it_is(lived):
    environment = dict(
        line.split("=", 1) for line in engine.run_in(lived.odoo, "env").splitlines() if "=" in line)
    assert environment["ODOO_STAGE"] == "dev"
    assert environment["ODOO_VERSION"] == lived.version
    assert environment["PGDATABASE"] == lived.seen["database"]


def test_its_ports_are_reached_from_this_machine_only(lived):
    ports = lived.seen["ports"]
    for port in (ports["web"], ports["longpolling"], ports["database"]):
        listening = processes.listening_addresses(port)
        assert listening <= {"0100007F"}, f"port {port} is reached from elsewhere: {listening}"
    assert not processes.listening_addresses(ports["ide"])


def test_odoo_is_no_superuser_of_its_database(lived):
    conf = lived.conf()
    assert lived.query(
        f"select rolsuper, rolcreaterole, rolreplication, rolbypassrls from pg_roles where rolname = '{conf['db_user']}'"
    ) == ["f|f|f|f"]
    others = lived.query("select rolname from pg_roles where rolname !~ '^pg_' and rolname <> 'postgres'")
    assert others == [conf["db_user"]], "there are roles that nobody needs"
    assert lived.query("select 1 from pg_database where datname = 'prepared'") == []


def test_only_its_own_database_is_served_and_the_manager_is_closed(lived):
    conf = lived.conf()
    assert conf["dbfilter"] == f"^{lived.seen['database']}$"
    assert conf["list_db"] == "False"


def test_no_password_is_where_others_could_read_it(lived):
    conf = lived.conf()
    [secret] = lived.parameter("database.secret")
    passwords = {
        "the database's": conf["db_password"], "the master's": conf["admin_passwd"], "the admin's": lived.password,
        "the database's secret": secret,
    }
    seen = {
        "docker inspect": json.dumps([engine.inspect(lived.odoo), engine.inspect(lived.database)]),
        "a command line while it was made": "\n".join(lived.command_lines),
        "a command line now": "\n".join(map(processes.command_line, processes.all_pids())),
        "the control plane's log": lived.plane.said(),
        "the job's log": "\n".join(lived.plane.api.job_log(lived.job)),
        "what the API says": json.dumps([lived.seen, lived.plane.api.job(lived.job)]),
    }
    assert "serve" in seen["a command line while it was made"], "the watch over command lines saw nothing"
    for whose, password in passwords.items():
        assert len(password) >= 16, f"{whose} password is short"
        assert [where for where, text in seen.items() if password in text] == [], f"{whose} password"


def test_a_stop_is_clean_and_keeps_the_data(lived):
    odoo = lived.sign_in()
    partner = odoo.create_partner("Grace Hopper")
    before = len(engine.log(lived.database).splitlines())
    lived.plane.cli.run("instance", "stop", lived.name, "--wait")
    audit.check(lived.plane)
    assert lived.seen["status"] == "stopped"
    assert "its data are kept" in lived.seen["statusReason"]
    last = "\n".join(engine.log(lived.database).splitlines()[before:])
    assert "database system is shut down" in last, last
    assert "terminating connection due to administrator command" not in last, "Odoo's connections were not closed"
    assert "interrupted" not in last
    with pytest.raises(requests.ConnectionError):
        answers(lived.seen["url"])
    with pytest.raises(Refused) as refused:
        lived.plane.api.stop(lived.name)
    assert refused.value.status == 409

    lived.plane.cli.run("instance", "start", lived.name, "--wait")
    audit.check(lived.plane)
    assert answers(lived.seen["url"])
    assert lived.sign_in().partner_name(partner) == "Grace Hopper"
    log = engine.log(lived.database).splitlines()[before:]
    assert not any("was not properly shut down" in line for line in log), "PostgreSQL had to recover"


def test_a_soft_restart_is_a_new_process_in_the_same_container_with_the_settings_that_wait_for_it(lived):
    api = lived.plane.api
    before = engine.inspect(lived.odoo), engine.inspect(lived.database)
    assert lived.seen["pendingRestart"] == "none"
    assert api.change(lived.name, odooConf="limit_request = 4321")["instance"]["pendingRestart"] == "soft"
    assert lived.conf().get("limit_request") != "4321", "it takes effect with the restart"

    lived.do(api.restart(lived.name, "soft"))
    after = engine.inspect(lived.odoo), engine.inspect(lived.database)
    assert [each["Id"] for each in after] == [each["Id"] for each in before]
    assert after[0]["State"]["Pid"] != before[0]["State"]["Pid"]
    assert after[1]["State"]["Pid"] == before[1]["State"]["Pid"], "PostgreSQL need not be restarted"
    assert lived.conf()["limit_request"] == "4321"
    assert lived.seen["pendingRestart"] == "none"
    assert answers(lived.seen["url"])


def test_a_hard_restart_is_new_containers_of_the_same_images_with_the_same_data_and_new_limits(lived):
    api = lived.plane.api
    partner = lived.sign_in().create_partner("Barbara Liskov")
    before = engine.inspect(lived.odoo), engine.inspect(lived.database)
    changed = api.change(lived.name, workers=1, cronThreads=0, odoo={"memoryMB": 1500})
    assert changed["instance"]["pendingRestart"] == "hard"

    lived.plane.cli.run("instance", "restart", lived.name, "--hard", "--wait")
    audit.check(lived.plane)
    after = engine.inspect(lived.odoo), engine.inspect(lived.database)
    assert not {each["Id"] for each in after} & {each["Id"] for each in before}
    assert [each["Image"] for each in after] == [each["Image"] for each in before]
    conf = lived.conf()
    assert (conf["workers"], conf["max_cron_threads"]) == ("1", "0")
    assert after[0]["HostConfig"]["Memory"] == 1500 << 20
    assert lived.seen["pendingRestart"] == "none"
    assert lived.sign_in().partner_name(partner) == "Barbara Liskov"


@pytest.fixture
def shared():
    """A folder that the server offers, with modules in `tools`."""
    folder = Path(tempfile.mkdtemp(prefix="odeum-shared-"))
    module = folder / "tools" / "odeum_shared"
    module.mkdir(parents=True)
    (module / "__init__.py").touch()
    (module / "__manifest__.py").write_text("{'name': 'Shared', 'version': '1.0', 'depends': ['base']}")
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_shared_addons_of_its_server_are_among_its_modules_and_nothing_else_of_the_server_is(lived, shared):
    api = lived.plane.api
    with pytest.raises(Refused) as refused:
        api.change(lived.name, sharedAddons=f"{shared}/tools")
    assert refused.value.code == "invalid" and "sharedAddons" in refused.value.fields
    api.ask("PATCH", "/servers/local", json={"sharedFolders": [str(shared)]})
    changed = api.change(lived.name, sharedAddons=f"{shared}/tools")
    assert changed["instance"]["pendingRestart"] == "hard"
    lived.do(api.restart(lived.name, "hard"))
    odoo = lived.sign_in()
    odoo.call("ir.module.module", "update_list")
    assert odoo.call("ir.module.module", "search_count", [["name", "=", "odeum_shared"]]) == 1
    written = engine.run_in(lived.odoo, "sh", "-c", f"touch /mnt/odeum/shared{shared}/x 2>&1 || echo refused")
    assert written.endswith("refused\n") and not (shared / "x").exists()

    # A link that leads out ends the start before anything is stopped.
    (shared / "tools").rename(shared / "kept")
    (shared / "tools").symlink_to("/etc")
    job = api.restart(lived.name, "soft")
    ended = api.finished(job["id"])
    assert ended["state"] == "failed" and f"leads to /etc, which lies outside of {shared}" in ended["reason"]
    assert lived.seen["status"] == "running" and answers(lived.seen["url"])

    with pytest.raises(Refused) as in_use:
        api.ask("PATCH", "/servers/local", json={"sharedFolders": []})
    assert in_use.value.code == "conflict" and lived.name in str(in_use.value)
    api.change(lived.name, sharedAddons="")
    lived.do(api.restart(lived.name, "hard"))
    api.ask("PATCH", "/servers/local", json={"sharedFolders": []})
    assert str(shared) not in lived.conf().get("addons_path", "")


def test_how_to_reach_its_database_is_said_to_whom_asks(lived):
    access = lived.plane.cli.json("instance", "database", lived.name)
    said = engine.run_in(
        lived.database, "psql", f"postgresql://{access['user']}:{access['password']}@127.0.0.1/{access['database']}",
        "-AtXc", "select current_user")
    assert said.strip() == access["user"]
    assert f"--port={access['port']}" in access["client"]


def test_its_logs_can_be_read_and_followed(lived):
    api = lived.plane.api
    assert [line["source"] for line in api.log(lived.name, tail=3)] == ["odoo"] * 3
    assert any("database system is ready" in line["text"] for line in api.log(lived.name, source="database", tail=200))
    assert any(line.get("level") == "INFO" for line in api.log(lived.name, tail=50))
    assert len(lived.plane.cli.run("instance", "logs", lived.name, "--tail", "2").out.splitlines()) == 2

    url = lived.seen["url"]
    mark = f"/web/login?followed={time.time_ns()}"
    following = lived.plane.cli.start("instance", "logs", lived.name, "--tail", "1", "--follow")
    try:
        assert following.stdout.readline(), "it begins with what there is"
        assert answers(url)
        requests.get(url + mark, timeout=30)
        for line in following.stdout:
            if mark in line:
                break
        else:
            pytest.fail(f"the log ended before the line came: {following.stderr.read()}")
    finally:
        following.terminate()
        following.wait(10)


def test_a_second_one_of_the_kind_starts_from_the_prepared_database_and_is_its_own(lived):
    api = lived.plane.api
    name = f"{lived.name}-second"
    origin = {
        "19.0": {"country": "DE", "language": "de_DE", "modules": ["contacts"]}, "14.0": {"demo": True},
    }[lived.version]
    created = api.create(name, version=lived.version, **origin)
    api.succeeded(created["job"]["id"])
    audit.check(lived.plane)
    log = api.job_log(created["job"]["id"])
    assert any(line.startswith("There is a prepared database: ") for line in log), log
    assert not any("odoo -i" in line or "--init" in line for line in log), log

    second = Lived(lived.plane, name, lived.version, created["adminPassword"], created["job"]["id"], "")
    second.sign_in()
    for key in ("database.uuid", "database.secret"):
        ours, theirs = lived.parameter(key), second.parameter(key)
        assert len(ours) == len(theirs) == 1 and ours != theirs, f"{key} is the same in both"
    assert second.password != lived.password
    assert second.conf()["db_password"] != lived.conf()["db_password"]
    assert second.conf()["admin_passwd"] != lived.conf()["admin_passwd"]
    assert abs(second.seen["ports"]["web"] - lived.seen["ports"]["web"]) >= 10

    api.succeeded(api.remove(name)["id"])
    audit.check(lived.plane)
    assert answers(lived.seen["url"]), "the removal of one took the other with it"


def test_production_is_not_removed(lived):
    if lived.version != "19.0":
        pytest.skip("once is enough")
    api = lived.plane.api
    origin = {"country": "DE", "language": "de_DE", "modules": ["contacts"]}
    created = api.create("earning", stage="production", settings={"workers": 0}, **origin)
    api.succeeded(created["job"]["id"])
    with pytest.raises(Refused) as refused:
        api.remove("earning")
    assert (refused.value.status, refused.value.code) == (409, "conflict")
    assert "in production" in refused.value.title
    assert "--stage dev" in refused.value.suggestion
    result = lived.plane.cli.attempt("instance", "rm", "earning", "--yes")
    assert result.status != 0 and "in production" in result.err and result.next, str(result)
    assert answers(api.instance("earning")["url"])
    restart = engine.inspect("odeum-earning")["HostConfig"]["RestartPolicy"]
    assert restart["Name"] == "on-failure", "in production Odoo is started again when it crashes"

    lived.plane.cli.run("instance", "settings", "earning", "--stage", "dev")
    api.succeeded(api.remove("earning")["id"])
    audit.check(lived.plane)


def test_after_the_removal_nothing_is_left(lived):
    instance = lived.seen
    assert audit.parts(instance) == audit.expected(lived.name)
    lived.plane.cli.run("instance", "rm", lived.name, "--yes", "--wait")
    assert audit.parts(instance) == []
    audit.check(lived.plane)
    with pytest.raises(Refused) as refused:
        lived.plane.api.instance(lived.name)
    assert refused.value.status == 404
    assert not any(map(processes.listening_addresses, instance["ports"].values()))
    again = lived.plane.api.create(lived.name, version=lived.version, basePort=instance["ports"]["web"])
    until(
        "the job that was superseded has ended",
        lambda: lived.plane.api.succeeded(lived.plane.api.remove(lived.name)["id"]), 60)
    assert lived.plane.api.finished(again["job"]["id"])["state"] == "cancelled"
    audit.check(lived.plane)
