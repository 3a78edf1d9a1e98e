"""Expected calls by cell, hour and kind: two hierarchical Poisson regressions, and a negative binomial's interval.

The town's rhythm (hour, weekday, month, holiday, rain) is fitted over all cells, then each cell's share of it. Effects
have normal priors of stated width, which a ridge penalty is: few calls leave an effect near the mean (Gelman, A., Hill,
J. (2007), "Data Analysis Using Regression and Multilevel/Hierarchical Models", chapters 12 and 15; regression by
scikit-learn). Overdispersion by moments. Place and hour only: nothing here knows a person.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from jiean.engine.expectation.problem import BLOCKS, HOURS, Calendar, Floats, History, Ints, Parameters

WIDTH = HOURS // BLOCKS


class Part(StrEnum):
    """What an expectation is the product of; `Factor.value` multiplies, 1 changes nothing."""

    BASE = "base"  # calls an hour in a mean cell at a mean hour of a mean day
    HOUR = "hour"
    DAY = "day"  # weekday, with its blocks
    MONTH = "month"
    HOLIDAY = "holiday"
    WET = "wet"
    CELL = "cell"  # the cell's share, with its blocks


@dataclass(frozen=True)
class Factor:
    """One factor of an expectation."""

    code: Part
    value: float


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Logarithms of one kind: hour (24,), weekday (7,), weekday_block (7, 6), month (12,), cell (cells, 6), the rest numbers.

    dispersion : alpha of the variance mean + alpha mean², zero or more
    """

    base: float
    hour: Floats
    weekday: Floats
    weekday_block: Floats
    month: Floats
    holiday: float
    wet: float
    cell: Floats
    dispersion: float


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted expectation, one rhythm a kind."""

    rhythms: tuple[Rhythm, ...]
    parameters: Parameters
    calls: int
    days: int
    cpu_s: float


@dataclass(frozen=True, eq=False)
class Expected:
    """Calls an hour with their interval, each float64 (days, 24, cells, kinds)."""

    mean: Floats
    low: Floats
    high: Floats


def fit(history: History, parameters: Parameters | None = None) -> Model:
    """Learn the rhythm of each kind and each cell's share. Deterministic."""
    began, chosen = time.process_time(), parameters or Parameters()
    rhythms = tuple(_rhythm(history, kind, chosen) for kind in range(history.kinds))
    return Model(rhythms, chosen, int(history.day.size), len(history.calendar), time.process_time() - began)


def means(model: Model, calendar: Calendar) -> Floats:
    """Expected calls, float64 (days, 24, cells, kinds)."""
    found = [_town(one, calendar)[:, :, None] * _shares(one)[None] for one in model.rhythms]
    return np.stack(found, axis=3)


def expect(model: Model, calendar: Calendar) -> Expected:
    """Expected calls of coming days, with the interval of `Parameters.level` (bounds are whole calls)."""
    from scipy.stats import nbinom  # noqa: PLC0415 — slow to load, and only intervals need it

    mean, tail = means(model, calendar), (1 - model.parameters.level) / 2
    alpha = np.maximum(np.array([one.dispersion for one in model.rhythms]), 1e-9)
    chance = 1 / (1 + alpha * mean)
    low, high = (nbinom.ppf(q, 1 / alpha, chance) for q in (tail, 1 - tail))
    return Expected(mean, np.maximum(low, 0.0), np.maximum(high, 0.0))


def day_totals(model: Model, calendar: Calendar) -> Expected:
    """Expected calls of whole days in the whole town with their interval, each float64 (days, kinds).

    The sum of the cell-hours' negative binomials by its first two moments. A rare cell's hour has the bounds 0 and 1
    whatever one knows; a town's day says something.
    """
    from scipy.stats import nbinom  # noqa: PLC0415 — slow to load, and only intervals need it

    hours, tail = means(model, calendar), (1 - model.parameters.level) / 2
    mean = hours.sum(axis=(1, 2))
    alpha = np.maximum(np.array([one.dispersion for one in model.rhythms]), 1e-9)
    over = np.maximum((alpha * hours**2).sum(axis=(1, 2)), 1e-9)  # variance beyond the mean
    size = mean**2 / over
    low, high = (nbinom.ppf(q, size, size / (size + mean)) for q in (tail, 1 - tail))
    return Expected(mean, np.maximum(low, 0.0), np.maximum(high, 0.0))


def explain(model: Model, calendar: Calendar, day: int, hour: int, cell: int, kind: int) -> tuple[Factor, ...]:
    """What an expectation is the product of, in the order of `Part`."""
    one, block = model.rhythms[kind], hour // WIDTH
    weekday = int(calendar.weekday[day])
    logs = (
        one.base, one.hour[hour], one.weekday[weekday] + one.weekday_block[weekday, block], one.month[calendar.month[day] - 1],
        one.holiday * bool(calendar.holiday[day]), one.wet * bool(calendar.wet[day]), one.cell[cell, block],
    )  # fmt: skip
    return tuple(Factor(code, float(np.exp(log))) for code, log in zip(Part, logs, strict=True))


def _town(one: Rhythm, calendar: Calendar) -> Floats:
    """Calls an hour in a mean cell, (days, 24)."""
    block = np.arange(HOURS) // WIDTH
    day = one.base + one.weekday[calendar.weekday] + one.month[calendar.month - 1]
    day = day + one.holiday * calendar.holiday + one.wet * calendar.wet
    rhythm: Floats = np.exp(day[:, None] + one.hour[None] + one.weekday_block[calendar.weekday][:, block])
    return rhythm


