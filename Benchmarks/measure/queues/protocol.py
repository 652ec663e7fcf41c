"""What every measured queue is as a program, so that one driver measures them all alike.

BENCH_DATABASE names an empty database. The commands:

    prepare                 makes the queue's tables
    fill COUNT              asks for COUNT jobs, many in a statement; the time it takes is not looked at
    enqueue COUNT RATE      asks for COUNT jobs one by one on one connection, RATE a second (0: at once after one
                            another), each committed; prints how long each call took
    hold                    asks for one job that never ends
    work CONCURRENCY COUNT  works until COUNT jobs have begun, ends in good order, then prints “asked began” of each;
                            a job that never ends prints “holding TIME” when it begins

All times are nanoseconds of the machine's monotonic clock, which its processes share.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import uvloop


class Queue(Protocol):
    """A queue that is written in Python."""

    async def prepare(self) -> None: ...
    async def fill(self, count: int) -> None: ...
    async def connect(self) -> Callable[[int], Awaitable[object]]:
        """Connects, and returns how one job is asked for: by a call with the time at which it began."""

    async def hold(self) -> None: ...
    async def work(self, concurrency: int, record: "Record") -> None:
        """Works until `record.complete` is set."""


class Record:
    """When jobs were asked for and when they began."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.entries: list[tuple[int, int]] = []
        self.complete = asyncio.Event()

    def note(self, asked_at: int) -> None:
        self.entries.append((asked_at, time.monotonic_ns()))
        if len(self.entries) == self.count:
            self.complete.set()


def say_holding() -> None:
    print("holding", time.monotonic_ns(), flush=True)


def run(queue: Queue) -> None:
    """Does what the command line asks for."""
    uvloop.run(_run(queue, sys.argv[1], *map(int, sys.argv[2:])))


async def _run(queue: Queue, command: str, *numbers: int) -> None:
    match command:
        case "prepare":
            await queue.prepare()
        case "fill":
            await queue.fill(*numbers)
        case "enqueue":
            await _enqueue(queue, *numbers)
        case "hold":
            await queue.hold()
        case "work":
            concurrency, count = numbers
            record = Record(count)
            await queue.work(concurrency, record)
            sys.stdout.writelines(f"{asked} {began}\n" for asked, began in record.entries)
        case _:
            sys.exit(f"there is no command “{command}”")


async def _enqueue(queue: Queue, count: int, rate: int) -> None:
    ask = await queue.connect()
    durations = []
    begin = time.monotonic()
    for number in range(count):
        if rate and (pause := begin + number / rate - time.monotonic()) > 0:
            await asyncio.sleep(pause)
        asked_at = time.monotonic_ns()
        await ask(asked_at)
        durations.append(time.monotonic_ns() - asked_at)
    sys.stdout.writelines(f"{duration}\n" for duration in durations)
