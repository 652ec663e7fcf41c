"""Whether database and hosts agree after a round."""

from concurrent.futures import ThreadPoolExecutor

import requests

from EndToEnd import audit
from EndToEnd.waiting import until

from .population import Slot
from .testbed import NAMES, Left, Testbed

# What must be nought in the database when every operation has ended.
STUCK = {
    "jobs that have not ended":
        "select count(*) from job where state in ('queued', 'running', 'snoozed')",
    "steps of succeeded jobs that are not done":
        "select count(*) from job_step join job on job.id = job_step.job "
        "where job.state = 'succeeded' and job_step.state <> 'done'",
    "prepared databases that are being made by nobody":
        "select count(*) from prepared_databases where state = 'building'",
    "instances that are not removed and have no ports of their own":
        "select count(*) - count(distinct (server_id, base_port)) from instances where removed_at is null",
}

UNHELD = "select count(*) from job_lane where holder is null"
# A worker that dies is replaced within that many seconds.
TAKEN_OVER = 20


def await_statuses(bed: Testbed, wanted: dict[Slot, str], within: float) -> None:
    """Waits until every server is ready and every instance is what it should be."""
    def wrong() -> list[str]:
        found = {each["name"]: each for each in bed.api.instances()}
        said = []
        for slot, status in wanted.items():
            each = found.pop(slot.name, None)
            seen = each["status"] if each else "absent"
            if seen != status:
                said.append(f"{slot.name} is {seen}, not {status}: {each and each['statusReason']}")
        said += [f"{name} should not be there" for name in found]
        for server in bed.api.ask("GET", "/servers")["items"]:
            if server["name"] in NAMES and server["status"] != "ready":
                said.append(f"{server['name']} is {server['status']}: {server['statusReason']}")
        return said

    until("every instance is as it should be", lambda: not (said := wrong()) or Left(said), within, every=0.2)


def check(bed: Testbed) -> None:
    """Fails where something is twice, left over, stuck or silent."""
    for what, count in STUCK.items():
        assert (seen := bed.database.sql(count)) == "0", f"{seen} {what}"
    # Where a process has just come up, it is being given its share.
    until("somebody looks after every server",
          lambda: (seen := bed.database.sql(UNHELD)) == "0" or Left([f"{seen} have nobody"]), TAKEN_OVER)
    instances = [bed.api.instance(each["name"]) for each in bed.api.instances()]
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda name: _check_server(bed, name, instances), NAMES))
        list(threads.map(lambda each: _answers(bed, each), [each for each in instances if each["status"] == "running"]))


def _check_server(bed: Testbed, name: str, instances: list[dict]) -> None:
    server = bed.servers[name]
    own = [each for each in instances if each["server"]["name"] == name]
    audit.compare(own, server.engine, bed.labels, address="0.0.0.0")
    assert not (left := server.engine.nameless_volumes()), f"nameless volumes on {name}: {left}"
    _check_owners(bed, name)


def _check_owners(bed: Testbed, name: str) -> None:
    """No connection of an older owner is open, and none is newer than the database knows."""
    folder = f"/var/lib/odeum/{bed.plane.installation.lower()}"
    script = (
        f'cd {folder}; cat epoch; ls /var/lib/odeum-instances 2>/dev/null | sed "s/^/folder /"; cd owners; for owner in *; do '
        'pid=${owner##*.}; pid=${pid%-*}; began=${owner##*-}; '
        'read -r line <"/proc/$pid/stat" || continue; set -- ${line##*) }; [ "${20}" = "$began" ] && echo "$owner"; '
        "done 2>/dev/null; true")
    question = f"select epoch from job_lane where id = '{bed.server_ids[name]}'"

    def agreed() -> list[str] | None:
        said = bed.servers[name].run("bash", "-c", script).split("\n")
        return said if said[0] == bed.database.sql(question) else None

    # A new owner writes it into the database first.
    epoch, *lines = until(f"{name} has the epoch that the database has", agreed, 30, every=0.2)
    known = int(epoch)
    folders = [line for line in lines if line.startswith("folder ")]
    assert not folders, f"folders of instances on {name} that have none: {folders}"
    old = [line for line in lines if line and not line.startswith("folder ") and int(line.split(".")[0]) < known]
    assert not old, f"connections of former owners are open on {name}: {old}"


def _answers(bed: Testbed, instance: dict) -> None:
    address = bed.servers[instance["server"]["name"]].address
    url = f"http://{address}:{instance['ports']['web']}/web/login"
    until(f"{instance['name']} answers at {url}", lambda: requests.get(url, timeout=20).status_code == 200, 30)


def left_on_networks(bed: Testbed) -> set[str]:
    """The names of containers of which Docker has left an endpoint on their network: they ended while it started."""
    left: set[str] = set()
    for server in bed.servers.values():
        for network in server.engine.networks(bed.labels):
            members = (server.engine.call("GET", f"/networks/{network['Id']}") or {}).get("Containers", {})
            left |= {each["Name"] for id, each in members.items() if not server.engine.is_running(id)}
    return left


def photograph(bed: Testbed, slots: list[Slot]) -> dict[str, tuple[str, str]]:
    """Which containers these instances have and since when they run; what nobody touches stays so."""
    seen = {}
    for slot in slots:
        for name in (f"odeum-{slot.name}", f"odeum-{slot.name}-db"):
            found = bed.servers[slot.server].engine.inspect(name)
            seen[name] = (found["Id"], found["State"]["StartedAt"]) if found else ("", "")
    return seen
