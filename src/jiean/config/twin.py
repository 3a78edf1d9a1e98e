"""The twin on the demonstration town, answered for people or as JSON. No database is needed."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import numpy as np
import shapely

from jiean.config.demo.town import DATA, rates, read
from jiean.config.start import say
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Closure
from jiean.engine.simulation import Estimate, Outcome, Town, simulate
from jiean.engine.simulation.doors import LOCAL, Door, cluster, here, processes
from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.headline import ARTICLE, Headline, Line, headline
from jiean.engine.simulation.posting import scenario_of
from jiean.engine.simulation.scenario_file import Plan, headline_plan
from jiean.engine.simulation.scenario_file import read as read_plan
from jiean.engine.simulation.sweep import plans, sweep
from jiean.engine.simulation.town import AWAY_S

POINTS_A_CELL = 3
"""Places where calls happen in each cell of the town, spread by chance with a fixed seed; every cell counts alike."""

PARTS_A_JOB = 2
"""Replications are sent out in so many parts a process: fewer wait for the slowest, more are sent for nothing."""

CHOSEN = "The parameters are chosen, not calibrated: they fit no real station's records."


def do(asked: argparse.Namespace) -> int:
    """Answer `twin`; returns the exit code."""
    try:
        plan = headline_plan() if asked.deed == "headline" else read_plan(asked.file)
        if asked.reps is not None:
            plan = replace(plan, replications=asked.reps)
        if asked.deed == "sweep":
            return _sweep(plan, asked)
        return _headline(plan, asked.json) if asked.deed == "headline" else _run(plan, asked)
    except SimulationError as error:
        print(f"jiean: {error}", file=sys.stderr)
        return 2


@cache
def demo_town(
    *, turns: bool = False, hour: int = -1, closures: tuple[Closure, ...] = ()
) -> tuple[Town, tuple[int, ...]]:
    """The demonstration town as the engine sees it, and the places of its twelve key points; roads as at `hour`, -1 for none.

    Raises SimulationError for a closure that closes nothing here.
    """
    network = _network(turns=turns, hour=hour, closures=closures)
    station = next(place for place in read("places.json")["premises"] if place["kind"] == "station")
    key_points = read("places.json")["key_points"]
    calls = _call_points()
    fixed = [(place["lon"], place["lat"]) for place in (station, *key_points)]
    points = np.concatenate([calls, np.array(fixed)])
    snaps = engine_roads.snap_many(network, points)
    travel_s = np.minimum(engine_roads.times_of(network).matrix(snaps, snaps), AWAY_S)
    count, kinds = len(calls), rates()
    weight = np.concatenate([np.full(count, 1 / count), np.zeros(len(fixed))])
    per_hour = sum(kinds.per_day.values()) * np.array(kinds.by_hour)
    traffic = kinds.per_day["traffic"] / sum(kinds.per_day.values())
    town = Town(
        travel_s, weight, per_hour, np.array([traffic, 1 - traffic]), count, np.arange(count + 1), points[:, 0], points[:, 1]
    )  # fmt: skip
    return town, tuple(range(count + 1, count + 1 + len(key_points)))


def _network(*, turns: bool, hour: int, closures: tuple[Closure, ...]) -> engine_roads.Roads:
    plain = engine_roads.load(DATA / "roads.npz").turned(engine_roads.TurnRules() if turns else None)
    try:
        engine_roads.check_closes(plain, closures)
    except engine_roads.RoadsError as fault:
        raise SimulationError(str(fault)) from fault
    state = engine_roads.Conditions(hour=hour if hour >= 0 else None, closures=closures)
    return plain.reweighted(*engine_roads.under(plain, state))


def _town_of(plan: Plan) -> tuple[Town, tuple[int, ...]]:
    return demo_town(turns=plan.turns, hour=plan.hour, closures=plan.closures)


def _call_points() -> np.ndarray:
    """Points in every cell of the town, degrees, (cells * POINTS_A_CELL, 2)."""
    chance, points = np.random.default_rng(7), []
    for area in read("areas.geojson")["features"]:
        if area["properties"]["level"] != "cell":
            continue
        outline, found = shapely.geometry.shape(area["geometry"]), 0
        while found < POINTS_A_CELL:
            point = chance.uniform(outline.bounds[:2], outline.bounds[2:])
            if shapely.contains_xy(outline, *point):
                points.append(point)
                found += 1
    return np.array(points)


def _headline(plan: Plan, as_json: bool) -> int:
    town, key_points = _town_of(plan)
    found = headline(town, plan, key_points)
    if as_json:
        say(json.dumps(_sheet(found), ensure_ascii=False))
    else:
        say("\n".join(_told(found)))
    return 0 if found.reached else 1


def _door(asked: argparse.Namespace) -> Door:
    """Where the plays are carried out. Raises SimulationError."""
    if asked.on == "ray":
        return cluster(asked.address, asked.jobs)
    return processes(asked.jobs) if asked.jobs != 1 else here


def _run(plan: Plan, asked: argparse.Namespace) -> int:
    town, key_points = _town_of(plan)
    scenario = scenario_of(town, plan, key_points)
    parts = 1 if asked.on == "here" and asked.jobs == 1 else PARTS_A_JOB * max(asked.jobs, 1)
    if asked.on == "ray" and asked.address != LOCAL:
        parts = plan.replications  # how many processors a cluster has is its own affair
    found = simulate(
        town, scenario, days=plan.days, replications=plan.replications, seed=plan.seed, door=_door(asked), parts=parts
    )
    if asked.json:
        say(json.dumps(_outcome(found) | {"note": CHOSEN}, ensure_ascii=False))
    else:
        say(f"within {scenario.standard_s:.0f} s   {_share(found.share)}\n"
            f"median, 90 %     {found.median_s.mean:.0f} s, {found.p90_s.mean:.0f} s\n"
            f"utilisation      {found.utilisation.mean:.1%}\n"
            f"{found.calls} calls, {found.replications} replications of {found.days:.0f} days. {CHOSEN}")  # fmt: skip
    return 0


def _sweep(base: Plan, asked: argparse.Namespace) -> int:
    wanted = plans(base, asked.vary)
    grounds = {(plan.turns, plan.hour) for _words, plan in wanted}
    if len(grounds) > 1:
        raise SimulationError("roads.turns and roads.hour change the town itself; sweep them one by one.")
    town, key_points = _town_of(wanted[0][1])
    found = sweep(town, key_points, [plan for _words, plan in wanted], door=_door(asked))
    rows = [(words, one) for (words, _plan), one in zip(wanted, found, strict=True)]
    if asked.json:
        say(json.dumps([{"changed": list(words)} | _outcome(one) for words, one in rows] + [{"note": CHOSEN}]))
    else:
        for words, one in rows:
            say(
                f"{_share(one.share)}   {one.median_s.mean:4.0f} s   {one.utilisation.mean:5.1%} busy   {' '.join(words)}"
            )
        say(f"share within the standard, median, busy cars. {CHOSEN}")
    return 0


def _estimate(found: Estimate) -> list[float]:
    return [round(value, 5) for value in (found.mean, found.low, found.high)]


def _outcome(found: Outcome) -> dict[str, Any]:
    return {
        "cars": len(found.scenario.posts), "pooled": found.scenario.pooled, "move_up": found.scenario.move_up,
        "share": _estimate(found.share), "median_s": _estimate(found.median_s), "p90_s": _estimate(found.p90_s),
        "utilisation": _estimate(found.utilisation), "calls": found.calls, "replications": found.replications,
        "days": found.days, "seed": found.seed, "cpu_s": round(found.cpu_s, 2),
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    gain = {"against": line.against, "gain": _estimate(line.gain)} if line.gain else {"against": line.against}
    return {"code": line.code} | gain | _outcome(line.outcome)


def _sheet(found: Headline) -> dict[str, Any]:
    return {
        "article": list(ARTICLE), "before": _outcome(found.before), "after": _outcome(found.after), "reached": found.reached,
        "attribution": [_line(line) for line in found.attribution],
        "sensitivity": [_line(line) for line in found.sensitivity],
        "fleets": [_line(line) for line in found.fleets], "fewest_cars": found.fewest_cars,
        "best": _line(found.best), "bound": round(found.bound, 5), "parameters": asdict(found.plan), "note": CHOSEN,
    }  # fmt: skip


def _share(found: Estimate) -> str:
    return f"{found.mean:6.1%} ± {100 * found.half_width:.1f}"


def _told(found: Headline) -> list[str]:
    cars = found.plan.cars
    told = [
        f"Calls reached within {found.after.scenario.standard_s:.0f} s, {cars} cars, {found.plan.replications} replications"
        f" of {found.plan.days:.0f} days",
        f"  one base, traffic and public order apart   {_share(found.before.share)}   article {ARTICLE[0]:.0%}",
        f"  twelve points, every car takes every call  {_share(found.after.share)}   article {ARTICLE[1]:.0%}",
        f"  both within two points: {'yes' if found.reached else 'NO'}. {CHOSEN}",
        "",
        "What did it (paired over the same calls)",
        *(f"  {line.code:<24} {_share(line.outcome.share)}   {_gain(line)}" for line in found.attribution),
        "",
        "With other parameters                 before          after",
    ]
    for before, after in zip(found.sensitivity[::2], found.sensitivity[1::2], strict=True):
        told.append(f"  {before.code:<24} {_share(before.outcome.share)}   {_share(after.outcome.share)}")
    told += [
        "",
        "Cars, under the best rules found",
        *(f"  {line.code:>3} {_share(line.outcome.share)}" for line in found.fleets),
    ]
    told += [f"Fewest that reach 90 %: {found.fewest_cars}", _best(found)]
    return told


def _gain(line: Line) -> str:
    if line.gain is None:
        return ""
    return f"{100 * line.gain.mean:+5.1f} points on {line.against} [{100 * line.gain.low:+.1f}, {100 * line.gain.high:+.1f}]"


def _best(found: Headline) -> str:
    share = found.best.outcome.share.mean
    return (
        f"Best share with {found.plan.cars} cars: {share:.1%} ({found.best.code}); no posting or moving of them can exceed"
        f" {found.bound:.1%}: at most {100 * (found.bound - share):.1f} points are left."
    )
