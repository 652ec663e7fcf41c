"""Answers on the web port: Mailpit's API below /api/v1, and pages for people."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import api
import pages
from inbox import Inbox

# Kinds of attachment that a browser may show; everything else is offered as a file.
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"}


class NotFound(Exception):
    pass


class BadRequest(Exception):
    pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mail-catcher"
    inbox: Inbox
    root: str

    def do_GET(self):
        self.dispatch("GET")

    def do_PUT(self):
        self.dispatch("PUT")

    def do_DELETE(self):
        self.dispatch("DELETE")

    def dispatch(self, method: str) -> None:
        address = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(address.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if not address.path.startswith(self.root):
                raise NotFound
            path = address.path.removeprefix(self.root) or "/"
            for verb, pattern, answer in ROUTES:
                found = re.fullmatch(pattern, path)
                if verb == method and found:
                    return answer(self, *found.groups(), **({"body": body} if method != "GET" else {}))
            raise NotFound
        except NotFound:
            self.give("Error: no such message or page", status=404)
        except (BadRequest, ValueError) as error:
            self.give(f"Error: {error}", status=400)

    def message(self, id: str):
        message = self.inbox.find(id)
        if message is None:
            raise NotFound
        return message

    def list_messages(self):
        self.give_json(self.page_of(self.inbox.messages()))

    def search(self):
        self.give_json(self.page_of(self.inbox.search(self.query.get("query", ""))))

    def page_of(self, found):
        start = max(0, int(self.query.get("start", "0")))
        limit = max(0, int(self.query.get("limit", "50")))
        return api.listing(found, self.inbox, start, limit)

    def show_message(self, id: str):
        message = self.message(id)
        message.read = True
        self.give_json(api.whole(message))

    def show_headers(self, id: str):
        self.give_json(api.headers(self.message(id)))

    def show_raw(self, id: str):
        self.give(self.message(id).raw, "text/plain; charset=utf-8")

    def show_part(self, id: str, number: str):
        message = self.message(id)
        for part in message.attachments + message.inline:
            if part.number == number:
                shown = part.kind in SHOWN
                kind = part.kind if shown else "application/octet-stream"
                return self.give(part.content, kind, file=None if shown else part.name)
        raise NotFound

    def remove_messages(self, body: bytes):
        self.inbox.remove(self.named(body).get("IDs") or [])
        self.give("ok")

    def mark_messages(self, body: bytes):
        wanted = self.named(body)
        self.inbox.mark(wanted.get("IDs") or [], bool(wanted.get("Read")))
        self.give("ok")

    def named(self, body: bytes) -> dict:
        if not body.strip():
            return {}
        wanted = json.loads(body)
        if not isinstance(wanted, dict):
            raise BadRequest("the body must be a JSON object, for example {\"IDs\": []}")
        return wanted

    def show_info(self):
        self.give_json(api.info(self.inbox))

    def show_inbox(self):
        self.give(pages.listing(self.inbox.messages(), self.root), policy=pages.PAGE_POLICY)

    def view(self, id: str):
        message = self.message(id)
        message.read = True
        self.give(pages.single(message, self.root), policy=pages.PAGE_POLICY)

    def view_html(self, id: str):
        self.give(pages.body(self.message(id), self.root), policy=pages.MAIL_POLICY)

    def view_text(self, id: str):
        self.give(self.message(id).text, "text/plain; charset=utf-8")

    def ready(self):
        self.give("ok", "text/plain; charset=utf-8")

    def give_json(self, value) -> None:
        self.give(json.dumps(value, ensure_ascii=False), "application/json")

    def give(self, content: str | bytes, kind: str = "text/html; charset=utf-8", status: int = 200,
             policy: str = "sandbox; default-src 'none'", file: str | None = None) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        if file is not None:
            safe = re.sub(r"[^\w.\- ]", "_", file, flags=re.ASCII)
            self.send_header("Content-Disposition", f'attachment; filename="{safe}"')
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Silent: the health check alone would fill the log."""


ID = r"([A-Za-z0-9]+)"
ROUTES = [
    ("GET", r"/api/v1/info", Handler.show_info),
    ("GET", r"/api/v1/messages", Handler.list_messages),
    ("PUT", r"/api/v1/messages", Handler.mark_messages),
    ("DELETE", r"/api/v1/messages", Handler.remove_messages),
    ("GET", r"/api/v1/search", Handler.search),
    ("GET", rf"/api/v1/message/{ID}", Handler.show_message),
    ("GET", rf"/api/v1/message/{ID}/headers", Handler.show_headers),
    ("GET", rf"/api/v1/message/{ID}/raw", Handler.show_raw),
    ("GET", rf"/api/v1/message/{ID}/part/([0-9]+)", Handler.show_part),
    ("GET", rf"/view/{ID}", Handler.view),
    ("GET", rf"/view/{ID}\.html", Handler.view_html),
    ("GET", rf"/view/{ID}\.txt", Handler.view_text),
    ("GET", r"/livez|/readyz", Handler.ready),
    ("GET", r"/", Handler.show_inbox),
]


def start_web(inbox: Inbox, host: str, port: int, root: str) -> ThreadingHTTPServer:
    handler = type("InboxHandler", (Handler,), {"inbox": inbox, "root": root})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
