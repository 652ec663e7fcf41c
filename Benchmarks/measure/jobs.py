"""The queue: asking for jobs, working on them, picking them up, and taking over from the dead.

Every job does nothing. The queues take turns, so that what else the machine does meets all of them; a figure is the
median of the rounds' ratios.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from measure import processes, server
from measure.figures import Failed, Figure, Figures, median, note, percentile
from measure.places import BENCH_PROGRAMS, ROOT
from measure.server import Server

ROUNDS = 5
ASKED = 1_000
WORKED = 10_000
PICKED_UP = 200
RATE = 50
# One organisation has BURDEN jobs waiting, of that many milliseconds; OTHERS jobs of others come at OTHERS_RATE a second.
BURDEN = 10_000
BURDEN_MS = 20
OTHERS = 100
OTHERS_RATE = 5


@dataclass(frozen=True)
class Queue:
    name: str
    words: tuple[str | Path, ...]
    # How many jobs are not done.
    unfinished: str
    # When jobs were first taken and last noted as done, by the server's clock.
    taken: str
    done: str

    @property
    def database(self) -> str:
        return f"bench_{self.name}"

    def prepare(self, server: Server) -> None:
        server.make(self.database)
        self.run(server, "prepare")

    def run(self, server: Server, *command: object) -> str:
        return processes.run([*self.words, *map(str, command)], **self._settings(server))

    def working(self, server: Server, concurrency: int, count: int):
        """A worker that runs meanwhile."""
        words = [*self.words, "work", str(concurrency), str(count)]
        return processes.running(words, stdout=subprocess.PIPE, text=True, **self._settings(server))

    def _settings(self, server: Server) -> dict:
        folder = ROOT / "Benchmarks"
        environment = processes.with_environment(
            BENCH_DATABASE=server.address(self.database), PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1"
        )
        return {"cwd": folder, "env": environment}


def _python(module: str) -> tuple[str, ...]:
    return sys.executable, "-m", f"measure.queues.{module}"


OURS = Queue(
    "odeum",
    (BENCH_PROGRAMS / "queue-bench",),
    unfinished="select count(*) from job where state <> 'succeeded'",
    taken="select min(started_at) from job",
    done="select max(finished_at) from job",
)
PGQUEUER = Queue(
    "pgqueuer",
    _python("pgqueuer_queue"),
    unfinished="select count(*) from pgqueuer",
    taken="select min(created) from pgqueuer_log where status = 'picked'",
    done="select max(created) from pgqueuer_log where status = 'successful'",
)
PLAIN = Queue(
    "plain",
    _python("plain_sql"),
    unfinished="select count(*) from task where state <> 'done'",
    taken="select min(taken) from task",
    done="select max(ended) from task",
)
QUEUES = (OURS, PGQUEUER, PLAIN)


def measure(figures: Figures) -> None:
    with server.running() as postgres:
        note("jobs: asking for them one by one")
        _tell_rates(figures, "jobs.enqueue", _in_turns(lambda queue: _enqueue(postgres, queue)))
        for concurrency in (10, 100):
            note(f"jobs: working, {concurrency} at once")
            rates = _in_turns(lambda queue, at_once=concurrency: _work(postgres, queue, at_once))
            _tell_rates(figures, f"jobs.work.{concurrency}", rates)
        note(f"jobs: picking them up, {RATE} a second")
        latencies = _in_turns(lambda queue: _pick_up(postgres, queue))
        _tell_latencies(figures, latencies)
        unburdened = percentile([value for values in latencies[OURS.name] for value in values], 99)
        note(f"jobs: picking up those of others while {BURDEN:,} of one organisation wait")
        _tell_fairness(figures, postgres, unburdened)
        note("jobs: a worker is killed")
        with ThreadPoolExecutor() as pool:
            ours, theirs = pool.map(lambda queue: _take_over(postgres, queue), (OURS, PGQUEUER))
        seen = f"odeum {ours:.1f} s, pgqueuer {theirs:.1f} s"
        figures.add(Figure("jobs.takeover", ours, "s", seen, at_most=20))


def _in_turns(measurement) -> dict[str, list]:
    results = {queue.name: [] for queue in QUEUES}
    for turn in range(ROUNDS):
        for place in range(len(QUEUES)):
            queue = QUEUES[(turn + place) % len(QUEUES)]
            results[queue.name].append(measurement(queue))
    return results


def _enqueue(postgres: Server, queue: Queue) -> float:
    """Jobs a second."""
    queue.prepare(postgres)
    durations = [int(line) for line in queue.run(postgres, "enqueue", ASKED, 0).split()]
    return len(durations) / (sum(durations) / 1e9)


def _work(postgres: Server, queue: Queue, concurrency: int) -> float:
    """Jobs a second, from the taking of the first to the note that the last one is done."""
    queue.prepare(postgres)
    queue.run(postgres, "fill", WORKED)
    postgres.settle(queue.database)
    queue.run(postgres, "work", concurrency, WORKED)
    if left := int(postgres.sql(queue.unfinished, queue.database)):
        raise Failed(f"{queue.name} left {left} of {WORKED} jobs unfinished")
    span = f"select extract(epoch from ({queue.done}) - ({queue.taken}))"
    return WORKED / float(postgres.sql(span, queue.database))


def _pick_up(postgres: Server, queue: Queue) -> list[float]:
    """Milliseconds from the call that asks for a job to its beginning."""
    queue.prepare(postgres)
    with queue.working(postgres, 10, 1 + PICKED_UP) as worker:
        # The first job tells that the worker is there; a second later everything in it has come to rest.
        queue.run(postgres, "enqueue", 1, 0)
        _await_first(worker, lambda: not int(postgres.sql(queue.unfinished, queue.database)), queue)
        time.sleep(1)
        queue.run(postgres, "enqueue", PICKED_UP, RATE)
        return _latencies(worker, PICKED_UP, queue)


def _tell_fairness(figures: Figures, postgres: Server, unburdened: float) -> None:
    """What others wait for a beginning while one organisation fills every place of the worker; beside it what they
    waited, in milliseconds, when nobody did, since that is mostly the machine's part."""
    OURS.prepare(postgres)
    OURS.run(postgres, "burden", BURDEN, BURDEN_MS)
    postgres.settle(OURS.database)
    finished = "select count(*) from job where state = 'succeeded'"
    with OURS.working(postgres, 10, 1 + OTHERS) as worker:
        OURS.run(postgres, "enqueue", 1, 0)
        _await_first(worker, lambda: int(postgres.sql(finished, OURS.database)) > 100, OURS)
        OURS.run(postgres, "others", OTHERS, OTHERS_RATE)
        left = int(postgres.sql(OURS.unfinished, OURS.database))
        latencies = _latencies(worker, OTHERS, OURS)
    if left < BURDEN // 100:
        raise Failed(f"only {left} of {BURDEN} jobs were still waiting when the last of the others was asked for")
    seen = (
        f"median {percentile(latencies, 50):.1f} ms, longest {max(latencies):.1f} ms, {left:,} still waiting at the "
        f"end; p99 with nobody else waiting {unburdened:.1f} ms"
    )
    figures.add(Figure("jobs.fairness.p99", percentile(latencies, 99), "ms", seen, at_most=100))


