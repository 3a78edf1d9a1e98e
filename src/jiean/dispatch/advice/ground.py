"""The ground the advice stands on: where calls come from, and what the free units reach of it now."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiean.dispatch.advice.roads_now import town_roads
from jiean.dispatch.models import Unit
from jiean.dispatch.queries.demand import calls_by_cell
from jiean.dispatch.queries.units import UnitRow
from jiean.dispatch.targets import ARRIVE
from jiean.engine import coverage as engine
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads
from jiean.grid.queries import cells
from jiean.kernel import clocks

Floats = npt.NDArray[np.float64]
COVERAGE_KEPT_S = 15.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the free units reach in time now: the share of expected calls, and cells reached of how many."""

    share: float
    cells: int
    of: int
    at: dt.datetime

    @property
    def percent(self) -> int:
        return round(100 * self.share)


@dataclass(frozen=True, eq=False)
class Demand:
    """Where calls are expected: the cells' middles on the roads, and what each weighs; weights add up to 1."""

    roads: Roads
    places: engine_roads.Snaps
    weight: Floats

    def seconds_from(self, points: Sequence[tuple[float, float]]) -> Floats:
        """Free-flow seconds from points (lon, lat) to every place, (points, places)."""
        if not points:
            return np.empty((0, len(self.places)))
        starts = engine_roads.snap_many(self.roads, np.array(points))
        return engine_roads.times_of(self.roads).matrix(starts, self.places)


_demand_lock, _coverage_lock = threading.Lock(), threading.Lock()
_demand: tuple[dt.datetime, Roads | None, Demand | None] | None = None
_coverage: tuple[dt.datetime, Demand | None, Coverage | None] | None = None


def demand() -> Demand | None:
    """Expected calls by cell: the incidents of the past month, or every cell alike where there are none on record.

    None where there are no roads or no cells. Read anew after COVERAGE_KEPT_S, with two statements; none else.
    """
    global _demand
    roads, now = town_roads(), clocks.now()
    with _demand_lock:
        kept = _demand
        if kept is None or kept[1] is not roads or not _is_fresh(kept[0], now):
            kept = _demand = now, roads, _expected(roads)
    return kept[2]


def _expected(roads: Roads | None) -> Demand | None:
    rows = cells() if roads is not None else []
    if roads is None or not rows:
        return None
    calls = calls_by_cell()
    weights = np.array([calls.get(row.pk, 0) if calls else 1 for row in rows], dtype=np.float64)
    if not weights.sum() > 0:  # calls in cells that are no longer drawn
        weights = np.ones(len(rows))
    places = engine_roads.snap_many(roads, np.array([(row.lon, row.lat) for row in rows]))
    return Demand(roads, places, weights / weights.sum())


def coverage(units: Sequence[UnitRow]) -> Coverage | None:
    """The share of expected calls the free units among ``units`` reach within the arrival target, in free flow.

    None where there are no roads or no cells. Worked out anew after COVERAGE_KEPT_S, and when the roads change.
    """
    global _coverage
    wanted, now = demand(), clocks.now()
    with _coverage_lock:
        kept = _coverage
        if kept is None or kept[1] is not wanted or not _is_fresh(kept[0], now):
            kept = _coverage = now, wanted, _covered(wanted, units, now)
    return kept[2]


def _covered(wanted: Demand | None, units: Sequence[UnitRow], now: dt.datetime) -> Coverage | None:
    if wanted is None:
        return None
    free = [place for unit in units if unit.is_free and (place := place_of(unit))]
    times = wanted.seconds_from(free)
    found = engine.coverage_now(times, wanted.weight, np.ones(len(free), np.bool_), within_s=ARRIVE.seconds)
    reached = int((times <= ARRIVE.seconds).any(axis=0).sum())
    return Coverage(found.share, reached, len(wanted.places), now)


def coverage_lost(units: Sequence[UnitRow]) -> dict[int, float]:
    """By unit, the share of expected calls left without a free unit in reach when it is sent; empty without roads."""
    wanted = demand()
    free = [(unit.id, place) for unit in units if unit.is_free and (place := place_of(unit))]
    if wanted is None or not free:
        return {}
    times = wanted.seconds_from([place for _unit_id, place in free])
    found = engine.coverage_now(times, wanted.weight, np.ones(len(free), np.bool_), within_s=ARRIVE.seconds)
    return {unit_id: float(lost) for (unit_id, _place), lost in zip(free, found.lost, strict=True)}


def _is_fresh(then: dt.datetime, now: dt.datetime) -> bool:
    return 0 <= (now - then).total_seconds() < COVERAGE_KEPT_S


def place_of(unit: UnitRow) -> tuple[float, float] | None:
    """Where a unit starts from: its last position; a post that sends none starts from its base."""
    if unit.lon is not None and unit.lat is not None:
        return unit.lon, unit.lat
    return (unit.base_lon, unit.base_lat) if unit.unit_class == Unit.Class.POST else None


def warm_up() -> None:
    """Read the roads and compile the search before the first dispatcher waits for it."""
    engine_roads.warm_up()
    roads = town_roads()
    if roads is not None:
        here = engine_roads.snap_many(roads, [roads.origin])
        engine_roads.times_of(roads).matrix(here, here)
