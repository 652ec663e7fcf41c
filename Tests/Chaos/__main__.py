"""`make chaos`: rounds of operations, each with a fault in its middle."""

import argparse
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from . import faults, schedule
from .evidence import write_evidence
from .population import Slot
from .round import Result, Round, learn_steps
from .table import line, table
from .testbed import Testbed


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how many (default 20)")
    parser.add_argument("--seed", type=int, help="of the first round; the next ones follow (default: a random one)")
    parser.add_argument("--short", action="store_true", help="one fault of each kind, instead of --rounds")
    parser.add_argument(
        "--only", action="append", choices=[fault.name for fault in faults.ALL], help="rounds with this fault only")
    parser.add_argument("--set", default="chaos", help="the set of lab servers (default chaos)")
    given = parser.parse_args()
    if given.seed is None:
        given.seed = random.SystemRandom().randrange(1, 1_000_000)
    return given


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    given = arguments()
    # Whoever ends it gets the table of what was, and everything is removed.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    only = set(given.only or [])
    seeds = schedule.one_of_each_kind(given.seed, only) if given.short else schedule.seeds(given.seed, given.rounds, only)
    say(f"Chaos: {len(seeds)} rounds, the seed is {given.seed}. Servers, database and control plane are made.")
    began = time.monotonic()
    results: list[tuple[str, Result]] = []
    bed = Testbed(given.set)
    broken = None
    try:
        bed.build()
        steps = learn_steps(bed)
        say(f"They are there after {time.monotonic() - began:.0f} s.")
        desired: dict[Slot, str] = {}
        for number, seed in enumerate(seeds, 1):
            plan = schedule.plan(seed)
            result = play(bed, plan, steps, desired)
            results.append((plan.fault.title, result))
            say(line(number, len(seeds), result, plan.fault.title))
    except KeyboardInterrupt:
        say("Interrupted.")
        broken = "interrupted"
    except Exception:  # noqa: BLE001 - told, after everything was removed
        broken = traceback.format_exc()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            bed.destroy()
        except ExceptionGroup as error:
            broken = (broken or "") + "".join(traceback.format_exception(error))
    if broken:
        say(f"\n{broken}")
    failed = sum(result.error is not None for _, result in results)
    if results:
        say(f"\n{table(results)}")
    say(f"\n{len(results) - failed} passed, {failed + (1 if broken else 0)} failed")
    return 1 if failed or broken else 0


def play(bed: Testbed, plan: schedule.Plan, steps: schedule.Steps, desired: dict[Slot, str]) -> Result:
    """Plays one round; behind a failure everything is healed, and the next round begins with nothing."""
    began = time.monotonic()
    round = Round(bed, plan, steps, desired)
    result = Result(plan.seed, "")
    sizes = bed.log_sizes()
    try:
        round.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this round's failure
        result.error = error
        folder = Path("var/chaos")
        write_evidence(folder / f"{plan.seed}.txt", bed, round, error, sizes)
        round.mend()
        bed.begin_anew()
        desired.clear()
    result.says = round.says
    result.recoveries = round.recoveries
    result.seconds = time.monotonic() - began
    return result


if __name__ == "__main__":
    sys.exit(main())
