"""A figure, how it is told, and where it goes."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    # What was measured behind the ratio, in words.
    seen: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return "-"

    @property
    def verdict(self) -> str:
        low = self.at_least is not None and self.value < self.at_least
        high = self.at_most is not None and self.value > self.at_most
        return "short" if low or high else "ok"

    @property
    def text(self) -> str:
        return f"{self.value:.0f}" if self.value >= 1000 else f"{self.value:.3g}"


@dataclass
class Figures:
    """The figures of a run, printed as soon as they are known."""

    all: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        self.all.append(figure)
        print(figure.name, figure.text, figure.unit, figure.target, figure.verdict, sep="\t", flush=True)
        if figure.seen:
            note(f"  {figure.name}: {figure.seen}")


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Failed(Exception):
    """A measurement could not be made: what happened, and what to do."""


def median(values: Iterable[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that at least `percent` of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]
