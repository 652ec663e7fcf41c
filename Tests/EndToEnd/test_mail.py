"""Invitations and links for new passwords, mailed to a real SMTP server."""

import html
import re
import urllib.parse

import pytest
import requests

from . import processes
from .api import API, Refused
from .control_plane import NO_DOCKER, ControlPlane
from .mail_server import PASSWORD, USER, MailServer, text_of
from .visitor import one_time_code

SENDER = "odeum@example.org"


@pytest.fixture(scope="module")
def post(tmp_path_factory):
    server = MailServer(tmp_path_factory.mktemp("mail"), tls=True)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def plane(post):
    plane = ControlPlane("mail", **NO_DOCKER, ODEUM_MAIL_FROM=SENDER, CURL_CA_BUNDLE=str(post.certificate))
    plane.settings["PUBLIC_URL"] = plane.url
    plane.settings["ODEUM_SMTP_URL"] = f"smtps://{USER}:{urllib.parse.quote(PASSWORD)}@localhost:{post.port}"
    try:
        yield plane.start()
    finally:
        plane.destroy()


class Visitor:
    """A browser without scripts."""

    def __init__(self, plane, **headers):
        self.url = plane.url
        self._session = requests.Session()
        self._session.headers.update({"Sec-Fetch-Site": "same-origin", **headers})

    def get(self, path):
        return self._session.get(self.url + path, timeout=30, allow_redirects=False)

    def send(self, path, **form):
        return self._session.post(self.url + path, data=form, timeout=30, allow_redirects=False)

    def is_let_in(self, address, password):
        answer = self.send("/sign-in", email=address, password=password, back="")
        return answer.status_code == 303


def invite(plane, address):
    return plane.api.ask("POST", "/invitations", json={"email": address, "role": "developer"})


def link_in(text):
    [link] = re.findall(r"https?://\S+", text)
    return link


def token_of(link):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["token"][0]


@pytest.fixture(scope="module")
def ada(plane, post):
    """Somebody who came by an invitation, with her password."""
    invited = invite(plane, "ada@example.org")
    assert invited["mailed"] is True and "mailProblem" not in invited
    sender, recipients, message = post.next()
    assert (sender, recipients) == (SENDER, ["ada@example.org"])
    assert (message["to"], message["auto-submitted"]) == ("ada@example.org", "auto-generated")
    assert message["from"].endswith(f"<{SENDER}>") and message["date"] and message["message-id"]
    assert "invites you" in message["subject"]
    text = text_of(message)
    assert text.splitlines()[0].endswith("invites you to join main on Odeum as developer."), text
    assert text.endswith("nothing happens.\n"), "the whole of it"
    link = link_in(text)
    visitor = Visitor(plane)
    token = token_of(link)
    assert "ada@example.org" in visitor.get(f"/invitation?token={token}").text
    joined = visitor.send("/invitation", token=token, password="first horse", repeated="first horse")
    assert joined.status_code == 303
    return "ada@example.org"


def second_factor(visitor, password):
    """Sets a second factor up."""
    shown = visitor.send("/account/security/second-factor", password=password)
    [secret] = re.findall(r'name="secret" value="([^"]+)"', shown.text)
    [address] = re.findall(r'name="address" value="([^"]+)"', shown.text)
    done = visitor.send(
        "/account/security/second-factor/confirm", secret=secret, address=html.unescape(address),
        code=one_time_code(secret))
    assert "recovery codes" in done.text, done.text


def challenge(visitor, address, password):
    """Signs in as far as to the code."""
    asked = visitor.send("/sign-in", email=address, password=password, back="")
    [found] = set(re.findall(r'name="challenge" value="([^"]+)"', asked.text))
    return found


