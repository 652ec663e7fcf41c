"""One fault of each kind that `make chaos` knows."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_whatever_breaks_everything_converges() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "Chaos", "--short", "--seed", "1", "--set", "chaos-short"], cwd=TESTS.parent,
        env=os.environ | {"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, timeout=1800)
    assert run.returncode == 0, run.stdout + run.stderr
    passed, failed = run.stdout.splitlines()[-1].split(", ")
    assert int(passed.removesuffix(" passed")) >= 8 and failed == "0 failed", run.stdout
