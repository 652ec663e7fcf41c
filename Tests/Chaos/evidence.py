"""What is kept of a round that failed."""

import traceback
from pathlib import Path

from .round import Round
from .testbed import Testbed

# Requests that only ask and went well say nothing.
CALM = ('"message":"Request"', '"method":"GET"', '"status":"200"')


def write_evidence(file: Path, bed: Testbed, round: Round, error: Exception, sizes: dict[str, int]) -> None:
    """Writes down everything that helps to find the cause, before anything is healed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    parts = [
        ("the round", lambda: f"{round.plan}\n{round.says}"),
        ("the failure", lambda: "".join(traceback.format_exception(error))),
        ("jobs that have not ended", lambda: "\n".join(map(str, bed.active()))),
        ("jobs of the last minutes", lambda: _jobs(bed)),
        ("workers and lanes", lambda: bed.database.sql("select * from job_worker") + "\n" + bed.database.sql("select * from job_lane")),
        ("who waits for whom in the database", lambda: bed.database.sql(
            "select pid, pg_blocking_pids(pid), state, now() - state_change, query from pg_stat_activity "
            "where state <> 'idle' or cardinality(pg_blocking_pids(pid)) > 0 order by state_change")),
        ("instances", lambda: bed.database.sql("select name, status, desired, status_reason, removed_at from instances order by created_at desc limit 20")),
        ("servers", lambda: bed.database.sql("select name, status, absence, status_reason, seen_at from servers")),
        ("the end of PostgreSQL's log", lambda: "\n".join(Path(bed.database.folder, "log").read_text(errors="replace").splitlines()[-60:])),
    ]
    for name, recorder in bed.recorders.items():
        parts.append((f"events on {name}", lambda name=name, recorder=recorder: "\n".join(
            f"{event.at} {event}" for event in recorder.since(round.marks.get(name, 0)))))
        parts.append((f"things on {name}", lambda name=name: bed.servers[name].run("docker", "ps", "-a")))
        parts.append((f"Docker's log on {name}", lambda name=name: bed.servers[name].run(
            "journalctl", "--unit", "docker", "--lines", "60", "--no-pager")))
    for who, path in bed.logs().items():
        parts.append((f"log of {who}", lambda who=who, path=path: _log(path, sizes[who])))
    with file.open("w") as out:
        for title, tell in parts:
            try:
                said = tell()
            except Exception as trouble:  # noqa: BLE001 - the rest is worth having
                said = f"(not to be had: {trouble})"
            out.write(f"== {title}\n{said}\n\n")


def _jobs(bed: Testbed) -> str:
    lines = bed.database.sql(
        "select job.id, kind, state, lease, interruptions, attempt, instances.name, job.created_at, finished_at, reason "
        "from job left join instances on instances.id = job.subject order by job.id desc limit 12")
    logs = bed.database.sql(
        "select job_log.at, job, step, line from job_log join (select id from job order by id desc limit 12) j on j.id = job "
        "order by job_log.at desc limit 200")
    return f"{lines}\n\n{logs}"


def _log(path: Path, size: int) -> str:
    with path.open("rb") as file:
        file.seek(size)
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(line for line in lines if not all(each in line for each in CALM))
