"""Whether the control plane and the engine agree on what there is."""

from . import engine
from .waiting import until


def expected(name, stage="dev"):
    """The parts of an instance that runs: what is not in production has a mail catcher."""
    catcher = [] if stage == "production" else [f"container odeum-{name}-mail"]
    return sorted([
        f"container odeum-{name}", f"container odeum-{name}-db", *catcher, f"volume odeum-{name}-data",
        f"volume odeum-{name}-db", f"network odeum-{name}",
    ])


def parts(instance, on=engine.local):
    """What an engine has of an instance, as the API describes it."""
    return on.names({"odeum.instance": instance["id"].upper()})


def published(container, on=engine.local):
    """Where the ports of a container are reached: `{8069: ("127.0.0.1", 10000)}`."""
    bindings = on.inspect(container)["HostConfig"]["PortBindings"] or {}
    return {
        int(port.split("/")[0]): (each["HostIp"], int(each["HostPort"]))
        for port, hosts in bindings.items() for each in hosts or []
    }


def check(plane):
    """Compares every living instance with this machine's engine, and the engine with every living instance."""
    instances = [plane.api.instance(each["name"]) for each in plane.api.instances()]
    compare(instances, engine.local, plane.labels)
    # Others may remove containers beside this one: for a moment the volumes of theirs belong to nobody.
    until("no container was removed without its nameless volumes",
          lambda: not engine.nameless_volumes() - plane.nameless_volumes_before, within=10)


def compare(instances, on, labels, address="127.0.0.1"):
    """Compares the living instances of one server with its engine.

    Right is: each instance has one set of parts and a block of ports that nobody else has; nothing of the
    installation belongs to no instance, but for the two volumes of each prepared database. `address` is that at which
    ports of Odoo are open.
    """
    prepared = {f"volume {each['Name']}" for each in on.volumes(labels) if each["Labels"].get("odeum.prepared")}
    assert len(prepared) % 2 == 0, f"a prepared database is two volumes: {prepared}"
    wanted = set(prepared)
    blocks = []
    for each in instances:
        name, ports = each["name"], each["ports"]
        assert parts(each, on) == expected(name, each["stage"]), f"parts of {name} ({each['status']})"
        wanted.update(expected(name, each["stage"]))
        blocks.append(ports["web"])
        assert published(f"odeum-{name}", on) == {
            8069: (address, ports["web"]), 8072: (address, ports["longpolling"]),
        }, name
        assert published(f"odeum-{name}-db", on) == {5432: ("127.0.0.1", ports["database"])}, name
        containers = ["", "-db"]
        if each["stage"] != "production":
            containers.append("-mail")
            assert published(f"odeum-{name}-mail", on) == {8025: ("127.0.0.1", ports["mail"])}, name
        is_up = [on.is_running(f"odeum-{name}{part}") for part in containers]
        assert is_up == [each["status"] == "running"] * len(containers), f"{name} is {each['status']}"
    assert len(set(blocks)) == len(blocks), f"two instances share a block of ports: {blocks}"
    assert set(on.names(labels)) == wanted, "something on the engine belongs to no instance"
