"""One of two processes stands still in the middle of a step for longer than its lease, and then goes on."""

import os
import signal
import time

from EndToEnd.waiting import until

from .fault import Fault


class Standstill(Fault):
    """SIGSTOP, until the other process has ended everything, and SIGCONT."""

    title = "one of two stopped, goes on"
    name = "standstill"
    weight = 2
    goes_on = True

    def prepare(self) -> None:
        self.bed.await_balance()
        self.pid = None
        self.who = ""
        self.lasts = 60 if self.round.plan.turn % 5 == 0 else 0

    def inject(self) -> None:
        self.who = until("somebody looks after the server", lambda: self.bed.holder(self.server), 30)
        self.pid = self.bed.processes[self.who].process.pid
        self.worker = self.bed.database.sql(f"select id from job_worker where process = {self.pid}")
        self.began = time.monotonic()
        os.kill(self.pid, signal.SIGSTOP)

    @property
    def can_be_asked(self) -> bool:
        return self.who != "serve"

    def stay(self) -> None:
        bed = self.bed
        until(
            f"{self.who}, which stands still, is taken for dead",
            lambda: bed.database.sql(f"select count(*) from job_worker where id = '{self.worker}'") == "0", 40, every=0.2)
        # A minute is a minute: so long it stands still, whatever the others do.
        time.sleep(max(0, self.began + self.lasts - time.monotonic()))
        self.leases = bed.database.sql("select id, lease, state from job where subject is not null order by id")
        self.marks = {name: recorder.settled() for name, recorder in bed.recorders.items()}

    def heal(self) -> None:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)

    def verify(self) -> None:
        bed = self.bed
        until(
            f"{self.who} begins anew under another number",
            lambda: bed.database.sql(
                f"select count(*) from job_worker where process = {self.pid} and id <> '{self.worker}'") == "1", 60)
        bed.await_balance()
        for name, recorder in bed.recorders.items():
            recorder.settled()
            done = [str(event) for event in recorder.since(self.marks[name])]
            assert not done, f"{self.who} did this on {name} when it went on: {done}"
        assert bed.database.sql("select id, lease, state from job where subject is not null order by id") == self.leases
        self.verify_done_once()
