"""Disks that can be filled to the last byte: small ones of this machine, and those of lab servers."""

import errno
import os
import subprocess
from pathlib import Path

from EndToEnd.lab_servers import LabServer

FILLER = "filler-of-the-chaos-suite"


class SmallDisk:
    """A folder on a file system of its own, in memory."""

    def __init__(self, folder: str, megabytes: int) -> None:
        self.folder = folder
        self._filler = Path(folder, FILLER)
        os.makedirs(folder, mode=0o711, exist_ok=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "odeum-chaos", folder], check=True,
            capture_output=True)

    def fill(self) -> None:
        """Leaves no room at all."""
        with open(self._filler, "wb", buffering=0) as file:
            for piece in (1 << 20, 1 << 12):
                try:
                    while True:
                        file.write(bytes(piece))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True, capture_output=True)


class ServerDisk:
    """The disk of a lab server that holds Docker's data."""

    def __init__(self, server: LabServer) -> None:
        self._server = server
        self._folder = "/var/lib/docker"

    def free_megabytes(self) -> int:
        """What whoever is not root may still write."""
        blocks, size = self._server.run("stat", "-f", "-c", "%a %S", self._folder).split()
        return int(blocks) * int(size) // 1_000_000

    def fill(self, leaving: int) -> None:
        """Leaves as many MB; with 0 also what is reserved for root is used up."""
        if leaving:
            size = (self.free_megabytes() - leaving) * 1_000_000
            self._server.run("fallocate", "-l", str(size), f"{self._folder}/{FILLER}")
        else:
            # Ends with "no space left": that is what it is for.
            self._server.attempt(
                "sh", "-c",
                f"cd {self._folder}; fallocate -l $(($(stat -f -c '%f * %S' .) - 4000000)) {FILLER}; "
                f"dd if=/dev/zero bs=64k of={FILLER}-2 2>/dev/null; dd if=/dev/zero bs=4k of={FILLER}-3 2>/dev/null")

    def free(self) -> None:
        self._server.run("sh", "-c", f"rm -f {self._folder}/{FILLER}*")
