"""Prints lab servers as JSON: how to reach each, and by which keys it proves who it is.

    describe-servers.py STATE-FOLDER [SET]
"""

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path


def docker(*words: str) -> bytes:
    return subprocess.run(["docker", *words], check=True, stdout=subprocess.PIPE).stdout


def main() -> None:
    state, wanted = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    filters = ["--filter", "label=odeum.lab=server", "--filter", "label=odeum.lab.number"]
    if wanted:
        filters += ["--filter", f"label=odeum.lab.set={wanted}"]
    ids = docker("ps", "--all", "--quiet", *filters).decode().split()
    found = json.loads(docker("inspect", *ids)) if ids else []
    servers = [describe(container, state) for container in found]
    servers.sort(key=lambda server: (server["set"], server["number"]))
    print(json.dumps({"servers": servers}, indent=2))


def describe(container: dict, state: Path) -> dict:
    labels = container["Config"]["Labels"]
    folder = state / "servers" / labels["odeum.lab.set"]
    network = next(iter(container["NetworkSettings"]["Networks"].values()))
    keys = host_keys(container["Id"])
    return {
        "name": container["Name"].lstrip("/"),
        "set": labels["odeum.lab.set"],
        "number": int(labels["odeum.lab.number"]),
        "flavour": labels["odeum.lab.flavour"],
        "disk": labels["odeum.lab.disk"],
        "running": container["State"]["Running"],
        "address": network["IPAMConfig"]["IPv4Address"],
        "port": 22,
        "user": "root",
        "password": (folder / "password").read_text().strip(),
        "key": str(folder / "id_ed25519"),
        "fingerprint": fingerprint(keys["ssh-ed25519"]) if "ssh-ed25519" in keys else None,
        "hostKeys": [{"type": kind, "key": key, "fingerprint": fingerprint(key)} for kind, key in keys.items()],
        # They log in with the same key and password.
        "users": [
            {"name": "root", "sudo": False},
            {"name": "admin", "sudo": True},
            {"name": "visitor", "sudo": False},
        ],
    }


def host_keys(container: str) -> dict[str, str]:
    """Type and key of each, read from the server's own files and not over the network that is to be tested."""
    keys = {}
    with tarfile.open(fileobj=io.BytesIO(docker("cp", f"{container}:/etc/ssh", "-"))) as archive:
        for entry in archive:
            if entry.name.endswith("_key.pub"):
                kind, key = archive.extractfile(entry).read().decode().split()[:2]
                keys[kind] = key
    return dict(sorted(keys.items()))


def fingerprint(key: str) -> str:
    """As ssh-keygen writes it."""
    digest = hashlib.sha256(base64.b64decode(key)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


main()
