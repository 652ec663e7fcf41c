"""A PostgreSQL server of the run's own, as Debian installs it: every commit is on disk before it is answered."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from measure import places, processes
from measure.figures import Failed

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


class Server:
    def __init__(self, folder: Path, account: dict) -> None:
        self.socket = folder
        self._account = account
        self._log = folder / "log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Starts it and returns when it takes connections."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.socket), "max_connections": "100"}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with self._log.open("ab") as output:
            words = [PROGRAMS / "postgres", "-D", self.socket / "data", *options]
            self.process = subprocess.Popen(words, stdout=output, stderr=output, **self._account)
        end = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(Failed):
                self.sql("select")
                return
            time.sleep(0.02)
        raise Failed(f"PostgreSQL did not come up:\n{self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Ends it: a fast shutdown, since SIGTERM would wait for whoever is still connected."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def address(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        words = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.address(database)]
        return processes.run(words, input=statement).strip()

    def make(self, database: str) -> str:
        """A new, empty database in the place of an old one; returns its address."""
        self.sql(f"drop database if exists {database} with (force)")
        self.sql(f"create database {database}")
        return self.address(database)

    def settle(self, database: str) -> None:
        """Ends what the filling of a database has left to do, so that it does not fall into a measurement."""
        self.sql("vacuum analyze", database)
        self.sql("checkpoint")


@contextlib.contextmanager
def running() -> Iterator[Server]:
    with places.folder("postgres") as folder:
        account = _account(folder)
        words = ["initdb", "--pgdata", folder / "data", "--auth=trust", "--username=postgres", "--locale=C.UTF-8"]
        processes.run([PROGRAMS / words[0], *words[1:]], **account)
        server = Server(folder, account)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _account(folder: Path) -> dict:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}

