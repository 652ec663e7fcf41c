"""Runs the measurements that the command line names; `scripts/bench` has built what they need."""

import argparse
import signal
import sys

from measure import api, console, create, fleet, jobs, report
from measure.figures import Failed, Figures, note

PARTS = {
    "create": create.measure, "jobs": jobs.measure, "api": api.measure, "fleet": fleet.measure,
    "console": console.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help="create, jobs, api, fleet, console; all unless named")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/benchmarks.md")
    arguments = parser.parse_args()
    # Ended by a signal, a run cleans up like one that fails.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = Figures()
    try:
        for part in arguments.parts or PARTS:
            PARTS[part](figures)
            # After each part, so that a failure of the next one costs nothing that was measured.
            if arguments.write:
                report.write(figures)
    except Failed as failure:
        note(f"make bench: {failure}")
        return 1
    except KeyboardInterrupt:
        note("make bench: interrupted")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
