"""What an Odoo that is not in production sends is caught, and read through every door."""

import contextlib
import xmlrpc.client

import pytest
import requests

from . import audit, engine
from .api import Refused
from .odoo_client import Odoo
from .waiting import until

pytestmark = pytest.mark.slow

NAME = "posting"


@pytest.fixture(scope="module")
def sender(plane):
    """An instance with Odoo's own module for mail, and its administrator."""
    created = plane.api.create(NAME, modules=["mail"], settings={"workers": 0, "cronThreads": 0})
    plane.api.succeeded(created["job"]["id"], within=600)
    instance = plane.api.instance(NAME)
    return Odoo(instance["url"], instance["database"], created["adminPassword"])


def inbox(plane):
    return plane.api.ask("GET", f"/instances/{NAME}/mail")["items"]


def test_a_mail_that_odoo_sends_is_in_the_inbox_and_nowhere_else(plane, sender):
    mail = sender.call("mail.mail", "create", {
        "subject": "Your <b>order</b> is confirmed", "email_from": "shop@example.org", "email_to": "anna@example.org",
        "body_html": "<p>Thank you</p><script>alert(1)</script>",
    })
    # It gives nothing, which Odoo's XML-RPC cannot say; by then it was sent.
    with contextlib.suppress(xmlrpc.client.Fault):
        sender.call("mail.mail", "send", [mail])
    until("the mail is caught", lambda: len(inbox(plane)) == 1, 30)
    (caught,) = inbox(plane)
    assert caught["subject"] == "Your <b>order</b> is confirmed"
    assert caught["from"]["address"] == "shop@example.org"
    assert [each["address"] for each in caught["to"]] == ["anna@example.org"]
    whole = plane.api.ask("GET", f"/instances/{NAME}/mail/{caught['id']}")
    assert "Thank you" in whole["html"]
    assert any(header["name"] == "Message-Id" or header["name"] == "Message-ID" for header in whole["headers"])
    conf = engine.run_in(f"odeum-{NAME}", "cat", "/etc/odoo/odoo.conf")
    assert "smtp_server = mail\n" in conf and "smtp_port = 1025\n" in conf
    audit.check(plane)


def test_hostile_attachments_are_saved_under_harmless_names(plane, sender, tmp_path):
    before = {each["id"] for each in inbox(plane)}
    send_from_odoo(
        "../../etc/cron.d/evil", 'quote".html', "line\r\nSet-Cookie: odeum=x")
    until("the mail is caught", lambda: len(inbox(plane)) == len(before) + 1, 30)
    (id,) = {each["id"] for each in inbox(plane)} - before
    files = plane.api.ask("GET", f"/instances/{NAME}/mail/{id}")["attachments"]
    names = [each["fileName"] for each in files]
    assert len(names) == 3 and not any(set(name) & set('/\\"\r\n') for name in names), names
    assert names[0] == "evil"
    for each in files:
        answer = requests.get(
            f"{plane.api.url}/instances/{NAME}/mail/{id}/attachments/{each['id']}",
            headers={"Authorization": f"Bearer {plane.token}"}, timeout=30)
        assert answer.status_code == 200, answer.text
        assert answer.content == b"planted"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "Set-Cookie" not in answer.headers
    target = tmp_path / "saved"
    plane.cli.run("instance", "mail", "save", NAME, id, files[0]["id"], "--output", str(target))
    assert target.read_bytes() == b"planted"


def send_from_odoo(*names):
    """Brings a message to the catcher from within the network of the instance, as Odoo would."""
    parts = [
        "Content-Type: text/plain\r\n\r\nSee there.",
        # As RFC 2231 has it, in which a line break can be in a name.
        *[f"Content-Type: text/html\r\nContent-Disposition: attachment; filename*=UTF-8''{quoted(name)}\r\n\r\nplanted"
          for name in names],
    ]
    mail = (
        "From: eve@example.org\r\nTo: anna@example.org\r\nSubject: Files\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n")
    script = (
        "import smtplib, sys; smtplib.SMTP('mail', 1025).sendmail('eve@example.org', ['anna@example.org'], sys.argv[1])")
    engine.run_in(f"odeum-{NAME}", "python3", "-c", script, mail)


def quoted(name):
    return "".join(each if each.isalnum() else f"%{ord(each):02X}" for each in name)


def test_the_command_line_lists_shows_and_clears(plane, sender):
    listed = plane.cli.run("instance", "mail", NAME)
    assert "Your <b>order</b> is confirmed" in listed.out
    id = plane.cli.json("instance", "mail", "list", NAME)["items"][-1]["id"]
    shown = plane.cli.run("instance", "mail", "show", NAME, id, "--headers")
    assert "anna@example.org" in shown.out and "Thank you" in shown.out
    plane.cli.run("instance", "mail", "clear", NAME, "--yes")
    assert inbox(plane) == []


def test_the_catcher_goes_and_comes_with_the_instance(plane, sender):
    plane.api.succeeded(plane.api.stop(NAME)["id"])
    assert not engine.is_running(f"odeum-{NAME}-mail")
    with pytest.raises(Refused) as refused:
        inbox(plane)
    assert refused.value.status == 409 and "is stopped" in refused.value.title
    plane.api.succeeded(plane.api.start(NAME)["id"])
    assert inbox(plane) == []
    plane.cli.run("instance", "settings", NAME, "--stage", "production")
    plane.cli.run("instance", "restart", NAME, "--hard", "--wait")
    assert audit.parts(plane.api.instance(NAME)) == audit.expected(NAME, "production")
    assert "smtp_server = mail" not in engine.run_in(f"odeum-{NAME}", "cat", "/etc/odoo/odoo.conf")
    with pytest.raises(Refused) as refused:
        inbox(plane)
    assert refused.value.status == 409
    plane.cli.run("instance", "settings", NAME, "--stage", "dev")
    plane.cli.run("instance", "restart", NAME, "--hard", "--wait")
    assert audit.parts(plane.api.instance(NAME)) == audit.expected(NAME, "dev")
    instance = plane.api.instance(NAME)
    plane.cli.run("instance", "rm", NAME, "--yes", "--wait")
    assert audit.parts(instance) == []
