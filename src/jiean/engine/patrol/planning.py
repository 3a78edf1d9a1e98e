"""Routes for the cars of a shift: a prize-collecting routing problem with time windows, solved by PyVRP.

Wouda, N. A., Lan, L., Kool, W. (2024), "PyVRP: a high-performance VRP solver package", INFORMS Journal on Computing 36,
943-955. Its interface changes between releases, so nothing of it is seen outside `solving`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jiean.engine.patrol.errors import Impossible
from jiean.engine.patrol.problem import Plan, Question, Stop

Stop_ = Callable[[], bool]

QUICK_ROUNDS = 150
"""Rounds of the search for an answer while somebody waits: well under two seconds for 12 cars and 160 visits."""
GOOD_ROUNDS = 6000


@dataclass(frozen=True)
class Task:
    """One visit to be planned: the windows are those of its turn among the visits of its stop."""

    stop: Stop
    windows: tuple[tuple[int, int], ...]


def never() -> bool:
    """The stop that never comes."""
    return False


def plan(
    question: Question, *, rounds: int = QUICK_ROUNDS, chance: np.random.Generator | None = None, seed: int = 12312,
    stop: Stop_ = never,
) -> Plan:  # fmt: skip
    """Plan a route for every car.

    Parameters
    ----------
    rounds
        How long to search; `QUICK_ROUNDS` answers within two seconds, `GOOD_ROUNDS` is for the evening before.
    chance
        Where given, the times of visits are drawn anew with it, so that nobody can learn them; without it the same
        question always gets the same plan.
    stop
        Asked between rounds; when it says true the best plan so far is given.

    Raises
    ------
    Impossible
        When a visit that must be made cannot be, naming the stop.
    """
    from jiean.engine.patrol.solving import solved  # noqa: PLC0415 — PyVRP is slow to load

    began = time.process_time()
    wanted = tasks(question, chance)
    routes, made = solved(question, wanted, rounds, seed, stop)
    missing = Counter({one.stop_id: one.visits for one in question.served})
    missing.subtract(Counter(visit.stop_id for route in routes for visit in route.visits))
    left = tuple(sorted((stop_id, count) for stop_id, count in missing.items() if count > 0))
    prize = {one.stop_id: one.prize_s for one in question.stops}
    must = [stop_id for stop_id, _ in left if prize[stop_id] is None]
    if must:
        raise Impossible(f"No route keeps every rule; stop {must[0]} must be visited and cannot be.")
    driven = sum(route.drive_s for route in routes)
    lost = sum((prize[stop_id] or 0.0) * count for stop_id, count in left)
    return Plan(
        routes, left, driven + lost, driven, question.weather, chance is not None, made, time.process_time() - began
    )


def tasks(question: Question, chance: np.random.Generator | None) -> list[Task]:
    """Every visit with the windows of its turn, whole seconds; visits of one stop can never come too close.

    Raises Impossible where a stop's visits do not fit into the shift with their gaps.
    """
    start, end = min(car.start_s for car in question.cars), max(car.end_s for car in question.cars)
    found = []
    for stop in question.served:
        for turn in range(stop.visits):
            windows = _turn(stop, turn, start, end, chance)
            if not windows and stop.prize_s is None:
                raise Impossible(f"Visit {turn + 1} of stop {stop.stop_id} fits into none of its windows.")
            if windows:
                found.append(Task(stop, windows))
    return found


def _turn(
    stop: Stop, turn: int, start: float, end: float, chance: np.random.Generator | None
) -> tuple[tuple[int, int], ...]:
    """The windows of one visit: its share of the time, kept apart from its neighbours' by dwell and gap."""
    whole = stop.windows or ((start, end),)
    first, last = max(whole[0][0], start), min(max(b for _, b in whole), end)
    apart = stop.dwell_s + stop.gap_s
    share = (last - first - apart * (stop.visits - 1)) / stop.visits
    if share < 0:
        return ()
    low = first + turn * (share + apart)
    high = low + share
    if chance is not None:
        width = share / 3
        low += float(chance.random()) * (share - width)
        high = low + width
    cut = [(int(np.ceil(max(a, low))), int(min(b, high))) for a, b in whole]
    return tuple((a, b) for a, b in cut if a <= b)
