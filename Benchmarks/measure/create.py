"""A new instance, from the request until Odoo's sign-in page answers, against the same work by hand.

By hand means what a person types who has Docker and the same images: a database container, `odoo -i …`, an Odoo
container with two workers. Cold is the first instance of its kind in an installation, warm the second.
"""

import json
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field

from measure import control_plane, docker
from measure.control_plane import ControlPlane
from measure.figures import Failed, Figure, Figures, median, note

ROUNDS = 3
WORKERS = 2
PATIENCE = 600


@dataclass
class Kind:
    """Instances with the same modules."""

    name: str
    modules: tuple[str, ...]
    # What a warm one may take of the time by hand.
    warm_at_most: float
    by_hand: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)


def measure(figures: Figures) -> None:
    kinds = (
        Kind("base", (), warm_at_most=0.3),
        Kind("four-apps", ("sale_management", "stock", "account", "crm"), warm_at_most=0.12),
    )
    for number in range(1, ROUNDS + 1):
        note(f"create: round {number} of {ROUNDS}")
        for kind in kinds:
            kind.by_hand.append(_by_hand(kind))
        # A control plane of its own for each round knows no prepared database.
        with control_plane.running() as plane:
            for kind in kinds:
                kind.cold.append(_create(plane, f"bench-{kind.name}-cold", kind))
                kind.warm.append(_create(plane, f"bench-{kind.name}-warm", kind))
    for kind in kinds:
        for name, times, limit in (("cold", kind.cold, 1.1), ("warm", kind.warm, kind.warm_at_most)):
            ratio = median(ours / theirs for ours, theirs in zip(times, kind.by_hand, strict=True))
            seen = f"odeum {median(times):.1f} s, by hand {median(kind.by_hand):.1f} s"
            figures.add(Figure(f"create.{name}.{kind.name}", ratio, "x by hand", seen, at_most=limit))


def _create(plane: ControlPlane, name: str, kind: Kind) -> float:
    """Seconds from the request to the sign-in page."""
    wish = {"name": name, "version": "19.0", "stage": "production", "modules": kind.modules, "settings": {"workers": WORKERS}}
    began = time.monotonic()
    created = json.loads(plane.ask("POST", "/instances", wish))

    def has_failed() -> None:
        job = json.loads(plane.ask("GET", f"/jobs/{created['job']['id']}"))
        if job["state"] in ("failed", "cancelled"):
            raise Failed(f"{name} was not created: {job.get('reason')}\n{plane.said()}")

    took = _await_page(created["instance"]["url"], began, has_failed)
    note(f"  {name}: {took:.2f} s")
    plane.await_job(created["job"]["id"])
    _remove(plane, name)
    return took


def _remove(plane: ControlPlane, name: str) -> None:
    """What runs still would slow the next one down."""
    plane.await_job(json.loads(plane.ask("DELETE", f"/instances/{name}"))["id"])


def _by_hand(kind: Kind) -> float:
    """Seconds for the same with Docker's command line."""
    run = f"odeum-bench-{uuid.uuid4().hex[:8]}"
    label, database, port = f"odeum.bench={run}", f"{run}-db", control_plane.free_port()
    common = ("--detach", "--label", label, "--network", run)
    access = ("--env", "HOST=db", "--env", "USER=odoo", "--env", "PASSWORD=odoo", "--volume", f"{run}:/var/lib/odoo")
    began = time.monotonic()
    try:
        docker.run("network", "create", "--label", label, run)
        for volume in (run, database):
            docker.run("volume", "create", "--label", label, volume)
        docker.run(
            "run", *common, "--name", database, "--network-alias", "db", "--volume", f"{database}:/var/lib/postgresql/data",
            "--env", "POSTGRES_USER=odoo", "--env", "POSTGRES_PASSWORD=odoo", "--env", "POSTGRES_DB=postgres", "postgres:17",
        )  # fmt: skip
        docker.run(
            "run", "--rm", "--label", label, "--network", run, *access, "odoo:19.0", "odoo", "--database", "shop",
            "--init", ",".join(kind.modules or ("base",)), "--without-demo=all", "--stop-after-init",
        )  # fmt: skip
        docker.run(
            "run", *common, "--name", run, *access, "--publish", f"127.0.0.1:{port}:8069", "odoo:19.0", "odoo",
            "--database", "shop", "--workers", str(WORKERS),
        )  # fmt: skip
        took = _await_page(f"http://127.0.0.1:{port}", began, lambda: None)
    finally:
        docker.remove_all(label)
    note(f"  {kind.name} by hand: {took:.2f} s")
    return took


def _await_page(url: str, began: float, check) -> float:
    """Seconds since `began` when the sign-in page answers; calls `check` once a second meanwhile."""
    checked = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        try:
            with urllib.request.urlopen(f"{url}/web/login", timeout=30) as page:
                if page.status == 200:
                    return time.monotonic() - began
        except (urllib.error.URLError, OSError):
            pass  # Not yet; the bound above ends it.
        if time.monotonic() > checked + 1:
            check()
            checked = time.monotonic()
        time.sleep(0.02)
    raise Failed(f"{url}/web/login did not answer within {PATIENCE} s")
