"""Does a plan keep every rule? Counted anew from the question alone; knows nothing of how the plan was made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from jiean.engine.patrol.problem import Car, Plan, Question, Route, Stop, Visit

SLACK_S = 1.0
"""Solvers count whole seconds."""


class Fault(StrEnum):
    """A rule that is not kept; `Violation.value` is in the unit named."""

    UNKNOWN_CAR = "unknown_car"  # 0
    CAR_TWICE = "car_twice"  # routes
    UNKNOWN_STOP = "unknown_stop"  # 0
    WRONG_WEATHER = "wrong_weather"  # 0
    TOO_FAST = "too_fast"  # seconds missing for the drive
    DWELL_SHORT = "dwell_short"  # seconds missing
    BEFORE_ARRIVAL = "before_arrival"  # seconds the visit begins before the car is there
    OUTSIDE_WINDOW = "outside_window"  # second of the day the visit begins
    BEFORE_SHIFT = "before_shift"  # seconds
    AFTER_SHIFT = "after_shift"  # seconds
    TOO_OFTEN = "too_often"  # visits
    TOO_SOON = "too_soon"  # seconds between two visits
    MUST_LEFT_OUT = "must_left_out"  # visits missing
    LEFT_OUT_WRONG = "left_out_wrong"  # visits said to be left out
    COST_WRONG = "cost_wrong"  # seconds the plan says
    DRIVE_WRONG = "drive_wrong"  # seconds the route says


@dataclass(frozen=True)
class Violation:
    """A broken rule, the car and stop concerned (None where it is neither), and the number that shows it."""

    code: Fault
    car_id: int | None
    stop_id: int | None
    value: float


def violations(question: Question, plan: Plan) -> tuple[Violation, ...]:
    """Every rule the plan breaks; empty for a sound plan."""
    cars, stops = {car.car_id: car for car in question.cars}, {stop.stop_id: stop for stop in question.stops}
    found, seen = [], set()
    for route in plan.routes:
        if route.car_id in seen:
            found.append(Violation(Fault.CAR_TWICE, route.car_id, None, 2))
        seen.add(route.car_id)
        if route.car_id not in cars:
            found.append(Violation(Fault.UNKNOWN_CAR, route.car_id, None, 0))
            continue
        unknown = [visit for visit in route.visits if visit.stop_id not in stops]
        found += [Violation(Fault.UNKNOWN_STOP, route.car_id, visit.stop_id, 0) for visit in unknown]
        if not unknown:
            found += _route(question, cars[route.car_id], route, stops)
    return (*found, *_frequency(question, plan), *_sums(question, plan))


def _route(question: Question, car: Car, route: Route, stops: dict[int, Stop]) -> Iterator[Violation]:
    here, now, driven = car.start_place, route.start_s, 0.0
    if route.start_s < car.start_s - SLACK_S:
        yield Violation(Fault.BEFORE_SHIFT, car.car_id, None, car.start_s - route.start_s)
    for visit in route.visits:
        stop = stops[visit.stop_id]
        drive = float(question.travel_s[here, stop.place])
        if not visit.arrive_s >= now + drive - SLACK_S:
            yield Violation(Fault.TOO_FAST, car.car_id, stop.stop_id, now + drive - visit.arrive_s)
        yield from _visit(question, car, stop, visit)
        here, now, driven = stop.leaves_from, visit.leave_s, driven + drive
    drive = float(question.travel_s[here, car.end_place])
    if not route.end_s >= now + drive - SLACK_S:
        yield Violation(Fault.TOO_FAST, car.car_id, None, now + drive - route.end_s)
    if route.end_s > car.end_s + SLACK_S:
        yield Violation(Fault.AFTER_SHIFT, car.car_id, None, route.end_s - car.end_s)
    idle = not route.visits and route.drive_s == 0
    if not idle and abs(driven + drive - route.drive_s) > SLACK_S * (len(route.visits) + 1):
        yield Violation(Fault.DRIVE_WRONG, car.car_id, None, route.drive_s)


def _visit(question: Question, car: Car, stop: Stop, visit: Visit) -> Iterator[Violation]:
    if question.weather not in stop.weather:
        yield Violation(Fault.WRONG_WEATHER, car.car_id, stop.stop_id, 0)
    if visit.begin_s < visit.arrive_s - SLACK_S:
        yield Violation(Fault.BEFORE_ARRIVAL, car.car_id, stop.stop_id, visit.arrive_s - visit.begin_s)
    if visit.leave_s - visit.begin_s < stop.dwell_s - SLACK_S:
        yield Violation(Fault.DWELL_SHORT, car.car_id, stop.stop_id, stop.dwell_s - visit.leave_s + visit.begin_s)
    if stop.windows and not any(a - SLACK_S <= visit.begin_s <= b + SLACK_S for a, b in stop.windows):
        yield Violation(Fault.OUTSIDE_WINDOW, car.car_id, stop.stop_id, visit.begin_s)


def _made(plan: Plan) -> dict[int, list[Visit]]:
    made: dict[int, list[Visit]] = defaultdict(list)
    for route in plan.routes:
        for visit in route.visits:
            made[visit.stop_id].append(visit)
    return made


def _frequency(question: Question, plan: Plan) -> Iterator[Violation]:
    made, said = _made(plan), dict(plan.left_out)
    for stop in question.served:
        visits = sorted(made[stop.stop_id], key=lambda visit: visit.begin_s)
        missing = stop.visits - len(visits)
        if missing < 0:
            yield Violation(Fault.TOO_OFTEN, None, stop.stop_id, len(visits))
        if missing > 0 and stop.prize_s is None:
            yield Violation(Fault.MUST_LEFT_OUT, None, stop.stop_id, missing)
        if max(missing, 0) != said.get(stop.stop_id, 0):
            yield Violation(Fault.LEFT_OUT_WRONG, None, stop.stop_id, said.get(stop.stop_id, 0))
        for before, after in pairwise(visits):
            if after.begin_s - before.leave_s < stop.gap_s - SLACK_S:
                yield Violation(Fault.TOO_SOON, None, stop.stop_id, after.begin_s - before.leave_s)


def _sums(question: Question, plan: Plan) -> Iterator[Violation]:
    prize = {stop.stop_id: stop.prize_s or 0.0 for stop in question.stops}
    lost = sum(prize.get(stop_id, 0.0) * count for stop_id, count in plan.left_out)
    driven = sum(route.drive_s for route in plan.routes)
    slack = SLACK_S * (sum(len(route.visits) + 1 for route in plan.routes) + len(plan.left_out))
    if abs(driven + lost - plan.cost_s) > slack or abs(driven - plan.drive_s) > slack:
        yield Violation(Fault.COST_WRONG, None, None, plan.cost_s)
