"""The control plane's database is lost and comes back from `odeumd backup`."""

from pathlib import Path

from EndToEnd.waiting import until

from ..audit import photograph
from .fault import Fault


class DatabaseLost(Fault):
    """Instances are taken over as they are: none is started anew."""

    title = "database lost, restored"
    name = "restore"
    # Of what is under way in a backup it is asked elsewhere that it is not resumed.
    goes_on = True

    def inject(self) -> None:
        pass

    @property
    def can_be_asked(self) -> bool:
        return False

    def stay(self) -> None:
        bed = self.bed
        file = bed.plane.run("backup", "--to", f"{bed.plane.folder}/").stdout.strip()
        self.seen = photograph(bed, list(self.round.desired))
        self.marks = {name: recorder.settled() for name, recorder in bed.recorders.items()}
        for who in bed.processes:
            bed.processes[who].kill()
        bed.database.sql("drop database odeum with (force)", "postgres")
        bed.plane.run("restore", file)
        Path(file).unlink()

    def heal(self) -> None:
        self.bed.revive()

    def verify(self) -> None:
        assert photograph(self.bed, list(self.round.desired)) == self.seen, "a container was started or made anew"
        for name, recorder in self.bed.recorders.items():
            done = [str(event) for event in recorder.since(self.marks[name])]
            assert not done, f"on {name} this was done by the restore: {done}"
        left = until("what is away is known", self._unadopted, 30)
        assert left == "0", f"{left} instances were not taken over"

    def _unadopted(self) -> str | None:
        said = self.bed.database.sql(
            "select count(*) from instances where removed_at is null and restored_from is not null")
        return said if said == "0" else None
