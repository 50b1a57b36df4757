"""The figures, as a table for people and as a file for programs."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST_GROWTH = 1.3


@dataclass
class Run:
    """What some requests took. CPU is the server's, in seconds over all of them."""

    wall: float
    cpu: float
    seconds: list[float]
    received: int

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.wall

    @property
    def cpu_each(self) -> float:
        """CPU milliseconds a request."""
        return 1000 * self.cpu / len(self.seconds)


@dataclass
class Figures:
    """Several runs of one deed on one site; rates and costs are those of the middle run."""

    runs: list[Run] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return statistics.median(run.per_second for run in self.runs)

    @property
    def cpu(self) -> float:
        """CPU milliseconds of the server a request."""
        return statistics.median(run.cpu_each for run in self.runs)

    def milliseconds(self, part: float) -> float:
        """How long that part of all requests took at most."""
        times = sorted(seconds for run in self.runs for seconds in run.seconds)
        return 1000 * times[min(int(len(times) * part), len(times) - 1)]

    def as_json(self) -> dict[str, float]:
        """Rounded for reading."""
        return {
            "requests": sum(len(run.seconds) for run in self.runs),
            "per_second": round(self.per_second, 1),
            "p50_ms": round(self.milliseconds(0.5), 2),
            "p95_ms": round(self.milliseconds(0.95), 2),
            "cpu_ms": round(self.cpu, 3),
            "bytes": round(sum(run.received for run in self.runs) / sum(len(run.seconds) for run in self.runs)),
        }


@dataclass
class Result:
    """One deed on one kind of database: at full size, at a hundredth of the people, and its floor."""

    database: str
    deed: str
    floor_name: str
    most: float | None
    statements: int
    full: Figures
    small: Figures
    floor: Figures

    @property
    def ratio(self) -> float:
        """How many times the floor's CPU time it costs."""
        return _middle_ratio(self.full, self.floor)

    @property
    def rate_ratio(self) -> float:
        """How many times as many requests the floor does in the same time."""
        return self.floor.per_second / self.full.per_second

    @property
    def growth(self) -> float:
        """The cost with all people against the cost with few."""
        return _middle_ratio(self.full, self.small)

    def as_json(self) -> dict[str, Any]:
        """Everything, for the file."""
        return {
            "database": self.database,
            "deed": self.deed,
            "statements": self.statements,
            "full": self.full.as_json(),
            "small": self.small.as_json(),
            "floor": {"name": self.floor_name, **self.floor.as_json()},
            "ratio_cpu": round(self.ratio, 2),
            "ratio_rate": round(self.rate_ratio, 2),
            "growth": round(self.growth, 2),
            "target_ratio": self.most,
            "target_growth": MOST_GROWTH,
        }


def _middle_ratio(one: Figures, other: Figures) -> float:
    """Of runs that stood side by side, for a machine with neighbours is at times half as fast as a minute before."""
    pairs = zip(one.runs, other.runs, strict=True)
    return statistics.median(mine.cpu_each / max(its.cpu_each, LEAST) for mine, its in pairs)


LEAST = 0.01
"""CPU milliseconds that a request costs at least: of very few, the kernel's clock may have counted none."""

HEADINGS = ("deed", "req/s", "p50 ms", "p95 ms", "CPU ms", "SQL", "floor ms", "× CPU", "× rate", "target", "growth")


def table(results: Sequence[Result]) -> str:
    """One database's results as a Markdown table; a missed target is marked by !"""
    rows = [HEADINGS, *(_cells(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    rule = ["-" * (width + 2) if not column else "-" * (width + 1) + ":" for column, width in enumerate(widths)]
    lines.insert(1, f"|{'|'.join(rule)}|")
    return "\n".join(lines)


def _cells(result: Result) -> tuple[str, ...]:
    figures = result.full
    missed = result.most is not None and result.ratio > result.most
    return (
        result.deed,
        f"{figures.per_second:.0f}",
        f"{figures.milliseconds(0.5):.1f}",
        f"{figures.milliseconds(0.95):.1f}",
        f"{figures.cpu:.2f}",
        str(result.statements),
        f"{result.floor.cpu:.2f}",
        f"{result.ratio:.1f}{' !' if missed else ''}",
        f"{result.rate_ratio:.1f}",
        f"≤ {result.most:g}" if result.most else "",
        f"{result.growth:.2f}{' !' if result.growth > MOST_GROWTH else ''}",
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = [
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "| " + " | ".join([first, *others]) + " |"


def machine() -> dict[str, Any]:
    """What it was measured on, in general words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def write(folder: Path, results: Sequence[Result], facts: dict[str, Any]) -> Path:
    """Write the file; `latest.json` is always the last one."""
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC)
    content = {"at": at.isoformat(timespec="seconds"), **facts, "results": [result.as_json() for result in results]}
    path = folder / f"{at:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    (folder / "latest.json").write_text(path.read_text())
    return path
