"""What breaks: a class for each row of the table."""

from .clock import ClockOfDatabase, ClockOfProcess
from .crash import Crash
from .database import BackendsKilled, DatabaseRestarted, OldTransaction
from .disk import ControlPlaneDiskFull, DatabaseDiskFull, ServerDiskFull
from .docker import DockerKilled, DockerRestarted, DockerStopped
from .fault import Fault
from .restore import DatabaseLost
from .ssh import HostKeyChanged, SSHBlackHole, SSHCut, SSHDaemonKilled
from .standstill import Standstill

ALL: tuple[type[Fault], ...] = (
    Crash, Standstill, SSHCut, SSHBlackHole, SSHDaemonKilled, HostKeyChanged, DockerStopped, DockerKilled,
    DockerRestarted, DatabaseRestarted, BackendsKilled, OldTransaction, ServerDiskFull, DatabaseDiskFull,
    ControlPlaneDiskFull, ClockOfProcess, ClockOfDatabase, DatabaseLost,
)
