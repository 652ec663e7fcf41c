"""The caught messages, in memory, newest first."""

import email
import email.policy
import secrets
import string
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

ALPHABET = string.ascii_letters + string.digits


@dataclass
class Part:
    """A part of a message that is not its text: an attachment, or a picture inside the text."""

    number: str
    name: str
    kind: str
    content_id: str
    content: bytes


@dataclass
class Message:
    id: str
    raw: bytes
    parsed: EmailMessage
    sender: str
    recipients: list[str]
    created: datetime
    read: bool = False
    text: str = ""
    html: str = ""
    attachments: list[Part] = field(default_factory=list)
    inline: list[Part] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return header(self.parsed, "Subject")

    @property
    def message_id(self) -> str:
        return header(self.parsed, "Message-ID").strip("<> ")

    @property
    def date(self) -> datetime:
        try:
            date = parsedate_to_datetime(header(self.parsed, "Date"))
        except ValueError:
            return self.created
        return date if date.tzinfo else date.replace(tzinfo=UTC)

    def people(self, name: str) -> list[dict[str, str]]:
        found = getaddresses([str(value) for value in self.parsed.get_all(name, [])])
        return [{"Name": person, "Address": address} for person, address in found if address]

    def blind(self) -> list[dict[str, str]]:
        """Recipients that no header names."""
        named = {person["Address"].lower() for name in ("To", "Cc") for person in self.people(name)}
        return [{"Name": "", "Address": address} for address in self.recipients if address.lower() not in named]


class Inbox:
    """Safe to use from several threads: mail comes in on one, pages are asked for on others."""

    def __init__(self, keep: int):
        self.keep = keep
        self.lock = threading.Lock()
        self.kept: list[Message] = []

    def add(self, raw: bytes, sender: str, recipients: list[str]) -> Message:
        message = parse(raw, sender, list(recipients))
        with self.lock:
            self.kept.insert(0, message)
            if self.keep:
                del self.kept[self.keep:]
        return message

    def messages(self) -> list[Message]:
        with self.lock:
            return list(self.kept)

    def find(self, id: str) -> Message | None:
        """The message with this id; `latest` is the newest one."""
        messages = self.messages()
        if id == "latest":
            return messages[0] if messages else None
        return next((message for message in messages if message.id == id), None)

    def remove(self, ids: list[str]) -> None:
        """Removes these messages; all of them if none is named."""
        with self.lock:
            self.kept = [message for message in self.kept if ids and message.id not in ids]

    def mark(self, ids: list[str], read: bool) -> None:
        for message in self.messages():
            if not ids or message.id in ids:
                message.read = read

    def search(self, query: str) -> list[Message]:
        """Words that must all occur; `from:`, `to:` and `subject:` look in one place only."""
        return [message for message in self.messages() if all(occurs(word, message) for word in query.lower().split())]


def occurs(word: str, message: Message) -> bool:
    places = {
        "from": [person["Address"] for person in message.people("From")] + [message.sender],
        "to": [person["Address"] for person in message.people("To")] + message.recipients,
        "subject": [message.subject],
    }
    place, colon, sought = word.partition(":")
    if colon and place in places:
        return any(sought.strip('"') in text.lower() for text in places[place])
    everywhere = [text for texts in places.values() for text in texts] + [message.text]
    return any(word.strip('"') in text.lower() for text in everywhere)


def parse(raw: bytes, sender: str, recipients: list[str]) -> Message:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    id = "".join(secrets.choice(ALPHABET) for _ in range(22))
    message = Message(id, raw, parsed, sender, recipients, datetime.now(UTC))
    for number, part in enumerate(part for part in parsed.walk() if not part.is_multipart()):
        sort(part, str(number + 1), message)
    return message


def sort(part: EmailMessage, number: str, message: Message) -> None:
    """Puts one part of the mail where it belongs: text, HTML, inline or attachment."""
    kind = part.get_content_type()
    named = part.get_filename()
    if not named and part.get_content_disposition() != "attachment":
        if kind == "text/plain":
            message.text += text(part)
            return
        if kind == "text/html":
            message.html += text(part)
            return
    content_id = header(part, "Content-ID").strip("<> ")
    found = Part(number, named or f"part-{number}", kind, content_id, part.get_payload(decode=True) or b"")
    inside = content_id and part.get_content_disposition() != "attachment"
    (message.inline if inside else message.attachments).append(found)


def text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True) or b""
    try:
        return content.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:  # a character set that nobody knows
        return content.decode("utf-8", errors="replace")


def header(part: EmailMessage, name: str) -> str:
    return str(part.get(name, "") or "")
