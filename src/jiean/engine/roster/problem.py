"""The shifts of a station, its teams and people, and the rules a roster has to keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jiean.engine.roster.errors import NobodyLeft, RosterError

Stop = Callable[[], bool]
DAY_S = 86_400


@dataclass(frozen=True)
class Shift:
    """A shift of every day: it begins `start_s` after midnight and may end on the next day.

    need : people on it, 1 or more; night : counts as a night where fairness is judged
    """

    code: str
    start_s: int
    length_s: int
    need: int
    night: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < DAY_S or not 0 < self.length_s <= DAY_S:
            raise RosterError(f"Shift {self.code}: it must begin within a day and last up to 24 hours.")
        if self.need < 1:
            raise RosterError(f"Shift {self.code}: need is {self.need}; 1 or more is needed.")


@dataclass(frozen=True)
class Person:
    """Somebody on the roster: no name, the id is the caller's. `leave` are days off, 0 for the first day."""

    person_id: int
    team: int
    leave: frozenset[int] = frozenset()
    no_nights: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked.

    days : 1 to 62; shifts : those of each day, by start; people : with their teams (any number of teams, three by custom)
    rest_s : least seconds between the end of one's shift and the start of the next
    most_in_a_row : working days without a day off; free_days : days counted as weekends or holidays, for fairness
    before : person_id to seconds before midnight of day 0 at which their last shift ended (negative: it runs into day 0)
    """

    days: int
    shifts: tuple[Shift, ...]
    people: tuple[Person, ...]
    rest_s: int = 11 * 3600
    most_in_a_row: int = 6
    free_days: frozenset[int] = frozenset()
    before: tuple[tuple[int, int], ...] = field(default=())

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 62:
            raise RosterError(f"days is {self.days}; 1 to 62 are possible.")
        if not self.shifts or not self.people:
            raise RosterError("There is no shift." if self.people else "There is nobody to work.")
        _check_once("shift", [shift.code for shift in self.shifts])
        _check_once("person", [person.person_id for person in self.people])
        if not 0 <= self.rest_s <= 2 * DAY_S or self.most_in_a_row < 1:
            raise RosterError("rest_s must lie within two days, and most_in_a_row must be 1 or more.")
        strange = {person_id for person_id, _ in self.before} - {person.person_id for person in self.people}
        if strange:
            raise RosterError(f"before names person {min(strange)}, who is not on the roster.")
        self._check_need()

    def _check_need(self) -> None:
        for day in range(self.days):
            for shift in self.shifts:
                able = sum(day not in p.leave and not (shift.night and p.no_nights) for p in self.people)
                if able < shift.need:
                    raise NobodyLeft(f"Day {day}, shift {shift.code}: {shift.need} needed, {able} may work it.")


def _check_once(word: str, ids: Sequence[object]) -> None:
    twice = [one for one, often in Counter(ids).items() if often > 1]
    if twice:
        raise RosterError(f"A {word} is given twice: {twice[0]}.")


@dataclass(frozen=True)
class Weights:
    """What counts, in points, each 0 to 1000.

    lent : a person working a shift another team leads; nights, free_days : a night or free day that the most burdened
    person works more than the least burdened; hours : the same for an hour
    """

    lent: int = 3
    nights: int = 10
    free_days: int = 10
    hours: int = 2


@dataclass(frozen=True)
class Duty:
    """Who works one shift of one day, and the team that leads it; `begin_s` and `end_s` count from midnight of day 0."""

    day: int
    shift: str
    team: int
    people: tuple[int, ...]
    begin_s: int
    end_s: int


@dataclass(frozen=True)
class Roster:
    """All duties by time, and what they cost.

    lent : people-shifts worked with another team; spreads : most less least among people, of nights, free days and hours
    cost, bound : points; gap : (cost - bound) / cost, 0 when proven
    """

    duties: tuple[Duty, ...]
    lent: int
    nights_spread: int
    free_days_spread: int
    hours_spread: float
    cost: float
    bound: float
    gap: float
    proven: bool
    weights: Weights
    seed: int
    cpu_s: float
