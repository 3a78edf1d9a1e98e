"""The station's ground as the twin sees it, a form's words as a plan, and a study as numbers to keep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.conf import settings

from jiean.dispatch.models import Incident
from jiean.dispatch.queries import calls_by_cell, calls_by_hour
from jiean.dispatch.queries.closures import closure_of, closures_in_force, closures_of_ids
from jiean.dispatch.queries.demand import DEMAND_DAYS, calls_by_kind
from jiean.engine import roads as engine_roads
from jiean.engine.simulation import Scenario, Town
from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.posting import scenario_of
from jiean.engine.simulation.scenario_file import Plan, headline_plan
from jiean.engine.simulation.study import Study
from jiean.engine.simulation.town import AWAY_S
from jiean.grid.models import Premises
from jiean.grid.queries import cells_geojson, key_points

POINTS_A_CELL = 3
"""Places where calls happen in each cell, spread by chance with a fixed seed."""
FEWEST_CALLS = 200
"""With fewer incidents in a month the day's course and the share of traffic are those of the published scenario."""
GUESS_PER_DAY, GUESS_TRAFFIC = 46.0, 0.4


Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Ground:
    """The town, the places of its key points, the cell of each place (-1 for none), whether demand is the station's own, and
    the stretches (lon, lat) that closures take."""

    town: Town
    key_points: tuple[int, ...]
    cells: tuple[int, ...]
    own_demand: bool
    closed: tuple[Line, ...] = ()


def closures_now() -> list[int]:
    """The ids of what is closed at this moment, as a question keeps them."""
    return [one.pk for one in closures_in_force()]


def ground(closures: Sequence[int] = ()) -> Ground:
    """The station's ground now: cells, key points, the station and a month of incidents; nobody drives through `closures`.

    Raises SimulationError.
    """
    file = Path(settings.ROADS_FILE)
    if not file.is_file():
        raise SimulationError("no_roads")
    spots = _call_points()
    if not spots:
        raise SimulationError("no_cells")
    shut = tuple(closure_of(one) for one in closures_of_ids(closures))
    network, fixed = _network(file, shut), [(point.lon, point.lat) for point in key_points()]
    points = np.array([point for _cell, point in spots] + [_base(spots), *fixed])
    snaps = engine_roads.snap_many(network, points)
    travel = engine_roads.times_of(network).matrix(snaps, snaps)
    count, calls = len(spots), calls_by_cell()
    # one call more than was seen in every cell: a quiet month does not say that nothing will ever happen there
    weight = np.array([1 + calls.get(cell, 0) for cell, _point in spots], np.float64)
    per_hour, traffic, own = _course()
    town = Town(
        np.minimum(travel, AWAY_S), np.concatenate([weight / weight.sum(), np.zeros(1 + len(fixed))]), per_hour,
        np.array([traffic, 1 - traffic]), count, np.arange(count + 1), points[:, 0], points[:, 1],
    )  # fmt: skip
    cells = (*(cell for cell, _point in spots), *([-1] * (1 + len(fixed))))
    return Ground(town, tuple(range(count + 1, len(points))), cells, own, _closed(network, shut))


def _closed(network: engine_roads.Roads, shut: Sequence[engine_roads.Closure]) -> tuple[Line, ...]:
    """Every stretch that one of the closures takes, once."""
    taken = np.zeros(network.edge_tail.size, np.bool_)
    for one in shut:
        taken |= engine_roads.stretches(network, one).any(axis=1)
    return tuple(
        tuple((_degree(lon), _degree(lat)) for lon, lat in network.edge_points(int(edge)))
        for edge in np.flatnonzero(taken)
    )


def drawn_closed(lines: Sequence[Any]) -> dict[str, Any]:
    """Closed stretches as a map takes them: a FeatureCollection, empty without any."""
    geometry = {"type": "MultiLineString", "coordinates": lines}
    features = [{"type": "Feature", "properties": {}, "geometry": geometry}] if lines else []
    return {"type": "FeatureCollection", "features": features}


def _network(file: Path, shut: tuple[engine_roads.Closure, ...]) -> engine_roads.Roads:
    """The station's roads with its own rules of turning, dry and without rush: the scenario brings its rain itself."""
    try:
        roads = engine_roads.load(file).turned(engine_roads.read_settings(file).turns)
        return roads.reweighted(*engine_roads.under(roads, engine_roads.Conditions(closures=shut))) if shut else roads
    except engine_roads.RoadsError as fault:
        raise SimulationError(str(fault)) from fault


