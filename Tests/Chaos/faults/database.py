"""The control plane's PostgreSQL ends and comes back, loses its connections, or has an old transaction."""

import signal
import subprocess
import time

from .fault import Fault


class DatabaseRestarted(Fault):
    title = "PostgreSQL restarted"
    name = "database-restarted"

    def inject(self) -> None:
        # A fast end, one without tidying up, and a crash of the whole server.
        how = self.random.choice((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))
        self.bed.database.stop(how)

    @property
    def can_be_asked(self) -> bool:
        return False

    def stay(self) -> None:
        time.sleep(self.random.choice((0, 2, 6)))

    def heal(self) -> None:
        if self.bed.database.process.poll() is not None:
            self.bed.database.start()

    def verify(self) -> None:
        self.verify_done_once()


class BackendsKilled(Fault):
    """Every connection is ended, again and again."""

    title = "PostgreSQL's backends killed"
    name = "backends-killed"

    def inject(self) -> None:
        for _ in range(self.random.choice((1, 4, 10))):
            self.bed.database.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'odeum' and pid <> pg_backend_pid()")
            time.sleep(0.3)

    def heal(self) -> None:
        pass

    def verify(self) -> None:
        self.verify_done_once()


class OldTransaction(Fault):
    """Somebody's transaction stays open, with everything in sight that was there when it began."""

    title = "old transaction held open"
    name = "old-transaction"
    goes_on = True

    def prepare(self) -> None:
        self.client = subprocess.Popen(
            [*self.bed.database.psql()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.client.stdin.write(
            "begin isolation level repeatable read; select count(*) from job; create temporary table held (); select 'open';\n")
        self.client.stdin.flush()
        while self.client.stdout.readline().strip() != "open":
            assert self.client.poll() is None, "the transaction could not be opened"
        self.began = time.monotonic()
        self.lasts = 120 if self.round.plan.turn % 8 == 0 else 5

    def inject(self) -> None:
        pass

    def stay(self) -> None:
        time.sleep(max(0, self.began + self.lasts - time.monotonic()))

    def heal(self) -> None:
        self.client.stdin.close()
        self.client.wait(30)

    def verify(self) -> None:
        self.verify_done_once()
