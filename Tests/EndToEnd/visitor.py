"""A browser as an attacker sees it: requests with a cookie jar, and every header as he likes."""

import base64
import hashlib
import hmac
import re
import socket
import ssl
import struct
import time
from html.parser import HTMLParser

import requests

PASSWORD = "a long enough password"


class Visitor:
    """One browser at the console of a control plane."""

    def __init__(self, url):
        self.url = url
        self.jar = requests.Session()

    def get(self, path, **options):
        """The answer to a page that is asked for; redirects are not followed."""
        return self.jar.get(self.url + path, allow_redirects=False, timeout=60, **options)

    def post(self, path, form, site="same-origin", **headers):
        """The answer to a form. `site` is what a browser says of where the form was, None where it is an old one."""
        told = {"Sec-Fetch-Site": site} if site else {}
        return self.jar.post(
            self.url + path, data=form, headers={**told, **headers}, allow_redirects=False, timeout=60)

    @property
    def session(self):
        """The session's cookie, None where there is none."""
        return self.jar.cookies.get("odeum")

    def choose_password(self, link):
        """Signs in with a link that lets one choose a password."""
        token = link.rpartition("token=")[2]
        answer = self.post("/sign-in/link", {"token": token, "password": PASSWORD, "repeated": PASSWORD})
        assert answer.status_code == 303 and self.session, answer.text
        return self

    def sign_in(self, email, password=PASSWORD, back=""):
        """Sends the form for signing in."""
        return self.post("/sign-in", {"email": email, "password": password, "back": back})


def one_time_code(secret, ahead=0):
    """The code of RFC 6238 for this half minute, or one that is ahead."""
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def raw(port, text, certificate=None):
    """What the server answers to these very bytes on a connection of their own."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        if certificate:
            connection = ssl.create_default_context(cafile=certificate).wrap_socket(
                connection, server_hostname="localhost")
        connection.sendall(text.encode("latin-1"))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer.decode("utf-8", errors="replace")


def request(path="/sign-in", *headers, method="GET", host="127.0.0.1"):
    """The bytes of a request whose parts nobody has looked at."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines)


def head(answer):
    """The status and the headers of an answer, lower case, each once."""
    lines = answer.partition("\r\n\r\n")[0].split("\r\n")
    return int(lines[0].split()[1]), {
        line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines[1:]}


class Page(HTMLParser):
    """What a browser would find in a page: links, and whatever would run."""

    RUNNING = re.compile(r"^\s*(javascript|data|vbscript):", re.I)

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.links, self.dangers = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.dangers.append(f"<{tag} {name}={value!r}>")
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post") and self.RUNNING.match(value or ""):
                self.dangers.append(f"<{tag} {name}={value!r}>")
            if name == "href" and tag == "a" and value:
                self.links.append(value)
        if tag == "script" and not dict(attributes).get("src", "").startswith("/assets/"):
            self.dangers.append(f"<script {attributes}>")
        if tag in ("iframe", "object", "embed", "base"):
            self.dangers.append(f"<{tag}>")

    handle_startendtag = handle_starttag


def crawl(visitor, start="/", most=200, skip=()):
    """Every page that links lead to, by its path, with what was answered."""
    waiting, pages = [start], {}
    while waiting and len(pages) < most:
        path = waiting.pop(0).split("#")[0]
        if path in pages or any(part in path for part in skip):
            continue
        answer = visitor.get(path)
        pages[path] = answer
        if answer.is_redirect:
            waiting.append(answer.headers["Location"])
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            links = Page(answer.text).links
            waiting += [link for link in links if link.startswith("/") and not link.startswith("//")]
    return pages
