"""Whole servers of the lab, reached over SSH."""

import contextlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .engine import Engine, inspect
from .waiting import until

PROGRAM = Path(__file__).parents[2] / "Lab" / "servers"


@dataclass
class LabServer:
    """One server; its container is asked behind the control plane's back."""

    name: str
    address: str
    password: str
    fingerprint: str
    key: str

    @property
    def engine(self):
        """Its Docker engine, through the socket as this machine's root sees it."""
        return Engine(lambda: f"{self.root}/run/docker.sock")

    @property
    def root(self):
        """Its root folder, as this machine's root sees it."""
        return f"/proc/{inspect(self.name)['State']['Pid']}/root"

    def attempt(self, *words, within=60):
        return subprocess.run(
            ["docker", "exec", self.name, *words], capture_output=True, text=True, timeout=within)

    def run(self, *words, within=60):
        """Runs a program on it as root and returns what it wrote."""
        ended = self.attempt(*words, within=within)
        assert ended.returncode == 0, f"{words} on {self.name}: {ended.stderr or ended.stdout}"
        return ended.stdout

    def things(self, installation):
        """What its Docker has of an installation."""
        label = f"label=odeum.installation={installation}"
        found = []
        for kind, words in (("container", ["ps", "-a", "--format", "{{.Names}}"]),
                            ("volume", ["volume", "ls", "--format", "{{.Name}}"]),
                            ("network", ["network", "ls", "--format", "{{.Name}}"])):
            found += [f"{kind} {name}" for name in self.run("docker", *words, "--filter", label).split()]
        return sorted(found)

    @contextlib.contextmanager
    def docker_in_its_start(self):
        """Kills dockerd and holds the next one in the middle of its start, as long as the block lasts: it has looked
        for its containers by then, and does not know its networks yet."""
        gate, held = "/run/docker-gate", "/run/docker-is-held"
        # Reading a pipe lasts until somebody has written to it.
        program = (
            f"#!/bin/sh\nif [ -p {gate} ]; then echo >> {held}; cat {gate}; fi\n"
            'exec /etc/alternatives/iptables "$@"\n')
        self.run("sh", "-c", f'mkfifo {gate}; rm /usr/sbin/iptables; printf %s "$0" > /usr/sbin/iptables; '
                 "chmod 755 /usr/sbin/iptables", program)
        # So that systemd counts only this one: after three in a minute it would not start it again.
        self.run("systemctl", "reset-failed", "docker.service")
        try:
            self.run("sh", "-c", "kill -9 $(cat /run/docker.pid)")
            until("dockerd is held in its start", lambda: self.attempt("test", "-s", held).returncode == 0, within=60)
            yield
        finally:
            self.run("sh", "-c", f"ln -sf /etc/alternatives/iptables /usr/sbin/iptables; "
                     f"timeout 5 sh -c ': > {gate}'; rm -f {gate} {held}")

    @contextlib.contextmanager
    def containers_in_their_start(self):
        """Holds every container that is started in the middle of that, as long as the block lasts: Docker has given it
        its ports by then, and it does not run yet. Gives a function that waits for the first one."""
        gate, held, runc = "/run/runc-gate", "/run/runc-is-held", "/usr/sbin/runc"
        program = (
            f'#!/bin/sh\nif [ -p {gate} ]; then\n  case " $* " in\n    *" create "*) echo >> {held}; cat {gate} ;;\n'
            f'  esac\nfi\nexec {runc}.real "$@"\n')
        self.run("sh", "-c", f'mkfifo {gate}; mv {runc} {runc}.real; printf %s "$0" > {runc}; chmod 755 {runc}', program)

        def await_one():
            until("a container is held in its start", lambda: self.attempt("test", "-s", held).returncode == 0, within=60)

        try:
            yield await_one
        finally:
            self.run("sh", "-c", f"mv {runc}.real {runc}; timeout 5 sh -c ': > {gate}'; rm -f {gate} {held}")


def up(count, *options, set_name):
    """Brings a set up and returns its servers; those that a run left that was ended from outside are made anew."""
    down(set_name)
    ended = subprocess.run(
        [PROGRAM, "up", str(count), "--set", set_name, *options], capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    return [
        LabServer(each["name"], each["address"], each["password"], each["fingerprint"], each["key"])
        for each in json.loads(ended.stdout)["servers"]
    ]


def down(set_name):
    subprocess.run([PROGRAM, "down", "--set", set_name], capture_output=True, text=True, timeout=300)
