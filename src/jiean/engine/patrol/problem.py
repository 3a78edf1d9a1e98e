"""What a patrol is asked to do: stops with dwell, windows, frequency and prizes; cars with shifts; roads and weather."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from jiean.engine.patrol.errors import NoCars, PatrolError

Floats = npt.NDArray[np.float64]

LATEST_S = 3 * 86400
"""Times are seconds after midnight of the day the shift begins; a night shift simply runs past 86,400."""


class Weather(StrEnum):
    """The two sets a stop may belong to."""

    DRY = "dry"
    RAIN = "rain"


BOTH = frozenset(Weather)


@dataclass(frozen=True)
class Stop:
    """A key point, or the start of a hot stretch that is driven slowly along during the dwell.

    place : row of `Question.travel_s`; end_place : where a hot stretch ends, the same place for a point
    dwell_s : seconds spent; windows : (start, end) within which a visit must BEGIN; none means the whole shift
    visits : how often in the shift; gap_s : least seconds from leaving one visit to beginning the next
    prize_s : what one visit left out costs, in seconds of driving; None for a visit that must be made
    weather : the sets it belongs to
    """

    stop_id: int
    place: int
    dwell_s: float
    end_place: int | None = None
    windows: tuple[tuple[float, float], ...] = ()
    visits: int = 1
    gap_s: float = 1800.0
    prize_s: float | None = 1800.0
    weather: frozenset[Weather] = BOTH

    def __post_init__(self) -> None:
        name = f"Stop {self.stop_id}"
        if not 0 <= self.dwell_s <= LATEST_S or not 0 <= self.gap_s <= LATEST_S:
            raise PatrolError(f"{name}: dwell_s and gap_s must lie in [0, {LATEST_S}] seconds.")
        if not 1 <= self.visits <= 48:
            raise PatrolError(f"{name}: visits is {self.visits}; 1 to 48 are possible.")
        if self.prize_s is not None and not 0 <= self.prize_s <= 1e6:
            raise PatrolError(f"{name}: prize_s must lie in [0, 1,000,000] seconds, or be None.")
        for start, end in self.windows:
            if not 0 <= start <= end <= LATEST_S:
                raise PatrolError(f"{name}: the window {start:.0f} to {end:.0f} is no window.")

    @property
    def leaves_from(self) -> int:
        """The place a car leaves from after the visit."""
        return self.place if self.end_place is None else self.end_place


@dataclass(frozen=True)
class Car:
    """A car's shift: it starts at `start_place` not before `start_s` and is at `end_place` not after `end_s`."""

    car_id: int
    start_place: int
    end_place: int
    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s <= LATEST_S:
            raise PatrolError(f"Car {self.car_id}: the shift {self.start_s:.0f} to {self.end_s:.0f} is no shift.")


@dataclass(frozen=True, eq=False)
class Question:
    """Stops, cars and the roads of one weather.

    travel_s : float64 (places, places) seconds between places under this weather, zero or more, infinite for no way
    weather : the set of stops to serve; the others are left alone
    """

    stops: tuple[Stop, ...]
    cars: tuple[Car, ...]
    travel_s: Floats
    weather: Weather = Weather.DRY

    def __post_init__(self) -> None:
        if not self.cars:
            raise NoCars("There is no car to send on patrol.")
        _check_ids("car", [car.car_id for car in self.cars])
        _check_ids("stop", [stop.stop_id for stop in self.stops])
        shape = self.travel_s.shape
        if len(shape) != 2 or shape[0] != shape[1] or not shape[0]:
            raise PatrolError(f"travel_s must be square and not empty; its shape is {shape}.")
        wrong = np.isnan(self.travel_s) | (self.travel_s < 0)
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise PatrolError(f"travel_s from place {row} to place {column} is negative or no number.")
        for name, place in self._places():
            if not 0 <= place < shape[0]:
                raise PatrolError(f"{name} names place {place}; they are numbered 0 to {shape[0] - 1}.")

    def _places(self) -> list[tuple[str, int]]:
        stops = [(f"Stop {stop.stop_id}", place) for stop in self.stops for place in (stop.place, stop.leaves_from)]
        return stops + [(f"Car {car.car_id}", at) for car in self.cars for at in (car.start_place, car.end_place)]

    @property
    def served(self) -> tuple[Stop, ...]:
        """The stops of this weather."""
        return tuple(stop for stop in self.stops if self.weather in stop.weather)


def _check_ids(word: str, ids: list[int]) -> None:
    twice = {one for one in ids if ids.count(one) > 1} if len(set(ids)) < len(ids) else set()
    if twice:
        raise PatrolError(f"The {word} {min(twice)} is given twice.")


@dataclass(frozen=True)
class Visit:
    """One visit: the car arrives, begins (perhaps after waiting for the window), and leaves when the dwell is over."""

    stop_id: int
    arrive_s: float
    begin_s: float
    leave_s: float


@dataclass(frozen=True)
class Route:
    """One car's visits in order; it leaves `start_place` at `start_s` and is at `end_place` at `end_s`."""

    car_id: int
    visits: tuple[Visit, ...]
    start_s: float
    end_s: float
    drive_s: float


@dataclass(frozen=True)
class Plan:
    """A route for every car (an idle car has no visits), in the order of `Question.cars`.

    left_out : stop_id and how many of its visits nobody makes, ascending
    cost_s : seconds driven plus the prizes of the visits left out: what was minimised
    drawn : whether times were drawn by chance, so that tomorrow's differ
    """

    routes: tuple[Route, ...]
    left_out: tuple[tuple[int, int], ...]
    cost_s: float
    drive_s: float
    weather: Weather
    drawn: bool
    rounds: int
    cpu_s: float
