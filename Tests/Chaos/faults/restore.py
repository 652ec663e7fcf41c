"""The control plane's database is lost and comes back from `odeumd backup`."""

from pathlib import Path

from EndToEnd.waiting import until

from ..audit import photograph
from ..population import SLOTS
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
        self.seen = photograph(bed, list(SLOTS))
        self.marks = {name: recorder.settled() for name, recorder in bed.recorders.items()}
        for who in bed.processes:
            bed.processes[who].kill()
        bed.database.sql("drop database odeum with (force)", "postgres")
        bed.plane.run("restore", file)
        Path(file).unlink()

    def heal(self) -> None:
        self.bed.revive()

    def verify(self) -> None:
        assert photograph(self.bed, list(SLOTS)) == self.seen, "a container was started or made anew"
        for name, recorder in self.bed.recorders.items():
            done = [str(event) for event in recorder.since(self.marks[name])]
            assert not done, f"on {name} this was done by the restore: {done}"
        question = "select count(*) from instances where removed_at is null and restored_from is not null"
        until("every instance is taken over", lambda: self.bed.database.sql(question) == "0", 60)
