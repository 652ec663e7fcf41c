"""Programs that a measurement starts; none outlives it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from measure.figures import Failed

Words = Sequence[str | Path]


def run(words: Words, **settings) -> str:
    """Runs a program to its end and returns what it printed."""
    done = subprocess.run(words, capture_output=True, text=True, **settings)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise Failed(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{said[-2000:]}")
    return done.stdout


@contextlib.contextmanager
def running(words: Words, *, patience: float = 30, **settings) -> Iterator[subprocess.Popen]:
    """A program that runs meanwhile; told to end afterwards, and killed if it does not within `patience` seconds."""
    process = subprocess.Popen(words, **settings)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def with_environment(**values: str) -> dict[str, str]:
    return {**os.environ, **values}