def test_who_has_lost_the_second_factor_turns_it_off_with_the_password(plane, post, ada):
    inside, visitor = Visitor(plane), Visitor(plane, Host="evil.example")
    assert inside.is_let_in(ada, "first horse")
    second_factor(inside, "first horse")
    asked = visitor.send("/sign-in/code/lost", challenge=challenge(visitor, ada, "first horse"), back="")
    assert asked.status_code == 200 and "A link is on its way" in asked.text
    _, recipients, message = post.next()
    assert recipients == [ada]
    link = link_in(text_of(message))
    assert link.startswith(f"{plane.url}/sign-in/link?token="), "whoever asks does not say where the link leads"
    token = token_of(link)
    assert "Turn off the second factor" in visitor.get(link.removeprefix(plane.url)).text
    wrong = visitor.send("/sign-in/link", token=token, password="guessed horse")
    assert wrong.status_code == 422 and inside.get("/instances").status_code == 200
    done = visitor.send("/sign-in/link", token=token, password="first horse")
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert inside.get("/instances").status_code == 303, "her sessions have ended"
    assert visitor.get("/instances").status_code == 303, "whoever holds the link is not signed in by it"
    _, recipients, message = post.next()
    assert recipients == [ada] and "is off" in message["subject"]
    assert Visitor(plane).is_let_in(ada, "first horse")
    assert visitor.send("/sign-in/link", token=token, password="first horse").status_code == 410


def test_who_has_forgotten_the_password_chooses_another_one_once(plane, post, ada):
    visitor, old = Visitor(plane, Host="evil.example"), Visitor(plane)
    assert old.is_let_in(ada, "first horse")
    asked = visitor.send("/sign-in/forgotten", email=f" {ada.upper()}")
    assert asked.status_code == 200 and "a link is on its way" in asked.text
    _, recipients, message = post.next()
    assert recipients == [ada]
    link = link_in(text_of(message))
    assert link.startswith(f"{plane.url}/sign-in/link?token="), "whoever asks does not say where the link leads"
    path = link.removeprefix(plane.url)
    token = path.partition("token=")[2]
    assert ada in visitor.get(path).text
    poor = visitor.send("/sign-in/link", token=token, password="short", repeated="short")
    assert poor.status_code == 422
    done = visitor.send("/sign-in/link", token=token, password="second horse", repeated="second horse")
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert old.get("/instances").status_code == 303, "her sessions have ended"
    assert visitor.get("/instances").status_code == 303, "whoever holds the link is not signed in by it"
    assert not Visitor(plane).is_let_in(ada, "first horse")
    assert Visitor(plane).is_let_in(ada, "second horse")
    again = visitor.send("/sign-in/link", token=token, password="third horse", repeated="third horse")
    assert again.status_code == 410


def test_who_only_reads_somebodys_mail_does_not_get_past_the_second_factor(plane, post, ada):
    """The password was chosen by a mailed link just now."""
    inside, thief = Visitor(plane), Visitor(plane)
    assert inside.is_let_in(ada, "second horse")
    second_factor(inside, "second horse")
    refused = thief.send("/sign-in/code/lost", challenge=challenge(thief, ada, "second horse"), back="")
    assert refused.status_code == 422 and "less than a day ago" in refused.text
    assert thief.send("/sign-in/code/lost", challenge="guessed", back="").status_code == 422
    # Nothing was sent: the next message is another one.
    invite(plane, "between@example.org")
    assert post.next()[1] == ["between@example.org"]
    plane.admin("second-factor-off", "--email", ada)


def test_who_invites_does_not_choose_the_password_and_is_not_told_who_is_known(plane, post, ada):
    plane.api.ask("POST", "/installation/organisations", json={"slug": "globex"})
    other = API(plane.url, plane.admin("token", "--name", "globex", "--organisation", "globex").stdout.strip())
    visitor, pages = Visitor(plane), []
    for address in (ada, "gus@example.org"):
        token = token_of(other.ask("POST", "/invitations", json={"email": address, "role": "viewer"})["link"])
        assert post.next()[1] == [address]
        refused = visitor.send("/invitation", token=token, password="chosen horse", repeated="chosen horse")
        assert refused.status_code == 403 and "did not come to" in refused.text
        pages.append(visitor.get(f"/invitation?token={token}").text.replace(address, "x").replace(token, "y"))
    assert pages[0] == pages[1] and "Mail me a link" in pages[0]
    # Whoever has the copied link and the inbox gets on.
    asked = visitor.send("/invitation", token=token, mail="yes")
    assert asked.status_code == 200 and "on its way" in asked.text
    _, recipients, message = post.next()
    assert recipients == ["gus@example.org"]
    proof = token_of(link_in(text_of(message)))
    joined = visitor.send("/invitation", token=proof, password="third horse", repeated="third horse")
    assert joined.status_code == 303
    assert "is over" in visitor.get(f"/invitation?token={token}").text, "it was one invitation"


