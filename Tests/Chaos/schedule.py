"""What a round has, from its seed alone, so that any round can be had again.

Round n of a run with the seed s has the seed s + n. Which fault it has stands in a cycle that holds each fault as often
as its weight says; every cycle is shuffled in its own way. The places of kill -9 are gone through one after the other.

What the instances are before a round is what they are after the round of the seed before: a slot has even and odd
rounds; after odd ones its instance runs, after even ones it may be stopped or gone. So nothing older than one round
matters.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from . import faults
from .population import SLOTS, Slot

Steps = dict[str, list[str]]


@dataclass(frozen=True)
class Plan:
    """What is to happen in one round."""

    seed: int
    fault: type
    # How often this fault came before, in all cycles from the first on.
    turn: int
    # What the instance of each slot is before the round: running, stopped or absent.
    before: dict[Slot, str]
    # What is done with it: the verb of an operation, or None where it is left alone.
    verbs: dict[Slot, str | None]

    @property
    def random(self) -> random.Random:
        """Chances for whatever else the round has to choose, always the same ones."""
        return random.Random(f"round {self.seed}")


CYCLE = [fault for fault in faults.ALL for _ in range(fault.weight)]


def plan(seed: int) -> Plan:
    cycle, place = divmod(seed, len(CYCLE))
    order = list(CYCLE)
    random.Random(f"cycle {cycle}").shuffle(order)
    fault = order[place]
    turn = cycle * fault.weight + order[:place].count(fault)
    before = {slot: _after(seed - 1, number) for number, slot in enumerate(SLOTS)}
    verbs = {slot: _verb(seed, number) for number, slot in enumerate(SLOTS)}
    if not any(verbs.values()):
        running = [slot for slot in SLOTS if before[slot] == "running"]
        verbs[running[seed % len(running)]] = "hard"
    return Plan(seed, fault, turn, before, verbs)


def seeds(first: int, rounds: int, only: set[str]) -> list[int]:
    """The seeds of a run; with `only`, those whose fault is among them."""
    return list(itertools.islice(_seeds(first, only), rounds))


def one_of_each_kind(first: int, only: set[str]) -> list[int]:
    """Seeds with one fault of each kind; the faults of a kind stand in one file."""
    kinds = {fault.__module__ for fault in faults.ALL if not only or fault.name in only}
    found: dict[str, int] = {}
    for seed in _seeds(first, only):
        found.setdefault(plan(seed).fault.__module__, seed)
        if len(found) == len(kinds):
            break
    return list(found.values())


def _seeds(first: int, only: set[str]) -> Iterator[int]:
    return (seed for seed in itertools.count(first) if not only or plan(seed).fault.name in only)


def _verb(seed: int, number: int) -> str | None:
    chance = random.Random(f"slot {number} in {seed}").random()
    if (seed + number) % 2 == 0:
        # It runs before.
        for verb, limit in (("stop", 0.17), ("remove", 0.34), ("hard", 0.52), ("soft", 0.68)):
            if chance < limit:
                return verb
        return None
    match _after(seed - 1, number):
        case "stopped":
            return "start" if chance < 0.8 else "hard"
        case "absent":
            return "create"
    return "hard" if chance < 0.25 else "soft" if chance < 0.45 else None


def _after(seed: int, number: int) -> str:
    """What the instance of a slot is after the round of that seed."""
    if (seed + number) % 2 == 0:
        match _verb(seed, number):
            case "stop":
                return "stopped"
            case "remove":
                return "absent"
    return "running"
