"""The instances that live from round to round, and the operations on them."""

import time
from dataclasses import dataclass, field

import requests

from EndToEnd.api import API, Refused

# What is said of a server that proves itself by another key.
HOST_KEY_ALARM = "has another host key than the pinned one"

# Nothing but Odoo's one process, from a prepared database: creation takes seconds.
SMALL = {"workers": 0, "cronThreads": 0}


@dataclass(frozen=True)
class Slot:
    """A place for one instance: its name and the server it is on."""

    name: str
    server: str


SLOTS = (Slot("ada", "web1"), Slot("bob", "web2"), Slot("cyd", "web3"), Slot("dan", "web1"), Slot("eve", "web2"))

# What each operation leads to, and the kind of its job.
OPERATIONS = {
    "create": ("running", "instance.create"),
    "start": ("running", "instance.start"),
    "stop": ("stopped", "instance.stop"),
    "soft": ("running", "instance.restart.soft"),
    "hard": ("running", "instance.restart.hard"),
    "remove": ("absent", "instance.remove"),
}
VERBS = {kind: verb for verb, (_, kind) in OPERATIONS.items()}

# What each operation does with the two containers of its instance, where nothing is done twice: how often they are
# made, started and removed.
DONE_ONCE = {
    "create": {"create": 1, "start": 1, "destroy": 0},
    "start": {"create": 0, "start": 1, "destroy": 0},
    "stop": {"create": 0, "start": 0, "destroy": 0},
    "soft": {"create": 0, "start": 1, "destroy": 0},
    "hard": {"create": 1, "start": 1, "destroy": 1},
    "remove": {"create": 0, "start": 0, "destroy": 1},
}


@dataclass
class Operation:
    """One wish for an instance, and the job that came of it."""

    verb: str
    slot: Slot
    key: str
    job: str | None = field(default=None)

    def __str__(self) -> str:
        return f"{self.verb} {self.slot.name} on {self.slot.server}"

    @property
    def kind(self) -> str:
        return OPERATIONS[self.verb][1]

    @property
    def leads_to(self) -> str:
        return OPERATIONS[self.verb][0]

    def ask(self, api: API, within: float = 120) -> "Operation":
        """Asks until the control plane has taken the wish on, as a program does that was not told how it ended.

        Each is harmless to ask twice: a creation by its key, the others since the same wish while its job is under way
        is the same job. Where that has ended meanwhile, the refusal says that it is so already.
        """
        end = time.monotonic() + within
        in_doubt = False
        while True:
            try:
                self.job = self._ask_once(api)
                return self
            except requests.RequestException as error:
                in_doubt, reason = True, error
            except Refused as refused:
                if refused.status == 503:
                    in_doubt, reason = True, refused
                elif HOST_KEY_ALARM in refused.title:
                    # Nothing new is begun on such a server: whoever asked asks again when the alarm is over.
                    reason = refused
                elif in_doubt and refused.status in (404, 409) and (job := self._job_of_before(api)):
                    self.job = job
                    return self
                else:
                    raise
            assert time.monotonic() < end, f"{self} was not taken on within {within} s: {reason}"
            time.sleep(0.2)

    def _ask_once(self, api: API) -> str:
        name = self.slot.name
        match self.verb:
            case "create":
                return api.create(name, key=f"{self.key} {name}", server=self.slot.server, settings=SMALL)["job"]["id"]
            case "start":
                return api.start(name)["id"]
            case "stop":
                return api.stop(name)["id"]
            case "remove":
                return api.remove(name)["id"]
        return api.restart(name, self.verb)["id"]

    def _job_of_before(self, api: API) -> str | None:
        """The job that an earlier wish led to whose answer was lost."""
        newest = api.ask("GET", "/jobs", params={"limit": 50})["items"]
        found = [each["id"] for each in newest if each["kind"] == self.kind and each["instanceName"] == self.slot.name]
        return found[0] if found else None
