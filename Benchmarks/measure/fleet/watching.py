"""How soon a control plane knows its fleet after a start, and what watching it costs from then on."""

import time
from collections import Counter

from measure.figures import Failed, Figure, Figures, median, note
from measure.fleet import costs
from measure.fleet.fleet import Fleet
from measure.server import Server

ROUNDS = 3
# How often a server is looked at where nothing happens on it: WatchTiming.rhythm.
RHYTHM = 15
SETTLING = 120
WATCHED = 120


def measure(figures: Figures, fleet: Fleet, postgres: Server) -> None:
    note(f"fleet: start-up, {ROUNDS} times")
    starts, work = [], []
    for number in range(ROUNDS):
        since, before = fleet.now(), _simulated_seconds(fleet)
        with fleet.plane.launched():
            starts.append(fleet.await_known(since, 300))
            work.append((costs.processor_seconds(fleet.plane.process.pid), _simulated_seconds(fleet) - before))
            fleet.plane.await_ready()
            if number == ROUNDS - 1:
                _tell_start(figures, fleet, starts, work)
                _watch(figures, fleet, postgres)


def _simulated_seconds(fleet: Fleet) -> float:
    return sum(map(costs.processor_seconds, fleet.servers.processes))


def _tell_start(figures: Figures, fleet: Fleet, starts: list[float], work: list[tuple[float, float]]) -> None:
    rounds = ", ".join(f"{seconds:.1f} s" for seconds in starts)
    ours, theirs = (median(seconds[who] for seconds in work) for who in (0, 1))
    seen = (
        f"{fleet.number('instances'):,} instances on {len(fleet.servers.servers)} simulated servers: {rounds}; "
        f"{ours:.1f} s of processor time for odeumd and ssh, {theirs:.1f} s for the servers on the same machine"
    )
    figures.add(Figure("fleet.start", median(starts), "s", seen, at_most=10))


def _watch(figures: Figures, fleet: Fleet, postgres: Server) -> None:
    note(f"fleet: nothing happens, for {SETTLING} s and then for {WATCHED} s")
    time.sleep(SETTLING)
    _require_rest(fleet)
    roots = fleet.plane.process.pid, postgres.process.pid
    questions = fleet.servers.questions()
    begun = time.monotonic()
    before = [costs.processor_seconds(root) for root in roots]
    time.sleep(WATCHED)
    after = [costs.processor_seconds(root) for root in roots]
    seconds = time.monotonic() - begun
    asked = sum((counts - questions[number] for number, counts in fleet.servers.questions().items()), Counter())
    _require_rest(fleet)
    ours, database = (100 * (new - old) / seconds for old, new in zip(before, after, strict=True))
    seen = f"odeumd with its ssh processes, over {seconds:.0f} s; PostgreSQL beside it {database:.1f} %"
    figures.add(Figure("fleet.watch.cpu", ours, "% of a core", seen, at_most=5))
    _tell_memory(figures, roots[0])
    _tell_questions(figures, asked, ticks=len(fleet.servers.servers) * seconds / RHYTHM)


def _require_rest(fleet: Fleet) -> None:
    others = fleet.sql("select status, count(*) from instances where status <> 'running' group by 1")
    if others:
        raise Failed(f"all simulated instances run, and some are taken for something else: {others}")


def _tell_memory(figures: Figures, odeumd: int) -> None:
    resident = costs.memory(odeumd, "Rss")
    family = costs.family(odeumd)
    shares = sum(costs.memory(process, "Pss") for process in family)
    seen = f"odeumd, resident; with its {len(family) - 1} ssh processes, shared pages by their share, {shares:.0f} MB"
    figures.add(Figure("fleet.watch.memory", resident, "MB", seen, at_most=150))


def _tell_questions(figures: Figures, asked: Counter, ticks: float) -> None:
    kinds = ", ".join(f"{kind} {count / ticks:.2f}" for kind, count in asked.most_common())
    figures.add(Figure("fleet.watch.roundtrips", asked.total() / ticks, "a server and tick", kinds, at_most=1))
