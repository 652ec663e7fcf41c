"""Sends the real program what its description allows and what it does not, and holds every answer against it.

The program has no Docker here, and what would look for servers at made-up addresses is left out."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from EndToEnd.control_plane import ControlPlane

ROOT = Path(__file__).parents[2]
# Seconds for the whole run; what is found in the first ones is found in every run.
BUDGET = 75

# Connections to addresses that nobody chose.
LEFT_OUT = ["addServer", "scanHostKey", "changeServer"]
# A valid body may still ask for what is not there, or is taken, or is not his to ask for.
UNCHECKED = ["positive_data_acceptance"]


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    plane = ControlPlane("fuzz", ODEUM_DOCKER_SOCKET="/nonexistent/docker.sock", ODEUM_API_RATE="100000")
    try:
        yield plane.start()
    finally:
        plane.destroy()


def test_every_answer_is_as_described(plane: ControlPlane) -> None:
    words = [
        str(Path(sys.executable).parent / "schemathesis"), "run", str(ROOT / "Sources/Web/API/openapi.yaml"),
        "--url", f"{plane.url}/api/v1", "--header", f"Authorization: Bearer {plane.token}", "--checks", "all",
        "--exclude-checks", ",".join(UNCHECKED), "--phases", "examples,coverage,fuzzing", "--max-time", str(BUDGET),
        "--request-timeout", "20", "--seed", "1", "--warnings", "off", "--suppress-health-check", "all", "--no-color",
    ]
    for operation in LEFT_OUT:
        words += ["--exclude-operation-id", operation]
    run = subprocess.run(words, cwd=plane.folder, capture_output=True, text=True, timeout=BUDGET * 3)
    assert run.returncode == 0, run.stdout[-20000:] + run.stderr[-2000:]
    assert "unforeseen" not in plane.said().lower(), "an answer was an error of ours"
