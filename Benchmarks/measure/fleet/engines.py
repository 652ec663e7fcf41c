"""Simulated Docker engines, one socket each: what the Engine API tells of instances that are not there.

    python -m measure.fleet.engines CONTROL SOCKET…

They are asked and told things at the socket CONTROL, a line of JSON for a line of JSON: `fill`, `counts`, `hold`,
`release`, `stops`.
"""

import asyncio
import json
import sys
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field

from measure.fleet.containers import Container, digest, network, volume

VERSION = {
    "Version": "24.0.7", "ApiVersion": "1.43", "MinAPIVersion": "1.12", "Os": "linux", "Arch": "amd64",
    "KernelVersion": "6.1.0", "GoVersion": "go1.20", "GitCommit": "simulated",
}  # fmt: skip
INFO = {
    "ID": "simulated", "Containers": 40, "ContainersRunning": 40, "Images": 2, "Driver": "overlay2",
    "DockerRootDir": "/var/lib", "NCPU": 4, "MemTotal": 16 << 30, "CgroupVersion": "2",
    "CgroupDriver": "systemd", "LiveRestoreEnabled": True, "MemoryLimit": True, "SwapLimit": True,
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)", "Architecture": "x86_64", "Name": "simulated",
    "Warnings": None,
}  # fmt: skip
REASONS = {200: "OK", 204: "No Content", 304: "Not Modified", 404: "Not Found"}


@dataclass
class Engine:
    """One engine."""

    name: str
    containers: dict[str, Container] = field(default_factory=dict)
    counts: Counter = field(default_factory=Counter)
    listeners: set["Connection"] = field(default_factory=set)

    def find(self, reference: str) -> Container | None:
        return self.containers.get(reference) or next(
            (each for each in self.containers.values() if each.name == reference), None
        )

    def labelled(self, wanted: list[str]) -> list[Container]:
        pairs = [label.split("=", 1) for label in wanted]
        return [
            each
            for each in self.containers.values()
            if all(each.labels.get(key) == value for key, value in pairs)
        ]

    def tell(self, action: str, container: Container) -> None:
        """Tells everybody who listens to events."""
        attributes = {**container.labels, "name": container.name, "image": container.id}
        event = {
            "Type": "container", "Action": action, "Actor": {"ID": container.id, "Attributes": attributes},
            "scope": "local", "time": int(time.time()), "timeNano": time.time_ns(),
        }  # fmt: skip
        for listener in self.listeners:
            listener.send_event(event)


class Simulation:
    """All engines, and what they do when something is stopped."""

    def __init__(self, engines: list[Engine]) -> None:
        self.engines = {engine.name: engine for engine in engines}
        # Where stops are held, nobody gets an answer before they are released.
        self.released = asyncio.Event()
        self.released.set()
        self.stops: list[tuple[int, str, str]] = []

    def answer(self, wish: dict) -> object:
        match wish["do"]:
            case "fill":
                now = time.time()
                for name, instances in wish["servers"].items():
                    made = [
                        # They were started over the last three days.
                        Container(
                            wish["installation"], each["id"], each["name"], each["stage"], each["basePort"], role,
                            now - 3600 - int(digest(each["name"]), 16) % (71 * 3600),
                        )
                        for each in instances
                        for role in ("odoo", "database")
                    ]  # fmt: skip
                    self.engines[name].containers = {container.id: container for container in made}
                return len(wish["servers"])
            case "counts":
                return {engine.name: engine.counts for engine in self.engines.values()}
            case "hold":
                self.released.clear()
                self.stops = []
                return True
            case "release":
                self.released.set()
                return True
            case "stops":
                return self.stops
        raise ValueError(wish)

    async def stop(self, engine: Engine, container: Container) -> None:
        self.stops.append((time.monotonic_ns(), engine.name, container.name))
        await self.released.wait()
        if container.finished is None:
            container.finished = time.time()
            engine.tell("die", container)


class Connection(asyncio.Protocol):
    """A client's connection: one request after the other."""

    def __init__(self, simulation: Simulation, engine: Engine) -> None:
        self.simulation, self.engine = simulation, engine
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.stopping: asyncio.Task | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self.engine.listeners.discard(self)
        if self.stopping:
            self.stopping.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            lines = self.buffer[:end].decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:])
            size = end + 4 + int(headers.get("content-length", 0))
            if len(self.buffer) < size:
                return
            self.buffer = self.buffer[size:]
            method, target, _ = lines[0].split(" ")
            self._serve(method, urllib.parse.urlsplit(target))

    def _serve(self, method: str, target: urllib.parse.SplitResult) -> None:
        parts = target.path.strip("/").split("/")
        if parts[0].startswith("v1."):
            parts.pop(0)
        query = dict(urllib.parse.parse_qsl(target.query))
        labels = json.loads(query.get("filters", "{}")).get("label", [])
        self.engine.counts[f"{method} {'/'.join(part if len(part) < 32 else '*' for part in parts)}"] += 1
        match method, *parts:
            case "GET", "_ping":
                self._send(200, b"OK", "text/plain")
            case "GET", "version":
                self._send_json(VERSION)
            case "GET", "info":
                self._send_json(INFO)
            case "GET", "events":
                self._begin_events()
            case "GET", "containers", "json":
                now = time.time()
                self._send_json([each.summary(now) for each in self.engine.labelled(labels)])
            case "GET", "containers", reference, "json":
                container = self.engine.find(reference)
                self._send_json(container.details()) if container else self._refuse(reference)
            case "GET", "volumes":
                found = [volume(each) for each in self.engine.labelled(labels)]
                self._send_json({"Volumes": found, "Warnings": None})
            case "GET", "networks":
                ours = [each for each in self.engine.labelled(labels) if each.role == "odoo"]
                self._send_json([network(each) for each in ours])
            case "POST", "containers", reference, "stop":
                container = self.engine.find(reference)
                if container is None:
                    return self._refuse(reference)
                self.stopping = asyncio.create_task(self._stop(container))
            case _:
                self._refuse(target.path)

    async def _stop(self, container: Container) -> None:
        await self.simulation.stop(self.engine, container)
        self._send(204, b"")

    def _begin_events(self) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.transport.write(head.encode())
        self.engine.listeners.add(self)

    def send_event(self, event: dict) -> None:
        line = json.dumps(event).encode() + b"\n"
        self.transport.write(b"%x\r\n%s\r\n" % (len(line), line))

    def _refuse(self, what: str) -> None:
        self._send_json({"message": f"No such thing in a simulated engine: {what}"}, 404)

    def _send_json(self, value: object, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode())

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\n"
        if status not in (204, 304):
            head += f"Content-Length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"\r\n" + body)


async def main(control: str, sockets: list[str]) -> None:
    engines = [Engine(str(number)) for number in range(len(sockets))]
    simulation = Simulation(engines)
    loop = asyncio.get_running_loop()
    for engine, socket in zip(engines, sockets, strict=True):
        await loop.create_unix_server(lambda engine=engine: Connection(simulation, engine), socket)

    async def control_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(simulation.answer(json.loads(line))).encode() + b"\n")
        writer.close()

    server = await asyncio.start_unix_server(control_lines, control, limit=1 << 24)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
