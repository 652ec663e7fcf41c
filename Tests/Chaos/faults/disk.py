"""A disk is full: that of a server, of the control plane's database, or of its data folder."""

import time

from EndToEnd.waiting import until

from .fault import Fault


class ServerDiskFull(Fault):
    """Either so full that nothing new is begun, or filled to the last byte in the middle of something. What is under way
    waits for room.
    """

    title = "disk of a server full"
    name = "server-disk"

    def prepare(self) -> None:
        self.leaving = self.random.choice((0, 200))
        # A PostgreSQL that cannot write its log ends; it comes back by itself.
        self.spares_others = self.leaving > 0

    def inject(self) -> None:
        self.bed.disks[self.server].fill(self.leaving)

    def stay(self) -> None:
        time.sleep(self.random.choice((2, 8)))

    def heal(self) -> None:
        for disk in self.bed.disks.values():
            disk.free()


class DatabaseDiskFull(Fault):
    """PostgreSQL has no room; where it ends over that, it is started again when there is some."""

    title = "disk of the database full"
    name = "database-disk"

    def inject(self) -> None:
        self.bed.database_disk.fill()

    def stay(self) -> None:
        time.sleep(self.random.choice((3, 6)))

    def heal(self) -> None:
        self.bed.database_disk.free()
        if self.bed.database.process.poll() is not None:
            self.bed.database.start()

    def verify(self) -> None:
        self.verify_done_once()


class ControlPlaneDiskFull(Fault):
    """The data folders have no room, just when a server has to be connected anew."""

    title = "disk of the control plane full"
    name = "data-disk"

    def inject(self) -> None:
        for disk in self.bed.data_disks:
            disk.fill()
        self.bed.proxies[self.server].cut()

    def stay(self) -> None:
        time.sleep(self.random.choice((3, 6)))
        for who in self.bed.processes:
            assert self.bed.is_alive(who), f"{who} ended because its data folder is full"

    def heal(self) -> None:
        for disk in self.bed.data_disks:
            disk.free()

    def verify(self) -> None:
        until("nothing waits any more", lambda: not self.bed.active(), 30)
        self.verify_done_once()
