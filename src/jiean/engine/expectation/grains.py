"""Expectations of coarser grains than a cell's hour, and whether intervals hold what they promise where counts are tiny.

A cell's hour has a call in a hundred at most: the bounds 0 and 1 hold nearly always, whatever one knows, so counting how
often says nothing. What says something is where a count lies in its distribution, spread evenly over the jump it makes
there (the non-randomized probability integral transform: Czado, C., Gneiting, T., Held, L. (2009), "Predictive model
assessment for count data", Biometrics 65, 1254-1261). Of a true distribution just the promised share lies inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from jiean.engine.expectation.model import Expected, Model, means
from jiean.engine.expectation.problem import HOURS, Calendar, Floats

SHIFTS = 3


class Grain(StrEnum):
    """Over what calls are summed; all kinds together, but for CELL_HOUR."""

    CELL_HOUR = "cell_hour"  # each kind: (days, 24, cells, kinds)
    CELL_SHIFT = "cell_shift"  # thirds of a day: (days, 3, cells)
    CELL_DAY = "cell_day"  # (days, cells)
    TOWN_HOUR = "town_hour"  # (days, 24)
    TOWN_DAY = "town_day"  # (days,)


@dataclass(frozen=True)
class Held:
    """How well the intervals of one grain hold.

    mean : calls expected of one of them; bounds : share of counts within the whole-number bounds
    spread : the same with every count spread over its jump: of a true distribution just the promised share
    """

    grain: Grain
    mean: float
    bounds: float
    spread: float


def totals(model: Model, calendar: Calendar, grain: Grain) -> Expected:
    """Expected calls with their interval, in the grain's shape: sums of negative binomials by their first two moments."""
    from scipy.stats import nbinom  # noqa: PLC0415 — slow to load, and only intervals need it

    mean, size, chance = _sums(model, calendar, grain)
    tail = (1 - model.parameters.level) / 2
    low, high = (np.maximum(nbinom.ppf(q, size, chance), 0.0) for q in (tail, 1 - tail))
    return Expected(mean, low, high)


def held(model: Model, calendar: Calendar, seen: Floats) -> tuple[Held, ...]:
    """Every grain judged by the calls seen, float64 (days, 24, cells, kinds)."""
    return tuple(_held(model, calendar, seen, grain) for grain in Grain)


def _held(model: Model, calendar: Calendar, seen: Floats, grain: Grain) -> Held:
    from scipy.stats import nbinom  # noqa: PLC0415 — as above

    mean, size, chance = _sums(model, calendar, grain)
    count, tail = _summed(seen, grain), (1 - model.parameters.level) / 2
    low, high = (np.maximum(nbinom.ppf(q, size, chance), 0.0) for q in (tail, 1 - tail))
    below, upto = nbinom.cdf(count - 1, size, chance), nbinom.cdf(count, size, chance)
    inside = np.clip(np.minimum(upto, 1 - tail) - np.maximum(below, tail), 0.0, None)
    share = inside / np.maximum(upto - below, 1e-300)
    return Held(grain, float(mean.mean()), float(((count >= low) & (count <= high)).mean()), float(share.mean()))


def _sums(model: Model, calendar: Calendar, grain: Grain) -> tuple[Floats, Floats, Floats]:
    """Mean, and the size and chance of the negative binomial with the sum's mean and variance."""
    hours = means(model, calendar)
    alpha = np.maximum(np.array([one.dispersion for one in model.rhythms]), 1e-9)
    mean, over = _summed(hours, grain), np.maximum(_summed(alpha * hours**2, grain), 1e-12)
    size: Floats = np.minimum(mean**2 / over, 1e9)
    return mean, size, size / (size + mean)


def _summed(values: Floats, grain: Grain) -> Floats:
    """Values of (days, 24, cells, kinds) in the grain's shape."""
    if grain is Grain.CELL_HOUR:
        return values
    days, _hours, cells, _kinds = values.shape
    both = values.sum(axis=3)
    if grain is Grain.CELL_SHIFT:
        return np.asarray(both.reshape(days, SHIFTS, HOURS // SHIFTS, cells).sum(axis=2))
    axis = {Grain.CELL_DAY: (1,), Grain.TOWN_HOUR: (2,), Grain.TOWN_DAY: (1, 2)}[grain]
    return np.asarray(both.sum(axis=axis))
