"""What a car does when no call holds it: its hours, its breaks, and its round through the streets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jiean.engine.simulation.town import Floats, Scenario, Town

SLOT_MIN = 10
SLOTS = 24 * 60 // SLOT_MIN
THIRD = SLOTS // 3
"""Eight hours: each car rests once in every third of a day."""

OFF, ON, BREAK = 0, 1, 2


def duty_of(scenario: Scenario) -> npt.NDArray[np.int8]:
    """Off, on or on a break in every ten minutes of a day, (cars, SLOTS); breaks follow one another through the shift."""
    cars = len(scenario.posts)
    duty = np.full((cars, SLOTS), ON, np.int8)
    if scenario.on_duty is not None:
        hours = np.arange(SLOTS) * SLOT_MIN // 60
        for car, works in enumerate(scenario.on_duty):
            duty[car, ~np.isin(hours, list(works))] = OFF
    rests = round(scenario.break_min / SLOT_MIN)
    for car in range(cars if rests else 0):
        first = car * THIRD // cars
        for third in range(3):
            slots = (first + np.arange(rests)) % THIRD + third * THIRD
            duty[car, slots[duty[car, slots] == ON]] = BREAK
    return duty


def rounds_of(town: Town, scenario: Scenario) -> tuple[npt.NDArray[np.int64], Floats]:
    """The round of every car, its post first, (cars, stops), and the second at which each stay begins, (cars, stops + 1).

    A car goes through the nearest places of demand that lie nearer to its post than to any other, the next nearest each
    time; where these are too few, through the nearest there are.
    """
    cars, stops = len(scenario.posts), int(scenario.round_stops) + 1
    rounds = np.empty((cars, stops), np.int64)
    for car in range(cars):
        rounds[car] = _round(town, scenario.posts, car, stops)
    there = np.roll(rounds, -1, axis=1)
    spent = scenario.round_dwell_min * 60.0 + town.travel_s[rounds, there]
    return rounds, np.concatenate([np.zeros((cars, 1)), np.cumsum(spent, axis=1)], axis=1)


def _round(town: Town, posts: tuple[int, ...], car: int, stops: int) -> list[int]:
    post = posts[car]
    if stops == 1:
        return [post]
    wanted = np.flatnonzero(town.weight > 0)
    wanted = wanted[wanted != post]
    strange = town.travel_s[post, wanted] > town.travel_s[list(posts)][:, wanted].min(axis=0)
    nearest = wanted[np.lexsort((town.travel_s[post, wanted], strange))][: stops - 1]
    left, order = [int(place) for place in nearest], [post]
    while left:
        following = min(left, key=lambda place: float(town.travel_s[order[-1], place]))
        left.remove(following)
        order.append(following)
    return order + [post] * (stops - len(order))
