"""One control plane under test: `odeumd serve` with a data folder and an installation of its own."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import requests

from . import engine, processes
from .api import API
from .command_line import CommandLine
from .waiting import until

PROGRAMS = Path(os.environ.get("ODEUM_BIN", Path(__file__).parents[2] / ".build" / "debug")).resolve()

# The settings of one that has no Docker to do anything with.
NO_DOCKER = {"ODEUM_DOCKER_SOCKET": "/nonexistent/docker.sock"}

# All that live now, for the report of a test that fails.
living = []

# Names of files in a control plane's folder: who made it, and which installations it has been, a line each.
MADE_BY = "made-by"
INSTALLATIONS = "installations"


def remove_leftovers():
    """Removes what test runs left that were ended from outside: processes, folders, and everything on the engine."""
    with open("/tmp/odeum-leftovers.lock", "w") as lock:
        # Two test runs may begin at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_leftovers()


def _remove_leftovers():
    for mark in Path("/tmp").glob(f"odeum-*/{MADE_BY}"):
        if mark.read_text() in map(processes.identity, processes.all_pids()):
            continue
        folder = mark.parent
        for pid in processes.belonging_to(str(folder)):
            # It may just have ended with another one of them.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                processes.await_end(pid, 10)
        for installation in Path(folder, INSTALLATIONS).read_text().split():
            until(f"nothing of {installation} is left", lambda: _removed({"odeum.installation": installation}), 60)
        shutil.rmtree(folder)


def _removed(labels):
    """Whether nothing is left: what the engine was still doing for the one who was killed may come, or be in the way."""
    engine.remove_all(labels)
    return not engine.names(labels)


def _is_calm(line):
    return '"message":"Request"' in line and '"method":"GET"' in line and '"status":"200"' in line


def own_environment(settings):
    """The environment of a process under test: `settings`, and nothing that was meant for another one."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ODEUM_", "PG", "DATABASE_"))}
    return {**kept, **settings}


