"""What a process and its children use, by what the kernel counts."""

import contextlib
import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(root: int) -> list[int]:
    """The process and everything below it."""
    found = [root]
    for process in found:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, children.read_text().split())
    return found


def processor_seconds(root: int) -> float:
    """Processor time of the process and its children so far, of those that have ended too."""
    total = 0
    for process in family(root):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
            # utime, stime, and the same of children that were waited for.
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def memory(process: int, kind: str) -> float:
    """`Rss` or `Pss` of a process in MB of 2^20 bytes; 0 where it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
            name, amount = line.split(":")
            if name == kind:
                return int(amount.split()[0]) / 1024
    return 0
