"""A median with an interval that assumes nothing of how the values are spread: two of the values themselves, by the binomial law.

Source: the sign test turned round, as in Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2: of n values in order,
the r-th and the (n + 1 - r)-th hold the median between them with probability 1 - 2 P(B <= r - 1), B binomial (n, 1/2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb, isfinite

_FINE = 10**9
"""Levels are taken to so many parts of one, so that whole numbers are compared with whole numbers however many values there are."""


@dataclass(frozen=True)
class Median:
    """`n` values and their median; `low` and `high` are None where so few values allow no interval at the level asked."""

    n: int
    value: float | None
    low: float | None = None
    high: float | None = None


def median_of(values: Iterable[float], *, level: float = 0.95) -> Median:
    """The median of finite values with its interval. Raises ValueError for a value or a level that cannot be."""
    if not 0.5 <= level < 1:
        raise ValueError(f"level is {level}; it must be from 0.5 to below 1.")
    row = sorted(values)
    if not all(map(isfinite, row)):
        raise ValueError("A value is not finite.")
    n = len(row)
    if not n:
        return Median(0, None)
    middle = (row[(n - 1) // 2] + row[n // 2]) / 2
    rank = _rank(n, level)
    return Median(n, middle, row[rank - 1], row[n - rank]) if rank else Median(n, middle)


def _rank(n: int, level: float) -> int:
    """The greatest r whose pair covers the median at the level; 0 where even the outermost pair does not."""
    tail, rank = 0, 0
    left_out = round((1 - level) * _FINE)
    while rank < (n + 1) // 2:
        tail += comb(n, rank)
        if 2 * tail * _FINE > left_out * 2**n:
            break
        rank += 1
    return rank
