"""A queue of nothing but SQL: what this machine and this PostgreSQL can do at best.

One table, a claim of many rows at once, one statement for all that are done, a NOTIFY per inserting statement. There
are no steps, logs, retries, leases or uniqueness; whoever adds these can only come near it.
"""

import asyncio
import json
import os
import time

import asyncpg

from measure.queues import protocol

SCHEMA = """
    create table task (
      id bigint generated always as identity primary key,
      state text not null default 'waiting',
      body jsonb not null,
      due timestamptz not null default now(),
      taken timestamptz,
      ended timestamptz
    );
    create index task_waiting on task (due, id) where state = 'waiting';
    create function task_arrived() returns trigger language plpgsql as
      $$ begin notify task_arrived; return null; end $$;
    create trigger task_arrived after insert on task for each statement execute function task_arrived();
"""
INSERT = "insert into task (body) values ($1)"
INSERT_MANY = "insert into task (body) select unnest($1::jsonb[])"
CLAIM = """
    update task set state = 'taken', taken = now() where id in (
      select id from task where state = 'waiting' and due <= now() order by due, id limit $1 for update skip locked)
    returning id, body
"""
COMPLETE = "update task set state = 'done', ended = now() where id = any($1) and state = 'taken'"


def body(asked_at: int) -> str:
    return json.dumps({"askedAt": asked_at})


class PlainSQL:
    async def _open(self) -> asyncpg.Connection:
        return await asyncpg.connect(os.environ["BENCH_DATABASE"])

    async def prepare(self) -> None:
        await (await self._open()).execute(SCHEMA)

    async def fill(self, count: int) -> None:
        connection = await self._open()
        for start in range(0, count, 1000):
            size = min(1000, count - start)
            await connection.execute(INSERT_MANY, [body(time.monotonic_ns())] * size)

    async def connect(self):
        insert = await (await self._open()).prepare(INSERT)
        return lambda asked_at: insert.fetch(body(asked_at))

    async def hold(self) -> None:
        raise NotImplementedError("nobody takes over from a dead worker here")

    async def work(self, concurrency: int, record: protocol.Record) -> None:
        arrival = asyncio.Event()
        listener = await self._open()
        await listener.add_listener("task_arrived", lambda *_: arrival.set())
        connection = await self._open()
        claim = await connection.prepare(CLAIM)
        complete = await connection.prepare(COMPLETE)
        while not record.complete.is_set():
            arrival.clear()
            tasks = await claim.fetch(concurrency)
            if not tasks:
                await self._wait(arrival)
                continue
            for task in tasks:
                record.note(json.loads(task["body"])["askedAt"])
            await complete.fetch([task["id"] for task in tasks])

    async def _wait(self, arrival: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(arrival.wait(), timeout=1)
        except TimeoutError:
            pass  # The floor below NOTIFY: look again.


if __name__ == "__main__":
    protocol.run(PlainSQL())
