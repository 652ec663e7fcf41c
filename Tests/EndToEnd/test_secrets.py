"""Secrets that are planted everywhere, and looked for wherever anybody could read: logs, answers, jobs, processes."""

import base64
import json
import os
import subprocess
from urllib.parse import quote

import pytest
import requests

from . import engine
from .api import Refused
from .control_plane import ControlPlane
from .mail_server import PASSWORD as MAIL_PASSWORD
from .mail_server import USER as MAIL_USER
from .mail_server import MailServer
from .visitor import PASSWORD, Visitor, crawl, one_time_code
from .watcher import Watcher

pytestmark = pytest.mark.slow

NAME = "secretive"
GIT_TOKEN = "planted-git-token-in-an-address"
SERVER_PASSWORD = "planted-server-password"


class Planted:
    """Secrets by what they are, and where they were found."""

    def __init__(self):
        self.secrets = {}

    def add(self, what, secret):
        assert secret and len(secret) >= 6, what
        self.secrets[what] = secret
        return secret

    def found_in(self, text, but=()):
        if isinstance(text, bytes):
            text = text.decode(errors="replace")
        return [what for what, secret in self.secrets.items() if what not in but and secret in text]


@pytest.fixture(scope="module")
def post(tmp_path_factory):
    post = MailServer(tmp_path_factory.mktemp("post"), tls=True)
    yield post
    post.stop()


@pytest.fixture(scope="module")
def plane(post):
    master_key = base64.b64encode(os.urandom(32)).decode()
    plane = ControlPlane(
        "secrets", ODEUM_MASTER_KEY=master_key, ODEUM_MAIL_FROM="odeum@example.org",
        ODEUM_SMTP_URL=f"smtps://{MAIL_USER}:{quote(MAIL_PASSWORD)}@localhost:{post.port}",
        CURL_CA_BUNDLE=str(post.certificate))
    plane.settings["PUBLIC_URL"] = plane.url
    try:
        yield plane.start()
    finally:
        plane.destroy()


def test_no_secret_is_anywhere_but_where_it_was_said(plane, post, tmp_path):
    planted = Planted()
    planted.add("master key", plane.settings["ODEUM_MASTER_KEY"])
    planted.add("mail password", MAIL_PASSWORD)
    with Watcher(plane.process.pid) as watcher:
        api = plane.api
        planted.add("api token", plane.token)
        person = Visitor(plane.url)
        link = plane.admin("link").stdout.strip()
        planted.add("sign-in link", link.rpartition("token=")[2])
        person.choose_password(link)
        planted.add("session", person.session)
        planted.add("password", PASSWORD)
        page = person.post("/account/security/second-factor", {"password": PASSWORD}).text
        totp = planted.add("second factor", page.partition('class="secret-text">')[2].partition("<")[0])
        planted.add("second factor without blanks", totp.replace(" ", ""))
        person.post("/account/security/second-factor/confirm", {"code": one_time_code(totp), "secret": totp})
        invited = api.ask("POST", "/invitations", json={"email": "ada@example.org", "role": "viewer"})
        planted.add("invitation", invited["link"].rpartition("token=")[2])
        assert post.next()
        made = api.ask("POST", "/tokens", json={"name": "second"})
        planted.add("second token", made["secret"])
        key = tmp_path / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        planted.add("private key", key.read_text().splitlines()[2])
        planted.add("server password", SERVER_PASSWORD)
        planted.add("git token", GIT_TOKEN)
        for body in ({"privateKey": key.read_text()}, {"password": SERVER_PASSWORD}):
            with pytest.raises(Refused) as refused:
                api.ask("POST", "/servers", json={"name": "away", "address": "127.0.0.1", "port": 1, **body})
            assert not planted.found_in(str(refused.value))
        with pytest.raises(Refused) as refused:
            api.create("never", settings={"customModules": [{"repository": f"https://{GIT_TOKEN}@host/x"}]})
        assert not planted.found_in(str(refused.value))
        created = api.create(NAME)
        planted.add("admin password", created["adminPassword"])
        api.succeeded(created["job"]["id"], within=900)
        conf = engine.run_in(f"odeum-{NAME}", "cat", "/etc/odoo/odoo.conf")
        values = dict(line.split(" = ", 1) for line in conf.splitlines() if " = " in line)
        planted.add("database password", values["db_password"].strip())
        planted.add("master password of Odoo", values["admin_passwd"].strip())
        job = api.restart(NAME, "hard")["id"]
        api.succeeded(job, within=600)
        cli = [
            plane.cli.run(*words).out for words in (
                ("instance", "show", NAME, "--json"), ("instance", "list", "--json"), ("job", "list", "--json"),
                ("server", "list", "--json"), ("instance", "logs", NAME), ("token", "list", "--json"),
                ("member", "list", "--json"), ("member", "invitations", "--json"))]
    assert len(cli) == 8 and NAME in cli[0]
    # What the control plane says, everything of it.
    told = {"the log": plane.said()}
    for path in ("/account", "/tokens", "/members", "/invitations", "/servers", "/servers/local", "/instances", "/strays",
                 f"/instances/{NAME}", f"/instances/{NAME}/log", "/jobs", "/audit", "/account/sessions", "/plan",
                 "/account/second-factor"):
        told[path] = json.dumps(api.ask("GET", path))
    for each in api.ask("GET", "/jobs")["items"]:
        told[f"job {each['kind']}"] = json.dumps(api.job(each["id"])) + "\n".join(api.job_log(each["id"]))
    for form in ("json", "csv"):
        answer = requests.get(
            f"{api.url}/audit/export", params={"format": form}, headers={"Authorization": f"Bearer {plane.token}"},
            timeout=60)
        assert answer.status_code == 200 and NAME in answer.text
        told[f"audit as {form}"] = answer.text
    for index, text in enumerate(cli):
        told[f"command line {index}"] = text
    for path, answer in crawl(person, skip=("/events",)).items():
        told[f"page {path}"] = answer.text + str(answer.headers)
    assert len(told) > 40
    where = {place: found for place, text in told.items() if (found := planted.found_in(text))}
    assert not where, where
    # What every user of the machine sees of processes.
    assert any("odeumd" in line for line in watcher.command_lines)
    own = [line for line in watcher.command_lines if planted.found_in(line)]
    assert not own, own
    # What programs inherit that need none of it.
    assert watcher.environments, "no program of the control plane was seen"
    inherited = {line: found for line, text in watcher.environments.items() if (found := planted.found_in(text))}
    assert not inherited, inherited
