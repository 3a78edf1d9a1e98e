"""Cells, patrols and rosters of the demonstration town, answered for people or as JSON. No database is needed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from jiean.config.closing import closures_of
from jiean.config.demo.town import DATA, read
from jiean.config.start import say
from jiean.engine import districts, patrol, roster
from jiean.engine import roads as engine_roads
from jiean.engine.districts.ground import atoms_of, pieces_of
from jiean.engine.roads.plane import to_plane

ATOMS = 2560
"""Pieces of ground the demonstration town is cut into, about twenty a cell; their demand is drawn by chance."""

MADE_UP = "The town's demand, people and prizes are invented."
STRAIGHT_MS = 8.0
"""Metres a second straight on, where no roads are known."""
Ways = Callable[[np.ndarray, np.ndarray], np.ndarray]
DRY_ONLY, RAIN_ONLY = frozenset({"main_road"}), frozenset({"low_lying", "culvert", "ramp"})
ERRORS = (districts.DistrictsError, patrol.PatrolError, roster.RosterError, engine_roads.RoadsError)


def do(asked: argparse.Namespace) -> int:
    """Answer `plan cells`, `plan patrol` and `plan roster`; returns the exit code."""
    try:
        return {"cells": _cells, "patrol": _patrol, "roster": _roster}[asked.deed](asked)
    except ERRORS as error:
        print(f"jiean: {type(error).__name__}: {error}", file=sys.stderr)
        return 2


def demo_atoms() -> tuple[districts.Atoms, list[shapely.Geometry]]:
    """The town's ground in about 2,560 pieces, with their outlines in degrees; villages by their order in the file."""
    areas = [area for area in read("areas.geojson")["features"] if area["properties"]["level"] == "community"]
    outlines = np.array([shapely.geometry.shape(area["geometry"]) for area in areas])
    whole = shapely.union_all(outlines)
    chance = np.random.default_rng(2560)
    points = chance.uniform(whole.bounds[:2], whole.bounds[2:], (3 * ATOMS, 2))
    points = points[shapely.contains_xy(whole, points)][:ATOMS]
    origin = (float(whole.centroid.x), float(whole.centroid.y))
    flat = [shapely.transform(outline, lambda xy: to_plane(xy, origin)) for outline in outlines]
    pieces, village = pieces_of(flat, to_plane(points, origin))
    demand = chance.lognormal(0.0, 0.6, len(pieces)) * shapely.area(np.array(pieces)) ** 0.5
    scale = to_plane(np.array([[origin[0] + 1, origin[1] + 1]]), origin)[0]
    degrees = [shapely.transform(piece, lambda xy: xy / scale + np.array(origin)) for piece in pieces]
    return atoms_of(pieces, demand, village), degrees


def atoms_in(file: Path) -> tuple[districts.Atoms, list[shapely.Geometry]]:
    """Atoms of a GeoJSON file: polygons in degrees with `demand` and, if known, `village` (a number). Raises DistrictsError."""
    try:
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        outlines = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        demand = np.array([float(feature["properties"]["demand"]) for feature in features])
        village = np.array([int(feature["properties"].get("village", -1)) for feature in features], np.int32)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise districts.DistrictsError(f"{file.name} holds no polygons with a demand ({error!r}).") from error
    if not outlines:
        raise districts.DistrictsError(f"{file.name} holds no atoms.")
    first = outlines[0].centroid
    flat = [shapely.transform(outline, lambda xy: to_plane(xy, (first.x, first.y))) for outline in outlines]
    return atoms_of(flat, demand, village), outlines


def _standing(file: Path | None, outlines: list[shapely.Geometry]) -> np.ndarray:
    """The cell each atom lies in now, numbered from 0: of the town by its middle, of a file by `cell`. Raises DistrictsError."""
    if file is not None:
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        if not all("cell" in feature["properties"] for feature in features):
            raise districts.DistrictsError(f"{file.name}: --stay needs the `cell` each atom lies in now.")
        named = [str(feature["properties"]["cell"]) for feature in features]
        return np.unique(named, return_inverse=True)[1].astype(np.int32)
    drawn = [area for area in read("areas.geojson")["features"] if area["properties"]["level"] == "cell"]
    tree = shapely.STRtree([shapely.geometry.shape(area["geometry"]) for area in drawn])
    return np.asarray(tree.nearest(shapely.point_on_surface(np.array(outlines))), np.int32)