def _await_first(worker: subprocess.Popen, is_there: Callable[[], bool], queue: Queue) -> None:
    end = time.monotonic() + 30
    while not is_there():
        if worker.poll() is not None or time.monotonic() > end:
            raise Failed(f"the worker of {queue.name} does not do its first job")
        time.sleep(0.1)


def _latencies(worker: subprocess.Popen, count: int, queue: Queue) -> list[float]:
    """Of the worker's jobs, the first one apart."""
    said, _ = worker.communicate(timeout=60)
    times = sorted(_times(said))[1:]
    if len(times) != count:
        raise Failed(f"{queue.name} began {len(times)} of {count} jobs")
    return [(began - asked) / 1e6 for asked, began in times]


def _take_over(postgres: Server, queue: Queue) -> float:
    """Seconds from the death of a worker to the beginning of its job at another one."""
    queue.prepare(postgres)
    with ExitStack() as stack:
        first = stack.enter_context(queue.working(postgres, 1, 1_000_000))
        queue.run(postgres, "hold")
        _await_holding(first, queue, 30)
        second = stack.enter_context(queue.working(postgres, 1, 1_000_000))
        stack.callback(second.kill)
        time.sleep(5)
        killed_at = time.monotonic_ns()
        first.kill()
        return (_await_holding(second, queue, 120) - killed_at) / 1e9


def _await_holding(worker: subprocess.Popen, queue: Queue, patience: float) -> int:
    """When the job that holds began, by what its worker says."""
    impatience = threading.Timer(patience, worker.kill)
    impatience.start()
    try:
        for line in worker.stdout:
            if line.startswith("holding "):
                return int(line.split()[1])
    finally:
        impatience.cancel()
    raise Failed(f"no worker of {queue.name} began the job within {patience} s")


def _times(lines: str) -> list[tuple[int, int]]:
    return [(int(asked), int(began)) for asked, began in (line.split() for line in lines.splitlines())]


def _tell_rates(figures: Figures, name: str, rates: dict[str, list[float]]) -> None:
    def ratio(reference: str) -> float:
        return median(ours / theirs for ours, theirs in zip(rates["odeum"], rates[reference], strict=True))

    seen = ", ".join(f"{queue} {median(values):,.0f}/s" for queue, values in rates.items())
    figures.add(Figure(name, ratio("pgqueuer"), "x pgqueuer", seen, at_least=1))
    figures.add(Figure(f"{name}.of-plain", ratio("plain"), "x plain SQL"))


def _tell_latencies(figures: Figures, latencies: dict[str, list[list[float]]]) -> None:
    pooled = {queue: [value for values in rounds for value in values] for queue, rounds in latencies.items()}
    for percent in (50, 99):
        values = {queue: percentile(all_values, percent) for queue, all_values in pooled.items()}
        seen = ", ".join(f"{queue} {value:.2f} ms" for queue, value in values.items())
        name = f"jobs.pickup.p{percent}"
        figures.add(Figure(name, values["odeum"] / values["pgqueuer"], "x pgqueuer", seen, at_most=1))
        figures.add(Figure(f"{name}.of-plain", values["odeum"] / values["plain"], "x plain SQL"))
