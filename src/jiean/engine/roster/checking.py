"""Does a roster keep every rule? Counted anew from the question alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from jiean.engine.roster.problem import DAY_S, Duty, Person, Question


class Fault(StrEnum):
    """A rule that is not kept; `Violation.value` is in the unit named."""

    NEED = "need"  # people on the shift
    MISSING = "missing"  # 0: a shift nobody was given
    STRANGER = "stranger"  # 0: somebody who is not on the roster
    LEAVE = "leave"  # 0
    NIGHT = "night"  # 0: works no nights
    REST = "rest"  # seconds between two shifts
    IN_A_ROW = "in_a_row"  # working days


@dataclass(frozen=True)
class Violation:
    """A broken rule, the day, shift and person concerned, and the number that shows it."""

    code: Fault
    day: int
    shift: str
    person_id: int | None
    value: float


def violations(question: Question, duties: tuple[Duty, ...]) -> tuple[Violation, ...]:
    """Every rule these duties break; empty for a sound roster."""
    people = {person.person_id: person for person in question.people}
    mine: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        for person_id in duty.people:
            mine[person_id].append(duty)
    found = list(_need(question, duties))
    for person_id, own in mine.items():
        if person_id not in people:
            found.append(Violation(Fault.STRANGER, own[0].day, own[0].shift, person_id, 0))
        else:
            found += _person(question, people[person_id], sorted(own, key=lambda duty: duty.begin_s))
    return tuple(found)


def _need(question: Question, duties: tuple[Duty, ...]) -> Iterator[Violation]:
    given = {(duty.day, duty.shift): duty for duty in duties}
    for day in range(question.days):
        for shift in question.shifts:
            duty = given.get((day, shift.code))
            if duty is None:
                yield Violation(Fault.MISSING, day, shift.code, None, 0)
            elif len(set(duty.people)) != shift.need or len(duty.people) != shift.need:
                yield Violation(Fault.NEED, day, shift.code, None, len(duty.people))


def _person(question: Question, person: Person, own: list[Duty]) -> Iterator[Violation]:
    night = {shift.code for shift in question.shifts if shift.night}
    for duty in own:
        if duty.day in person.leave:
            yield Violation(Fault.LEAVE, duty.day, duty.shift, person.person_id, 0)
        if person.no_nights and duty.shift in night:
            yield Violation(Fault.NIGHT, duty.day, duty.shift, person.person_id, 0)
    ended = dict(question.before).get(person.person_id)
    if ended is not None and own and own[0].begin_s + ended < question.rest_s:
        yield Violation(Fault.REST, own[0].day, own[0].shift, person.person_id, own[0].begin_s + ended)
    for one, other in pairwise(own):
        if other.begin_s - one.end_s < question.rest_s:
            yield Violation(Fault.REST, other.day, other.shift, person.person_id, other.begin_s - one.end_s)
    yield from _row(question, person, sorted({duty.begin_s // DAY_S for duty in own}))


def _row(question: Question, person: Person, days: list[int]) -> Iterator[Violation]:
    run = 1
    for before, day in pairwise(days):
        run = run + 1 if day == before + 1 else 1
        if run > question.most_in_a_row:
            yield Violation(Fault.IN_A_ROW, day, "", person.person_id, run)
