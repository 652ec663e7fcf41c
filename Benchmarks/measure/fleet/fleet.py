"""A control plane that knows the simulated servers and their instances."""

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from measure import places, processes, server
from measure.api import ORIGIN, SETTINGS
from measure.control_plane import ControlPlane
from measure.figures import Failed, note
from measure.fleet import simulated
from measure.fleet.containers import image_id
from measure.fleet.simulated import SimulatedServer, SimulatedServers
from measure.places import PROGRAMS
from measure.server import Server

SERVERS = 50
INSTANCES = 20
DATABASE = "fleet"

# Nothing is reached before it is validated: only when everything is there is that said.
SEED = f"""
    insert into instances (id, organisation_id, server_id, name, version, edition, stage, base_port, origin, settings,
      applied_settings, images, database_password, master_password, desired, status, status_reason)
    select gen_random_uuid(), o.id, s.id, s.name || '-' || lpad(n::text, 2, '0'), '19.0', 'community',
      (array['production', 'staging', 'dev'])[1 + n % 3], 10000 + 10 * (n - 1), '{json.dumps(ORIGIN)}',
      '{json.dumps(SETTINGS)}', '{json.dumps(SETTINGS)}',
      '{json.dumps({"odoo": image_id("odoo"), "database": image_id("database")})}', '\\x00', '\\x00', 'running',
      'running', 'Answers.'
    from organisations o, servers s, generate_series(1, {INSTANCES}) n where s.kind = 'ssh';
    analyze;
"""
VALIDATE = "update servers set validated_at = now(), machine_id = md5(name) where kind = 'ssh'"


class Fleet:
    """The control plane with its database and its servers."""

    def __init__(self, postgres: Server, servers: SimulatedServers, plane: ControlPlane) -> None:
        self.postgres, self.servers, self.plane = postgres, servers, plane

    def sql(self, statement: str) -> str:
        return self.postgres.sql(statement, DATABASE)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """The control plane runs meanwhile."""
        with self.plane.serving():
            yield

    def await_known(self, since: str, patience: float) -> None:
        """Returns when every server was seen after the moment `since` of the database's clock."""
        statement = f"select count(*) from servers where kind = 'ssh' and seen_at > '{since}'"
        self.awaits(f"all {SERVERS} servers are seen", patience, lambda: int(self.sql(statement)) == SERVERS)

    def now(self) -> str:
        return self.sql("select clock_timestamp()")

    def awaits(self, what: str, patience: float, look, pause: float = 0.05) -> None:
        end = time.monotonic() + patience
        while not look():
            if time.monotonic() > end:
                raise Failed(f"{what}: not within {patience} s\n{self.plane.said()}")
            time.sleep(pause)


@contextlib.contextmanager
def furnished() -> Iterator[Fleet]:
    """Servers and instances are in the database and on the simulated hosts; the control plane does not run."""
    with (
        simulated.running(SERVERS) as servers,
        server.running() as postgres,
        places.folder("odeum") as folder,
    ):
        plane = ControlPlane(folder, postgres.make(DATABASE))
        plane.environment["ODEUM_DOCKER_SOCKET"] = str(servers.spare)
        fleet = Fleet(postgres, servers, plane)
        note(f"fleet: {SERVERS} servers with {INSTANCES} instances each are made")
        with fleet.serving():
            installation = plane.admin("installation")
            plane.token = plane.admin("token", "--name", "make bench")
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda each: _add(plane, each), servers))
            fleet.sql(SEED)
            _fill(fleet, installation)
            fleet.sql(VALIDATE)
            before = fleet.now()
            fleet.await_known(before, 120)
            time.sleep(10)
        yield fleet


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
