"""Whether the control plane and the engine agree on what there is."""

from . import engine


def expected(name):
    """The parts of an instance that runs."""
    return sorted([
        f"container odeum-{name}", f"container odeum-{name}-db", f"volume odeum-{name}-data",
        f"volume odeum-{name}-db", f"network odeum-{name}",
    ])


def parts(instance):
    """What the engine has of an instance, as the API describes it."""
    return engine.names({"odeum.instance": instance["id"].upper()})


def published(container):
    """Where the ports of a container are reached: `{8069: ("127.0.0.1", 10000)}`."""
    bindings = engine.inspect(container)["HostConfig"]["PortBindings"] or {}
    return {
        int(port.split("/")[0]): (each["HostIp"], int(each["HostPort"]))
        for port, hosts in bindings.items() for each in hosts or []
    }


def check(plane):
    """Compares every living instance with the engine, and the engine with every living instance.

    Right is: each instance has one set of parts and a block of ports that nobody else has; nothing of the
    installation belongs to no instance, but for the two volumes of each prepared database.
    """
    instances = plane.api.instances()
    prepared = {f"volume {each['Name']}" for each in engine.volumes(plane.labels) if each["Labels"].get("odeum.prepared")}
    assert len(prepared) % 2 == 0, f"a prepared database is two volumes: {prepared}"
    wanted = set(prepared)
    blocks = []
    for each in instances:
        instance = plane.api.instance(each["name"])
        assert parts(instance) == expected(each["name"]), f"parts of {each['name']} ({each['status']})"
        wanted.update(expected(each["name"]))
        ports = instance["ports"]
        blocks.append(ports["web"])
        assert published(f"odeum-{each['name']}") == {
            8069: ("127.0.0.1", ports["web"]), 8072: ("127.0.0.1", ports["longpolling"]),
        }, each["name"]
        assert published(f"odeum-{each['name']}-db") == {5432: ("127.0.0.1", ports["database"])}, each["name"]
        is_up = [engine.is_running(f"odeum-{each['name']}{part}") for part in ("", "-db")]
        assert is_up == [each["status"] == "running"] * 2, f"{each['name']} is {each['status']}"
    assert len(set(blocks)) == len(blocks), f"two instances share a block of ports: {blocks}"
    assert set(engine.names(plane.labels)) == wanted, "something on the engine belongs to no instance"
    left = engine.nameless_volumes() - plane.nameless_volumes_before
    assert not left, "a container was removed without its nameless volumes"
