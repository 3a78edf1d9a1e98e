"""Which key points patrols have visited: proved by the units' own track, without saying which unit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from jiean.dispatch.access import Can
from jiean.kernel import clocks
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.sql import load

VISIT_RADIUS_M = 80.0
"""A unit within this distance is at the key point; wide enough for a phone's fix between houses."""
STAY_GAP_S = 90
"""A silence longer than this ends a stay: a phone in a pocket may miss a few fixes."""
TRACK_SLOTS = 32
NIGHT_FROM, NIGHT_TO = dt.time(18), dt.time(8)


@dataclass(frozen=True, slots=True)
class KeyPointRow:
    """One key point: stays of the asked length, and shorter passes."""

    id: int
    name: str
    kind: str
    dwell_min: int
    visits_per_shift: int
    visits: int
    passes: int


@dataclass(frozen=True, slots=True)
class Patrols:
    """The key points since the watch's half of the day began; ``by_night`` says which half."""

    points: tuple[KeyPointRow, ...]
    since: dt.datetime
    by_night: bool

    @property
    def visited(self) -> int:
        return sum(point.visits > 0 for point in self.points)

    @property
    def only_passed(self) -> int:
        return sum(point.visits == 0 and point.passes > 0 for point in self.points)


_visits = load(str(Path(__file__).parent), "key_point_visits", KeyPointRow)


def key_points_visited(actor: Actor) -> Patrols:
    """Key points visited since 18:00 by night and since 8:00 by day. Raises Forbidden. One statement."""
    allow(Can.SEE_UNITS, actor)
    now = clocks.now()
    since, by_night = _half_day(clocks.local(now))
    days = range(int(since.timestamp()) // 86400, int(now.timestamp()) // 86400 + 1)
    slots = [day % TRACK_SLOTS for day in days]
    rows = _visits(since=since, until=now, slots=slots, radius_m=VISIT_RADIUS_M, gap_s=STAY_GAP_S)
    return Patrols(tuple(rows), since, by_night)


def _half_day(local: dt.datetime) -> tuple[dt.datetime, bool]:
    """When the running half of the day began on the station's clock, and whether it is the night."""
    if NIGHT_TO <= local.time() < NIGHT_FROM:
        return dt.datetime.combine(local.date(), NIGHT_TO, local.tzinfo), False
    day = local.date() if local.time() >= NIGHT_FROM else local.date() - dt.timedelta(days=1)
    return dt.datetime.combine(day, NIGHT_FROM, local.tzinfo), True
