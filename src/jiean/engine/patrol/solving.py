"""PyVRP behind one function: tasks in, routes of whole visits out. Apart: the package is slow to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyvrp

from jiean.engine.patrol.errors import Impossible
from jiean.engine.patrol.problem import LATEST_S, Car, Question, Route, Visit

if TYPE_CHECKING:
    from jiean.engine.patrol.planning import Task

FAR = 4 * LATEST_S
"""Whole seconds of a way that does not exist: longer than any shift."""

Place = tuple["Task", tuple[int, int]]


def solved(
    question: Question, tasks: Sequence[Task], rounds: int, seed: int, stop: Callable[[], bool]
) -> tuple[tuple[Route, ...], int]:
    """Routes for every car of the question, in its order, and the rounds searched. Raises Impossible."""
    if not tasks:
        return tuple(_idle(question, car) for car in question.cars), 0
    data, visits = _data(question, tasks)
    made = 0

    def enough(best_cost: int) -> bool:
        nonlocal made
        made += 1
        return made > rounds or stop()

    found = pyvrp.solve(data, enough, seed=seed % 2**32, collect_stats=False)
    if not found.is_feasible():
        must = sorted({task.stop.stop_id for task in tasks if task.stop.prize_s is None})
        raise Impossible(f"No route keeps every rule; visits that must be made: stops {must}.")
    order: dict[int, tuple[int, list[int]]] = {}
    for route in found.best.routes():
        order[route.vehicle_type()] = (route.start_time(), [one.idx for one in route if one.is_client()])
    return tuple(
        _route(question, car, order[i][0], [visits[v] for v in order[i][1]]) if i in order else _idle(question, car)
        for i, car in enumerate(question.cars)
    ), min(made, rounds)


def _data(question: Question, tasks: Sequence[Task]) -> tuple[pyvrp.ProblemData, list[Place]]:
    """One location a task and one a depot; a task with several windows is a group of clients, one of which is served."""
    depots = list(dict.fromkeys(at for car in question.cars for at in (car.start_place, car.end_place)))
    clients: list[pyvrp.Client] = []
    groups: list[pyvrp.ClientGroup] = []
    visits: list[Place] = []
    for location, task in enumerate(tasks, start=len(depots)):
        single, must = len(task.windows) == 1, task.stop.prize_s is None
        if not single:
            groups.append(pyvrp.ClientGroup(list(range(len(clients), len(clients) + len(task.windows))), required=must))
        for early, late in task.windows:
            clients.append(pyvrp.Client(
                location, service_duration=int(np.ceil(task.stop.dwell_s)), tw_early=early, tw_late=late,
                prize=round(task.stop.prize_s or 0), required=must and single, group=None if single else len(groups) - 1,
            ))  # fmt: skip
            visits.append((task, (early, late)))
    out = [*depots, *(task.stop.leaves_from for task in tasks)]
    into = [*depots, *(task.stop.place for task in tasks)]
    seconds = question.travel_s[np.ix_(out, into)]
    whole: Any = np.where(np.isfinite(seconds), np.ceil(np.minimum(seconds, FAR)), FAR).astype(np.int64)
    np.fill_diagonal(whole, 0)
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in out], clients, [pyvrp.Depot(i) for i in range(len(depots))],
        [_vehicle(car, depots) for car in question.cars], [whole], [whole], groups,
    )  # fmt: skip
    return data, visits


def _vehicle(car: Car, depots: list[int]) -> pyvrp.VehicleType:
    return pyvrp.VehicleType(
        1, start_depot=depots.index(car.start_place), end_depot=depots.index(car.end_place),
        tw_early=int(np.ceil(car.start_s)), tw_late=int(car.end_s),
    )  # fmt: skip


def _route(question: Question, car: Car, start_s: int, order: list[Place]) -> Route:
    """The visits with their true times: the solver's whole seconds are never shorter."""
    here, now, driven, visits = car.start_place, max(float(start_s), car.start_s), 0.0, []
    begun = now
    for task, (early, _) in order:
        drive = float(question.travel_s[here, task.stop.place])
        arrive = now + drive
        begin = max(arrive, float(early))
        now, driven, here = begin + task.stop.dwell_s, driven + drive, task.stop.leaves_from
        visits.append(Visit(task.stop.stop_id, arrive, begin, now))
    drive = float(question.travel_s[here, car.end_place])
    return Route(car.car_id, tuple(visits), begun, now + drive, driven + drive)


def _idle(question: Question, car: Car) -> Route:
    away = float(question.travel_s[car.start_place, car.end_place])
    return Route(car.car_id, (), car.start_s, car.start_s + (away if np.isfinite(away) else 0.0), 0.0)
