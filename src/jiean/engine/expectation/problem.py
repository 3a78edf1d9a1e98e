"""Calls that were: where, when and of which kind; never whose. And the calendar they stand in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiean.engine.expectation.errors import ExpectationError, NoCalls

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HOURS, BLOCKS = 24, 6
"""Hours of a day, and blocks of four hours in which cells and weekdays may differ from the town's mean day."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """What is known of each of d days beforehand.

    weekday : int64 (d,) 0 Monday to 6; month : int64 (d,) 1 to 12; holiday, wet : bool (d,)
    """

    weekday: Ints
    month: Ints
    holiday: npt.NDArray[np.bool_]
    wet: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        days = self.weekday.size
        if not days or any(one.shape != (days,) for one in (self.weekday, self.month, self.holiday, self.wet)):
            raise ExpectationError("A calendar needs the same number of days, one or more, in each of its columns.")
        if not ((self.weekday >= 0) & (self.weekday <= 6)).all() or not ((self.month >= 1) & (self.month <= 12)).all():
            raise ExpectationError("Weekdays run from 0 to 6 and months from 1 to 12.")

    def __len__(self) -> int:
        return int(self.weekday.size)

    def part(self, days: slice) -> Calendar:
        """Some of the days."""
        return Calendar(self.weekday[days], self.month[days], self.holiday[days], self.wet[days])


@dataclass(frozen=True, eq=False)
class History:
    """Calls of the past.

    day : int64 (n,) place in the calendar; hour : int64 (n,) 0 to 23; cell : int64 (n,); kind : int64 (n,)
    cells, kinds : how many there are, so that one without calls counts too
    """

    day: Ints
    hour: Ints
    cell: Ints
    kind: Ints
    cells: int
    kinds: int
    calendar: Calendar

    def __post_init__(self) -> None:
        if self.cells < 1 or self.kinds < 1:
            raise ExpectationError("One cell and one kind are the least.")
        limits = {"day": len(self.calendar), "hour": HOURS, "cell": self.cells, "kind": self.kinds}
        for name, limit in limits.items():
            values = getattr(self, name)
            if values.shape != self.day.shape or values.ndim != 1:
                raise ExpectationError(f"{name} needs one entry for each call.")
            wrong = (values < 0) | (values >= limit)
            if wrong.any():
                row = int(np.flatnonzero(wrong)[0])
                raise ExpectationError(f"Call {row}: {name} is {values[row]}; 0 to {limit - 1} are possible.")
        missing = np.setdiff1d(np.arange(self.kinds), self.kind)
        if missing.size:
            raise NoCalls(f"There is no call of kind {missing[0]} in the history.")

    def part(self, days: slice) -> History:
        """The calls and calendar of some days in a row."""
        first, last, _ = days.indices(len(self.calendar))
        kept = (self.day >= first) & (self.day < last)
        return History(
            self.day[kept] - first, self.hour[kept], self.cell[kept], self.kind[kept], self.cells, self.kinds,
            self.calendar.part(days),
        )  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """How much the parts may differ from the whole, as standard deviations of a logarithm, each in (0, 5].

    weekday_block : how a weekday's four-hour blocks differ from its mean day; cell_block : the same for a cell
    half_life_days : after which a past day counts half; level : share of the interval, in (0, 1)
    """

    hour: float = 0.7
    weekday: float = 0.2
    weekday_block: float = 0.15
    month: float = 0.2
    holiday: float = 0.3
    wet: float = 0.3
    cell: float = 1.5
    cell_block: float = 0.4
    half_life_days: float = 1461.0
    level: float = 0.9

    def __post_init__(self) -> None:
        spreads = (
            self.hour,
            self.weekday,
            self.weekday_block,
            self.month,
            self.holiday,
            self.wet,
            self.cell,
            self.cell_block,
        )
        if not all(0 < one <= 5 for one in spreads):
            raise ExpectationError("A spread must lie in (0, 5].")
        if not self.half_life_days > 0 or not 0 < self.level < 1:
            raise ExpectationError("half_life_days must be above zero, and level a share between 0 and 1.")
