"""Catches every mail that is sent to port 1025 and shows it on port 8025.

Environment, named as Mailpit names it:
  MP_SMTP_BIND_ADDR   where mail is taken (0.0.0.0:1025)
  MP_UI_BIND_ADDR     where the page and the API answer (0.0.0.0:8025)
  MP_WEBROOT          path below which they answer (/)
  MP_MAX_MESSAGES     how many are kept; the oldest go first (500; 0: all)
"""

import os
import signal
import sys
import threading

from inbox import Inbox
from smtp import start_smtp
from web import start_web


def main(words: list[str]) -> int:
    if words:
        print(f"this stand-in takes no options, but got: {' '.join(words)}; use the MP_ variables", file=sys.stderr)
        return 2

    inbox = Inbox(keep=int(os.environ.get("MP_MAX_MESSAGES", "500")))
    ui_host, ui_port = address("MP_UI_BIND_ADDR", "0.0.0.0:8025")
    root = "/" + os.environ.get("MP_WEBROOT", "").strip("/")
    smtp_host, smtp_port = address("MP_SMTP_BIND_ADDR", "0.0.0.0:1025")
    smtp = start_smtp(inbox, smtp_host, smtp_port)
    web = start_web(inbox, ui_host, ui_port, root.rstrip("/"))
    print(f"mail catcher: SMTP on {smtp_host}:{smtp_port}, page and API on {ui_host}:{ui_port}{root}", flush=True)

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    web.shutdown()
    smtp.stop()
    return 0


def address(name: str, default: str) -> tuple[str, int]:
    host, _, port = os.environ.get(name, default).rpartition(":")
    return host.strip("[]") or "0.0.0.0", int(port)


sys.exit(main(sys.argv[1:]))
