"""The Docker engine of a server is stopped, killed or restarted; its containers run on meanwhile (live-restore)."""

import time

from EndToEnd.waiting import until

from .fault import Fault


class DockerStopped(Fault):
    """For so long that it is shown."""

    title = "dockerd stopped"
    name = "docker-stopped"

    def inject(self) -> None:
        self._systemctl("systemctl stop docker.socket docker.service")

    def _systemctl(self, script: str) -> None:
        self.bed.servers[self.server].run("sh", "-c", script)

    def stay(self) -> None:
        seen = until("Docker is shown as down", self._is_shown, 60, every=0.2)
        assert "Docker on" in seen and "is down" in seen, seen
        time.sleep(self.random.choice((0, 3)))
        self._nothing_failed()

    def _is_shown(self) -> str | None:
        server = self.bed.api.ask("GET", f"/servers/{self.server}")
        return server["statusReason"] if server.get("absence") == "dockerDown" else None

    def _nothing_failed(self) -> None:
        for each in self.bed.api.instances():
            assert each["status"] != "failed", f"{each['name']} is called failed: {each['statusReason']}"

    def heal(self) -> None:
        if self.server:
            self._systemctl("systemctl reset-failed docker.service; systemctl start docker.socket docker.service")


class DockerKilled(DockerStopped):
    """systemd starts it again after some seconds."""

    title = "dockerd killed"
    name = "docker-killed"

    def inject(self) -> None:
        self._systemctl('kill -KILL "$(systemctl show --property MainPID --value docker)"')

    def stay(self) -> None:
        self._nothing_failed()


class DockerRestarted(DockerKilled):
    title = "dockerd restarted"
    name = "docker-restarted"

    def inject(self) -> None:
        self._systemctl("systemctl restart docker")
