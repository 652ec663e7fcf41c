"""The console with TLS of its own: what it serves, what it refuses to start with, and certificates that are renewed."""

import json
import os
import re
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from . import processes
from .control_plane import NO_DOCKER, ControlPlane
from .visitor import head, raw, request
from .waiting import until

EC = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]


class Certificates:
    """Certificates for this machine, and the two files that the console reads."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.certificate, self.key = self.folder / "fullchain.pem", self.folder / "privkey.pem"

    def make(self, name, key=EC):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "30", "-subj", f"/CN={name}", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder / f"{name}.key", "-out",
             self.folder / f"{name}.pem"], check=True, capture_output=True)
        (self.folder / f"{name}.key").chmod(0o600)
        return self

    def place(self, certificate, key=None):
        """Puts a certificate and a key where the console reads them, as certbot does: by moving links."""
        for name, link in ((f"{certificate}.pem", self.certificate), (f"{key or certificate}.key", self.key)):
            new = self.folder / "new"
            new.symlink_to(self.folder / name)
            os.replace(new, link)
        return self


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    made = Certificates(tmp_path_factory.mktemp("tls"))
    return made.make("first", ["rsa:2048"]).make("second").place("first")


class SecurePlane(ControlPlane):
    """A control plane that serves TLS itself."""

    def __init__(self, certificates):
        super().__init__(
            "tls", **NO_DOCKER, ODEUM_TLS_CERTIFICATE=str(certificates.certificate),
            ODEUM_TLS_KEY=str(certificates.key))
        self.certificates = certificates

    def _serves(self):
        status = self.process.poll()
        assert status is None, f"odeumd ended with {status} while it started: {self.log_since(0, lines=5)}"
        return "200 OK" in self.ask("/readyz", "first")

    def ask(self, path, name, *headers):
        """The answer, where the certificate `name` is shown."""
        return raw(self.port, request(path, *headers, host="localhost"), str(self.certificates.folder / f"{name}.pem"))


@pytest.fixture(scope="module")
def plane(certificates):
    plane = SecurePlane(certificates)
    try:
        yield plane.start()
    finally:
        plane.destroy()


def test_pages_come_over_tls_and_browsers_are_told_to_stay_there(plane):
    status, headers = head(plane.ask("/sign-in", "first"))
    assert status == 200 and headers["strict-transport-security"] == "max-age=31536000"
    link = plane.admin("link").stdout.strip()
    assert link.startswith("https://"), link
    signed_in = plane.ask("/sign-in", "first", "Cookie: x=y")
    assert "http://" not in signed_in


def test_a_link_begins_with_https(plane):
    answer = plane.ask("/api/v1/account", "first", f"Authorization: Bearer {plane.token}")
    assert json.loads(answer.partition("\r\n\r\n")[2])["role"] == "owner"


def test_old_versions_of_tls_and_none_at_all_are_refused(plane, certificates):
    context = ssl.create_default_context(cafile=str(certificates.folder / "first.pem"))
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", plane.port), timeout=20) as connection, pytest.raises(OSError):
        context.wrap_socket(connection, server_hostname="localhost")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", plane.port), timeout=20) as connection:
        assert context.wrap_socket(connection, server_hostname="localhost").version() == "TLSv1.2"
    try:
        assert "HTTP/1.1 2" not in raw(plane.port, request("/sign-in"))
    except ConnectionError:
        pass


def test_a_renewed_certificate_is_served_without_a_restart_and_half_of_one_is_not(plane, certificates):
    pid = plane.process.pid
    size = plane.log_size()
    certificates.place("second", key="first")
    until("the log tells of it", lambda: "is not the one of the certificate" in plane.log_since(size), 30)
    assert "200 OK" in plane.ask("/healthz", "first")
    certificates.place("second")
    until("the new one is served", lambda: "200 OK" in plane.ask("/healthz", "second"), 30)
    assert plane.process.pid == pid and processes.is_running(pid)


def test_what_cannot_be_served_stops_the_start_with_what_to_do(certificates, new_secure_plane):
    made = Certificates(certificates.folder / "wrong")
    made.folder.mkdir()
    made.make("one").make("two").place("one", key="two")
    plane = new_secure_plane(made)
    assert "is not the one of the certificate" in plane.refuses_to_start()
    made.place("one")
    (made.folder / "one.key").chmod(0o644)
    said = plane.refuses_to_start()
    assert "chmod o=" in said and str(made.key) in said
    (made.folder / "one.key").unlink()
    assert re.search(rf"{made.key} cannot be read: .+ODEUM_TLS_KEY", plane.refuses_to_start())
    assert "ODEUM_TLS_KEY is “”" in plane.refuses_to_start(ODEUM_TLS_KEY="")
    assert "https://" in plane.refuses_to_start(PUBLIC_URL="http://odeum.example.com")


@pytest.fixture
def new_secure_plane():
    made = []

    def make(certificates):
        made.append(SecurePlane(certificates))
        return made[-1]

    yield make
    for plane in made:
        plane.destroy()
