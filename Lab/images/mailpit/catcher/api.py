"""Messages in the words of Mailpit's API (v1)."""

import os
import time

from inbox import Inbox, Message, Part

STARTED = time.monotonic()


def listing(found: list[Message], inbox: Inbox, start: int, limit: int) -> dict:
    everything = inbox.messages()
    page = found[start:start + limit]
    return {
        "total": len(everything),
        "unread": sum(not message.read for message in everything),
        "count": len(page),
        "messages_count": len(found),
        "messages_unread": sum(not message.read for message in found),
        "start": start,
        "tags": [],
        "messages": [summary(message) for message in page],
    }


def summary(message: Message) -> dict:
    return shared(message) | {
        "Created": stamp(message.created),
        "Read": message.read,
        "Attachments": len(message.attachments),
        "Snippet": " ".join(message.text.split())[:250],
    }


def whole(message: Message) -> dict:
    return shared(message) | {
        "ReturnPath": message.sender,
        "Date": stamp(message.date),
        "Text": message.text,
        "HTML": message.html,
        "Inline": [part(one) for one in message.inline],
        "Attachments": [part(one) for one in message.attachments],
        "ListUnsubscribe": {"Header": "", "Links": [], "Errors": "", "HeaderPost": ""},
    }


def shared(message: Message) -> dict:
    return {
        "ID": message.id,
        "MessageID": message.message_id,
        "From": (message.people("From") or [{"Name": "", "Address": message.sender}])[0],
        "To": message.people("To"),
        "Cc": message.people("Cc"),
        "Bcc": message.blind(),
        "ReplyTo": message.people("Reply-To"),
        "Subject": message.subject,
        "Tags": [],
        "Size": len(message.raw),
    }


def part(one: Part) -> dict:
    return {
        "PartID": one.number,
        "FileName": one.name,
        "ContentType": one.kind,
        "ContentID": one.content_id,
        "Size": len(one.content),
    }


def headers(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in message.parsed.items():
        found.setdefault(name, []).append(str(value))
    return found


def info(inbox: Inbox) -> dict:
    messages = inbox.messages()
    return {
        "Version": "odeum-lab",
        "LatestVersion": "odeum-lab",
        "Database": "memory",
        "DatabaseSize": sum(len(message.raw) for message in messages),
        "Messages": len(messages),
        "Unread": sum(not message.read for message in messages),
        "Tags": {},
        "RuntimeStats": {"Uptime": int(time.monotonic() - STARTED), "Memory": memory()},
    }


def memory() -> int:
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def stamp(moment) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
