"""What the time of an answer tells about who has an account: nothing, it should.

Each try is by somebody else and from elsewhere, as through a proxy that tells it: who fails often has to wait, and that
wait is no part of the check.
"""

import contextlib
import http.client
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from measure import control_plane, docker, server
from measure.control_plane import ControlPlane
from measure.figures import Failed, Figure, Figures, median, note

DATABASE = "odeum_sign_in"
# A check takes a fifth of a second and a request for a link a few milliseconds, of which chance has a larger part.
SIGN_INS = 60
REQUESTS = 200
PASSWORD = "a long enough password"
# So many people as the one whose password was chosen by a link, with the same hash: it was made as any other is.
PEOPLE = f"""
    insert into people (id, email, password_hash)
    select gen_random_uuid(), 'known-' || n || '@example.org', p.password_hash
    from people p, generate_series(1, {SIGN_INS + REQUESTS}) n where p.password_hash is not null;
    insert into memberships (person_id, organisation_id, role)
    select p.id, o.id, 'viewer' from people p, organisations o where p.email like 'known-%';
"""


def measure(figures: Figures) -> None:
    with server.running() as postgres, _mail_server() as port:
        settings = {
            "ODEUM_TRUSTED_PROXIES": "127.0.0.1",
            # Where it is reached otherwise: links in messages want an address that does not change.
            "PUBLIC_URL": "http://odeum.example.org",
            "ODEUM_SMTP_URL": f"smtp+insecure://127.0.0.1:{port}",
            "ODEUM_MAIL_FROM": "odeum@example.org",
        }
        with control_plane.running(postgres.make(DATABASE), **settings) as plane:
            visitor = _Visitor(plane)
            link = plane.admin("link").split()[-1].partition("token=")[2]
            visitor.send("/sign-in/link", 303, token=link, password=PASSWORD, repeated=PASSWORD)
            postgres.sql(PEOPLE, DATABASE)
            postgres.settle(DATABASE)
            note(f"sign-in: {SIGN_INS} wrong passwords of people that there are, and as many of nobody")
            _compare(
                figures, "console.sign-in", range(1, SIGN_INS + 1),
                lambda email: visitor.send("/sign-in", 422, email=email, password="another password"),
            )  # fmt: skip
            note(f"sign-in: {REQUESTS} links for a new password, and as many for nobody")
            _compare(
                figures, "console.forgotten", range(SIGN_INS + 1, SIGN_INS + REQUESTS + 1),
                lambda email: visitor.send("/sign-in/forgotten", 200, email=email),
                # What is sent is sent after the answer, and is not to fall into the next one's time.
                pause=0.05,
            )  # fmt: skip
            visitor.leave()
            made = postgres.sql("select count(*) from sign_in_links where purpose = 'resetPassword'", DATABASE)
            # The last one may be under way still.
            if int(made) < REQUESTS - 1:
                raise Failed(f"{made} links were made for {REQUESTS} people, so that nothing was compared")


def _compare(
    figures: Figures, name: str, numbers: range, ask: Callable[[str], float], pause: float = 0
) -> None:
    """Asks for a known and for an unknown person in turns, of which each goes first as often as the other."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in numbers:
        for kind in sorted(times, reverse=number % 2 == 0):
            times[kind].append(ask(f"{kind}-{number}@example.org"))
            time.sleep(pause)
    known, unknown = median(times["known"]), median(times["unknown"])
    # Either way it would tell: the slower one over the faster one.
    ratio = max(known, unknown) / min(known, unknown)
    seen = f"known {known:.2f} ms, unknown {unknown:.2f} ms, in the middle of {len(numbers)}"
    figures.add(Figure(name, ratio, "x the other", seen, at_most=1.1))


class _Visitor:
    """Sends forms of the console as a browser does, each from an address of its own."""

    def __init__(self, plane: ControlPlane) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", plane.port, timeout=30)
        self._places = 0

    def send(self, path: str, status: int, **form: str) -> float:
        """The milliseconds until the answer was there, which has to have that status."""
        self._places += 1
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": f"198.18.{self._places // 250}.{self._places % 250 + 1}",
        }
        began = time.perf_counter()
        self._connection.request("POST", path, urlencode(form), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        if answer.status != status or b"The next try is possible" in text:
            raise Failed(f"{path} answers {answer.status}:\n{text.decode()[-2000:]}")
        return took * 1000

    def leave(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def _mail_server() -> Iterator[int]:
    """A mail server that takes everything; its port."""
    port = control_plane.free_port()
    label, publish = f"odeum.bench=mail-{port}", f"127.0.0.1:{port}:1025"
    try:
        docker.run("run", "--detach", "--label", label, "--publish", publish, "axllent/mailpit:latest")
        yield port
    finally:
        docker.remove_all(label)
