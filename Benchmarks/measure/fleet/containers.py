"""What a simulated engine has: the containers, volumes and networks of instances, as Docker tells of them."""

import hashlib
import time
from dataclasses import dataclass, field

ROLES = ("odoo", "database")
PROGRAM = {"odoo": ("odoo:19.0", ["/entrypoint.sh", "odoo"]), "database": ("postgres:17", ["postgres"])}
# The ports inside, each with its place in the instance's block, and where the volume is.
PORTS = {"odoo": {8069: 0, 8072: 1}, "database": {5432: 3}}
INSIDE = {"odoo": "/var/lib/odoo", "database": "/var/lib/postgresql/data"}
ENVIRONMENT = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
    "ODOO_RC=/etc/odoo/odoo.conf", "PGDATA=/var/lib/postgresql/data", "TZ=Etc/UTC", "GOSU_VERSION=1.17",
    "PG_MAJOR=17", "PG_VERSION=17.6-1.pgdg12+1", "ODOO_VERSION=19.0", "ODOO_RELEASE=20260901",
]


def digest(*words: object) -> str:
    """64 hexadecimal digits that these words always give."""
    return hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


def image_id(role: str) -> str:
    return f"sha256:{digest('image', role)}"


def moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime(seconds))


@dataclass
class Container:
    """One container of an instance."""

    installation: str
    instance: str
    slug: str
    stage: str
    base_port: int
    role: str
    started: float
    finished: float | None = None
    labels: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.labels = {
            "odeum.installation": self.installation,
            "odeum.instance": self.instance.upper(),
            "odeum.slug": self.slug,
            "odeum.operation": digest("operation", self.slug)[:32].upper(),
            "odeum.role": self.role,
            "odeum.spec": digest("spec", self.slug, self.role)[:16],
        }

    @property
    def id(self) -> str:
        return digest("container", self.slug, self.role)

    @property
    def name(self) -> str:
        return f"odeum-{self.slug}" + ("-db" if self.role == "database" else "")

    @property
    def volume(self) -> str:
        return f"odeum-{self.slug}" + ("-db" if self.role == "database" else "-data")

    @property
    def ports(self) -> dict[int, int]:
        """The host's port for each inside."""
        return {inside: self.base_port + place for inside, place in PORTS[self.role].items()}

    def summary(self, now: float) -> dict:
        """As in the list of containers."""
        image, command = PROGRAM[self.role]
        running = self.finished is None
        return {
            "Id": self.id,
            "Names": [f"/{self.name}"],
            "Image": image,
            "ImageID": image_id(self.role),
            "Command": " ".join(command),
            "Created": int(self.started) - 60,
            "Ports": [
                {"IP": "127.0.0.1", "PrivatePort": inside, "PublicPort": port, "Type": "tcp"}
                for inside, port in self.ports.items()
            ]
            if running
            else [],
            "Labels": self.labels,
            "State": "running" if running else "exited",
            "Status": f"Up {age(now - self.started)}" if running else f"Exited (0) {age(now - self.finished)} ago",
            "HostConfig": {"NetworkMode": f"odeum-{self.slug}"},
            "NetworkSettings": {"Networks": {f"odeum-{self.slug}": self._endpoint()}},
            "Mounts": [self._mount()],
        }

    def details(self) -> dict:
        """As for one container."""
        _, command = PROGRAM[self.role]
        running = self.finished is None
        bindings = {
            f"{inside}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}] for inside, port in self.ports.items()
        }
        return {
            "Id": self.id,
            "Created": moment(self.started - 60),
            "Path": command[0],
            "Args": command[1:],
            "State": {
                "Status": "running" if running else "exited",
                "Running": running,
                "Paused": False,
                "Restarting": False,
                "OOMKilled": False,
                "Dead": False,
                "Pid": 4711 if running else 0,
                "ExitCode": 0,
                "Error": "",
                "StartedAt": moment(self.started),
                "FinishedAt": "0001-01-01T00:00:00Z" if running else moment(self.finished),
            },
            "Image": image_id(self.role),
            "Name": f"/{self.name}",
            "RestartCount": 0,
            "Driver": "overlay2",
            "Platform": "linux",
            "Mounts": [self._mount()],
            "Config": {
                "Hostname": self.id[:12],
                "User": "odoo" if self.role == "odoo" else "",
                "ExposedPorts": {inside: {} for inside in bindings},
                "Tty": False,
                "Env": [*ENVIRONMENT, f"ODOO_STAGE={self.stage}", f"PGDATABASE={self.slug}"],
                "Cmd": command[1:],
                "Image": image_id(self.role),
                "Labels": self.labels,
            },
            "HostConfig": {
                "Binds": None,
                "LogConfig": {"Type": "json-file", "Config": {"max-file": "5", "max-size": "20m"}},
                "NetworkMode": f"odeum-{self.slug}",
                "PortBindings": bindings,
                "RestartPolicy": {
                    "Name": "unless-stopped" if self.role == "database" else "no",
                    "MaximumRetryCount": 0,
                },
                "ShmSize": 268435456,
                "CpuShares": 1024,
                "Memory": 0,
                "NanoCpus": 0,
                "MemoryReservation": 0,
                "PidsLimit": None,
            },
            "NetworkSettings": {
                "Ports": bindings if running else {},
                "Networks": {f"odeum-{self.slug}": self._endpoint()},
            },
        }

    def _endpoint(self) -> dict:
        return {
            "IPAMConfig": None,
            "Links": None,
            "Aliases": ["db"] if self.role == "database" else None,
            "NetworkID": digest("network", self.slug),
            "EndpointID": digest("endpoint", self.slug, self.role),
            "Gateway": "172.18.0.1",
            "IPAddress": "172.18.0.2",
            "IPPrefixLen": 16,
            "IPv6Gateway": "",
            "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0,
            "MacAddress": "02:42:ac:12:00:02",
            "DriverOpts": None,
        }

    def _mount(self) -> dict:
        return {
            "Type": "volume",
            "Name": self.volume,
            "Source": f"/var/lib/docker/volumes/{self.volume}/_data",
            "Destination": INSIDE[self.role],
            "Driver": "local",
            "Mode": "z",
            "RW": True,
            "Propagation": "",
        }


