"""What the lab takes over from this machine: architecture, Debian mirror and keyring, proxy, own authorities."""

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from progress import BuildFailed

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
AUTHORITIES = Path("/usr/local/share/ca-certificates")


@dataclass(frozen=True)
class Machine:
    architecture: str
    mirror: str
    keyring: Path
    environment: dict[str, str]
    authorities: list[Path]

    @property
    def identity(self) -> str:
        """What of this machine ends up in a root file system, and so belongs to its key."""
        digest = hashlib.sha256()
        for path in self.authorities:
            digest.update(path.read_bytes())
        return f"{self.architecture} {self.mirror} {digest.hexdigest()}"


def examine() -> Machine:
    mirror, keyring = debian_source()
    return Machine(
        architecture=output("dpkg", "--print-architecture"),
        mirror=mirror,
        keyring=keyring,
        environment=os.environ | proxies(),
        # A machine behind a proxy of its own trusts that proxy's authority; so must pip and git in the images.
        authorities=sorted(AUTHORITIES.glob("*.crt")),
    )


def debian_source() -> tuple[str, Path]:
    """The mirror from which this machine installs its own Debian, and the keyring that it checks it with."""
    codename = os_release()["VERSION_CODENAME"]
    lines = output(
        "apt-get", "indextargets", "--format", "$(RELEASE)|$(REPO_URI)|$(SIGNED_BY)",
        "Created-By: Packages", "Component: main",
    ).splitlines()
    for line in lines:
        release, uri, signed_by = line.split("|")
        if release in (codename, "stable", "oldstable"):
            keyring = Path(signed_by) if signed_by.startswith("/") else KEYRING
            return uri.rstrip("/"), keyring
    raise BuildFailed(
        f"no Debian mirror for {codename} (main) is among the apt sources of this machine.\n"
        "Add one to /etc/apt/sources.list, for example: deb http://deb.debian.org/debian " + codename + " main"
    )


def proxies() -> dict[str, str]:
    """apt's own proxy settings as environment, because mmdebstrap does not read this machine's apt.conf."""
    found = {}
    for scheme in ("http", "https"):
        value = output("apt-config", "shell", "V", f"Acquire::{scheme}::Proxy")
        if value:
            found[f"{scheme}_proxy"] = value.removeprefix("V='").removesuffix("'")
    return found


def os_release() -> dict[str, str]:
    pairs = (line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return {key: value.strip('"') for key, value in pairs}


def output(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
