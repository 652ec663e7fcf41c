"""pgqueuer (MIT, PyPI), a queue in PostgreSQL for Python, with its defaults and its faster driver, asyncpg.

Its concurrency is the size of its batches: it has no limit of its own on what runs at once.
"""

import asyncio
import os
import time

import asyncpg
import pgqueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from measure.queues import protocol


class PgQueuer:
    async def _driver(self) -> AsyncpgDriver:
        return AsyncpgDriver(await asyncpg.connect(os.environ["BENCH_DATABASE"]))

    async def prepare(self) -> None:
        await Queries(await self._driver()).install()

    async def fill(self, count: int) -> None:
        queries = Queries(await self._driver())
        for start in range(0, count, 1000):
            size = min(1000, count - start)
            await queries.enqueue(["nothing"] * size, [str(time.monotonic_ns()).encode()] * size, [0] * size)

    async def connect(self):
        queries = Queries(await self._driver())
        return lambda asked_at: queries.enqueue("nothing", str(asked_at).encode(), 0)

    async def hold(self) -> None:
        await Queries(await self._driver()).enqueue("holding", b"", 0)

    async def work(self, concurrency: int, record: protocol.Record) -> None:
        worker = pgqueuer.PgQueuer(await self._driver())

        @worker.entrypoint("nothing")
        async def nothing(job: pgqueuer.Job) -> None:
            record.note(int(job.payload))

        @worker.entrypoint("holding")
        async def holding(job: pgqueuer.Job) -> None:
            protocol.say_holding()
            await asyncio.sleep(3600)

        running = asyncio.ensure_future(worker.qm.run(batch_size=concurrency))
        completed = asyncio.ensure_future(record.complete.wait())
        await asyncio.wait({running, completed}, return_when=asyncio.FIRST_COMPLETED)
        worker.shutdown.set()
        await running


if __name__ == "__main__":
    protocol.run(PgQueuer())
