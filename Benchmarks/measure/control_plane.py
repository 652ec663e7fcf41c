"""A control plane with a data folder of its own, which is taken away with all that it made."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from measure import docker, places, processes
from measure.figures import Failed
from measure.places import PROGRAMS


class ControlPlane:
    def __init__(self, folder: Path, database: str, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("ODEUM_", "PG"))},
            "ODEUM_DATA": str(folder / "data"),
            "ODEUM_LISTEN": f"127.0.0.1:{self.port}",
            # Room for what a run makes is looked at by nobody else here.
            "ODEUM_DISK_FLOOR_MB": "0",
            "DATABASE_URL": database,
            **settings,
        }
        self.log = folder / "odeumd.log"
        self.log.touch()
        self.process: subprocess.Popen | None = None
        self.token = ""

    def admin(self, *words: str) -> str:
        return processes.run([PROGRAMS / "odeumd", "admin", *words], env=self.environment).strip()

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """One request to the API; its answer."""
        with self._open(method, path, body) as answer:
            return answer.read()

    def await_job(self, job: str, patience: float = 600) -> None:
        """Returns when a job has succeeded."""
        end = time.monotonic() + patience
        while (state := json.loads(self.ask("GET", f"/jobs/{job}"))["state"]) not in ("succeeded", "failed", "cancelled"):
            if time.monotonic() > end:
                raise Failed(f"job {job} does not end")
            self.await_last_event(job, end)
        if state != "succeeded":
            raise Failed(f"job {job} {state}:\n{self.said()}")

    def await_last_event(self, job: str, end: float) -> None:
        """Returns when the events of a job have ended, or at the time `end` of the monotonic clock."""
        # Each of its lines is a look at the clock: a heartbeat comes every 15 seconds.
        with self._open("GET", f"/jobs/{job}/stream") as events:
            for line in events:
                if line.strip() == b"event: end" or time.monotonic() > end:
                    return

    def _open(self, method: str, path: str, body: object = None) -> http.client.HTTPResponse:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            return urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            raise Failed(f"{method} {path}: {error.code} {error.read().decode()}") from error

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """`odeumd serve` runs meanwhile, and answers from the beginning on."""
        with self.launched():
            self.await_ready()
            yield

    @contextlib.contextmanager
    def launched(self) -> Iterator[None]:
        """As `serving`, without waiting for anything."""
        words = [PROGRAMS / "odeumd", "serve"]
        with self.log.open("ab") as log:
            with processes.running(words, patience=60, env=self.environment, stdout=log, stderr=log) as process:
                self.process = process
                yield

    def kill(self) -> None:
        """As a power cut would end it."""
        self.process.kill()
        self.process.wait()

    def await_ready(self) -> None:
        end = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            time.sleep(0.05)
        raise Failed(f"odeumd did not come up:\n{self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    def memory(self) -> dict[str, float]:
        """Resident memory of the process in MB: `Rss`, and `Pss`, where shared pages count by their share."""
        lines = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines()[1:]
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        return {name: kilobytes[name] / 1024 for name in ("Rss", "Pss")}


@contextlib.contextmanager
def running(database: str = "", **settings: str) -> Iterator[ControlPlane]:
    """`odeumd serve` on the database at that address, or on its built-in PostgreSQL, with further settings."""
    with places.folder("odeum") as folder:
        plane = ControlPlane(folder, database, **settings)
        with contextlib.ExitStack() as stack:
            stack.enter_context(plane.serving())
            installation = plane.admin("installation")
            plane.token = plane.admin("token", "--name", "make bench")
            try:
                yield plane
            finally:
                # First the one who would bring back what is removed.
                stack.close()
                docker.remove_all(f"odeum.installation={installation}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