class ControlPlane:
    """Starts, kills and asks one control plane. `destroy` takes away all that it made."""

    def __init__(self, name, **settings):
        # Not pytest's own folder: the built-in PostgreSQL runs as another user, who must be able to pass.
        self.folder = tempfile.mkdtemp(prefix=f"odeum-{name}-", dir="/tmp")
        os.chmod(self.folder, 0o711)
        Path(self.folder, INSTALLATIONS).touch()
        # Whole or not at all: somebody else may be removing leftovers just now.
        Path(self.folder, "maker").write_text(processes.identity(os.getpid()))
        Path(self.folder, "maker").rename(Path(self.folder, MADE_BY))
        self.name = name
        self.data = f"{self.folder}/data"
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "ODEUM_DATA": self.data, "ODEUM_LISTEN": f"127.0.0.1:{self.port}", "ODEUM_DISK_FLOOR_MB": "0",
            "ODEUM_DOCKER_SOCKET": engine.SOCKET, "ODEUM_LOG_LEVEL": "debug",
            # Nothing begins at times of the day, unless a test is about that.
            "ODEUM_BACKUP_TIMES": "none", **settings,
        }
        self.nameless_volumes_before = engine.nameless_volumes()
        self.process = None
        self.installation = None
        self._token = None
        self._log = Path(self.folder, "odeumd.log")
        self._output = Path(self.folder, "odeumd.out")
        self._log.touch()
        self._output.touch()
        living.append(self)

    # The process

    def _environment(self, settings):
        return own_environment({**self.settings, **settings})

    def launch(self, through=(), **settings):
        """Starts the process and returns at once. `settings` hold for this start only; `through` are the words of a
        program that becomes this one."""
        assert self.process is None, "it runs already"
        with self._log.open("ab") as log, self._output.open("ab") as output:
            self.process = subprocess.Popen(
                [*through, PROGRAMS / "odeumd", "serve"], env=self._environment(settings), cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=log, start_new_session=True)

    def start(self, within=60, through=(), **settings):
        """Starts the process and returns when it serves."""
        self.launch(through, **settings)
        until("odeumd serves", self._serves, within)
        if self.installation is None:
            self.installation = self.admin("installation").stdout.strip()
            with Path(self.folder, INSTALLATIONS).open("a") as file:
                file.write(f"{self.installation}\n")
        return self

    def forget_installation(self):
        """For a start with an empty database: another installation, and no token that it knows."""
        self.installation = self._token = None

    def _serves(self):
        status = self.process.poll()
        assert status is None, f"odeumd ended with {status} while it started: {self.log_since(0, lines=5)}"
        return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200

    def wait_for_end(self, within=60):
        """Returns the status with which the process ended by itself; -9 where it was killed."""
        status = self.process.wait(within)
        self.process = None
        return status

    def stop(self, within=60):
        """Asks the process to end, as a service manager does, and returns its status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_for_end(within)

    def kill(self):
        """Ends the process as a power cut would."""
        self.process.kill()
        return self.wait_for_end()

    def refuses_to_start(self, within=30, **settings):
        """Starts a process that is expected to end by itself with an error, and returns what it said."""
        ended = subprocess.run(
            [PROGRAMS / "odeumd", "serve"], env=self._environment(settings), cwd=self.folder, capture_output=True,
            text=True, timeout=within)
        assert ended.returncode == 1, f"ended with {ended.returncode}: {ended.stdout}{ended.stderr}"
        return ended.stderr

    @property
    def database_server(self):
        """The process of the built-in PostgreSQL, None where it does not run."""
        try:
            pid = int(Path(self.data, "postgres/data/postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if processes.is_running(pid) else None

    # The doors

    def attempt(self, *words, within=60, **settings):
        """Runs a command of `odeumd` to its end, whatever its status. `settings` hold for it only."""
        return subprocess.run(
            [PROGRAMS / "odeumd", *words], env=self._environment(settings), cwd=self.folder, capture_output=True,
            text=True, timeout=within)

    def run(self, *words, **settings):
        """Runs a command of `odeumd`, which must succeed."""
        ended = self.attempt(*words, **settings)
        assert ended.returncode == 0, f"odeumd {words}: {ended.stdout}{ended.stderr}"
        return ended

    def admin(self, *words, **settings):
        """Runs `odeumd admin`."""
        return self.run("admin", *words, **settings)

    @property
    def token(self):
        if self._token is None:
            self._token = self.admin("token", "--name", "end to end").stdout.strip()
        return self._token

    @property
    def api(self):
        return API(self.url, self.token)

    @property
    def cli(self):
        return CommandLine(PROGRAMS / "odeum", self.url, self.token)

    # What is left behind

    @property
    def labels(self):
        """What marks everything of this installation on the engine."""
        return {"odeum.installation": self.installation}

    def said(self):
        """Everything that the process wrote so far."""
        return self._log.read_text(errors="replace") + self._output.read_text(errors="replace")

    def log_size(self):
        return self._log.stat().st_size

    def log_since(self, size, lines=60):
        """The last lines of the log behind byte `size`, without the reading requests that went well."""
        with self._log.open("rb") as file:
            file.seek(size)
            said = file.read().decode(errors="replace").splitlines()
        return "\n".join([line for line in said if not _is_calm(line)][-lines:])

    def _processes_left(self, within=10):
        """What is still there when everything had time to end: after a kill, PostgreSQL ends a little later."""
        end = time.monotonic() + within
        while (left := processes.belonging_to(self.folder)) and time.monotonic() < end:
            for pid in left:
                processes.await_end(pid, end - time.monotonic())
        return left

    def destroy(self):
        """Ends the process and removes everything of the installation; fails where a process of it is left."""
        try:
            if self.process is not None:
                self.stop()
        finally:
            if self.process is not None:
                self.kill()
            left = self._processes_left()
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            if self.installation and os.path.exists(engine.SOCKET):
                engine.remove_all(self.labels)
            living.remove(self)
            shutil.rmtree(self.folder)
        assert not left, f"processes of {self.name} outlived it: {left}"
