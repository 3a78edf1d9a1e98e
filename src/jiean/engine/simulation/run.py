"""Running a scenario: calls drawn from the town, replications on spawned streams, and what they show."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from jiean.engine.simulation.doors import Door, here
from jiean.engine.simulation.duty import duty_of, rounds_of
from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.town import Floats, Scenario, Town

DAY_S = 86_400.0
Part = tuple[Floats, int, float]


@dataclass(frozen=True, eq=False)
class Calls:
    """The calls of one replication in order of time, (n,) each, and whether each hour is wet."""

    call_s: Floats
    place: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    grade: npt.NDArray[np.int64]
    service_s: Floats
    second: npt.NDArray[np.bool_]
    declined: npt.NDArray[np.bool_]
    wet: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Trace:
    """What became of every call (n,), and of every unit (units,): seconds; infinite where nobody came."""

    calls: Calls
    unit: npt.NDArray[np.int32]
    sent_s: Floats
    arrived_s: Floats
    busy_s: Floats
    driven_s: Floats


@dataclass(frozen=True)
class Estimate:
    """A mean over replications with its 95 % interval (Student's t)."""

    mean: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a scenario shows over its replications; shares in [0, 1], times in seconds."""

    scenario: Scenario
    share: Estimate
    median_s: Estimate
    p90_s: Estimate
    utilisation: Estimate
    shares: Floats
    calls: int
    replications: int
    days: float
    seed: int
    cpu_s: float


def draw(town: Town, scenario: Scenario, days: float, chance: np.random.Generator) -> Calls:
    """The calls of one replication. Scenarios that differ in cars, posts, speeds or rules draw the same calls."""
    hours = int(np.ceil(days * 24))
    wet = _weather(hours, scenario, np.random.default_rng(chance.integers(2**63)))
    counts = chance.poisson(np.tile(town.per_hour, hours // 24 + 1)[:hours] * scenario.demand)
    n = int(counts.sum())
    call_s = np.sort(np.repeat(np.arange(hours), counts) * 3600.0 + chance.random(n) * 3600.0)
    weight = town.weight / town.weight.sum()
    shape = scenario.on_scene_shape
    return Calls(
        call_s,
        chance.choice(weight.size, n, p=weight),
        (chance.random(n) >= town.group_share[0] / town.group_share.sum()).astype(np.int64),
        np.where(chance.random(n) < scenario.urgent_share, 1, 3),
        chance.gamma(shape, scenario.on_scene_min * 60.0 / shape, n),
        chance.random(n) < scenario.second_share,
        chance.random(n) < scenario.declined_share,
        wet,
    )


def _weather(hours: int, scenario: Scenario, chance: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Wet and dry spells of exponential length in whole hours."""
    wet = np.zeros(hours, np.bool_)
    if scenario.rain_share == 0:
        return wet
    dry_hours = scenario.rain_hours * (1 - scenario.rain_share) / scenario.rain_share
    at, raining = 0, bool(chance.random() < scenario.rain_share)
    while at < hours:
        spell = 1 + int(chance.exponential(scenario.rain_hours if raining else dry_hours))
        wet[at : at + spell] = raining
        at, raining = at + spell, not raining
    return wet


def play(town: Town, scenario: Scenario, calls: Calls) -> Trace:
    """Send the scenario's cars to these calls. Raises SimulationError for posts that are no places."""
    posts = np.stack(
        [np.array(each, np.int64) for each in (scenario.posts, scenario.wet_posts or scenario.posts)], axis=1
    )
    if posts.min() < 0 or posts.max() >= town.weight.size:
        raise SimulationError(f"posts names place {int(posts.max())}; the town has {town.weight.size}.")
    units = len(scenario.posts)
    slow = scenario.speed * np.array([np.ones(24), np.full(24, 1 + scenario.rain_slows)])
    may = np.ones((units, 2), np.bool_)
    if not scenario.pooled:
        may = np.stack([np.arange(units) < (units + 1) // 2, np.arange(units) >= (units + 1) // 2], axis=1)
    limit = (scenario.standard_s - scenario.handling_s) / scenario.speed
    rounds, legs = rounds_of(town, scenario)
    found = _compiled().run(
        calls.call_s, calls.place, calls.group, calls.grade, calls.service_s, calls.second, calls.declined, town.travel_s,
        town.toward_s, slow, calls.wet, posts, may, np.ones((units, 2), np.bool_), duty_of(scenario), scenario.penalties,
        float(scenario.handling_s), float(scenario.decline_s), scenario.move_up, float(scenario.move_gain),
        np.unique(posts[:, 0]) if scenario.stands is None else np.array(scenario.stands, np.int64), town.travel_s <= limit,
        town.weight / town.weight.sum(), scenario.busy_share, rounds, legs, scenario.round_dwell_min * 60.0,
    )  # fmt: skip
    return Trace(calls, *found)


def simulate(
    town: Town,
    scenario: Scenario,
    *,
    days: float = 365.0,
    replications: int = 40,
    seed: int = 12312,
    door: Door = here,
    parts: int = 1,
) -> Outcome:
    """Replications on streams spawned from the seed: equal seeds give equal calls to every scenario (common numbers).

    They are played in so many `parts` through `door`; the numbers are the same however many. Raises SimulationError.
    """
    if replications < 2 or not days > 0:
        raise SimulationError("Two replications or more, and days above zero, are needed.")
    streams = np.random.SeedSequence(seed).spawn(replications)
    size = -(-replications // max(1, parts))
    each = [streams[first : first + size] for first in range(0, replications, size)]
    found: list[Part] = door(_some, (town, scenario, days), each)
    table = np.concatenate([rows for rows, _calls, _cpu_s in found])
    calls, cpu_s = sum(part[1] for part in found), sum(part[2] for part in found)
    return summed_up(scenario, table, calls, days, seed, time.process_time() - cpu_s)


def _some(town: Town, scenario: Scenario, days: float, streams: list[np.random.SeedSequence]) -> Part:
    """The measures of some replications (streams, 4), how many calls they had, and the seconds they took."""
    began, rows, calls = time.process_time(), [], 0
    for stream in streams:
        trace = play(town, scenario, draw(town, scenario, days, np.random.default_rng(stream)))
        rows.append(measures(trace, scenario, days))
        calls += trace.calls.call_s.size
    return np.array(rows), calls, time.process_time() - began


def summed_up(scenario: Scenario, table: Floats, calls: int, days: float, seed: int, began_cpu_s: float) -> Outcome:
    """An outcome from the measures of its replications, (replications, 4)."""
    share, median_s, p90_s, used = (estimate(table[:, i]) for i in range(4))
    cpu_s = time.process_time() - began_cpu_s
    return Outcome(scenario, share, median_s, p90_s, used, table[:, 0], calls, len(table), days, seed, cpu_s)


def measures(trace: Trace, scenario: Scenario, days: float) -> tuple[float, float, float, float]:
    """Share in time, median and 90th percentile of the response, utilisation. A year without calls counts as kept."""
    response = trace.arrived_s - trace.calls.call_s
    used = float(trace.busy_s.sum() / (trace.busy_s.size * days * DAY_S))
    if not response.size:
        return 1.0, 0.0, 0.0, used
    middle, late = np.quantile(response, [0.5, 0.9], method="higher")
    return float((response <= scenario.standard_s).mean()), float(middle), float(late), used


def estimate(values: Floats) -> Estimate:
    """Mean and 95 % interval of independent values (n,), n >= 2."""
    mean = float(values.mean())
    half = float(stdtrit(values.size - 1, 0.975)) * float(values.std(ddof=1)) / sqrt(values.size)
    return Estimate(mean, mean - half, mean + half)


def difference(first: Outcome, second: Outcome) -> Estimate:
    """How much larger the second's share is, replication by replication (common random numbers). Raises SimulationError."""
    if (first.seed, first.replications, first.days) != (second.seed, second.replications, second.days):
        raise SimulationError("Only outcomes of the same seed, replications and days can be compared pair by pair.")
    return estimate(second.shares - first.shares)


@cache
def _compiled() -> Any:
    """The compiled loop. The compiler takes a second to import, and most processes never simulate."""
    from jiean.engine.simulation import compiled  # noqa: PLC0415

    return compiled
