"""Attacks on the console and the API over HTTP, as somebody outside would try them on the real program."""

import json
from pathlib import Path
from urllib.parse import quote, urljoin, urlparse

import pytest

from .control_plane import NO_DOCKER
from .visitor import PASSWORD, Page, Visitor, crawl, head, one_time_code, raw, request

SETTINGS = {**NO_DOCKER, "ODEUM_TRUSTED_PROXIES": "192.0.2.1"}


@pytest.fixture(scope="module")
def operator(plane):
    visitor = Visitor(plane.url).choose_password(plane.admin("link").stdout.strip())
    account = visitor.get("/account").text
    assert "Account" in account
    return visitor


@pytest.fixture(scope="module")
def email(plane):
    return plane.api.ask("GET", "/account")["email"]


# Another site makes the browser ask

FORGED = [
    # what a browser says of a form on another site
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://sub.127.0.0.1"},
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1.evil.example"}, {"Origin": ""}, {},
    {"Referer": "https://evil.example/"}, {"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"},
]


@pytest.mark.parametrize("said", FORGED, ids=[json.dumps(each) for each in FORGED])
def test_a_form_on_another_site_does_nothing(plane, operator, said):
    before = plane.api.ask("GET", "/tokens")["items"]
    for path in ("/account/tokens", "/instances", "/sign-out", "/theme", "/account/security/sessions/end-others"):
        answer = operator.post(path, {"name": "forged", "theme": "dark"}, site=None, **said)
        assert answer.status_code == 403, (path, answer.status_code)
        assert "Set-Cookie" not in answer.headers
    assert plane.api.ask("GET", "/tokens")["items"] == before
    assert operator.get("/account").status_code == 200, "the session lives"


def test_the_api_takes_no_change_from_another_site_by_the_cookie(plane, operator):
    for said in FORGED:
        answer = operator.jar.post(
            f"{plane.url}/api/v1/tokens", json={"name": "forged"}, headers=said, timeout=20)
        assert answer.status_code == 403, said
    # A form cannot say that it is JSON without asking first, and that is not answered.
    answer = operator.jar.options(f"{plane.url}/api/v1/tokens", headers={"Origin": "https://evil.example"}, timeout=20)
    assert "access-control-allow-origin" not in answer.headers


def test_nobody_is_signed_in_as_somebody_else_by_another_site(plane, operator, email):
    forged = Visitor(plane.url)
    for site in ("cross-site", "same-site", None):
        answer = forged.post("/sign-in", {"email": email, "password": PASSWORD}, site=site)
        assert answer.status_code == 403 and forged.session is None


# A session that the attacker knows

def test_a_session_that_was_planted_is_none_and_does_not_survive_signing_in(plane, operator, email):
    planted = "A" * 43
    visitor = Visitor(plane.url)
    for step in ("/sign-in", "/account"):
        visitor.jar.cookies.set("odeum", planted)
        assert visitor.get(step).status_code in (200, 303)
    assert visitor.sign_in(email).status_code == 303
    issued = [cookie.value for cookie in visitor.jar.cookies if cookie.name == "odeum" and cookie.value != planted]
    assert len(issued) == 1 and issued[0] != planted
    thief = Visitor(plane.url)
    thief.jar.cookies.set("odeum", planted)
    assert thief.get("/account").headers["Location"].startswith("/sign-in")


def test_the_session_is_another_one_after_the_second_factor_and_a_new_password_ends_all(plane, email):
    link = plane.admin("link").stdout.strip()
    first = Visitor(plane.url).choose_password(link)
    page = first.post("/account/security/second-factor", {"password": PASSWORD}).text
    secret = page.partition('class="secret-text">')[2].partition("<")[0] or page.partition("secret=")[2][:32]
    assert first.post(
        "/account/security/second-factor/confirm", {"code": one_time_code(secret), "secret": secret}).status_code == 200
    second = Visitor(plane.url)
    second.jar.cookies.set("odeum", first.session)
    answer = Visitor(plane.url)
    challenge_page = answer.sign_in(email).text
    challenge = challenge_page.partition('name="challenge" value="')[2].partition('"')[0]
    assert challenge and answer.session is None, "a right password alone gives no session"
    answer.jar.cookies.set("odeum", challenge)
    assert answer.get("/account").is_redirect, "a challenge is no session"
    answer.jar.cookies.clear()
    done = answer.post("/sign-in/code", {"challenge": challenge, "code": one_time_code(secret, ahead=1), "back": ""})
    assert done.status_code == 303 and answer.session not in (None, challenge, first.session)
    plane.admin("second-factor-off")
    newest = Visitor(plane.url).choose_password(plane.admin("link").stdout.strip())
    for old in (first, second, answer):
        assert old.get("/account").is_redirect, "a session from before the new password still works"
    assert newest.get("/account").status_code == 200


# Frames, scripts, and where the browser is sent

def policy_of(answer):
    return answer.headers.get("Content-Security-Policy", "")


def assert_safe(answer, told):
    policy = policy_of(answer)
    assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy, told
    assert "unsafe" not in policy and "*" not in policy, told
    assert answer.headers["X-Frame-Options"] == "DENY", told
    assert answer.headers["X-Content-Type-Options"] == "nosniff", told
    assert answer.headers["Referrer-Policy"] == "same-origin", told


