"""Runs the measurements that the command line names; `scripts/bench` has built what they need."""

import signal
import sys

from measure import jobs
from measure.figures import Failed, Figures, note

PARTS = {"jobs": jobs.measure}


def main() -> int:
    # Ended by a signal, a run cleans up like one that fails.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = Figures()
    try:
        for part in sys.argv[1:]:
            PARTS[part](figures)
    except Failed as failure:
        note(f"make bench: {failure}")
        return 1
    except KeyboardInterrupt:
        note("make bench: interrupted")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