def test_nothing_tells_whether_somebody_is_known(plane, post, ada):
    visitor = Visitor(plane)
    known, unknown = (
        visitor.send("/sign-in/forgotten", email=address) for address in (ada, "eve@example.org"))
    assert (known.status_code, known.text.replace(ada, "x")) == (
        unknown.status_code, unknown.text.replace("eve@example.org", "x"))
    # Messages go in the order in which they were asked for: had eve got one, it would lie before this.
    _, recipients, _ = post.next()
    assert recipients == [ada]
    invite(plane, "last@example.org")
    assert post.next()[1] == ["last@example.org"]


def test_who_asks_too_often_waits(plane, ada):
    visitor = Visitor(plane)
    answers = [visitor.send("/sign-in/forgotten", email="nobody@example.org") for _ in range(8)]
    assert answers[-1].status_code == 422 and "Too many links" in answers[-1].text


def test_the_password_of_the_mail_server_is_nowhere(plane, post):
    with processes.CommandLines() as seen:
        post.may_take = lambda: any("curl" in line for line in tuple(seen.seen))
        assert invite(plane, "watched@example.org")["mailed"] is True, "nothing was seen at work"
        post.next()
    assert not [line for line in seen.seen if "planted" in line]
    assert "planted" not in plane.said()


def test_an_invitation_holds_when_it_cannot_be_mailed(new_plane, tmp_path):
    plain = MailServer(tmp_path, tls=False)
    plane = new_plane("unmailed", **NO_DOCKER, ODEUM_MAIL_FROM=SENDER)
    plane.settings["PUBLIC_URL"] = plane.url
    try:
        # It insists on TLS, which this server does not have.
        plane.start(ODEUM_SMTP_URL=f"smtp://localhost:{plain.port}")
        invited = invite(plane, "ada@example.org")
        assert invited["mailed"] is False
        assert f"localhost:{plain.port} did not take the message to ada@example.org" in invited["mailProblem"]
        assert plain.is_empty
        plane.stop()
        plane.start(ODEUM_SMTP_URL=f"smtp+insecure://localhost:{plain.port}")
        assert invite(plane, "ada@example.org")["mailed"] is True
        _, _, message = plain.next()
        assert "ada" in plane.cli.attempt("member", "invite", "ada2@example.org").err
    finally:
        plain.stop()
    gone = invite(plane, "bob@example.org")
    assert gone["mailed"] is False and gone["link"]
    with pytest.raises(Refused) as refused:
        invite(plane, "bob@localhost\r\nRCPT TO:<eve@example.org>")
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "ODEUM_MAIL_FROM"])
def test_mail_that_is_set_in_part_is_refused_at_the_start(new_plane, missing):
    plane = new_plane("half-set", **NO_DOCKER)
    settings = {
        "ODEUM_SMTP_URL": "smtps://u:planted@localhost", "PUBLIC_URL": plane.url, "ODEUM_MAIL_FROM": SENDER}
    said = plane.refuses_to_start(**{key: value for key, value in settings.items() if key != missing})
    assert missing in said and "planted" not in said
    wrong = plane.refuses_to_start(ODEUM_SMTP_URL="smtps://u:planted@localhost/inbox")
    assert "ODEUM_SMTP_URL" in wrong and "planted" not in wrong