def _cells(asked: argparse.Namespace) -> int:
    atoms, outlines = atoms_in(asked.file) if asked.file else demo_atoms()
    before = None if asked.stay is None else _standing(asked.file, outlines)
    rules = districts.Rules(asked.cells, districts.Borders(asked.borders))
    found = districts.divide(atoms, rules, before=before, stay=asked.stay or 0.0, seed=asked.seed)
    findings = districts.check(atoms, found.rules, found.cell)
    sheet: dict[str, Any] = {
        "atoms": len(outlines), "cells": asked.cells, "borders": asked.borders, "even": found.even,
        "max_deviation": round(found.max_deviation, 5), "mean_deviation": round(found.mean_deviation, 5),
        "allowed": round(found.allowed, 5), "honoured": round(found.honoured, 5), "forced": round(found.forced, 5),
        "compactness": round(found.compactness or 0.0, 4),
        "findings": [asdict(one) for one in findings], "cell": found.cell.tolist(),
        "demand": [round(float(one), 3) for one in found.demand], "seed": found.seed, "cpu_s": round(found.cpu_s, 3),
    }  # fmt: skip
    if before is not None:
        sheet |= {"stay": asked.stay, "moved": districts.moved(atoms, found.cell, before)}
    if asked.staff:
        middle, travel_s = _middles(found, outlines), _ways(asked)
        sheet["staff"] = [_staffed(atoms, found, count, most, middle, travel_s) for count, most in ((53, 4), (102, 2))]
    if asked.compare:
        sheet["compared"] = [_borders(atoms, asked, one) for one in districts.Borders]
    say(json.dumps(sheet, ensure_ascii=False) if asked.json else "\n".join(_told(found, sheet)))
    return 0


def _told(found: districts.Cells, sheet: dict[str, Any]) -> list[str]:
    told = [
        f"{sheet['atoms']} atoms in {sheet['cells']} cells, village borders {sheet['borders']}: largest deviation"
        f" {found.max_deviation:.1%}, mean {found.mean_deviation:.1%} (even up to {found.allowed:.1%}), compactness"
        f" {found.compactness:.2f}, {len(sheet['findings'])} rules broken, {found.cpu_s:.2f} CPU s. {MADE_UP}"
    ]
    if found.forced > found.allowed:
        told.append(f"With every village border kept no division of these villages comes below {found.forced:.1%}.")
    if "moved" in sheet:
        told.append(
            f"{sheet['moved']} of {sheet['atoms']} atoms leave the cell they lie in now (--stay {sheet['stay']:g})."
        )
    told += [
        f"borders {row['borders']:<10} largest deviation {row['max_deviation']:6.1%}, mean {row['mean_deviation']:5.1%},"
        f" {row['honoured']:6.1%} of the village borders kept, compactness {row['compactness']:.2f}"
        for row in sheet.get("compared", ())
    ]
    return told + [
        f"{one['people']} people: {one['cost']:.0f} points, gap {one['gap']:.4%}, {one['cpu_s']:.1f} CPU s"
        for one in sheet.get("staff", ())
    ]


def _borders(atoms: districts.Atoms, asked: argparse.Namespace, borders: districts.Borders) -> dict[str, Any]:
    """What another rule for village borders would bring: evenness against borders."""
    found = districts.divide(atoms, districts.Rules(asked.cells, borders), seed=asked.seed)
    words = ("max_deviation", "mean_deviation", "honoured", "forced")
    return {
        "borders": borders.value, "compactness": round(found.compactness or 0.0, 4),
        **{word: round(getattr(found, word), 5) for word in words},
    }  # fmt: skip


