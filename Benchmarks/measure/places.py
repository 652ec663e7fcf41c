"""Where things lie, and a folder for what a run needs, which is gone afterwards."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / ".build/release"
BENCH_PROGRAMS = ROOT / "Benchmarks/.build/release"


@contextlib.contextmanager
def folder(name: str) -> Iterator[Path]:
    """A new folder on a real disk: /tmp may lie in memory, where a sync to disk costs nothing."""
    path = Path(tempfile.mkdtemp(prefix=f"odeum-bench-{name}-", dir="/var/tmp"))
    # The database server's user must get through to a folder of its own below.
    os.chmod(path, 0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path)
