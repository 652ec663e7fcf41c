"""A PostgreSQL server of the run's own, as Debian installs it: every commit is on disk before it is answered."""

import contextlib
import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measure import places, processes
from measure.figures import Failed

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


@dataclass
class Server:
    socket: Path
    process: subprocess.Popen

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
    with places.folder("postgres") as folder, contextlib.ExitStack() as stack:
        account = _account(folder)
        data, log = folder / "data", folder / "log"
        words = ["initdb", "--pgdata", data, "--auth=trust", "--username=postgres", "--locale=C.UTF-8"]
        processes.run([PROGRAMS / words[0], *words[1:]], **account)
        settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "100"}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with log.open("wb") as output:
            process = stack.enter_context(
                processes.running(
                    [PROGRAMS / "postgres", "-D", data, *options], stdout=output, stderr=output, **account
                )
            )
        # A fast shutdown: SIGTERM would wait for whoever is still connected.
        stack.callback(lambda: process.poll() is None and process.send_signal(2))
        server = Server(folder, process)
        _await(server, process, log)
        yield server


def _account(folder: Path) -> dict:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}


def _await(server: Server, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(Failed):
            server.sql("select")
            return
        time.sleep(0.1)
    raise Failed(f"PostgreSQL did not come up:\n{log.read_text()[-2000:]}")
