"""A trial as a page shows it: figures with their intervals, the histogram's bars, cells, and the difference of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jiean.engine.simulation.run import estimate
from jiean.engine.simulation.study import BIN_S
from jiean.grid.models import Cell
from jiean.twin.models import Trial

HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT, BAR_GAP = 400.0, 120.0, 2.0


@dataclass(frozen=True, slots=True)
class Span:
    """A mean and its 95 % interval, as shares or seconds."""

    mean: float
    low: float
    high: float

    @property
    def percent(self) -> str:
        return f"{100 * self.mean:.1f}"

    @property
    def percents(self) -> str:
        return f"{100 * self.low:.1f}–{100 * self.high:.1f}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute of response: how many calls, where the bar stands, and whether it is in time."""

    minute: int
    count: int
    percent: float
    x: float
    y: float
    width: float
    height: float
    in_time: bool


@dataclass(frozen=True, slots=True)
class CellLine:
    """One cell: the share of its calls in time, its median response and what nine in ten do not exceed; None where unknown."""

    code: str
    name: str
    calls: int
    percent: int
    median_s: float
    p90_s: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A trial for people. Without a result the spans are None and the lists empty."""

    trial: Trial
    share: Span | None = None
    median: Span | None = None
    p90: Span | None = None
    used: Span | None = None
    bars: tuple[Bar, ...] = ()
    cells: tuple[CellLine, ...] = ()

    @property
    def id(self) -> int:
        return self.trial.pk

    @property
    def is_open(self) -> bool:
        return self.trial.state in Trial.OPEN

    @property
    def progress(self) -> int:
        return round(100 * self.trial.done_share)

    @property
    def asked(self) -> dict[str, Any]:
        """The scenario's fields, shares as whole per cents."""
        asked = dict(self.trial.asked)
        return asked | {name: round(100 * asked.get(name, 0)) for name in ("rain_share", "demand", "declined_share")}


def picture(trial: Trial, cells: Sequence[Cell] = ()) -> Picture:
    """A trial for people. The list leaves results where they are: they are read only with ``cells``."""
    if not cells or trial.state != Trial.State.DONE:
        return Picture(trial)
    shown: dict[str, Any] = trial.shown or {}
    share, median, p90, used = (Span(*shown[name]) for name in ("share", "median_s", "p90_s", "utilisation"))
    bars, lines = _bars(shown["histogram"], shown["standard_s"]), _cells(shown["cells"], cells)
    return Picture(trial, share, median, p90, used, bars, lines)


def _bars(counts: Sequence[int], standard_s: float) -> tuple[Bar, ...]:
    most, total, step = max(*counts, 1), max(sum(counts), 1), HISTOGRAM_WIDTH / len(counts)
    bars = []
    for minute, count in enumerate(counts):
        height = HISTOGRAM_HEIGHT * count / most
        in_time = (minute + 1) * BIN_S <= standard_s
        bars.append(
            Bar(
                minute,
                count,
                100 * count / total,
                minute * step,
                HISTOGRAM_HEIGHT - height,
                step - BAR_GAP,
                height,
                in_time,
            )
        )
    return tuple(bars)


def _cells(rows: Sequence[dict[str, Any]], cells: Sequence[Cell]) -> tuple[CellLine, ...]:
    by_id = {cell.pk: cell for cell in cells}
    lines = [
        CellLine(
            by_id[row["cell"]].code,
            by_id[row["cell"]].name,
            row["calls"],
            round(100 * row["share"]),
            row["median_s"],
            row.get("p90_s"),
        )
        for row in rows
        if row["cell"] in by_id
    ]
    return tuple(sorted(lines, key=lambda line: (line.percent, line.code)))


def compared(before: Picture, after: Picture) -> Span | None:
    """How much more of the calls is in time, paired call by call; None where the two did not see the same calls."""
    one, two = before.trial.shown or {}, after.trial.shown or {}
    alike = ("seed", "replications", "days")
    if "shares" not in one or "shares" not in two or any(one[name] != two[name] for name in alike):
        return None
    found = estimate(np.array(two["shares"]) - np.array(one["shares"]))
    return Span(found.mean, found.low, found.high)