def test_no_page_may_be_framed_or_run_what_is_not_ours_errors_too(plane):
    operator = Visitor(plane.url).choose_password(plane.admin("link").stdout.strip())
    plane.api.create("framed")
    pages = crawl(operator, skip=("/events", "odoo-conf"))
    assert len(pages) > 20, sorted(pages)
    stranger = Visitor(plane.url)
    for path in ("/sign-in", "/sign-in/forgotten", "/sign-in/link?token=x", "/invitation?token=x", "/nothing-here",
                 "/api/v1/nothing", "/api/v1/instances", "/healthz", "/readyz", "/assets/nothing.js", "/o/other/",
                 "/account", "/%00", "/%zz", "/" + "a" * 4000):
        pages[f"stranger {path}"] = stranger.get(path)
    for path in ("/nothing-here", "/jobs/none", "/instances/none", "/o/other/instances", "/servers/none"):
        pages[path] = operator.get(path)
        assert pages[path].status_code == 404
    # No text in the database has this character: it is refused, and is no fault of ours.
    for path in ("/instances?search=%00", "/audit?search=%00", "/instances/%00"):
        pages[path] = operator.get(path)
        assert pages[path].status_code in (404, 422), path
    pages["POST"] = operator.post("/instances", {"name": "<script>"})
    pages["refused"] = operator.post("/account/tokens", {"name": "x"}, site="cross-site")
    for path, answer in pages.items():
        assert_safe(answer, path)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert not Page(answer.text).dangers, path


ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "https://evil.example", "http:/evil.example", "javascript:alert(1)", "/\t/evil.example", "/%09/evil.example\n",
    "%2f%2fevil.example", "/\r\nLocation: https://evil.example", "/\r\nSet-Cookie: odeum=planted", " //evil.example",
    "evil.example", ".evil.example", "@evil.example", "/.//evil.example", "/x/..//evil.example", "／／evil.example",
]


@pytest.mark.parametrize("back", ELSEWHERE, ids=[repr(each) for each in ELSEWHERE])
def test_nobody_is_sent_to_another_site(plane, email, back):
    visitor = Visitor(plane.url)
    form = visitor.get(f"/sign-in?back={quote(back, safe='')}")
    assert form.status_code == 200
    answers = [visitor.sign_in(email, back=back)]
    referer = back.strip().encode().decode("latin-1").replace("\r", "").replace("\n", "")
    answers.append(visitor.post("/theme", {"theme": "dark", "back": back}, Referer=referer))
    answers.append(visitor.get(f"/account?back={quote(back, safe='')}"))
    assert answers[0].status_code == 303, "signing in works"
    for answer in answers:
        where = answer.headers.get("Location")
        if where is None:
            continue
        # Browsers read a backslash as a slash and leave tabs and line breaks out.
        where = where.replace("\\", "/").replace("\t", "")
        assert urlparse(urljoin(plane.url + "/sign-in", where)).netloc == urlparse(plane.url).netloc, where
        assert "planted" not in answer.headers.get("Set-Cookie", "")


# Lines that end where they should not

def test_no_header_of_an_answer_is_made_by_who_asks(plane, operator):
    cookie = f"Cookie: odeum={operator.session}"
    for path in ("/%0d%0aX-Planted:%20yes", "/sign-in?back=/%0d%0aX-Planted:%20yes", "/o/%0d%0aX-Planted:%20yes/instances",
                 "/instances/%0d%0aX-Planted:yes/logs.txt?source=odoo%0d%0aX-Planted:yes",
                 "/api/v1/instances/%0d%0aX-Planted:yes"):
        status, headers = head(raw(plane.port, request(path, cookie)))
        assert "x-planted" not in headers and status < 500, (path, status)
    for host in ("evil.example", "evil.example\\@127.0.0.1", "127.0.0.1:99999", "a" * 3000, "\"><script>"):
        answer = raw(plane.port, request("/instances", cookie, host=host))
        status, headers = head(answer)
        assert status < 500 and "evil" not in headers.get("location", ""), (host, status)
        assert "<script>" not in answer and "evil.example" not in answer, "a page repeats the host that it was asked by"


def test_what_a_stranger_says_of_proxies_is_not_believed(plane, operator, email):
    token = plane.token
    told = ["X-Forwarded-For: 203.0.113.66", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https",
            "Forwarded: for=203.0.113.66;host=evil.example", "X-Real-IP: 203.0.113.66"]
    body = json.dumps({"email": "someone@example.org", "role": "viewer"})
    text = request("/api/v1/invitations", f"Authorization: Bearer {token}", *told, "Content-Type: application/json",
                   f"Content-Length: {len(body)}", method="POST", host=f"127.0.0.1:{plane.port}") + body
    link = json.loads(raw(plane.port, text).partition("\r\n\r\n")[2])["link"]
    assert link.startswith(plane.url), link
    entry = plane.api.ask("GET", "/audit", params={"limit": 1})["items"][0]
    assert entry["action"] == "member.invite" and entry["address"] == "127.0.0.1", entry
    assert "203.0.113.66" not in plane.said()


# Files that nobody should get

OUT = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "....//", "..%00/", "/", "%2f"]


@pytest.mark.parametrize("up", OUT)
def test_no_path_leads_out_of_where_it_belongs(plane, operator, up):
    cookie = f"Cookie: odeum={operator.session}"
    key = (Path(plane.data) / "master.key").read_text().strip()
    for start in ("/assets/", "/assets/vendor/", "/instances/", "/instances/framed/logs.txt?source=", "/api/v1/", "/"):
        for goal in ("etc/passwd", plane.data.lstrip("/") + "/master.key", "Templates/layout.mustache", "etc/passwd%00.css"):
            answer = raw(plane.port, request(start + up * 12 + goal, cookie))
            assert "root:" not in answer and key not in answer and "{{" not in answer, start + up + goal
            assert int(answer.split()[1]) < 500, answer[:300]