def volume(of: Container) -> dict:
    return {
        "CreatedAt": moment(of.started - 60),
        "Driver": "local",
        "Labels": {key: of.labels[key] for key in of.labels if key not in ("odeum.role", "odeum.spec")},
        "Mountpoint": f"/var/lib/docker/volumes/{of.volume}/_data",
        "Name": of.volume,
        "Options": None,
        "Scope": "local",
    }


def network(of: Container) -> dict:
    return {
        "Name": f"odeum-{of.slug}",
        "Id": digest("network", of.slug),
        "Created": moment(of.started - 60),
        "Scope": "local",
        "Driver": "bridge",
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": None, "Config": [{"Subnet": "172.18.0.0/16"}]},
        "Internal": False,
        "Attachable": False,
        "Ingress": False,
        "Containers": {},
        "Options": {},
        "Labels": {key: of.labels[key] for key in of.labels if key not in ("odeum.role", "odeum.spec")},
    }


def age(seconds: float) -> str:
    """A span of time in Docker's words (units.HumanDuration of docker/go-units)."""
    whole = int(seconds)
    minutes, hours = whole // 60, int(seconds / 3600 + 0.5)
    for bound, words in (
        (whole < 1, "Less than a second"),
        (whole == 1, "1 second"),
        (whole < 60, f"{whole} seconds"),
        (minutes == 1, "About a minute"),
        (minutes < 60, f"{minutes} minutes"),
        (hours == 1, "About an hour"),
        (hours < 48, f"{hours} hours"),
        (hours < 24 * 7 * 2, f"{hours // 24} days"),
        (hours < 24 * 30 * 2, f"{hours // 24 // 7} weeks"),
    ):
        if bound:
            return words
    return f"{hours // 24 // 30} months"
