"""What was measured: one row a measure, peers beside it, ratios of medians."""

from __future__ import annotations

import os
import platform
import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

UNITS: dict[str, tuple[float, str]] = {
    "us": (1e6, "µs"),
    "ms": (1e3, "ms"),
    "MB": (1 / 1e6, "MB"),
    "per_second": (1.0, "/s"),
    "KB": (1 / 1e3, "KB"),
}


@dataclass(frozen=True)
class Goal:
    """`ratio`: ours over the peer's, at most (`at_least`: at least); `limit`: of ours alone, in
    seconds or bytes; `above`: of ours minus the peer's."""

    beside: str | None = None
    ratio: float | None = None
    at_least: bool = False
    limit: float | None = None
    above: float | None = None

    def judged(self, ours: float, peer: float | None) -> tuple[str, str, bool | None]:
        """What was reached, what is the goal, and whether it is met; None where nobody can say."""
        if self.limit is not None:
            return "", f"{self.limit:g}", ours <= self.limit
        if peer is None:
            return "", "", None
        ratio = ours / peer
        if self.above is not None:
            return f"{ratio:.2f}x", f"+{self.above:g}", ours - peer <= self.above
        if self.ratio is None:
            return f"{ratio:.2f}x", "", None
        met = ratio >= self.ratio if self.at_least else ratio <= self.ratio
        sign = ">=" if self.at_least else "<="
        return f"{ratio:.2f}x", f"{sign} {self.ratio:g}x", met


class Results:
    """Samples by measure and by whom; `goals` are those of each measure."""

    def __init__(self) -> None:
        self._samples: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._units: dict[str, str] = {}
        self._goals: dict[str, tuple[Goal, ...]] = {}

    def measure(self, name: str, unit: str, *goals: Goal) -> None:
        self._units[name], self._goals[name] = unit, goals

    def add(self, name: str, whose: str, value: float) -> None:
        assert name in self._units, name
        self._samples[name][whose].append(value)

    def in_turn(self, name: str, subjects: dict[str, Callable[[], float]], rounds: int) -> None:
        """One sample of each subject a round, so that a busy minute hits all of them."""
        for _ in range(rounds):
            for whose, sample in subjects.items():
                self.add(name, whose, sample())

    def median(self, name: str, whose: str) -> float | None:
        samples = self._samples[name].get(whose)
        return statistics.median(samples) if samples else None

    def rows(self) -> list[tuple[str, ...]]:
        """The table: measure, ours, beside whom, theirs, ratio, goal, verdict."""
        found: list[tuple[str, ...]] = []
        for name, unit in self._units.items():
            ours = self.median(name, "ours")
            if ours is None:
                continue
            goals = {goal.beside: goal for goal in self._goals[name]}
            peers = [one for one in self._samples[name] if one != "ours"]
            shown = name, _figure(ours, unit)
            if None in goals or not peers:
                _, goal, met = goals.get(None, Goal()).judged(ours, None)
                found.append((*shown, "", "", "", _limit(goal, unit), _verdict(met)))
                shown = "", ""
            for peer in peers:
                theirs = self.median(name, peer)
                assert theirs is not None
                goal_of = goals.get(peer, Goal(peer))
                ratio, goal, met = goal_of.judged(ours, theirs)
                figures = _figure(theirs, unit), ratio, _limit(goal, unit), _verdict(met)
                found.append((*shown, peer, *figures))
                shown = "", ""
        return found

    def as_json(self, rounds: int) -> dict[str, Any]:
        return {
            "machine": machine(),
            "rounds": rounds,
            "measures": {
                name: {
                    "unit": {"per_second": "1/s", "MB": "bytes", "KB": "bytes"}.get(unit, "s"),
                    "goals": [asdict(goal) for goal in self._goals[name]],
                    "medians": {whose: self.median(name, whose) for whose in self._samples[name]},
                    "samples": dict(self._samples[name]),
                }
                for name, unit in self._units.items()
                if self._samples[name]
            },
        }


def machine() -> dict[str, Any]:
    """What it ran on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.processor(),
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def table(rows: list[tuple[str, ...]]) -> str:
    titles = ("measure", "ours", "beside", "theirs", "ratio", "goal", "")
    widths = [max(len(row[at]) for row in (titles, *rows)) for at in range(len(titles))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (titles, *rows)
    )


def _figure(value: float, unit: str) -> str:
    factor, sign = UNITS[unit]
    shown = value * factor
    return f"{shown:.0f} {sign}" if shown >= 100 else f"{shown:.3g} {sign}"


def _limit(goal: str, unit: str) -> str:
    if not goal or goal.endswith("x"):
        return goal
    return f"<= {'+' if goal[0] == '+' else ''}{_figure(float(goal), unit)}"


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "missed", None: ""}[met]
