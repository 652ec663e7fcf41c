"""A fleet of fifty servers with a thousand instances: what it costs to watch it, and how fast it is there again."""

from measure.figures import Figures
from measure.fleet import watching
from measure.fleet.fleet import furnished


def measure(figures: Figures) -> None:
    with furnished() as fleet:
        watching.measure(figures, fleet)
