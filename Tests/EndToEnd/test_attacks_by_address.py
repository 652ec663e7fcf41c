"""Attacks by addresses: making the control plane, or a server of the operator's, look at what only it can reach."""

import socket
import threading

import pytest

from .api import API, Refused
from .visitor import PASSWORD, Visitor

LOCAL = [
    # ways to write this machine, its neighbours, and what clouds tell their machines
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
    "localhost", "LOCALHOST", "localhost.", "ip6-localhost", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1",
    "0:0:0:0:0:ffff:127.0.0.1", "169.254.169.254", "::ffff:169.254.169.254", "2852039166", "0xa9fea9fe", "fe80::1",
    "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "fd00::1", "fd00:ec2::254", "64:ff9b::7f00:1", "2002:7f00:1::",
    "168.63.129.16", "224.0.0.1", "255.255.255.255",
]


class Listener:
    """A port of this machine that counts who comes."""

    def __init__(self):
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


SETTINGS = {"ODEUM_API_RATE": "100000"}


@pytest.fixture(scope="module")
def admin(plane):
    """An owner of an organisation who does not run the installation."""
    plane.api.ask("POST", "/installation/organisations", json={"slug": "globex"})
    home = plane.api.ask("GET", "/account")["organisation"]
    plane.api.ask("PATCH", "/servers/local", json={"sharedWith": [home, "globex"]})
    in_globex = API(plane.url, plane.admin("token", "--name", "globex", "--organisation", "globex").stdout.strip())
    link = in_globex.ask("POST", "/invitations", json={"email": "eve@example.org", "role": "owner"})["link"]
    eve = Visitor(plane.url)
    token = link.rpartition("token=")[2]
    answer = eve.post("/invitation", {"token": token, "password": PASSWORD, "repeated": PASSWORD})
    assert answer.status_code == 303 and eve.session, answer.text
    made = plane.admin("token", "--email", "eve@example.org", "--name", "eve").stdout.strip()
    return API(plane.url, made)


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


def refusal(ask):
    with pytest.raises(Refused) as refused:
        ask()
    return refused.value


@pytest.mark.parametrize("address", LOCAL)
def test_an_organisation_does_not_look_inside_with_a_server(plane, admin, listener, address):
    told = set()
    for port in (listener.port, 1, plane.port):
        for path, body in (
                ("/servers/host-key", {"address": address, "port": port}),
                ("/servers", {"name": "inside", "address": address, "port": port, "password": "x"})):
            refused = refusal(lambda: admin.ask("POST", path, json=body))
            assert refused.status == 422, f"{path} {address}:{port}: {refused}"
            told.add(refused.title.replace(f":{port} ", " "))
    assert listener.visits == 0, "somebody connected"
    assert len(told) == 1, f"an open port is told from a closed one: {told}"


def test_an_operator_looks_where_he_likes(plane, listener):
    refused = refusal(
        lambda: plane.api.ask("POST", "/servers/host-key", json={"address": "127.0.0.1", "port": listener.port}))
    assert refused.status in (422, 503) and listener.visits > 0


def test_a_name_is_checked_by_what_it_leads_to(admin, listener):
    name = socket.gethostname()
    if not any(info[4][0] for info in socket.getaddrinfo(name, None)):
        pytest.skip("this machine's name leads nowhere")
    refused = refusal(lambda: admin.ask("POST", "/servers/host-key", json={"address": name, "port": listener.port}))
    assert refused.status == 422 and listener.visits == 0
    told = refused.title + refused.suggestion
    assert not any(info[4][0] in told for info in socket.getaddrinfo(name, None)), "it tells what it leads to"


REPOSITORIES = [
    # what is no address of a repository at all
    "file:///etc/passwd", "/etc/passwd", "ext::sh -c id", "git://127.0.0.1/x", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x",
    "https://user:planted-git-token@host/x", "https://planted-git-token@host/x", "-u:evil@host:x", "ssh://-oProxyCommand=id@h/x",
    "https://host/../x", "https://host/x\r\nX: y", "https://127.0.0.1#@host/x", "https://127.0.0.1\\@host/x",
]


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_what_is_no_repository_is_refused_and_not_repeated(plane, admin, repository):
    settings = {"customModules": [{"repository": repository}]}
    refused = refusal(lambda: admin.ask("POST", "/instances", json={"name": "modules", "settings": settings}))
    assert refused.status == 422
    assert "planted-git-token" not in str(refused) and "planted-git-token" not in plane.said()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]"])
def test_an_organisation_does_not_look_inside_with_custom_modules_on_a_server_of_the_operator(
        plane, admin, listener, host):
    reasons = set()
    for number, port in enumerate((listener.port, 1)):
        settings = {"customModules": [{"repository": f"http://{host}:{port}/shop.git"}]}
        name = f"inside-{abs(hash((host, port))) % 10_000}-{number}"
        job = admin.create(name, settings=settings)["job"]["id"]
        ended = admin.finished(job, within=180)
        assert ended["state"] == "failed"
        reasons.add(ended["reason"].replace(f":{port}/", ":PORT/"))
        admin.succeeded(admin.remove(name)["id"])
    assert listener.visits == 0, "git connected"
    [reason] = reasons
    assert "from which local fetches for organisations" in reason
    settings = {"customModules": [{"repository": f"http://{host}:{listener.port}/shop.git"}]}
    plane.api.finished(plane.api.create("outside", settings=settings)["job"]["id"], within=180)
    plane.api.succeeded(plane.api.remove("outside")["id"])
    assert listener.visits > 0 or host.startswith("[::1"), "an operator is kept from his own network"
