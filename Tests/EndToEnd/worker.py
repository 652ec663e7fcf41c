"""A process that works beside a control plane, on the same database."""

import signal
import subprocess

from .control_plane import PROGRAMS, own_environment


class Worker:
    """`odeumd worker` with the settings of `plane` and a data folder of its own."""

    def __init__(self, plane, name="worker"):
        self.plane = plane
        self.data = f"{plane.folder}/{name}"
        self.log = f"{plane.folder}/{name}.log"
        self.process = None

    def launch(self, through=(), **settings):
        """Starts the process and returns at once, as `ControlPlane.launch` does."""
        assert self.process is None, "it runs already"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*through, PROGRAMS / "odeumd", "worker"],
                env=own_environment({**self.plane.settings, "ODEUM_DATA": self.data, **settings}),
                cwd=self.plane.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def wait_for_end(self, within=60):
        """Returns the status with which the process ended; -9 where it was killed."""
        status = self.process.wait(within)
        self.process = None
        return status

    def stop(self, within=60):
        """Asks the process to end, as a service manager does, and returns its status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_for_end(within)

    def kill(self):
        """Ends the process as a power cut would."""
        self.process.kill()
        return self.wait_for_end()
