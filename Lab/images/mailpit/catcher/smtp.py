"""Takes mail by SMTP. Any sender, any recipient, any login: nothing is ever delivered."""

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from inbox import Inbox

LARGEST = 50 << 20


class Taker:
    def __init__(self, inbox: Inbox):
        self.inbox = inbox

    async def handle_DATA(self, server: SMTP, session, envelope) -> str:
        message = self.inbox.add(envelope.original_content, envelope.mail_from or "", envelope.rcpt_tos)
        return f"250 2.0.0 Ok: queued as {message.id}"


class Door(Controller):
    def factory(self) -> SMTP:
        return SMTP(
            self.handler,
            hostname="mail-catcher",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            # Odoo is often set up with a user and a password; they are let in unread.
            authenticator=lambda *_: AuthResult(success=True),
            auth_require_tls=False,
        )


def start_smtp(inbox: Inbox, host: str, port: int) -> Controller:
    door = Door(Taker(inbox), hostname=host, port=port)
    door.start()
    return door