def _middles(found: districts.Cells, outlines: list[shapely.Geometry]) -> np.ndarray:
    """The middle of each cell's atoms, degrees, (cells, 2)."""
    points, cells = shapely.get_coordinates(shapely.centroid(np.array(outlines))), found.rules.cells
    weight = np.maximum(np.bincount(found.cell, minlength=cells), 1)
    return np.stack([np.bincount(found.cell, weights=along, minlength=cells) / weight for along in points.T], axis=1)


def _ways(asked: argparse.Namespace) -> Ways:
    """How long people need from place to place: by the town's roads round what is closed; in a file's ground straight on."""
    closures = closures_of(asked)
    if asked.file is None:
        return lambda origins, targets: _travel_s(origins, targets, 0.0, closures)
    if closures:
        raise engine_roads.RoadsError("--closures: of a file's ground no roads are known.")
    return lambda origins, targets: _straight_s(origins, targets)


def _straight_s(origins: np.ndarray, targets: np.ndarray) -> np.ndarray:
    flat = [to_plane(points, (float(targets[0, 0]), float(targets[0, 1]))) for points in (origins, targets)]
    return np.asarray(np.hypot(*(flat[0][:, None] - flat[1][None]).transpose(2, 0, 1)) / STRAIGHT_MS)


def _staffed(
    atoms: districts.Atoms, found: districts.Cells, people: int, most: int, middle: np.ndarray, travel_s: Ways
) -> dict[str, Any]:
    """Invented people for the cells: a dialect or two each, a home village, and a place they come from."""
    chance, words, cells = np.random.default_rng(people), ("zh-WZ", "zh-CQ", "zh-GX", "zh-JX"), found.rules.cells
    crew = [
        districts.Person(
            i, frozenset(chance.choice(words, chance.integers(0, 3), replace=False).tolist()), i % 28, 1, most
        )
        for i in range(people)
    ]
    village = [int(atoms.village[found.cell == cell][0]) for cell in range(cells)]
    needs = [
        districts.CellNeed(cell, float(found.demand[cell]), village[cell], districts.shares({words[cell % 4]: 0.4}))
        for cell in range(cells)
    ]
    home = middle[chance.choice(cells, people, replace=people > cells)]
    done = districts.staff(crew, needs, travel_s=travel_s(home, middle))
    return {
        "people": people, "cost": round(done.cost, 3), "bound": round(done.bound, 3), "gap": done.gap, "proven": done.proven,
        "person_of": {str(cell): person for cell, person in done.person_of.items()}, "cpu_s": round(done.cpu_s, 2),
    }  # fmt: skip


def _travel_s(
    lonlat: np.ndarray, onto: np.ndarray, rain: float, closures: tuple[engine_roads.Closure, ...]
) -> np.ndarray:
    """Seconds by the town's roads from points to points, degrees, in the rain and round what is closed. Raises RoadsError."""
    network = engine_roads.load(DATA / "roads.npz")
    engine_roads.check_closes(network, closures)
    state = engine_roads.under(network, engine_roads.Conditions(rain=rain, closures=closures))
    times = engine_roads.times_of(network).reweight(*state)
    return times.matrix(engine_roads.snap_many(network, lonlat), engine_roads.snap_many(network, onto))


def demo_patrol(
    weather: patrol.Weather, cars: int, start_s: float, hours: float, closures: tuple[engine_roads.Closure, ...] = ()
) -> patrol.Question:
    """The town's key points, markets, schools and police posts for so many cars from the station."""
    places = read("places.json")
    station = next(place for place in places["premises"] if place["kind"] == "station")
    extra = [place for place in places["premises"] if place["kind"] in ("market", "school", "police_post", "hive_post")]
    where = np.array([(place["lon"], place["lat"]) for place in (station, *places["key_points"], *extra)])
    travel_s = _travel_s(where, where, 0.6 if weather is patrol.Weather.RAIN else 0.0, closures)
    points = [
        patrol.Stop(
            i,
            i,
            60.0 * place["dwell_min"],
            visits=place["visits_per_shift"],
            prize_s=3600.0,
            weather=_sets(place["kind"]),
        )
        for i, place in enumerate(places["key_points"], start=1)
    ]
    first = len(points) + 1
    others = [patrol.Stop(i, i, 300.0, prize_s=900.0) for i in range(first, first + len(extra))]
    shift = tuple(patrol.Car(i, 0, 0, start_s, start_s + 3600 * hours) for i in range(1, cars + 1))
    return patrol.Question((*points, *others), shift, travel_s, weather)


