"""A control plane that knows simulated servers and their instances."""

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import places, processes
from measure.api import ORIGIN, SETTINGS
from measure.control_plane import ControlPlane
from measure.figures import Failed, note
from measure.fleet import simulated
from measure.fleet.containers import image_id
from measure.fleet.simulated import SimulatedServer, SimulatedServers

# Every column as the control plane would have written it, but for the secrets, which nobody reads here.
SEED = """
    insert into instances (id, organisation_id, server_id, name, version, edition, stage, base_port, origin, settings,
      applied_settings, images, database_password, master_password, desired, status, status_reason)
    select gen_random_uuid(), o.id, s.id, s.name || '-' || lpad(n::text, 2, '0'), '19.0', 'community',
      (array['production', 'staging', 'dev'])[1 + n % 3], 10000 + 10 * (n - 1), '{origin}', '{settings}', '{settings}',
      '{images}', '\\x00', '\\x00', 'running', 'running', 'Answers.'
    from organisations o, servers s, generate_series(1, {count}) n where s.kind = 'ssh';
    analyze;
"""
# Nothing is reached before it is validated: that is said last, when everything is there.
VALIDATE = "update servers set validated_at = now(), machine_id = md5(name) where kind = 'ssh'"


class Fleet:
    """The control plane with its database and its servers."""

    def __init__(self, servers: SimulatedServers, plane: ControlPlane, address: str) -> None:
        self.servers, self.plane, self.address = servers, plane, address

    def sql(self, statement: str) -> str:
        words = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.address]
        return processes.run(words, input=statement).strip()

    def number(self, statement: str) -> int:
        return int(self.sql(f"select count(*) from {statement}"))

    def now(self) -> str:
        """By the database's clock."""
        return self.sql("select clock_timestamp()")

    def await_known(self, since: str, patience: float) -> float:
        """Returns when every server was seen after `since`: after how many seconds the last one was."""
        seen = f"servers where kind = 'ssh' and seen_at > '{since}'"
        count = len(self.servers.servers)
        self.awaits(f"all {count} servers are seen", patience, lambda: self.number(seen) == count, 0.25)
        return float(self.sql(f"select extract(epoch from max(seen_at) - '{since}') from {seen}"))

    def awaits(self, what: str, patience: float, look: Callable[[], object], pause: float = 0.05) -> None:
        end = time.monotonic() + patience
        while not look():
            if time.monotonic() > end:
                raise Failed(f"{what}: not within {patience} s\n{self.plane.said()}")
            time.sleep(pause)

    def stop(self, instance: str) -> str:
        """Asks for the stop of an instance; the job."""
        return json.loads(self.plane.ask("POST", f"/instances/{instance}/stop"))["id"]

    def await_stops(self, count: int, patience: float, since: int = 0) -> list[int]:
        """When the engines were asked for `count` stops after the moment `since`, each by the first time."""
        found: dict[str, int] = {}

        def look() -> bool:
            for moment, _, container in self.servers.tell_engines("stops"):
                if moment > since:
                    found.setdefault(container, moment)
            return len(found) >= count

        self.awaits(f"{count} containers are asked to stop", patience, look)
        return list(found.values())

    def await_jobs(self, jobs: list[str], patience: float = 120) -> None:
        """Returns when all of them have succeeded."""
        names = ", ".join(f"'{job}'" for job in jobs)
        unfinished = f"job where id in ({names}) and state <> 'succeeded'"
        self.awaits(f"{len(jobs)} jobs succeed", patience, lambda: self.number(unfinished) == 0, 0.25)


@contextlib.contextmanager
def furnished(count: int, instances: int, database: str = "") -> Iterator[Fleet]:
    """So many servers with so many instances each are in the database and on the simulated hosts.

    The control plane, on the database at that address or on its built-in PostgreSQL, does not run.
    """
    with simulated.running(count) as servers, places.folder("odeum") as folder:
        plane = ControlPlane(folder, database)
        plane.environment["ODEUM_DOCKER_SOCKET"] = str(servers.spare)
        fleet = Fleet(servers, plane, database or _built_in(folder))
        note(f"fleet: {count} servers with {instances} instances each are made")
        with plane.serving():
            installation = plane.admin("installation")
            plane.token = plane.admin("token", "--name", "make bench")
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda each: _add(plane, each), servers))
            fleet.sql(_seed(instances))
            _fill(fleet, installation)
            since = fleet.now()
            fleet.sql(VALIDATE)
            # On a busy machine fifty connections take their time.
            fleet.await_known(since, 600)
        yield fleet


def _built_in(folder: Path) -> str:
    return f"postgresql://odeum@/odeum?host={folder}/data/postgres/socket"


def _seed(instances: int) -> str:
    images = {"odoo": image_id("odoo"), "database": image_id("database")}
    return SEED.format(
        origin=json.dumps(ORIGIN), settings=json.dumps(SETTINGS), images=json.dumps(images), count=instances
    )


def _add(plane: ControlPlane, each: SimulatedServer) -> None:
    """By the API, which makes a key for it."""
    wish = {"name": each.name, "address": each.address, "port": each.port, "hostKey": each.fingerprint}
    added = json.loads(plane.ask("POST", "/servers", wish))
    each.let_in(added["server"]["publicKey"])


def _fill(fleet: Fleet, installation: str) -> None:
    rows = fleet.sql(
        "select s.name, i.id, i.name, i.stage, i.base_port from instances i join servers s on s.id = i.server_id"
    )
    instances = defaultdict(list)
    for row in rows.splitlines():
        server_name, identity, name, stage, port = row.split("|")
        instances[server_name].append({"id": identity, "name": name, "stage": stage, "basePort": int(port)})
    numbers = {each.name: str(each.number) for each in fleet.servers}
    filled = {numbers[name]: found for name, found in instances.items()}
    fleet.servers.tell_engines("fill", installation=installation, servers=filled)
