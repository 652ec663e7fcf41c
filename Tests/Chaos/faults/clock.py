"""The clock of one process jumps by an hour, or that of the database. Nothing may come of it."""

import time

from EndToEnd.clock import Clock

from .fault import Fault


class _Clock(Fault):
    goes_on = True

    def prepare(self) -> None:
        self.clock = Clock(self.bed.plane.folder)

    def remember(self) -> None:
        """What no clock may change: who is registered, and who has which server under which number."""
        self.before = self._registered()

    def _registered(self) -> str:
        return self.bed.database.sql("select id::text from job_worker union all select id || ' ' || epoch from job_lane order by 1")

    def stay(self) -> None:
        # Also longer than it takes until somebody is taken for dead.
        time.sleep(self.random.choice((3, 13)))

    def verify(self) -> None:
        assert self._registered() == self.before, "somebody lost a lease"
        jobs = ", ".join(f"'{operation.job}'" for operation in self.round.operations)
        cut_off = self.bed.database.sql(f"select count(*) from job where id in ({jobs}) and interruptions > 0")
        assert cut_off == "0", "an operation was cut off"
        self.verify_done_once()


class ClockOfProcess(_Clock):
    """Forward: with libfaketime the Swift runtime does not come back from a jump backward."""

    title = "clock of a process jumps"
    name = "process-clock"

    def prepare(self) -> None:
        super().prepare()
        self.who = self.random.choice(list(self.bed.processes))
        # Through `env`: the library adds to the environment of the first program it is loaded into, and Swift's runtime
        # finds the arguments by where the environment was.
        self.bed.restart(self.who, ("env",), **self.clock.environment)
        self.bed.await_balance()
        self.remember()

    def inject(self) -> None:
        self.clock.set(1)

    def heal(self) -> None:
        pass

    def forget(self) -> None:
        self.bed.restart(self.who)


class ClockOfDatabase(_Clock):
    """Forward or backward."""

    title = "clock of the database jumps"
    name = "database-clock"

    def prepare(self) -> None:
        super().prepare()
        self.to = self.random.choice((1, -1))
        self.clock.set(max(0, -self.to))
        self.bed.database.stop()
        self.bed.database.start(**self.clock.environment)
        self.bed.await_at_work()
        self.remember()

    def inject(self) -> None:
        self.clock.set(max(0, self.to))

    def heal(self) -> None:
        pass

    def forget(self) -> None:
        self.bed.database.stop()
        self.bed.database.start()
        self.bed.await_at_work()
