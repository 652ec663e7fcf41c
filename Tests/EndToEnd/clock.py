"""A wall clock of one program that jumps (libfaketime). Its monotonic clock is left alone, as it is by whoever sets a
clock."""

from pathlib import Path

[LIBRARY] = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")] or [None]


class Clock:
    """Runs as all others do until it is set. Programs go by it that are started with `environment`."""

    def __init__(self, folder):
        assert LIBRARY, "libfaketime is missing: scripts/prepare test"
        self.file = Path(folder, "clock")
        self.set(0)
        self.file.chmod(0o644)

    @property
    def environment(self):
        return {
            "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, hours):
        """From now on it is so many hours ahead."""
        self.file.write_text(f"{hours * 3600:+d}\n")
