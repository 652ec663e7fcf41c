"""One round: operations on instances, a fault in the middle of them, convergence, and an audit."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from EndToEnd.waiting import until

from . import audit
from .faults import Crash
from .population import Operation, Slot
from .schedule import Plan, Steps
from .testbed import Testbed

# How an instance gets from one state to another.
WAYS = {
    ("absent", "running"): ("create",), ("absent", "stopped"): ("create", "stop"), ("running", "stopped"): ("stop",),
    ("running", "absent"): ("remove",), ("stopped", "running"): ("start",), ("stopped", "absent"): ("remove",),
}


@dataclass
class Result:
    """What came of one round."""

    seed: int
    says: str
    # Rows of the table, and the seconds until everything had converged again.
    recoveries: list[tuple[str, float]] = field(default_factory=list)
    seconds: float = 0
    error: BaseException | None = None


class Round:
    """One round. `desired` is what each instance is now; it outlives the round."""

    def __init__(self, bed: Testbed, plan: Plan, steps: Steps, desired: dict[Slot, str]) -> None:
        self.bed = bed
        self.plan = plan
        self.steps = steps
        self.desired = desired
        self.random = plan.random
        self.operations: list[Operation] = []
        self.wishes = [
            Operation(verb, slot, f"{plan.seed}") for slot, verb in plan.verbs.items() if verb is not None]
        self.says = ", ".join(map(str, self.wishes))
        self.marks: dict[str, int] = {}
        # Containers over whose remains on a network a new one of their name stumbles once.
        self.left_on_networks: set[str] = set()
        self.recoveries: list[tuple[str, float]] = []
        self.fault = plan.fault(self)

    def run(self) -> None:
        """Everything but the cleaning up behind a failure."""
        self.bring(self.plan.before)
        idle = [slot for slot, verb in self.plan.verbs.items() if verb is None]
        before = audit.photograph(self.bed, idle)
        self.left_on_networks = audit.left_on_networks(self.bed)
        self.marks = {name: recorder.settled() for name, recorder in self.bed.recorders.items()}
        if isinstance(self.fault, Crash):
            self.fault.run()
            idle = [slot for slot in idle if all(each.slot != slot for each in self.operations)]
        else:
            self._break()
        self.fault.forget()
        after = audit.photograph(self.bed, idle)
        audit.await_statuses(self.bed, self.desired, self.fault.patience)
        audit.check(self.bed)
        if self.fault.spares_others:
            changed = [name for name in after if after[name] != before[name]]
            assert not changed, f"nobody asked for anything with these, and they were made or started anew: {changed}"

    def _break(self) -> None:
        fault, bed = self.fault, self.bed
        fault.prepare()
        # Where everything converges before the fault goes, nothing is left to be asked for.
        count = len(self.wishes) if fault.goes_on else self.random.randint(1, len(self.wishes))
        first = self.random.sample(self.wishes, count)
        later = [each for each in self.wishes if each not in first]
        chosen = self.random.choice(first)
        step = self.random.choice(self.steps[chosen.kind])
        self.says += f"; at “{step}” of {chosen}"
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda each: each.ask(bed.api), first))
            bed.await_step(chosen.job, step)
            fault.server = chosen.slot.server
            fault.inject()
            asked = []
            if fault.can_be_asked:
                asked = [threads.submit(each.ask, bed.api) for each in later]
            began = time.monotonic()
            try:
                if fault.goes_on:
                    bed.await_quiet(fault.patience)
                    self.recovered(fault.title, time.monotonic() - began)
                fault.stay()
            finally:
                began = time.monotonic()
                fault.heal()
            bed.revive()
            for each in asked:
                each.result()
        if not asked:
            self._ask(later)
        bed.await_quiet(fault.patience)
        self.finish(self.wishes)
        audit.await_statuses(bed, self.desired, fault.patience)
        if not fault.goes_on:
            self.recovered(fault.title, time.monotonic() - began)
        fault.verify()

    def recovered(self, row: str, seconds: float) -> None:
        self.recoveries.append((row, seconds))

    # Operations

    def finish(self, operations: list[Operation]) -> None:
        """Looks how operations ended whose jobs have ended, and notes what the instances are now."""
        for operation in operations:
            # The API may just be coming back.
            job = until(f"the job of {operation} is told", lambda: self.bed.api.job(operation.job), 60)
            assert job["state"] == "succeeded", (
                f"{operation} {job['state']}: {job.get('reason')}\n{self.bed.api.told(operation.job)}")
            self.desired[operation.slot] = operation.leads_to
            self.operations.append(operation)
        for slot in [slot for slot, status in self.desired.items() if status == "absent"]:
            del self.desired[slot]

    def bring(self, wanted: dict[Slot, str]) -> None:
        """Brings instances to what they should be, with nothing broken."""
        ways = {slot: list(WAYS.get((self.desired.get(slot, "absent"), status), ())) for slot, status in wanted.items()}
        while any(ways.values()):
            self._do([Operation(way.pop(0), slot, f"{self.plan.seed} {time.time_ns()}") for slot, way in ways.items() if way])
        for slot, status in wanted.items():
            self.desired[slot] = status
            if status == "absent":
                del self.desired[slot]

    def _do(self, operations: Iterable[Operation]) -> None:
        operations = list(operations)
        self._ask(operations)
        for each in operations:
            self.bed.api.succeeded(each.job, within=300)

    def _ask(self, operations: list[Operation]) -> None:
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda each: each.ask(self.bed.api), operations))

    # Behind a failure

    def mend(self) -> None:
        """Heals whatever is broken; what cannot be healed is left to the next round's start."""
        for heal in (self.fault.heal, self.fault.forget):
            try:
                heal()
            except Exception as error:  # noqa: BLE001 - the failure that led here is the one that is told
                self.says += f"; {heal.__name__}: {error}"


def learn_steps(bed: Testbed) -> Steps:
    """The steps of each operation, as the jobs of one instance have them."""
    slot = Slot("pig", "web3")
    steps: Steps = {}
    for verb in ("create", "stop", "start", "soft", "hard", "remove"):
        operation = Operation(verb, slot, "to learn the steps").ask(bed.api)
        steps[operation.kind] = [step["name"] for step in bed.api.succeeded(operation.job)["steps"]]
    return steps
