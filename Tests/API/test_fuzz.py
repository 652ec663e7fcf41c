"""Sends the real program what its description allows and what it does not, and holds every answer against it.

Its machine is simulated as far as Docker goes (`simulated-docker`), and something of everything is there (`population`),
to which half of the requests are led (`leading`): so the use cases behind the routes run, and not only their doors.
"""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from API import population
from EndToEnd.control_plane import ControlPlane

ROOT = Path(__file__).parents[2]
DESCRIPTION = ROOT / "Sources/Web/API/openapi.yaml"
# Seconds for the whole run; what is found in the first ones is found in every run.
BUDGET = 75

# Connections to addresses that nobody chose, and what ends the token that everything is asked with.
LEFT_OUT = ["addServer", "scanHostKey", "changeServer", "leaveOrganisation"]
# A valid body may still ask for what is not there, or is taken, or is not his to ask for.
UNCHECKED = ["positive_data_acceptance"]
# What wants the person's password or a code of his program, which made-up ones lock; and a session, which another of
# these operations ends.
UNREACHED = {
    "changePassword", "beginSecondFactor", "confirmSecondFactor", "renewRecoveryCodes", "turnSecondFactorOff", "endSession",
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    folder = tmp_path_factory.mktemp("fuzz")
    with population.host(folder) as host:
        plane = ControlPlane(
            "fuzz", ODEUM_DOCKER_SOCKET=str(host.docker), ODEUM_API_RATE="100000",
            ODEUM_TRUSTED_PROXIES="127.0.0.1", ODEUM_INSTANCES=str(folder / "instances"))
        try:
            population.fill(plane.start(), host)
            yield plane
        finally:
            plane.destroy()


def test_every_answer_is_as_described(plane: ControlPlane) -> None:
    seen = Path(plane.folder, "seen")
    words = [
        str(Path(sys.executable).parent / "schemathesis"), "run", str(DESCRIPTION),
        "--url", f"{plane.url}/api/v1", "--header", f"Authorization: Bearer {plane.token}", "--checks", "all",
        "--exclude-checks", ",".join(UNCHECKED), "--phases", "examples,coverage,fuzzing", "--max-time", str(BUDGET),
        "--request-timeout", "20", "--seed", "1", "--warnings", "off", "--suppress-health-check", "all", "--no-color",
    ]
    for operation in LEFT_OUT:
        words += ["--exclude-operation-id", operation]
    environment = {
        **os.environ, "SCHEMATHESIS_HOOKS": "API.leading", "PYTHONPATH": str(ROOT / "Tests"),
        "FUZZ_URL": plane.api.url, "FUZZ_TOKEN": plane.token, "FUZZ_SEEN": str(seen),
    }
    run = subprocess.run(
        words, cwd=plane.folder, env=environment, capture_output=True, text=True, timeout=BUDGET * 3)
    assert run.returncode == 0, run.stdout[-20000:] + run.stderr[-2000:]
    assert "unforeseen" not in plane.said().lower(), "an answer was an error of ours"
    _all_did_something(seen)


def _all_did_something(seen: Path) -> None:
    """Every operation has succeeded at least once, so that what is behind its door was asked."""
    counts: dict[str, Counter] = defaultdict(Counter)
    for line in seen.read_text().splitlines():
        operation, status = json.loads(line)
        counts[operation][status] += 1
    described = {
        each["operationId"] for path in yaml.safe_load(DESCRIPTION.read_text())["paths"].values()
        for each in path.values() if isinstance(each, dict) and "operationId" in each}
    idle = {each for each in described if not any(200 <= status < 300 for status in counts[each])}
    assert idle == {*LEFT_OUT, *UNREACHED}, counts
