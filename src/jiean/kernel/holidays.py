"""Working days with China's moved holidays: a table of dates that differ from their weekday."""

from __future__ import annotations

import csv
import datetime as dt
import functools
from pathlib import Path

HOLIDAYS = Path(__file__).parent / "data" / "holidays.csv"


@functools.cache
def _special_days() -> dict[dt.date, bool]:
    """Dates that differ from their weekday: true for a working day."""
    with HOLIDAYS.open(encoding="utf-8") as lines:
        return {dt.date.fromisoformat(row["date"]): row["kind"] == "workday" for row in csv.DictReader(lines)}


@functools.cache
def known_years() -> tuple[int, ...]:
    """The years whose holiday notice is in the data, in order."""
    return tuple(sorted({day.year for day in _special_days()}))


def is_working_day(day: dt.date) -> bool:
    """Whether offices work that day; years without a notice fall back to Monday to Friday (``jiean doctor`` warns)."""
    return _special_days().get(day, day.weekday() < 5)


def is_holiday(day: dt.date) -> bool:
    """Whether the holiday notice gives that day off, its weekends among them; years without a notice have no holidays."""
    return _special_days().get(day) is False
