"""The table of a run, kept in docs/benchmarks.md."""

import datetime
import os
import platform
import re
from pathlib import Path

from measure.figures import Figure, Figures, note
from measure.places import ROOT

PAGE = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- the last run -->\n", "<!-- end of the last run -->\n"


def write(figures: Figures) -> None:
    """Puts the run's figures in the place of those with the same names, and says where and when they were seen."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    new = {figure.name: _row(figure) for figure in figures.all}
    kept = {name: row for name, row in _rows(old).items() if name not in new}
    rows = [*kept.values(), *new.values()] if kept else list(new.values())
    table = "\n".join(["| figure | value | target | | seen | on |", "|---|---|---|---|---|---|", *sorted(rows)])
    PAGE.write_text(f"{before}{BEGIN}\n{_machine()}\n\n{table}\n\n{END}{after}")
    note(f"The table is in {PAGE.relative_to(ROOT)}.")


def _row(figure: Figure) -> str:
    today = datetime.date.today().isoformat()
    cells = (f"`{figure.name}`", f"{figure.text} {figure.unit}", figure.target, figure.verdict, figure.seen, today)
    return f"| {' | '.join(cells)} |"


def _rows(old: str) -> dict[str, str]:
    return {match[1]: match[0] for match in re.finditer(r"^\| `([^`]+)` .*$", old, re.MULTILINE)}


def _machine() -> str:
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    kilobytes = int(re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)[1])
    system = re.search(r'^PRETTY_NAME="(.*)"$', Path("/etc/os-release").read_text(), re.MULTILINE)
    load = os.getloadavg()[2]
    parts = (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()})",
        f"{kilobytes / 1024 / 1024:.0f} GB of memory",
        system[1] if system else platform.platform(),
        f"Linux {platform.release()}",
    )
    busy = " The machine was busy with other work: ratios hold, times do not." if load > 2 * os.cpu_count() else ""
    return f"Seen on {', '.join(parts)}; load {load:.1f} over the last quarter of an hour.{busy}"
