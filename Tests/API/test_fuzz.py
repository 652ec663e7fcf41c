"""Sends the real program what its description allows and what it does not, and holds every answer against it.

Needs neither Docker nor the network: what would look for servers at made-up addresses is left out."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(os.environ.get("ODEUM_BIN", ROOT / ".build" / "debug")).resolve()
# Seconds for the whole run; what is found in the first ones is found in every run.
BUDGET = 75

# Connections to addresses that nobody chose.
LEFT_OUT = ["addServer", "scanHostKey", "changeServer"]
# A valid body may still ask for what is not there, or is taken; a key that is null counts as one that is left out.
UNCHECKED = ["positive_data_acceptance", "negative_data_rejection"]


class Plane:
    """`odeumd serve` with a data folder of its own, and an owner's token."""

    def __init__(self) -> None:
        # The built-in PostgreSQL runs as another user, who must be able to pass.
        self.folder = tempfile.mkdtemp(prefix="odeum-fuzz-", dir="/tmp")
        os.chmod(self.folder, 0o711)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(self.folder, "odeumd.log")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("ODEUM_", "PG", "DATABASE_"))}
        self.environment = {
            **kept, "ODEUM_DATA": f"{self.folder}/data", "ODEUM_LISTEN": f"127.0.0.1:{self.port}",
            "ODEUM_DOCKER_SOCKET": "/nonexistent/docker.sock", "ODEUM_API_RATE": "100000",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "odeumd", "serve"], env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)

    def await_start(self, within: float = 60) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"odeumd ended: {self.log.read_text()[-2000:]}"
            try:
                # Without Docker it is not ready for instances; that it answers is enough.
                requests.get(f"{self.url}/healthz", timeout=5)
                return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError("odeumd does not answer")

    def token(self) -> str:
        made = subprocess.run(
            [PROGRAMS / "odeumd", "admin", "token"], env=self.environment, capture_output=True, text=True, timeout=60,
            check=True)
        return made.stdout.strip()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        subprocess.run(["rm", "-rf", self.folder], check=True)


@pytest.fixture(scope="module")
def plane() -> Iterator[Plane]:
    plane = Plane()
    try:
        plane.await_start()
        yield plane
    finally:
        plane.stop()


def test_every_answer_is_as_described(plane: Plane) -> None:
    words = [
        str(Path(sys.executable).parent / "schemathesis"), "run", str(ROOT / "Sources/Web/API/openapi.yaml"),
        "--url", f"{plane.url}/api/v1", "--header", f"Authorization: Bearer {plane.token()}", "--checks", "all",
        "--exclude-checks", ",".join(UNCHECKED), "--phases", "examples,coverage,fuzzing", "--max-time", str(BUDGET),
        "--request-timeout", "20", "--seed", "1", "--warnings", "off", "--suppress-health-check", "all", "--no-color",
    ]
    for operation in LEFT_OUT:
        words += ["--exclude-operation-id", operation]
    run = subprocess.run(words, cwd=plane.folder, capture_output=True, text=True, timeout=BUDGET * 3)
    assert run.returncode == 0, run.stdout[-20000:] + run.stderr[-2000:]
    assert "unforeseen" not in plane.log.read_text().lower(), "an answer was an error of ours"
