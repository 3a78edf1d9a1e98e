"""Is the expectation worth having? Judged on days it has not seen, beside two habits: last year's week and a moving mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jiean.engine.expectation.errors import ExpectationError
from jiean.engine.expectation.grains import Held, held
from jiean.engine.expectation.model import expect, fit
from jiean.engine.expectation.problem import HOURS, Floats, History, Parameters

YEAR_DAYS = 364
"""Fifty-two weeks: the same weekday a year before."""

FLOORS = np.geomspace(1e-5, 1.0, 26)
"""Least expectations tried for the habits, in calls a cell and hour; the one that suits each best on the very days
judged is taken, which flatters them."""


@dataclass(frozen=True)
class Verdict:
    """Mean Poisson deviance a cell, hour and kind (0 is perfect), of the model and of the two habits.

    last_year : None where less than a year lies before the days judged
    covered : share of cell-hours whose count lay in the interval; calls, expected : of the days judged
    held : how well the intervals of every grain hold, the tiny counts of a cell's hour judged as they have to be
    """

    model: float
    last_year: float | None
    moving_mean: float
    covered: float
    calls: int
    expected: float
    days: int
    held: tuple[Held, ...] = ()


def backtest(
    history: History, first: int, *, window_days: int = YEAR_DAYS, parameters: Parameters | None = None
) -> Verdict:
    """Learn from the days before `first`, judge the days from it on.

    Raises
    ------
    ExpectationError
        When fewer than `window_days` lie before `first`, or nothing after it.
    """
    days = len(history.calendar)
    if not 0 < window_days <= first < days:
        raise ExpectationError(f"first is {first}; of {days} days, the window of {window_days} must lie before it.")
    model, coming = fit(history.part(slice(0, first)), parameters), history.calendar.part(slice(first, days))
    found, seen = expect(model, coming), _counts(history)
    judged = seen[first:]
    inside = (judged >= found.low) & (judged <= found.high)
    year = _best(judged, _last_year(seen, first)) if first >= YEAR_DAYS + 3 else None
    return Verdict(
        _deviance(judged, found.mean), year, _best(judged, _moving(seen, first, window_days)),
        float(inside.mean()), int(judged.sum()), float(found.mean.sum()), days - first, held(model, coming, judged),
    )  # fmt: skip


def _counts(history: History) -> Floats:
    seen = np.zeros((len(history.calendar), HOURS, history.cells, history.kinds))
    np.add.at(seen, (history.day, history.hour, history.cell, history.kind), 1.0)
    return seen


def _last_year(seen: Floats, first: int) -> Floats:
    """The mean of the same week a year before, by cell, hour and kind; further years ahead use the newest known one."""
    found = []
    for day in range(first, len(seen)):
        middle = day - YEAR_DAYS * (1 + (day - first) // YEAR_DAYS)
        found.append(seen[max(middle - 3, 0) : min(middle + 4, first)].mean(axis=0))
    return np.array(found)


def _moving(seen: Floats, first: int, window: int) -> Floats:
    """The mean of the days before `first`, by cell, hour and kind."""
    return np.broadcast_to(seen[first - window : first].mean(axis=0), seen[first:].shape)


def _best(judged: Floats, mean: Floats) -> float:
    return min(_deviance(judged, np.maximum(mean, floor)) for floor in FLOORS)


def _deviance(seen: Floats, mean: Floats) -> float:
    """Mean Poisson deviance; 2 (y log(y / m) - y + m), McCullagh and Nelder (1989), section 2.3."""
    called = seen > 0
    total = float((mean - seen).sum()) + float((seen[called] * np.log(seen[called] / mean[called])).sum())
    return 2 * total / seen.size
