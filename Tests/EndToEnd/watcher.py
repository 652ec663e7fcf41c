"""Looks at the processes of this machine all the time, as another user or a program of a neighbour could."""

import threading
import time

from . import processes


class Watcher:
    """Keeps what every process shows of itself: its command line, and what it inherited."""

    def __init__(self, owner):
        self.command_lines, self.environments = set(), {}
        self._owner, self._owners_line = owner, processes.command_line(owner)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(20)

    def _watch(self):
        while not self._stop.is_set():
            for pid in processes.all_pids():
                line = processes.command_line(pid)
                if not line:
                    continue
                self.command_lines.add(line)
                # With the owner's own line, one is on the way to becoming another program, and shows the owner's memory.
                if line != self._owners_line and self._owner in ancestors(pid):
                    self.environments[line] = processes._read(f"/proc/{pid}/environ")
            time.sleep(0.005)


def ancestors(pid):
    """The process's parent, its parent, and so on."""
    found = []
    while pid > 1:
        state = processes._read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        if len(state) < 2:
            break
        pid = int(state[1])
        found.append(pid)
    return found
