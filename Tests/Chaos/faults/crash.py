"""kill -9 of a process of the control plane, before and after each step of each operation."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from EndToEnd.waiting import until

from ..population import SLOTS, VERBS, Operation, Slot
from .fault import Fault

if TYPE_CHECKING:
    from ..schedule import Steps

# One instance goes through both operations of a round, one after the other.
PAIRS = (("instance.create", "instance.remove"), ("instance.stop", "instance.start"),
         ("instance.restart.soft", "instance.restart.hard"))

Place = tuple[str, str, str]


def places(steps: Steps, turn: int) -> tuple[Place, Place]:
    """The places of the turn-th round of this kind: kind, step and moment of two kills. One kind of the pair may have
    fewer places than the other; then it begins anew."""
    def of(kind: str) -> list[Place]:
        found = [(kind, step, moment) for step in steps[kind] for moment in ("before", "after")]
        random.Random(kind).shuffle(found)
        return found

    rounds = [
        (first[number % len(first)], second[number % len(second)])
        for first, second in ((of(a), of(b)) for a, b in PAIRS) for number in range(max(len(first), len(second)))
    ]
    random.Random("pairs").shuffle(rounds)
    return rounds[turn % len(rounds)]


class Crash(Fault):
    """The first kill is mended by starting the process again, the second one by the other process alone."""

    title = "kill -9"
    name = "kill"
    weight = 5

    def run(self) -> None:
        """A round of its own kind: the processes are started for each place."""
        chosen = places(self.round.steps, self.round.plan.turn)
        self.round.says = " and ".join("/".join(place) for place in chosen)
        others = self.round.wishes
        slot = None
        for number, (kind, step, moment) in enumerate(chosen):
            victim = self.random.choice(list(self.bed.processes))
            self.bed.restart(victim, ODEUM_CRASH_AT=f"{kind}/{step}/{moment}")
            holders = self.bed.await_balance()
            wish = self._wish(kind, slot, [server for server in sorted(holders) if holders[server] == victim], number)
            slot = wish.slot
            others = [each for each in others if each.slot != slot]
            with ThreadPoolExecutor() as threads:
                asked = [threads.submit(each.ask, self.bed.api) for each in [wish, *others]]
                until(f"{victim} is killed at {kind}/{step}/{moment}", lambda: not self.bed.is_alive(victim), 90)
                assert self.bed.processes[victim].wait_for_end() == -9, f"{victim} ended by itself"
                self._recover(victim, number == 0)
                for each in asked:
                    each.result()
            self.bed.await_quiet(self.patience)
            self.round.finish([wish, *others])
            others = []

    def _wish(self, kind: str, slot: Slot | None, servers: list[str], number: int) -> Operation:
        """An operation of this kind on a server that the process looks after which is to be killed."""
        verb = VERBS[kind]
        if slot is None or slot.server not in servers:
            if verb in ("create", "remove"):
                slot = Slot("pig", servers[0])
                # There is one of them at most, and it goes at the end.
                self.round.bring({each: "absent" for each in self.round.desired if each.name == "pig"})
            else:
                slot = self.random.choice([each for each in SLOTS if each.server in servers])
        needs = {"create": "absent", "start": "stopped"}.get(verb, "running")
        self.round.bring({slot: needs})
        return Operation(verb, slot, f"{self.round.plan.seed} {number}")

    def _recover(self, victim: str, again: bool) -> None:
        began = time.monotonic()
        if again:
            self.bed.start(victim)
        self.bed.await_quiet(self.patience)
        seconds = time.monotonic() - began
        self.round.recovered(f"{self.title}, {'started again' if again else 'another goes on'}", seconds)
        if not again:
            self.bed.start(victim)

    def heal(self) -> None:
        self.bed.revive()

    def forget(self) -> None:
        self.round.bring({each: "absent" for each in self.round.desired if each.name == "pig"})
        for who, settings in self.bed.launched_with.items():
            if settings:
                self.bed.restart(who)
