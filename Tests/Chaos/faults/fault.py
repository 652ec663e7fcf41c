"""What all faults have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..population import DONE_ONCE

if TYPE_CHECKING:
    from ..round import Round


class Fault:
    """Something that breaks in the middle of a round, and is mended.

    A round calls `prepare` before anything is asked for, `inject` when the chosen operation has come to the chosen
    step, `stay` while it is broken, `heal`, and `verify` when everything has converged. `heal` and `forget` are called
    in any case, also where the fault was never injected.
    """

    # What it is called in the table, in arguments, and how often it comes in a cycle.
    title: ClassVar[str]
    name: ClassVar[str]
    weight: ClassVar[int] = 1
    # How many seconds everything may take to converge behind it.
    patience: ClassVar[float] = 180
    # Whether everything has to converge while it lasts; else it is healed first.
    goes_on: ClassVar[bool] = False
    # Whether instances that nobody asks anything of go on as if nothing had been.
    spares_others: bool = True

    def __init__(self, round: Round) -> None:
        self.round = round
        self.bed = round.bed
        self.random = round.random
        # Where it strikes: the server and the process that the chosen operation needs, known from `inject` on.
        self.server = ""

    def prepare(self) -> None:
        """Makes ready what must be so before anything is asked for."""

    def inject(self) -> None:
        raise NotImplementedError

    def stay(self) -> None:
        """Lasts as long as it lasts, and looks at what is to be seen meanwhile."""

    def heal(self) -> None:
        raise NotImplementedError

    def verify(self) -> None:
        """What must hold beyond the audit."""

    def forget(self) -> None:
        """Takes away what `prepare` made, after the audit."""

    @property
    def can_be_asked(self) -> bool:
        """Whether the API can be asked while it lasts."""
        return True

    def verify_done_once(self) -> None:
        """Each operation did with its containers what it does, and did it once."""
        told = {
            server: recorder.since(self.round.marks[server]) for server, recorder in self.bed.recorders.items()
        }
        for operation in self.round.operations:
            for part in ("", "-db"):
                name = f"odeum-{operation.slot.name}{part}"
                wanted = dict(DONE_ONCE[operation.verb])
                # A soft restart leaves the database as it is.
                if operation.verb == "soft" and part:
                    wanted["start"] = 0
                # A new container cannot start before the remains are gone, and they only go while it is not there.
                if name in self.round.left_on_networks and wanted.get("create") and wanted.get("destroy"):
                    wanted |= {"create": 2, "destroy": 2}
                events = [event for event in told[operation.slot.server] if event.name == name]
                seen = {action: sum(event.action == action for event in events) for action in wanted}
                assert seen == wanted, f"{operation}: {name} saw {seen}, not {wanted}: {[str(event) for event in events]}"
