"""A fleet of fifty servers with a thousand instances: what it costs to watch it, and how fast it is there again."""

from measure import server
from measure.figures import Figures
from measure.fleet import docker_back, recovery, ssh, takeover, watching
from measure.fleet.fleet import furnished

SERVERS = 50
INSTANCES = 20
DATABASE = "fleet"


def measure(figures: Figures) -> None:
    ssh.measure(figures)
    with server.running() as postgres:
        with furnished(SERVERS, INSTANCES, postgres.make(DATABASE)) as fleet:
            watching.measure(figures, fleet, postgres)
            takeover.measure(figures, fleet)
        recovery.measure_postgres(figures, postgres, postgres.make(DATABASE))
    recovery.measure_resume(figures)
    docker_back.measure(figures)
