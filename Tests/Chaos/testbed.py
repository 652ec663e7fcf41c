"""What a run has for itself: three servers, a database, the two processes of a control plane, and what records."""

import base64
import os
import shutil
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from EndToEnd import lab_servers
from EndToEnd.api import API, Refused
from EndToEnd.control_plane import ControlPlane
from EndToEnd.database import Database
from EndToEnd.lab_servers import LabServer
from EndToEnd.waiting import until
from EndToEnd.worker import Worker

from .disks import ServerDisk, SmallDisk
from .proxy import Proxies, Proxy
from .recorder import Recorder

IMAGES = ("odoo:19.0", "postgres:17", "axllent/mailpit:latest")
NAMES = ("web1", "web2", "web3")
DISK_FLOOR_MB = 500


class Testbed:
    """Everything but the instances. `destroy` takes it all away, however far it came."""

    def __init__(self, set_name: str) -> None:
        self._set_name = set_name
        self.servers: dict[str, LabServer] = {}
        self.server_ids: dict[str, str] = {}
        self.proxies: dict[str, Proxy] = {}
        self.recorders: dict[str, Recorder] = {}
        self.disks: dict[str, ServerDisk] = {}
        self._relays = Proxies()
        self._ends: list = [self._relays.close]
        # With which settings each process was started, beyond its own.
        self.launched_with: dict[str, dict[str, str]] = {}
        self.api: API

    # From beginning to end

    def build(self) -> None:
        self._ends.append(lambda: lab_servers.down(self._set_name))
        pulls = [word for image in IMAGES for word in ("--pull", image)]
        made = lab_servers.up(len(NAMES), *pulls, set_name=self._set_name)
        for name, server in zip(NAMES, made):
            # Docker gives a container the weight of one process, and a whole server would starve beside a compiler.
            subprocess.run(["docker", "update", "--cpu-shares", "8192", server.name], check=True, capture_output=True)
            self.servers[name] = server
            self.proxies[name] = self._relays.to(server.address)
            self.disks[name] = ServerDisk(server)
        # Not below the control plane's folder: PostgreSQL has it mounted for as long as it runs.
        folder = tempfile.mkdtemp(prefix="odeum-chaos-", dir="/tmp")
        self._ends.append(lambda: shutil.rmtree(folder))
        os.chmod(folder, 0o711)
        self.database_disk = SmallDisk(f"{folder}/disk", 700)
        self._ends.append(self.database_disk.remove)
        self.database = Database(parent=self.database_disk.folder)
        self._ends.append(self.database.destroy)
        self._make_control_plane()
        for name in NAMES:
            self.recorders[name] = Recorder(name, self.servers[name].engine)
            self._ends.append(self.recorders[name].close)

    def _make_control_plane(self) -> None:
        self.plane = ControlPlane(
            "chaos", DATABASE_URL=self.database.url, ODEUM_DISK_FLOOR_MB=str(DISK_FLOOR_MB),
            ODEUM_MASTER_KEY=base64.b64encode(os.urandom(32)).decode())
        self._ends.append(self.plane.destroy)
        self.processes: dict[str, ControlPlane | Worker] = {"serve": self.plane, "worker": Worker(self.plane)}
        self.data_disks = []
        for process in self.processes.values():
            self.data_disks.append(SmallDisk(process.data, 32))
            self._ends.append(self.data_disks[-1].remove)
        self._ends.append(self.end_processes)
        self._begin()

    def _begin(self) -> None:
        self.start("serve")
        self.api = self.plane.api
        self.start("worker")
        with ThreadPoolExecutor() as threads:
            list(threads.map(self._add, NAMES))

    def _add(self, name: str) -> None:
        server = self.servers[name]
        added = self.api.ask("POST", "/servers", json={
            "name": name, "address": "127.0.0.1", "port": self.proxies[name].port, "exposed": True,
            "hostKey": server.fingerprint, "privateKey": Path(server.key).read_text()})
        self.server_ids[name] = added["server"]["id"]
        self.api.succeeded(added["job"]["id"])
        # Without that, Docker itself may not start again.
        self.api.succeeded(self.api.ask("POST", f"/servers/{name}/prepare")["id"], within=600)

    def destroy(self) -> None:
        """Ends and removes everything; what cannot be is told at the end."""
        troubles = []
        while self._ends:
            try:
                self._ends.pop()()
            except Exception as error:  # noqa: BLE001 - the rest has to go as well
                troubles.append(error)
        if troubles:
            raise ExceptionGroup("not everything could be removed", troubles)

    # The processes

    def start(self, who: str, through: tuple[str, ...] = (), **settings: str) -> None:
        """Starts a process and returns when it is at work. `settings` hold for this start only; `through` are the words
        of a program that becomes this one."""
        process = self.processes[who]
        self.launched_with[who] = settings
        if who == "serve":
            self.plane.start(through=through, **settings)
        else:
            process.launch(through, **settings)
        until(f"{who} is at work", lambda: self._is_at_work(who), 60)

    def _is_at_work(self, who: str) -> bool:
        process = self.processes[who].process
        assert process.poll() is None, f"{who} ended with {process.returncode} when it was started"
        return self.database.sql(f"select count(*) from job_worker where process = {process.pid}") == "1"

    def restart(self, who: str, through: tuple[str, ...] = (), **settings: str) -> None:
        self.processes[who].stop()
        self.start(who, through, **settings)

    def is_alive(self, who: str) -> bool:
        process = self.processes[who].process
        return process is not None and process.poll() is None

    def revive(self) -> None:
        """Starts what has died, as a service manager does: the database first."""
        if self.database.process.poll() is not None:
            self.database.start()
        for who, process in self.processes.items():
            if not self.is_alive(who):
                if process.process is not None:
                    process.wait_for_end()
                self.start(who)

    def begin_anew(self) -> None:
        """Behind a failure: removes every instance, by force where the control plane does not do it."""
        for proxy in self.proxies.values():
            proxy.mend()
        for disk in [self.database_disk, *self.data_disks, *self.disks.values()]:
            disk.free()
        self.end_processes()
        self.revive()
        try:
            self.await_quiet(60)
            for each in self.api.instances():
                self.api.succeeded(self.api.remove(each["name"])["id"], within=60)
            self.await_balance()
        except (AssertionError, OSError, Refused):
            self._wipe()

    def _wipe(self) -> None:
        self.end_processes()
        for server in self.servers.values():
            server.engine.remove_all(self.labels)
            server.run("sh", "-c", "rm -rf /var/lib/odeum /var/lib/odeum-instances/*")
        self.database.sql("drop database odeum with (force)", "postgres")
        self.database.sql("create database odeum", "postgres")
        self.plane.forget_installation()
        self._begin()

    def end_processes(self) -> None:
        for who, process in self.processes.items():
            if process.process is not None:
                process.process.send_signal(signal.SIGCONT)
                process.kill()

    def holder(self, server: str) -> str | None:
        """Which of the processes looks after a server; None while none does."""
        pid = self.database.sql(
            "select job_worker.process from job_lane join job_worker on job_worker.id = job_lane.holder "
            f"where job_lane.id = '{self.server_ids[server]}'")
        for who, process in self.processes.items():
            if process.process is not None and str(process.process.pid) == pid:
                return who
        return None

    def await_at_work(self) -> None:
        """Waits until both processes are at work, whatever was with their database."""
        until("the API answers", lambda: self.api.instances() is not None, 60)
        for who in self.processes:
            until(f"{who} is at work", lambda: self._is_at_work(who), 60)
        self.await_balance()

    def await_balance(self) -> dict[str, str]:
        """Waits until each server is looked after, and each process has one of them; who has which."""
        def holders() -> dict[str, str] | None:
            found = {name: self.holder(name) for name in NAMES}
            return found if set(found.values()) == set(self.processes) else None
        return until("the processes have shared out the servers", holders, 60, every=0.2)

    # What is under way

    def active(self) -> list[dict]:
        """The jobs that have not ended, with what they are at."""
        return self.database.rows(
            "select job.id, kind, state, reason, instances.name as instance, "
            "(select name from job_step where job = job.id order by position desc limit 1) as step "
            "from job left join instances on instances.id = job.subject "
            "where state in ('queued', 'running', 'snoozed')")

    def await_quiet(self, within: float) -> None:
        """Waits until every operation has ended."""
        until("every operation ends", lambda: not (left := self.active()) or Left(left), within, every=0.2)

    def await_step(self, job: str, step: str, within: float = 60) -> None:
        """Waits until a job has begun a step, or has ended."""
        question = (
            f"select exists (select from job where id = '{job}' and finished_at is not null) "
            f"or exists (select from job_step where job = '{job}' and name = '{step}')")
        until(f"the job is at “{step}”", lambda: self.database.sql(question) == "t", within, every=0.02)

    def logs(self) -> dict[str, Path]:
        """The log of each process."""
        return {"serve": Path(self.plane.folder, "odeumd.log"), "worker": Path(self.plane.folder, "worker.log")}

    def log_sizes(self) -> dict[str, int]:
        return {who: path.stat().st_size for who, path in self.logs().items()}

    @property
    def labels(self) -> dict[str, str]:
        return self.plane.labels


class Left(list):
    """What is not done yet: false, so that `until` goes on, and shows it where it lasts."""

    def __bool__(self) -> bool:
        return False
