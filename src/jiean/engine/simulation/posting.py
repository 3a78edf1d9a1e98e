"""Where the cars of a scenario stand, and the bound that says how much better any posting could do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import gammaincc, gammaln, xlogy

from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.scenario_file import Plan
from jiean.engine.simulation.town import Floats, Scenario, Town
from jiean.engine.siting import mclp, pmedian

PROOF_BRANCHES = 150
"""Rounds of the search after which the posts found are taken; their gap is far below what a simulation can show."""


def points(town: Town, cars: int) -> tuple[int, ...]:
    """A post for each car by the p-median over the candidates; with more cars than candidates posts repeat."""
    asked = 0

    def enough() -> bool:
        nonlocal asked
        asked += 1
        return asked > PROOF_BRANCHES

    count = min(cars, town.candidates.size)
    sites = pmedian(town.travel_s[town.candidates].T, count, weights=town.weight, stop=enough).sites
    return tuple(int(town.candidates[sites[i % count]]) for i in range(cars))


def covering(town: Town, cars: int, reach_s: float) -> tuple[int, ...]:
    """A post for each car by maximal covering within `reach_s` of dry driving."""
    count = min(cars, town.candidates.size)
    sites = mclp(town.travel_s[town.candidates].T, town.weight, reach_s, count, seconds=20.0).sites
    return tuple(int(town.candidates[sites[i % count]]) for i in range(cars))


def scenario_of(town: Town, plan: Plan, key_points: tuple[int, ...] = ()) -> Scenario:
    """The plan's cars at their places. Raises SimulationError."""
    if plan.at == "key_points" and not key_points:
        raise SimulationError("cars.at is 'key_points', but this town names none.")
    places = {
        "base": lambda: (town.base,) * plan.cars,
        "points": lambda: points(town, plan.cars),
        "key_points": lambda: tuple(key_points[i % len(key_points)] for i in range(plan.cars)),
    }
    measures: dict[str, Any] = dict(plan.fields)
    scenario = Scenario(places[plan.at](), pooled=plan.pooled, move_up=plan.move_up, **measures)
    return replace(scenario, wet_posts=wet_posts(town, scenario)) if plan.weather_posts else scenario


def wet_posts(town: Town, scenario: Scenario) -> tuple[int, ...]:
    """Posts for wet hours: what a car reaches in time shrinks, so they cover by the wet reach."""
    return covering(town, len(scenario.posts), reach_s(scenario) / (1 + scenario.rain_slows))


def reach_s(scenario: Scenario) -> float:
    """Dry driving seconds, before the scenario's speed, that still keep the standard."""
    return (scenario.standard_s - scenario.handling_s) / scenario.speed


def bound(town: Town, scenario: Scenario) -> float:
    """A share no posting and no moving of this many cars among the candidates can exceed.

    With n calls under way at most cars - n cars are free, and they cover no more than the best posts of so many (MCLP,
    its proven bound). Calls under way are at least those of an endless fleet without travel, whose number is Poisson
    with the mean of the calls times the chance that their work lasts until now (Eick, Massey, Whitt 1993, "The physics
    of the M_t/G/infinity queue", theorem 1); a call finds that number as time finds it. A free car on its way is
    taken to cover no more than the best posts do.
    """
    cars = len(scenario.posts)
    dry = _best_covers(town, cars, reach_s(scenario))
    wet = _best_covers(town, cars, reach_s(scenario) / (1 + scenario.rain_slows)) if scenario.rain_share else dry
    covers = (1 - scenario.rain_share) * dry + scenario.rain_share * wet
    under_way = _under_way(town.per_hour * scenario.demand, scenario)
    busy, mean = np.arange(cars)[None, :], under_way[:, None]
    free = np.exp(xlogy(busy, mean) - gammaln(busy + 1) - mean)  # Poisson: 0 to cars - 1 busy leave cars to 1 free
    share = (free * covers[::-1][None, :]).sum(axis=1)
    return float((share * town.per_hour).sum() / town.per_hour.sum())


def _best_covers(town: Town, cars: int, within_s: float) -> Floats:
    """The bound on the share of calls within reach of the best 1, 2, … cars posts, (cars,)."""
    matrix, total = town.travel_s[town.candidates].T, town.weight.sum()
    found = [
        mclp(matrix, town.weight, within_s, min(k, matrix.shape[1]), seconds=20.0).bound for k in range(1, cars + 1)
    ]
    return np.array(found, np.float64) / float(total)


def _under_way(per_hour: Floats, scenario: Scenario) -> Floats:
    """Mean number of calls under way in each hour of a day like the others, the second cars' among them, (24,)."""
    steps = 12  # five minutes
    rate = np.repeat(per_hour, steps) / steps
    shape, scale = scenario.on_scene_shape, scenario.on_scene_min / 60 / scenario.on_scene_shape
    from_now = np.arange(24 * steps) / steps + 0.5 / steps
    lasts = gammaincc(shape, from_now / scale)
    mean = np.fft.ifft(np.fft.fft(rate) * np.fft.fft(lasts)).real * (1 + scenario.second_share)
    return np.asarray(mean.reshape(24, steps).mean(axis=1), np.float64)
