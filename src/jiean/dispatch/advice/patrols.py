"""The patrol plan for the rest of the shift: free units over the key points of this weather, at times nobody can learn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from jiean.dispatch.advice.ground import place_of
from jiean.dispatch.advice.roads_now import town_roads
from jiean.dispatch.models import Watch
from jiean.dispatch.queries.patrols import key_points_visited
from jiean.dispatch.queries.units import UnitRow, units_now
from jiean.dispatch.queries.watches import current_watch
from jiean.engine import patrol
from jiean.engine import roads as engine_roads
from jiean.grid.models import KeyPoint
from jiean.grid.queries import key_points
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict

PRIZE_S = 3600.0
"""What leaving out one visit costs, in seconds of driving."""
LEAST_LEFT = dt.timedelta(minutes=40)
"""A unit whose shift ends sooner is not sent round any more."""
LONGEST = dt.timedelta(hours=12)
KINDS = {
    KeyPoint.Kind.MAIN_ROAD: frozenset({patrol.Weather.DRY}),
    KeyPoint.Kind.LOW_LYING: frozenset({patrol.Weather.RAIN}),
    KeyPoint.Kind.CULVERT: frozenset({patrol.Weather.RAIN}),
    KeyPoint.Kind.RAMP: frozenset({patrol.Weather.RAIN}),
    KeyPoint.Kind.HOTSPOT: frozenset(patrol.Weather),
}


@dataclass(frozen=True, slots=True)
class PatrolAdvice:
    """Routes as they are kept: a unit and its stops in order, each with name, place, begin and leave (POSIX seconds)."""

    routes: list[dict[str, object]]
    left_out: int
    drive_s: float
    weather: str
    ends_at: dt.datetime


def propose_patrol(actor: Actor, chance: np.random.Generator) -> PatrolAdvice:
    """Routes for the free units under this weather. Raises Forbidden, and Conflict where there is nothing to plan with."""
    roads, now = town_roads(), clocks.now()
    units = [unit for unit in units_now(actor, on_duty=True) if _may_go(unit, now)]
    watch = current_watch()
    weather = patrol.Weather.RAIN if watch is not None and watch.weather == Watch.Weather.RAIN else patrol.Weather.DRY
    visits = {row.id: row.visits for row in key_points_visited(actor).points}
    points = [one for one in key_points() if weather in KINDS[KeyPoint.Kind(one.kind)]]
    points = [one for one in points if one.visits_per_shift > visits.get(one.pk, 0)]
    if roads is None or not units:
        raise Conflict(_("没有路网，或没有空闲的单元，排不出巡逻计划。"))
    if not points:
        raise Conflict(_("这种天气的重点点位都巡过了，或还没有录入。"))
    question = _question(roads, units, points, visits, weather, now)
    found = patrol.plan(question, chance=chance)
    if patrol.violations(question, found):
        raise Conflict(_("排出的路线没有通过检查，请再排一次。"))
    ends = now + dt.timedelta(seconds=max(car.end_s for car in question.cars))
    routes = [_kept(route, units, points, now) for route in found.routes if route.visits]
    return PatrolAdvice(routes, sum(count for _, count in found.left_out), found.drive_s, weather.value, ends)


def _may_go(unit: UnitRow, now: dt.datetime) -> bool:
    ends = unit.shift_ends_at
    return (
        unit.is_free
        and unit.unit_class != "post"
        and place_of(unit) is not None
        and ends is not None
        and ends - now > LEAST_LEFT
    )


def _question(
    roads: engine_roads.Roads, units: Sequence[UnitRow], points: Sequence[KeyPoint], visits: dict[int, int],
    weather: patrol.Weather, now: dt.datetime,
) -> patrol.Question:  # fmt: skip
    """Places: where each unit is, its base, then the key points; time 0 is now."""
    here = [place_of(unit) or (unit.base_lon, unit.base_lat) for unit in units]
    bases = [(unit.base_lon, unit.base_lat) for unit in units]
    snaps = engine_roads.snap_many(roads, np.array([*here, *bases, *((one.lon, one.lat) for one in points)]))
    travel_s = engine_roads.times_of(roads).matrix(snaps, snaps)
    cars = tuple(
        patrol.Car(i, i, len(units) + i, 0.0, min((unit.shift_ends_at or now) - now, LONGEST).total_seconds())
        for i, unit in enumerate(units)
    )
    stops = tuple(
        patrol.Stop(
            i,
            2 * len(units) + i,
            60.0 * one.dwell_min,
            visits=one.visits_per_shift - visits.get(one.pk, 0),
            prize_s=PRIZE_S,
        )
        for i, one in enumerate(points)
    )
    return patrol.Question(stops, cars, travel_s, weather)


def _kept(
    route: patrol.Route, units: Sequence[UnitRow], points: Sequence[KeyPoint], now: dt.datetime
) -> dict[str, object]:
    unit, start = units[route.car_id], now.timestamp()
    stops = [
        {
            "point": points[visit.stop_id].pk, "name": points[visit.stop_id].name, "lon": points[visit.stop_id].lon,
            "lat": points[visit.stop_id].lat, "begin": round(start + visit.begin_s), "leave": round(start + visit.leave_s),
        }
        for visit in route.visits
    ]  # fmt: skip
    return {"unit": unit.id, "sign": unit.call_sign, "stops": stops}


def patrol_line(stops: Sequence[dict[str, object]]) -> list[tuple[float, float]]:
    """The way along a route's stops by road, (lon, lat); straight from stop to stop where streets are closed or missing."""
    roads = town_roads()
    points = [(float(str(one["lon"])), float(str(one["lat"]))) for one in stops]
    if roads is None or len(points) < 2:
        return points
    snaps = engine_roads.snap_many(roads, np.array(points))
    line: list[tuple[float, float]] = points[:1]
    for i in range(len(points) - 1):
        try:
            way = engine_roads.path(roads, snaps[i], snaps[i + 1])
        except engine_roads.Unreachable:
            line.append(points[i + 1])
        else:
            line += [(float(lon), float(lat)) for lon, lat in way.points]
    return line