def _sets(kind: str) -> frozenset[patrol.Weather]:
    """Main roads are for dry days, low ground and culverts for wet ones; what is left is for both."""
    if kind in DRY_ONLY:
        return frozenset({patrol.Weather.DRY})
    return frozenset({patrol.Weather.RAIN}) if kind in RAIN_ONLY else frozenset(patrol.Weather)


def _patrol(asked: argparse.Namespace) -> int:
    weather, start_s = patrol.Weather(asked.weather), 3600.0 * asked.start
    question = demo_patrol(weather, asked.cars, start_s, asked.hours, closures_of(asked))
    rounds = patrol.GOOD_ROUNDS if asked.good else patrol.QUICK_ROUNDS
    chance = None if asked.drawn is None else np.random.default_rng(asked.drawn)
    found = patrol.plan(question, rounds=rounds, chance=chance)
    broken = patrol.violations(question, found)
    if asked.json:
        say(json.dumps(asdict(found) | {"violations": [asdict(one) for one in broken], "note": MADE_UP}))
    else:
        for route in found.routes:
            stops = ", ".join(f"{_clock(visit.begin_s)} {visit.stop_id}" for visit in route.visits)
            say(f"car {route.car_id:<3} {_clock(route.start_s)} to {_clock(route.end_s)}  {stops}")
        say(f"{found.drive_s / 3600:.1f} h driven, {sum(count for _, count in found.left_out)} visits left out,"
            f" {len(broken)} rules broken, {found.cpu_s:.2f} CPU s. {MADE_UP}")  # fmt: skip
    return 1 if broken else 0


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600) % 24:02d}:{int(seconds // 60) % 60:02d}"


SYSTEMS = {
    "24": (roster.Shift("duty", 8 * 3600, 24 * 3600, 12, night=True),),
    "12": (roster.Shift("day", 8 * 3600, 12 * 3600, 10), roster.Shift("night", 20 * 3600, 12 * 3600, 10, night=True)),
    "8": (
        roster.Shift("day", 8 * 3600, 8 * 3600, 9), roster.Shift("evening", 16 * 3600, 8 * 3600, 9),
        roster.Shift("night", 0, 8 * 3600, 6, night=True),
    ),
}  # fmt: skip
"""Shifts of 24, 12 or 8 hours."""


def demo_roster(hours: str, days: int, people: int, teams: int) -> roster.Question:
    """Invented people in equal teams, every tenth on leave for three days."""
    crew = tuple(
        roster.Person(i, i % teams, frozenset(range(i % 9, i % 9 + 3)) if i % 10 == 0 else frozenset())
        for i in range(people)
    )
    free = frozenset(day for day in range(days) if day % 7 in (5, 6))
    return replace(roster.Question(days, SYSTEMS[hours], crew), free_days=free)


def _roster(asked: argparse.Namespace) -> int:
    question = demo_roster(asked.hours, asked.days, asked.people, asked.teams)
    found = roster.roster(question, seconds=asked.seconds)
    broken = roster.violations(question, found.duties)
    if asked.json:
        say(json.dumps(asdict(found) | {"violations": [asdict(one) for one in broken], "note": MADE_UP}))
    else:
        for duty in found.duties:
            say(f"day {duty.day + 1:<3} {duty.shift:<8} team {duty.team + 1}  {' '.join(map(str, duty.people))}")
        say(f"spreads: {found.nights_spread} nights, {found.free_days_spread} free days, {found.hours_spread:.0f} h;"
            f" {found.lent} lent; cost {found.cost:.0f}, bound {found.bound:.0f}, gap {found.gap:.2%}"
            f"{' (proven)' if found.proven else ''}; {len(broken)} rules broken, {found.cpu_s:.1f} CPU s. {MADE_UP}")  # fmt: skip
    return 1 if broken else 0
