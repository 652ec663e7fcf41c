"""A PostgreSQL server that several processes of a control plane share."""

import json
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
    """Starts a server with one empty database; `destroy` ends and removes it. `parent` is the folder to make its own
    in, which the user `postgres` must be able to pass."""

    def __init__(self, parent="/tmp"):
        user = pwd.getpwnam("postgres")
        self.folder = tempfile.mkdtemp(prefix="odeum-database-", dir=parent)
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.port = free_port()
        self.process = None
        self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": self.folder}
        subprocess.run(
            [PROGRAMS / "initdb", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", f"{self.folder}/data"],
            check=True, capture_output=True, **self._as_user)
        self.start()
        self.sql("create database odeum", "postgres")

    def launch(self, **environment):
        """Starts the server and returns at once."""
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", f"{self.folder}/data", "-p", str(self.port), "-k", self.folder,
                 "-c", "fsync=off"],
                stdout=log, stderr=log, start_new_session=True, env={**os.environ, **environment}, **self._as_user)

    def start(self, within=30, **environment):
        """Starts the server and returns when it takes connections."""
        self.launch(**environment)
        until("PostgreSQL takes connections", lambda: self.sql("select 1", "postgres") == "1", within)

    def stop(self, how=signal.SIGINT, within=60):
        """Ends the server: SIGINT is its fast end, SIGQUIT one without tidying up."""
        self.process.send_signal(how)
        self.process.wait(within)

    @property
    def url(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/odeum"

    def psql(self, database="odeum"):
        """The words that begin a client."""
        return [PROGRAMS / "psql", "-XAtq", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]

    def sql(self, statement, database="odeum", within=30):
        """What a statement answers, as text."""
        return subprocess.run(
            [*self.psql(database), "-v", "ON_ERROR_STOP=1", "-c", statement], check=True, capture_output=True, text=True,
            timeout=within).stdout.strip()

    def rows(self, statement):
        """The rows that a query answers, a dictionary each."""
        text = self.sql(f"select coalesce(json_agg(row_to_json(rows)), '[]') from ({statement}) rows")
        return json.loads(text)

    def destroy(self):
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)
