"""The calls to expect, from the station's own past: place and hour only. Holidays are known, the weather is not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jiean.dispatch.models import Incident
from jiean.dispatch.queries.past import calls_since
from jiean.engine import expectation
from jiean.engine.expectation import ExpectationError, Grain
from jiean.grid.queries import cells
from jiean.kernel import clocks
from jiean.kernel.holidays import is_holiday

DAYS_BACK, DAYS_AHEAD, JUDGED_SHARE, MOST_JUDGED = 1461, 7, 0.25, 90
"""Learnt from four years at most; told for a week; the last quarter of the past, ninety days at most, judges the method."""
FEWEST_CALLS, FEWEST_DAYS, FEWEST_OF_A_KIND = 100, 5, 20
"""With less on record nothing is said; kinds with fewer calls are told together as others."""
WEEKDAYS_KNOWN = 28
"""Days on record from which weekdays can be told apart; the page says so where there are fewer."""
Past = list[tuple[dt.datetime, int, str]]


@dataclass(frozen=True, eq=False)
class Known:
    """The station's history, the ids of its cells and its kinds in the order of the arrays, and its first day."""

    history: expectation.History
    cells: list[int]
    kinds: list[str]
    first: dt.date


def known(rows: Past, cell_ids: Sequence[int], today: dt.date) -> Known:
    """The past up to yesterday. Raises ExpectationError where it is too little."""
    place = {cell: i for i, cell in enumerate(cell_ids)}
    local = [(clocks.local(at), place[cell], kind) for at, cell, kind in rows if cell in place]
    local = [row for row in local if row[0].date() < today]
    if len(local) < FEWEST_CALLS or (today - local[0][0].date()).days < FEWEST_DAYS:
        raise ExpectationError("few_calls")
    first = local[0][0].date()
    days = (today - first).days
    learnt = Counter(kind for at, _cell, kind in local if (at.date() - first).days < days - judged_of(days))
    kinds = [kind for kind, count in learnt.most_common() if count >= FEWEST_OF_A_KIND and kind != Incident.Kind.OTHER]
    if sum(learnt.values()) > sum(learnt[kind] for kind in kinds):
        kinds.append(str(Incident.Kind.OTHER))
    number = {kind: i for i, kind in enumerate(kinds)}
    columns = zip(
        *(((at.date() - first).days, at.hour, cell, number.get(kind, len(kinds) - 1)) for at, cell, kind in local),
        strict=True,
    )
    day, hour, cell, kind = (np.array(column, np.int64) for column in columns)
    history = expectation.History(day, hour, cell, kind, len(place), len(kinds), calendar(first, days))
    return Known(history, list(cell_ids), kinds, first)


def judged_of(days: int) -> int:
    """How many of the last days judge the method."""
    return max(1, min(MOST_JUDGED, round(days * JUDGED_SHARE)))


def calendar(first: dt.date, count: int) -> expectation.Calendar:
    """Days with their holidays; every one dry, for nobody kept the weather."""
    days = [first + dt.timedelta(days=i) for i in range(count)]
    off = np.array([is_holiday(day) for day in days], np.bool_)
    return expectation.Calendar(
        np.array([day.weekday() for day in days]), np.array([day.month for day in days]), off, np.zeros(count, np.bool_)
    )


def past_calls() -> Past:
    """The calls on record that something may be learnt from."""
    return calls_since(clocks.now() - dt.timedelta(days=DAYS_BACK))


def foretold(rows: Past, now: dt.datetime, tell: Callable[[float], None]) -> dict[str, Any]:
    """The seven days after the local moment `now`, with the back-test, in plain numbers to keep. Raises ExpectationError."""
    tell(0.1)
    past = known(rows, sorted(cell.pk for cell in cells()), now.date())
    days = len(past.history.calendar)
    first = days - judged_of(days)
    verdict = expectation.backtest(past.history, first, window_days=min(expectation.YEAR_DAYS, first))
    tell(0.6)
    model, coming = expectation.fit(past.history), calendar(now.date(), DAYS_AHEAD + 1)
    tell(0.9)
    return {
        "from": past.first.isoformat(), "calls": int(past.history.day.size), "days": days, "at": now.isoformat(),
        "level": model.parameters.level, "kinds": past.kinds, "cells": past.cells, "judged": _judged(verdict),
    } | _coming(model, coming, now)  # fmt: skip


