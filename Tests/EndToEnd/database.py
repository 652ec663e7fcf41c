"""A PostgreSQL server that several processes of a control plane share."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .processes import free_port
from .waiting import until

[PROGRAMS] = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


class Database:
    """Starts a server with one empty database; `destroy` ends and removes it."""

    def __init__(self):
        user = pwd.getpwnam("postgres")
        self.folder = tempfile.mkdtemp(prefix="odeum-database-", dir="/tmp")
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.port = free_port()
        self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": self.folder}
        data = f"{self.folder}/data"
        subprocess.run(
            [PROGRAMS / "initdb", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", data],
            check=True, capture_output=True, **self._as_user)
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", data, "-p", str(self.port), "-k", self.folder, "-c", "fsync=off"],
                stdout=log, stderr=log, start_new_session=True, **self._as_user)
        until("PostgreSQL takes connections", lambda: self.sql("select 1", "postgres") == "1", 30)
        self.sql("create database odeum", "postgres")

    @property
    def url(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/odeum"

    def sql(self, statement, database="odeum"):
        """What a statement answers, as text."""
        return subprocess.run(
            [PROGRAMS / "psql", "-XAtq", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database,
             "-c", statement],
            check=True, capture_output=True, text=True).stdout.strip()

    def destroy(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        shutil.rmtree(self.folder)
