"""Attacks by what people write: into pages, and into the log."""

import json
import re

import pytest

from .api import Refused
from .control_plane import NO_DOCKER, ControlPlane
from .text_fields import all_text_fields
from .visitor import Page, Visitor, crawl, raw, request

FIELDS = list(all_text_fields())

# A right body for every operation that takes texts, and whose path is filled in by what the fixture makes.
SAMPLES = {
    "createToken": {"name": "sample"},
    "createOrganisation": {"slug": "sample"},
    "changeOrganisation": {},
    "changePassword": {"password": "wrong", "newPassword": "another horse"},
    "beginSecondFactor": {"password": "wrong"},
    "confirmSecondFactor": {"code": "000000"},
    "renewRecoveryCodes": {"password": "wrong"},
    "turnSecondFactorOff": {"password": "wrong"},
    "changeMember": {"role": "viewer"},
    "invite": {"email": "sample@example.org", "role": "viewer"},
    "addServer": {"name": "sample", "address": "127.0.0.1", "port": 1},
    "scanHostKey": {"address": "127.0.0.1", "port": 1},
    "changeServer": {},
    "createInstance": {"name": "sample", "stage": "dev"},
    "moveInstance": {"stage": "dev"},
    "restartInstance": {"mode": "soft"},
    "changeSettings": {},
    "previewSettings": {},
}


def hostile(number):
    """What would run in a page that does not escape it, in any place of it."""
    return f"\"'></title></textarea><img src=x{number} onerror=alert({number})><script>x{number}()</script>{{{{x}}}}"


@pytest.fixture(scope="module", params=["json", "text"])
def plane(request):
    plane = ControlPlane(
        f"attacks-{request.param}", **NO_DOCKER, ODEUM_LOG_FORMAT=request.param,
        ODEUM_API_RATE="100000")
    try:
        yield plane.start()
    finally:
        plane.destroy()


def test_every_operation_that_takes_a_text_has_a_sample():
    assert {field.operation for field in FIELDS} <= set(SAMPLES)
    assert len(FIELDS) > 40, "the description was not read"


def test_no_text_field_puts_anything_into_a_page(plane):
    api = plane.api
    api.create("victim")
    places = {"ref": "victim", "slug": api.ask("GET", "/account")["organisation"]}
    accepted = []
    for number, field in enumerate(FIELDS, 1000):
        in_path = {**places, "ref": "local"} if "servers" in field.path else places
        path = field.path.format(**in_path, id=api.ask("GET", "/members")["items"][0]["id"])
        try:
            api.ask(field.method, path, json=field.body(SAMPLES[field.operation], hostile(number)))
            accepted.append((number, field))
        except Refused as refused:
            assert refused.status in (400, 403, 404, 409, 412, 422, 429, 503), f"{field}: {refused}"
    names = {str(field) for _, field in accepted}
    assert {"createToken.name", "changeOrganisation.name", "changeServer.note"} <= names, "nothing hostile was kept"
    operator = Visitor(plane.url)
    operator.jar.headers["User-Agent"] = hostile(999)
    operator.choose_password(plane.admin("link").stdout.strip())
    pages = crawl(operator, skip=("/events",), most=150)
    assert len(pages) > 20
    seen = set()
    for path, answer in pages.items():
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        page = Page(answer.text)
        assert not page.dangers, f"{path}: {page.dangers}"
        assert "<img src=x" not in answer.text and "<script>x" not in answer.text, path
        seen |= {number for number, _ in accepted if f"src=x{number} " in answer.text}
    shown = {str(field) for number, field in accepted if number in seen}
    assert "createToken.name" in shown and len(shown) >= 3, f"the pages show none of it: {shown}"


def test_a_line_of_the_log_stays_one_line_and_does_nothing_to_a_terminal(plane):
    forged = "2026-01-01T00:00:00.000Z error odeumd: forged"
    nasty = ["%0a" + forged.replace(" ", "%20"), "%0d%0a" + "forged", "%1b[2J%1b]0;owned%07", "%e2%80%a8forged", "%00forged"]
    for text in nasty:
        raw(plane.port, request(f"/{text}", f"User-Agent: {text}"))
        raw(plane.port, request(f"/api/v1/instances/{text}", f"Authorization: Bearer {plane.token}"))
    raw(plane.port, request("/\x1b[2Jx", "User-Agent: \x1b[2J"))
    for text in ("a\nforged", "a\x1b[31m", "a\u2028forged\u202eb", "a\r\nforged"):
        for ask in (
                lambda: plane.api.ask("POST", "/tokens", json={"name": text}),
                lambda: plane.api.ask("POST", "/instances", json={"name": text}),
                lambda: plane.api.ask("PATCH", "/servers/local", json={"note": text}),
                lambda: plane.api.ask("GET", f"/instances/{text}")):
            try:
                ask()
            except Refused as refused:
                assert refused.status < 500
        Visitor(plane.url).sign_in(f"{text}@example.org")
        Visitor(plane.url).post("/sign-in/forgotten", {"email": f"{text}@example.org"})
    lines = [line for line in plane.said().split("\n") if line]
    own = [line for line in lines if '"logger"' in line or re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z \w+ \w+:", line)]
    assert len(own) > 20
    for line in lines:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u202e]", line), repr(line)
        assert not line.startswith(("forged", forged)), line
        if line.startswith("{"):
            json.loads(line)