def _coming(model: expectation.Model, coming: expectation.Calendar, now: dt.datetime) -> dict[str, Any]:
    """Hours of the next day, days of the next week, and every cell by kind for both; cell, hour and kind in one table."""
    begin, mean = now.hour + 1, expectation.means(model, coming)
    flat = mean.reshape(-1, *mean.shape[2:])
    town = expectation.totals(model, coming, Grain.TOWN_HOUR)
    by_day = expectation.totals(model, coming, Grain.TOWN_DAY)
    cell_hours = expectation.expect(model, coming)
    table = [
        [
            part.reshape(-1, *mean.shape[2:])[begin : begin + 24].transpose(1, 2, 0).round(digits).tolist()
            for part, digits in ((cell_hours.mean, 4), (cell_hours.low, 0), (cell_hours.high, 0))
        ]
    ]
    return {
        "hours": [
            [begin + i, *(round(float(part.ravel()[begin + i]), 3) for part in (town.mean, town.low, town.high))]
            for i in range(24)
        ],
        "week": [
            [i, bool(coming.holiday[i]), *(round(float(part[i]), 2) for part in (by_day.mean, by_day.low, by_day.high))]
            for i in range(1, DAYS_AHEAD + 1)
        ],
        "cell_day": flat[begin : begin + 24].sum(axis=0).round(4).tolist(),
        "cell_week": flat[begin : begin + 24 * DAYS_AHEAD].sum(axis=0).round(3).tolist(), "table": table[0],
    }  # fmt: skip


def _judged(verdict: expectation.Verdict) -> dict[str, Any]:
    return {
        "days": verdict.days, "calls": verdict.calls, "expected": round(verdict.expected, 1),
        "model": verdict.model, "last_year": verdict.last_year, "moving_mean": verdict.moving_mean,
        "held": [[str(one.grain), round(one.mean, 4), round(one.bounds, 4), round(one.spread, 4)] for one in verdict.held],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An hour, a day or a cell: what it is called, the calls expected, and their interval (None where none is shown)."""

    name: str
    mean: float
    low: int | None = None
    high: int | None = None
    week: float | None = None
    kind: str = ""
    holiday: bool = False
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Grainline:
    """How the intervals of one grain held in the back-test, per cents as they are read."""

    code: str
    mean: float
    bounds: str
    spread: str


@dataclass(frozen=True, slots=True)
class Foretold:
    """The calls to expect, as a page shows them."""

    first: dt.date
    at: dt.datetime
    calls: int
    days: int
    total: float
    short: bool
    hours: tuple[Line, ...]
    week: tuple[Line, ...]
    cells: tuple[Line, ...]
    kinds: tuple[tuple[str, str], ...]
    judged: Mapping[str, Any]
    held: tuple[Grainline, ...]


def shown_calls(kept: Mapping[str, Any], kind: str) -> Foretold:
    """What was kept, for a page; the cells by one kind, or all."""
    at = dt.datetime.fromisoformat(kept["at"])
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = tuple(
        Line("", mean, int(low), int(high), at=midnight + dt.timedelta(hours=hour))
        for hour, mean, low, high in kept["hours"]
    )
    week = tuple(
        Line("", mean, int(low), int(high), holiday=off, at=midnight + dt.timedelta(days=day))
        for day, off, mean, low, high in kept["week"]
    )
    labels = dict(Incident.Kind.choices)
    kinds = tuple((one, str(labels.get(one, one))) for one in kept["kinds"])
    held = tuple(
        Grainline(code, mean, f"{100 * bounds:.1f}", f"{100 * spread:.1f}")
        for code, mean, bounds, spread in kept["judged"]["held"]
    )
    return Foretold(
        dt.date.fromisoformat(kept["from"]), at, kept["calls"], kept["days"], sum(row[1] for row in kept["hours"]),
        kept["days"] < WEEKDAYS_KNOWN, hours,
        week, _cell_lines(kept, kind), kinds, kept["judged"], held,
    )  # fmt: skip


def _cell_lines(kept: Mapping[str, Any], kind: str) -> tuple[Line, ...]:
    """Cells with the calls expected of them in a day and a week; most first."""
    names = {row.pk: f"{row.code} {row.name}" for row in cells()}
    labels = dict(Incident.Kind.choices)
    chosen = kept["kinds"].index(kind) if kind in kept["kinds"] else None
    lines = []
    for cell, day, week in zip(kept["cells"], kept["cell_day"], kept["cell_week"], strict=True):
        top = str(labels.get(kept["kinds"][int(np.argmax(week))], ""))
        if cell in names:
            share = slice(None) if chosen is None else slice(chosen, chosen + 1)
            lines.append(Line(names[cell], sum(day[share]), week=sum(week[share]), kind=top))
    return tuple(sorted(lines, key=lambda line: (-(line.week or 0.0), line.name)))


def table_rows(kept: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Cell, hour, kind, calls expected and their interval, for the coming day."""
    codes = {row.pk: row.code for row in cells()}
    midnight = dt.datetime.fromisoformat(kept["at"]).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [(midnight + dt.timedelta(hours=row[0])).isoformat(timespec="minutes") for row in kept["hours"]]
    mean, low, high = kept["table"]
    return [
        (codes[cell], hours[h], kind, mean[c][k][h], int(low[c][k][h]), int(high[c][k][h]))
        for c, cell in enumerate(kept["cells"]) if cell in codes
        for k, kind in enumerate(kept["kinds"])
        for h in range(24)
    ]  # fmt: skip
