"""What the time of an answer tells about who has an account: nothing, it should.

Each try is by somebody else and from elsewhere, as through a proxy that tells it: who fails often has to wait, and that
wait is no part of the check.
"""

import http.client
import queue
import time
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlencode

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from measure import control_plane, server
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
    with server.running() as postgres, _MailServer() as mail:
        settings = {
            "ODEUM_TRUSTED_PROXIES": "127.0.0.1",
            # Where it is reached otherwise: links in messages want an address that does not change.
            "PUBLIC_URL": "http://odeum.example.org",
            "ODEUM_SMTP_URL": f"smtp+insecure://127.0.0.1:{mail.port}",
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

            def ask_for_link(email: str) -> float:
                took = visitor.send("/sign-in/forgotten", 200, email=email)
                # It is sent after the answer, and is not to fall into the next one's time.
                if email.startswith("known"):
                    mail.await_message(email)
                return took

            numbers = range(SIGN_INS + 1, SIGN_INS + REQUESTS + 1)
            _compare(figures, "console.forgotten", numbers, ask_for_link)
            visitor.leave()


def _compare(figures: Figures, name: str, numbers: range, ask: Callable[[str], float]) -> None:
    """Asks for a known and for an unknown person in turns, of which each goes first as often as the other."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in numbers:
        for kind in sorted(times, reverse=number % 2 == 0):
            times[kind].append(ask(f"{kind}-{number}@example.org"))
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


class _MailServer:
    """A mail server that takes everything, and tells of it."""

    def __init__(self) -> None:
        self.port = control_plane.free_port()
        self._recipients: queue.Queue[list[str]] = queue.Queue()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        self._recipients.put(envelope.rcpt_tos)
        return "250 OK"

    def await_message(self, recipient: str) -> None:
        """Returns when the next message was taken, which has to be for that one."""
        try:
            told = self._recipients.get(timeout=30)
        except queue.Empty:
            raise Failed(f"no link was sent to {recipient}, so that nothing was compared") from None
        if told != [recipient]:
            raise Failed(f"a link for {recipient} was sent to {told}")

    def __enter__(self) -> "_MailServer":
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
