"""A scenario looked at closely: its outcome, every place's share in time, the spread of responses, and a day to replay."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.run import Outcome, Trace, draw, measures, play, summed_up
from jiean.engine.simulation.town import Floats, Scenario, Town

Ints = npt.NDArray[np.int64]
BIN_S, BINS = 60.0, 20
"""The histogram: minutes of response, the last bin for all that is later."""
REPLAY_S = 86_400.0


class Stopped(RuntimeError):
    """The study was called off; nothing of it is kept."""


@dataclass(frozen=True)
class Leg:
    """A car from one place to another between two seconds of the day, or standing where both are one."""

    car: int
    begins_s: float
    ends_s: float
    start: int
    end: int


@dataclass(frozen=True)
class Scene:
    """A call of the replayed day: when it came, where, its grade, who came and when; infinite where nobody did."""

    call_s: float
    place: int
    grade: int
    car: int
    arrived_s: float
    cleared_s: float


@dataclass(frozen=True, eq=False)
class Study:
    """An outcome with its details.

    place_calls, place_share : float64 (places,) calls seen and the share of them in time; nan where none was seen
    place_median_s : float64 (places,) median response, nan where none was seen
    area_calls, area_share, area_median_s, area_p90_s : float64 (areas,) the same of whole areas, and what nine calls in ten
        do not exceed: counted over all their calls, not averaged over places
    histogram : int64 (BINS,) calls by minute of response
    legs, scenes : the first day of the first replication; only first cars are followed, drawn straight between places
    """

    outcome: Outcome
    place_calls: Floats
    place_share: Floats
    place_median_s: Floats
    area_calls: Floats
    area_share: Floats
    area_median_s: Floats
    area_p90_s: Floats
    histogram: Ints
    legs: tuple[Leg, ...]
    scenes: tuple[Scene, ...]


def study(
    town: Town, scenario: Scenario, *, days: float = 60.0, replications: int = 20, seed: int = 12312,
    areas: Ints | None = None, tell: Callable[[int], None] = lambda done: None, stop: Callable[[], bool] = lambda: False,
) -> Study:  # fmt: skip
    """Play a scenario as `simulate` does, telling how many replications are done and asking before each whether to stop.

    `areas` (places,) numbers the area of each place from 0, -1 for none; left out, all are one area. Raises SimulationError, Stopped.
    """
    if replications < 2 or not days > 0:
        raise SimulationError("Two replications or more, and days above zero, are needed.")
    began, rows, responses, places, first = time.process_time(), [], [], [], None
    for done, stream in enumerate(np.random.SeedSequence(seed).spawn(replications)):
        if stop():
            raise Stopped
        trace = play(town, scenario, draw(town, scenario, days, np.random.default_rng(stream)))
        rows.append(measures(trace, scenario, days))
        responses.append(trace.arrived_s - trace.calls.call_s)
        places.append(trace.calls.place)
        first = first or trace
        tell(done + 1)
    outcome = summed_up(scenario, np.array(rows), sum(r.size for r in responses), days, seed, began)
    response, place = np.concatenate(responses), np.concatenate(places)
    calls, share, middle, _ = _by_place(response, place, town.weight.size, scenario.standard_s)
    owner = np.zeros(town.weight.size, np.int64) if areas is None else areas
    counted = owner[place] >= 0
    whole = _by_place(response[counted], owner[place[counted]], int(owner.max(initial=0)) + 1, scenario.standard_s)
    late = np.minimum(response, (BINS - 1) * BIN_S)
    bins = np.bincount((late // BIN_S).astype(np.int64), minlength=BINS).astype(np.int64)
    legs, scenes = replay(town, scenario, first) if first is not None else ((), ())
    return Study(outcome, calls, share, middle, *whole, bins, legs, scenes)


def _by_place(response: Floats, place: Ints, places: int, standard_s: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Calls, share in time, median and 90th percentile (of the calls seen, nearest rank) by place, (places,) each."""
    calls = np.bincount(place, minlength=places).astype(np.float64)
    kept = np.bincount(place, weights=response <= standard_s, minlength=places)
    middle, late = np.full(places, np.nan), np.full(places, np.nan)
    order = np.lexsort((response, place))
    starts = np.concatenate([[0], np.cumsum(calls).astype(np.int64)])
    seen = np.flatnonzero(calls > 0)
    middle[seen] = response[order][(starts[seen] + starts[seen + 1]) // 2]
    late[seen] = response[order][starts[seen] + np.ceil(0.9 * calls[seen] - 1e-9).astype(np.int64) - 1]
    return calls, np.divide(kept, calls, out=np.full(places, np.nan), where=calls > 0), middle, late


def replay(town: Town, scenario: Scenario, trace: Trace) -> tuple[tuple[Leg, ...], tuple[Scene, ...]]:
    """The first day of a trace as drives and calls. Cars drive back to their post of dry days."""
    calls, legs, scenes = trace.calls, [], []
    at = list(scenario.posts)
    free_s = [0.0] * len(at)
    seen = np.flatnonzero((calls.call_s < REPLAY_S) & (trace.unit >= 0))
    for call in seen[np.argsort(trace.sent_s[seen], kind="stable")]:
        car, place = int(trace.unit[call]), int(calls.place[call])
        sent, there = float(trace.sent_s[call]), float(trace.arrived_s[call])
        cleared = there + float(calls.service_s[call])
        scenes.append(Scene(float(calls.call_s[call]), place, int(calls.grade[call]), car, there, cleared))
        if at[car] != scenario.posts[car]:
            home_s = free_s[car] + float(town.travel_s[at[car], scenario.posts[car]])
            legs.append(Leg(car, free_s[car], min(home_s, sent), at[car], scenario.posts[car]))
        legs.append(Leg(car, sent, there, scenario.posts[car], place))
        at[car], free_s[car] = place, cleared
    return tuple(legs), tuple(scenes)
