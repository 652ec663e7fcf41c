"""Progress lines: what, and the seconds since the build of this image began."""

import sys
import threading
import time

_lock = threading.Lock()


class BuildFailed(Exception):
    """A build cannot go on: says what happened and what to do next."""


class Progress:
    def __init__(self, subject: str):
        self.subject = subject
        self.begun = time.monotonic()

    def say(self, text: str) -> None:
        seconds = time.monotonic() - self.begun
        with _lock:
            print(f"lab: {self.subject}: {text} ({seconds:.1f} s)", file=sys.stderr, flush=True)
