"""What runs on this machine, read from /proc."""

import os
import select
import socket
import threading


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def command_line(pid):
    """The words of the process `pid`, joined by blanks; empty where it is gone."""
    return _read(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode(errors="replace").strip()


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_running(pid):
    """Whether `pid` runs: it exists and is no zombie."""
    state = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return bool(state) and state[0] != b"Z"


def identity(pid):
    """What tells the process `pid` from every other one, also later on and after a restart; empty where it is gone."""
    started = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[19:20]
    return f"{_read('/proc/sys/kernel/random/boot_id').decode().strip()} {pid} {started[0].decode()}" if started else ""


def belonging_to(folder):
    """The processes that work in `folder`, were started with it in a word, or have it in their environment."""
    found = {}
    for pid in all_pids():
        if pid == os.getpid() or not is_running(pid):
            continue
        at_work = _link(f"/proc/{pid}/cwd")
        words = command_line(pid)
        if at_work == folder or at_work.startswith(f"{folder}/") or folder in words or (
            f"ODEUM_DATA={folder}".encode() in _read(f"/proc/{pid}/environ").split(b"\0")
        ):
            found[pid] = words
    return found


def await_end(pid, within):
    """Returns when the process `pid` has ended, or after `within` seconds."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ending = select.poll()
        ending.register(process, select.POLLIN)
        ending.poll(max(0, within) * 1000)
    finally:
        os.close(process)


def free_port():
    """A TCP port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listen(port):
    """A program that is not ours, listening on `port`."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def listening_addresses(port):
    """The addresses on which something listens on TCP `port`, in the kernel's own hexadecimal form."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _read(table).decode().splitlines()[1:]:
            fields = line.split()
            address, _, number = fields[1].rpartition(":")
            if fields[3] == "0A" and int(number, 16) == port:
                found.add(address)
    return found


class CommandLines:
    """Collects the command lines of all processes while a `with` block runs."""

    def __init__(self, every=0.04):
        self.seen = set()
        self._every = every
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._collect, daemon=True)

    def _collect(self):
        while not self._end.wait(self._every):
            self.seen.update(filter(None, map(command_line, all_pids())))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