def _shares(one: Rhythm) -> Floats:
    """Each cell's factor by hour, (24, cells)."""
    shares: Floats = np.exp(one.cell[:, np.arange(HOURS) // WIDTH].T)
    return shares


def _rhythm(history: History, kind: int, chosen: Parameters) -> Rhythm:
    own, calendar = history.kind == kind, history.calendar
    age = len(calendar) - 1 - np.arange(len(calendar))
    fresh = 0.5 ** (age / chosen.half_life_days)
    counts = np.zeros((len(calendar), HOURS))
    np.add.at(counts, (history.day[own], history.hour[own]), 1.0)
    town = _fit_town(counts, fresh, calendar, history.cells, chosen)
    exposure = (_town(town, calendar) * fresh[:, None]).sum(axis=0).reshape(BLOCKS, WIDTH).sum(axis=1)
    seen = np.zeros((history.cells, BLOCKS))
    np.add.at(seen, (history.cell[own], history.hour[own] // WIDTH), fresh[history.day[own]])
    shared = _with(town, cell=_fit_cells(seen, exposure, chosen))
    return _with(shared, dispersion=_dispersion(history, own, shared))


def _fit_town(counts: Floats, fresh: Floats, calendar: Calendar, cells: int, chosen: Parameters) -> Rhythm:
    """Days of the same sort are one row: 24 hours of a few hundred sorts, whatever the length of the history."""
    sorts, sort = np.unique(
        np.stack([calendar.weekday, calendar.month, calendar.holiday, calendar.wet], axis=1),
        axis=0,
        return_inverse=True,
    )
    sort = sort.ravel()
    weight: Floats = np.bincount(sort, weights=fresh, minlength=len(sorts)).astype(np.float64)
    held = np.zeros((len(sorts), HOURS))
    np.add.at(held, sort, counts * fresh[:, None])
    day, hour = (grid.ravel() for grid in np.meshgrid(np.arange(len(sorts)), np.arange(HOURS), indexing="ij"))
    weekday, month, holiday, wet = sorts[day].T
    columns = [
        (hour, HOURS, chosen.hour), (weekday, 7, chosen.weekday), (weekday * BLOCKS + hour // WIDTH, 7 * BLOCKS, chosen.weekday_block),
        (month - 1, 12, chosen.month), (np.where(holiday, 0, -1), 1, chosen.holiday), (np.where(wet, 0, -1), 1, chosen.wet),
    ]  # fmt: skip
    base, effects = _regressed(held.ravel(), weight[day], columns)
    of_hour, of_weekday, of_block, of_month, of_holiday, of_wet = effects
    return Rhythm(
        base - float(np.log(cells)), of_hour, of_weekday, of_block.reshape(7, BLOCKS), of_month, float(of_holiday[0]),
        float(of_wet[0]), np.zeros((cells, BLOCKS)), 0.0,
    )  # fmt: skip


def _fit_cells(seen: Floats, exposure: Floats, chosen: Parameters) -> Floats:
    """The logarithm of each cell's factor in each block, (cells, 6)."""
    cells = len(seen)
    cell, block = (grid.ravel() for grid in np.meshgrid(np.arange(cells), np.arange(BLOCKS), indexing="ij"))
    columns = [(cell, cells, chosen.cell), (cell * BLOCKS + block, cells * BLOCKS, chosen.cell_block)]
    base, (of_cell, of_block) = _regressed(seen.ravel(), exposure[block], columns)
    found: Floats = base + of_cell[:, None] + of_block.reshape(cells, BLOCKS)
    return found


def _regressed(counts: Floats, exposure: Floats, columns: list[tuple[Ints, int, float]]) -> tuple[float, list[Floats]]:
    """A Poisson regression on one-hot columns with a normal prior of the given spread on each group's effects.

    Parameters
    ----------
    columns
        For each group: the effect each row has (-1 for none), how many effects there are, their spread.
    """
    from scipy.sparse import csr_array, hstack  # noqa: PLC0415 — slow to load, and only fitting needs it
    from sklearn.linear_model import PoissonRegressor  # noqa: PLC0415 — as above

    rows, blocks = np.flatnonzero(exposure > 0), []
    for which, count, spread in columns:
        held = which[rows] >= 0
        place = np.flatnonzero(held), which[rows][held]
        blocks.append(csr_array((np.full(int(held.sum()), spread), place), shape=(rows.size, count)))
    weight = exposure[rows]
    learner: Any = PoissonRegressor(alpha=1 / weight.sum(), solver="newton-cholesky", max_iter=100, tol=1e-7)
    learner.fit(hstack(blocks).tocsr(), counts[rows] / weight, sample_weight=weight)
    ends = np.cumsum([count for _, count, _ in columns])[:-1]
    parts = np.split(learner.coef_, ends)
    return float(learner.intercept_), [part * spread for part, (_, _, spread) in zip(parts, columns, strict=True)]


def _dispersion(history: History, own: Any, one: Rhythm) -> float:
    """Alpha of the variance mean + alpha mean², by moments over every cell and hour of the history."""
    town, shares = _town(one, history.calendar), _shares(one)
    square = float(((town**2).sum(axis=0)[:, None] * shares**2).sum())
    total = float((town.sum(axis=0)[:, None] * shares).sum())
    day, hour, cell = history.day[own], history.hour[own], history.cell[own]
    _, often = np.unique((day * HOURS + hour) * history.cells + cell, return_counts=True)
    cross = float((town[day, hour] * shares[hour, cell]).sum())
    return max(0.0, (float((often**2).sum()) - 2 * cross + square - total) / max(square, 1e-300))


def _with(one: Rhythm, **changed: Any) -> Rhythm:
    return Rhythm(**{name: changed.get(name, getattr(one, name)) for name in Rhythm.__dataclass_fields__})
