"""The way to a server breaks: the connection is cut, swallowed, its sshd killed, or its host key is another one."""

import time

from EndToEnd.waiting import until

from ..population import HOST_KEY_ALARM
from .fault import Fault


class SSHCut(Fault):
    """Every connection is reset; for some seconds new ones are refused."""

    title = "SSH cut"
    name = "ssh-cut"

    def inject(self) -> None:
        self.bed.proxies[self.server].refuse()
        self.bed.proxies[self.server].cut()

    def stay(self) -> None:
        time.sleep(self.random.choice((0, 2, 5)))

    def heal(self) -> None:
        for proxy in self.bed.proxies.values():
            proxy.mend()

    def verify(self) -> None:
        self.verify_done_once()


class SSHBlackHole(SSHCut):
    """Nothing comes through any more, and nobody is told."""

    title = "SSH black-holed"
    name = "ssh-black-hole"

    def inject(self) -> None:
        self.bed.proxies[self.server].swallow()

    def stay(self) -> None:
        # Now and then so long that the connection is given up, and the server called unreachable.
        time.sleep(70 if self.round.plan.turn % 5 == 0 else self.random.choice((5, 10, 20)))


class SSHDaemonKilled(SSHCut):
    """Each process of sshd is killed, with the sessions that run in them."""

    title = "sshd killed"
    name = "sshd-killed"

    def inject(self) -> None:
        self.bed.servers[self.server].run("sh", "-c", "kill -KILL $(pidof sshd)")

    def stay(self) -> None:
        time.sleep(self.random.choice((0, 3)))

    def heal(self) -> None:
        if self.server:
            self.bed.servers[self.server].run("sh", "-c", "systemctl reset-failed ssh; systemctl start ssh")


class HostKeyChanged(Fault):
    """The server proves itself by other keys: an alarm, and nothing is sent to it until the known ones are back."""

    title = "host key changed"
    name = "host-key"

    def inject(self) -> None:
        server = self.bed.servers[self.server]
        server.run(
            "sh", "-c",
            "set -e; mkdir -p /root/kept; mv /etc/ssh/ssh_host_* /root/kept/; ssh-keygen -A >/dev/null; systemctl restart ssh")
        self.changed_at = server.run("date", "+%s.%N").strip()
        self.bed.proxies[self.server].cut()

    def stay(self) -> None:
        until("the alarm is shown", self._alarm, 90, every=0.3)

    def _alarm(self) -> str | None:
        """The sentence about the key, where people look: at the server, or at an operation that waits for it."""
        said = [self.bed.api.ask("GET", f"/servers/{self.server}")["statusReason"]]
        said += [each["reason"] or "" for each in self.bed.active()]
        return next((each for each in said if HOST_KEY_ALARM in each), None)

    def heal(self) -> None:
        if not self.server:
            return
        server = self.bed.servers[self.server]
        told = server.run("journalctl", "-u", "ssh", "--since", f"@{self.changed_at}", "-o", "cat", "--no-pager")
        server.run(
            "sh", "-c",
            "if [ -d /root/kept ]; then rm -f /etc/ssh/ssh_host_*; mv /root/kept/* /etc/ssh/; rmdir /root/kept; "
            "systemctl restart ssh; fi")
        let_in = [line for line in told.splitlines() if line.startswith("Accepted")]
        assert not let_in, f"somebody signed in to {self.server} while it had another key: {let_in}"

    def verify(self) -> None:
        self.verify_done_once()
