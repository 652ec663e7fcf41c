"""The pages that a person looks at. What is in a mail is hostile: its HTML is shown in a frame that may do nothing."""

from html import escape

from inbox import Message

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .4rem .6rem; vertical-align: top }
tr { border-bottom: 1px solid #ddd } .unread { font-weight: 600 } a { color: #0b5394; text-decoration: none }
iframe { border: 1px solid #ddd; width: 100%; height: 60vh } pre { white-space: pre-wrap; overflow-wrap: anywhere }
"""

# No script and no outside address in our own pages either.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; frame-ancestors *"
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"


def page(title: str, content: str) -> str:
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{STYLE}</style><h1>{escape(title)}</h1>{content}</html>")


def listing(messages: list[Message], root: str) -> str:
    if not messages:
        return page("Inbox", "<p>No mail has been caught yet.</p>")
    rows = "".join(row(message, root) for message in messages)
    return page("Inbox", f"<table><tr><th>From<th>To<th>Subject<th>Received</tr>{rows}</table>")


def row(message: Message, root: str) -> str:
    kind = "" if message.read else ' class="unread"'
    return (f"<tr{kind}><td>{escape(addresses(message, 'From'))}<td>{escape(addresses(message, 'To'))}"
            f'<td><a href="{root}/view/{message.id}">{escape(message.subject) or "(no subject)"}</a>'
            f"<td>{message.created:%Y-%m-%d %H:%M:%S}</tr>")


def single(message: Message, root: str) -> str:
    facts = "".join(
        f"<tr><th>{name}<td>{escape(addresses(message, name))}</tr>"
        for name in ("From", "To", "Cc", "Reply-To") if addresses(message, name)
    )
    files = "".join(
        f'<li><a href="{root}/api/v1/message/{message.id}/part/{part.number}">{escape(part.name)}</a>'
        for part in message.attachments
    )
    body = (f'<iframe sandbox src="{root}/view/{message.id}.html" title="Message"></iframe>' if message.html
            else f"<pre>{escape(message.text)}</pre>")
    return page(
        message.subject or "(no subject)",
        f'<p><a href="{root}/">Inbox</a> · <a href="{root}/api/v1/message/{message.id}/raw">Source</a></p>'
        f"<table>{facts}</table>{f'<ul>{files}</ul>' if files else ''}{body}",
    )


def addresses(message: Message, name: str) -> str:
    return ", ".join(
        f"{person['Name']} <{person['Address']}>" if person["Name"] else person["Address"]
        for person in message.people(name)
    )


def body(message: Message, root: str) -> str:
    """The mail's own HTML, with the pictures that it brought along."""
    html = message.html
    for part in message.inline:
        html = html.replace(f"cid:{part.content_id}", f"{root}/api/v1/message/{message.id}/part/{part.number}")
    return html
