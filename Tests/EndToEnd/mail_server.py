"""A mail server that keeps what it takes."""

import asyncio
import email
import email.policy
import queue
import ssl
import subprocess
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from . import processes

USER, PASSWORD = "odeum", "planted mail password"


class MailServer:
    """Takes messages on a port of this machine: with TLS and an account, or with neither."""

    def __init__(self, folder, tls):
        self._taken = queue.Queue()
        # Whether the next message may be taken: until it may, who brings it has to wait.
        self.may_take = lambda: True
        self.certificate = Path(folder, "certificate.pem")
        options = {}
        if tls:
            key = Path(folder, "key.pem")
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                 "-out", self.certificate], check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, key)
            # TLS is around the whole connection, of which the library does not know when it asks for a password.
            options = {"ssl_context": context, "authenticator": self._authenticate, "auth_required": True,
                       "auth_require_tls": False}
        self._controller = Controller(self, hostname="localhost", port=processes.free_port(), **options)
        self._controller.start()
        self.port = self._controller.port

    def _authenticate(self, server, session, envelope, mechanism, given):
        return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()))

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        while not self.may_take():
            await asyncio.sleep(0.02)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self._taken.put((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 OK"

    def next(self, within=30):
        """The next message: sender, recipients, and what it says."""
        return self._taken.get(timeout=within)

    @property
    def is_empty(self):
        return self._taken.empty()

    def stop(self):
        self._controller.stop()


def text_of(message):
    """The text of a message, its lines ended by `\\n`."""
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")