def _call_points() -> list[tuple[int, tuple[float, float]]]:
    """Points in every cell, degrees, with the cell's id."""
    chance, found = np.random.default_rng(7), []
    for feature in cells_geojson()["features"]:
        outline = shapely.geometry.shape(feature["geometry"])
        inside = 0
        while inside < POINTS_A_CELL:
            point = chance.uniform(outline.bounds[:2], outline.bounds[2:])
            if shapely.contains_xy(outline, *point):
                found.append((int(feature["id"]), (float(point[0]), float(point[1]))))
                inside += 1
    return found


def _base(spots: list[tuple[int, tuple[float, float]]]) -> tuple[float, float]:
    """The station house; without one on record the middle of the town."""
    house = Premises.objects.filter(kind=Premises.Kind.STATION).values_list("lon", "lat").first()
    if house is not None:
        return house
    middle = np.mean([point for _cell, point in spots], axis=0)
    return float(middle[0]), float(middle[1])


def _course() -> tuple[np.ndarray, float, bool]:
    """Calls an hour through the day, the share of traffic, and whether both are the station's own."""
    by_hour, by_kind = calls_by_hour(), calls_by_kind()
    total = sum(by_hour)
    if total < FEWEST_CALLS:
        return np.full(24, GUESS_PER_DAY / 24), GUESS_TRAFFIC, False
    return np.array(by_hour, np.float64) / DEMAND_DAYS, by_kind.get(Incident.Kind.TRAFFIC, 0) / total, True


def plan_of(asked: Mapping[str, Any]) -> Plan:
    """What a form asked, on top of the published scenario."""
    base = headline_plan()
    fields = base.fields | {key: float(asked[key]) for key in base.fields if key in asked}
    own = {
        key: asked[key]
        for key in ("days", "replications", "cars", "at", "pooled", "move_up", "weather_posts")
        if key in asked
    }
    return replace(base, fields=fields, **own)


def scenario_on(here: Ground, plan: Plan) -> Scenario:
    """The plan's cars at their places. Raises SimulationError."""
    return scenario_of(here.town, plan, here.key_points)


def shown(here: Ground, found: Study) -> dict[str, Any]:
    """What a page needs of a study, in plain numbers."""
    outcome = found.outcome
    estimates = {name: getattr(outcome, name) for name in ("share", "median_s", "p90_s", "utilisation")}
    town = here.town
    return {
        **{name: [one.mean, one.low, one.high] for name, one in estimates.items()},
        "shares": outcome.shares.tolist(), "calls": outcome.calls, "replications": outcome.replications,
        "days": outcome.days, "seed": outcome.seed, "cpu_s": round(outcome.cpu_s, 2), "own_demand": here.own_demand,
        "standard_s": outcome.scenario.standard_s, "histogram": [int(n) for n in found.histogram],
        "cells": _by_cell(here, found),
        "posts": [[_degree(town.lon[p]), _degree(town.lat[p])] for p in outcome.scenario.posts],
        "places": [[_degree(lon), _degree(lat)] for lon, lat in zip(town.lon, town.lat, strict=True)],
        "legs": [[leg.car, round(leg.begins_s), round(leg.ends_s), leg.start, leg.end] for leg in found.legs],
        "scenes": [
            [round(one.call_s), one.place, one.grade, one.car, round(one.arrived_s), round(one.cleared_s)]
            for one in found.scenes if math.isfinite(one.arrived_s)
        ],
        "closed": here.closed,
    }  # fmt: skip


def areas_of(here: Ground) -> tuple[list[int], np.ndarray]:
    """The cells' ids in order, and for each place the number of its cell in them, -1 for none."""
    ids = sorted({cell for cell in here.cells if cell >= 0})
    numbers = {cell: i for i, cell in enumerate(ids)}
    return ids, np.array([numbers.get(cell, -1) for cell in here.cells], np.int64)


def _by_cell(here: Ground, found: Study) -> list[dict[str, Any]]:
    """Share in time, median and 90th percentile of the responses in every cell that had calls."""
    columns = zip(found.area_calls, found.area_share, found.area_median_s, found.area_p90_s, strict=True)
    return [
        {
            "cell": cell, "calls": int(calls), "share": round(float(share), 4), "median_s": round(float(median_s), 1),
            "p90_s": round(float(p90_s), 1) if math.isfinite(p90_s) else None,
        }
        for cell, (calls, share, median_s, p90_s) in zip(areas_of(here)[0], columns, strict=False) if calls > 0
    ]  # fmt: skip


def _degree(value: float) -> float:
    return round(float(value), 6)
