"""Cells, staffing, patrols, rosters and expectation, each beside its reference in the same run. CPU time."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import time
from pathlib import Path
from typing import Any

import numpy as np
import pymetis
import shapely

from bench.measures import Figure
from jiean.config.planning import demo_atoms, demo_roster
from jiean.engine import districts, expectation, patrol, roster
from jiean.engine.districts.dividing import compactness
from jiean.engine.districts.ground import atoms_of, pieces_of
from jiean.engine.districts.problem import pieces
from jiean.engine.roads.plane import to_plane
from jiean.engine.roads.table import read_csv


def plan_figures(data: Path) -> list[Figure]:
    """Every planning engine: made instances on real junctions, the demonstration town, real calls."""
    small = districts.divide(demo_atoms()[0], districts.Rules(64, districts.Borders.FREE))
    auckland = _junction_atoms(data)
    return [
        _cells("2,560 atoms of Auckland in 128 cells", auckland, districts.Borders.FREE),
        _cells("the demo town, borders free", demo_atoms()[0], districts.Borders.FREE),
        _cells("the demo town, 28 villages kept whole", demo_atoms()[0], districts.Borders.KEPT),
        _recheck(auckland, small.seed), *(_staff(people, most) for people, most in ((53, 4), (102, 2))),
        *(_patrol(stops, rounds) for stops in (160, 240) for rounds in (patrol.QUICK_ROUNDS, 1200, 4000)),
        *(_roster(hours, days) for hours, days in (("24", 28), ("12", 14), ("12", 28), ("8", 28))), _calls(data),
    ]  # fmt: skip


def _junction_atoms(data: Path, count: int = 2560) -> districts.Atoms:
    """Ground nearest to real junctions, with lognormal demand."""
    folder = data / "roads_auckland"
    roads = read_csv(folder / "main_roads_nodes.csv.gz", folder / "main_roads_edges.csv.gz")
    chance = np.random.default_rng(1)
    points = to_plane(np.stack([roads.lon, roads.lat], axis=1), roads.origin)
    chosen = points[chance.choice(len(points), count, replace=False)]
    frame = shapely.box(*chosen.min(axis=0) - 500, *chosen.max(axis=0) + 500)
    shapes, _ = pieces_of([frame], chosen)
    return atoms_of(shapes, chance.lognormal(0, 0.5, len(shapes)), np.full(len(shapes), -1, np.int32))


def _cells(name: str, atoms: districts.Atoms, borders: districts.Borders) -> Figure:
    rules = districts.Rules(128, borders)
    districts.divide(atoms, rules, stop=lambda: True)
    found = districts.divide(atoms, rules)
    split = [one for one in districts.check(atoms, rules, found.cell) if one.code is districts.Fault.SPLIT]
    words = f"max deviation {found.max_deviation:.2%}, mean {found.mean_deviation:.2%}, {len(split)} split, compactness"
    words += f" {found.compactness:.3f}, {found.cpu_s:.2f} CPU s"
    asked = f"≤ {found.allowed:.1%} (4 % or half the largest atom), none split, ≤ 3 s"
    return Figure(name, words, _metis(atoms), asked, found.even and not split and found.cpu_s <= 3)


def _metis(atoms: districts.Atoms) -> str:
    """METIS alone, contiguous, without villages."""
    near: list[list[int]] = [[] for _ in atoms.demand]
    for a, b in atoms.pairs.tolist():
        near[a].append(b)
        near[b].append(a)
    weights = (atoms.demand * 1000).astype(int).tolist()
    began = time.process_time()
    options = pymetis.Options(ufactor=30, contig=1)
    cell = np.array(pymetis.part_graph(128, near, vweights=weights, options=options).vertex_part, np.int32)
    spent = time.process_time() - began
    load = np.bincount(cell, weights=atoms.demand, minlength=128)
    away, apart = np.abs(load / load.mean() - 1), pieces(atoms, cell)[0] - 128
    shape = compactness(atoms, cell)
    return f"METIS alone: max {away.max():.2%}, mean {away.mean():.2%}, {apart} pieces too many, compactness {shape:.3f}, {spent:.2f} CPU s"


def _recheck(atoms: districts.Atoms, seed: int) -> Figure:
    rules = districts.Rules(128, districts.Borders.FREE)
    found = districts.divide(atoms, rules, seed=seed)
    spent = []
    for atom in range(40):
        began = time.process_time()
        districts.recheck(atoms, rules, found.cell, {atom: int(found.cell[-1 - atom])})
        spent.append(1000 * (time.process_time() - began))
    return Figure(
        "one atom moved, every rule checked",
        f"{np.median(spent):.1f} ms",
        "",
        "at once (≤ 100 ms)",
        np.median(spent) <= 100,
    )


def _staff(people: int, most: int) -> Figure:
    chance = np.random.default_rng(3)
    words = ("zh-WZ", "zh-CQ", "zh-GX", "zh-HN", "zh-JX")
    home, middle = chance.random((people, 2)) * 8000, chance.random((128, 2)) * 8000
    crew = [
        districts.Person(
            i, frozenset(chance.choice(words, chance.integers(0, 3), replace=False).tolist()), i % 28, 1, most
        )
        for i in range(people)
    ]
    cells = [
        districts.CellNeed(j, float(chance.lognormal(0, 0.1)), j % 28, districts.shares({words[j % 5]: 0.5}))
        for j in range(128)
    ]
    travel_s = np.hypot(*(home[:, None] - middle[None]).transpose(2, 0, 1)) / 8
    found = districts.staff(crew, cells, travel_s=travel_s, seconds=60)
    seen = f"{found.cost:.1f} points, gap {found.gap:.4%}, {found.cpu_s:.2f} CPU s"
    return Figure(f"{people} people to 128 cells", seen, "", "proven optimal", found.proven)


def _patrol(stops: int, rounds: int) -> Figure:
    """Twelve cars, three depots, four hours, one-hour windows, 12-minute stops, on a plane of 8 km."""
    chance = np.random.default_rng(1)
    place = chance.random((stops + 3, 2)) * 8000
    travel_s = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) / 8
    start = 20 * 3600.0
    windows = [start + 3600.0 * int(chance.integers(0, 4)) for _ in range(stops)]
    points = tuple(patrol.Stop(i, 3 + i, 720.0, windows=((a, a + 3600.0),)) for i, a in enumerate(windows))
    cars = tuple(patrol.Car(k, k % 3, k % 3, start, start + 4 * 3600) for k in range(12))
    question = patrol.Question(points, cars, travel_s)
    began = time.process_time()
    found = patrol.plan(question, rounds=rounds)
    spent = time.process_time() - began
    broken = len(patrol.violations(question, found))
    left = sum(count for _, count in found.left_out)
    words = f"{found.cost_s:.0f} s (driven and lost), {left} left out, {broken} rules broken, {spent:.2f} CPU s"
    quick = rounds == patrol.QUICK_ROUNDS
    asked = "0 broken, quick answer ≤ 2 s" if quick else "0 broken"
    return Figure(
        f"patrol, {stops} stops, {rounds} rounds", words, "", asked, broken == 0 and (spent <= 2 or not quick)
    )


def _roster(hours: str, days: int) -> Figure:
    question = demo_roster(hours, days, 53, 3)
    found = roster.roster(question, seconds=30)
    broken = len(roster.violations(question, found.duties))
    words = f"cost {found.cost:.0f}, bound {found.bound:.0f}, gap {found.gap:.1%}; {found.lent} lent, spreads {found.nights_spread} nights,"
    words += f" {found.free_days_spread} free days, {found.hours_spread:.0f} h; {broken} rules broken, {found.cpu_s:.1f} CPU s"
    return Figure(
        f"roster, 53 people, {hours} h shifts, {days} days", words, "", "proven, or the gap printed", broken == 0
    )


def _calls(data: Path) -> Figure:
    """San Francisco, one neighbourhood in nine squares, two kinds: learnt to 2013, judged on 2014 and 2015."""
    rows: dict[str, dict[str, Any]] = {}
    with gzip.open(data / "calls_sf_fire/calls_units_to_2015.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            rows.setdefault(row["Call Number"], row)
    when = [dt.datetime.fromisoformat(row["Received DtTm"]) for row in rows.values()]
    first, last = dt.date(2009, 1, 1), dt.date(2015, 12, 31)
    days = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
    none = np.zeros(len(days), np.bool_)
    known = expectation.Calendar(np.array([d.weekday() for d in days]), np.array([d.month for d in days]), none, none)
    place = np.array([(float(row["lon"]), float(row["lat"])) for row in rows.values()])
    square = ((place - place.min(axis=0)) / (np.ptp(place, axis=0) * 1.0001) * 3).astype(np.int64)
    history = expectation.History(
        np.array([(moment.date() - first).days for moment in when]), np.array([moment.hour for moment in when]),
        square[:, 0] * 3 + square[:, 1], np.array([int(row["Call Type"] == "Outside Fire") for row in rows.values()]), 9, 2, known,
    )  # fmt: skip
    began = time.process_time()
    seen = expectation.backtest(history, days.index(dt.date(2014, 1, 1)))
    spent = time.process_time() - began
    words = f"deviance {seen.model:.5f}; {seen.expected:.0f} calls expected, {seen.calls} came; {seen.covered:.2%} in the 90 %"
    words += f" interval; {spent:.1f} CPU s; held: "
    words += ", ".join(f"{one.grain} {one.bounds:.1%} in the bounds, {one.spread:.1%} spread" for one in seen.held)
    if seen.last_year is None:
        raise SystemExit("The calls do not reach a year before 2014.")
    habits = f"last year's week {seen.last_year:.5f}: {seen.model / seen.last_year:.3f} of it; moving mean of a year"
    habits += f" {seen.moving_mean:.5f}: {seen.model / seen.moving_mean:.3f} of it"
    better = seen.model < min(seen.last_year, seen.moving_mean)
    return Figure("expected calls, San Francisco 2014-2015", words, habits, "better than both habits", better)
