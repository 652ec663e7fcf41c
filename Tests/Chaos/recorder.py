"""What the engines did with containers, told by themselves while it happened."""

import json
import threading
import time
from dataclasses import dataclass

from EndToEnd.engine import Engine
from EndToEnd.waiting import until

# What changes a container; others (exec_create and the like) only look.
CHANGES = ("create", "start", "kill", "stop", "die", "destroy")


@dataclass(frozen=True)
class Event:
    """One thing that an engine did with a container."""

    at: int
    action: str
    container: str
    name: str

    def __str__(self) -> str:
        return f"{self.action} {self.name}"


class Recorder:
    """Follows the events of one engine in a thread of its own. When the engine was away, it goes on where it was."""

    def __init__(self, server: str, engine: Engine) -> None:
        self.server = server
        self._engine = engine
        self._events: list[Event] = []
        self._connection = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"events of {server}", daemon=True)
        self._thread.start()

    def mark(self) -> int:
        """A place in the record, for `since`."""
        return len(self._events)

    def settled(self) -> int:
        """The mark when nothing has happened for a moment, so that whatever is on its way is in the record."""
        seen = [-1, self.mark()]

        def is_still() -> bool:
            seen.append(self.mark())
            return len(set(seen[-10:])) == 1

        until(f"the engine of {self.server} does nothing", is_still, 30)
        return self.mark()

    def since(self, mark: int) -> list[Event]:
        return self._events[mark:]

    def close(self) -> None:
        self._end.set()
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.close()

    def _follow(self) -> None:
        last = time.time_ns()
        while not self._end.is_set():
            try:
                self._connection, answer = self._engine.ask(
                    "GET", "/events", since=f"{last // 10**9}.{last % 10**9:09}", timeout=None,
                    filters={"type": ["container"], "event": list(CHANGES)})
                while line := answer.readline():
                    told = json.loads(line)
                    if told["timeNano"] <= last:
                        continue
                    last = told["timeNano"]
                    self._events.append(
                        Event(last, told["Action"], told["Actor"]["ID"], told["Actor"]["Attributes"].get("name", "")))
            except (OSError, ValueError, AttributeError):
                # The engine is away, or this end was closed.
                pass
            self._end.wait(0.2)
