"""Rosters keep rest, leave and need, are proven, and the checker finds every planted violation."""

from dataclasses import replace

import pytest
from ortools.sat.python import cp_model

from jiean.engine.roster import Fault, Impossible, NobodyLeft, Person, Question, RosterError, Shift, roster, violations
from jiean.engine.roster.leading import led

DAY = Shift("day", 8 * 3600, 12 * 3600, 2)
NIGHT = Shift("night", 20 * 3600, 12 * 3600, 2, night=True)


def question(**changes):
    people = tuple(Person(i, i % 3, frozenset({2}) if i == 0 else frozenset(), no_nights=i == 1) for i in range(9))
    return replace(Question(6, (DAY, NIGHT), people, free_days=frozenset({4, 5})), **changes)


@pytest.fixture(scope="module")
def week():
    asked = question()
    return asked, roster(asked, seconds=300)


def test_a_roster_keeps_every_rule_and_is_proven(week):
    asked, found = week
    assert violations(asked, found.duties) == ()
    assert found.proven
    assert found.gap == 0
    assert len(found.duties) == 12
    assert all(duty.end_s - duty.begin_s == 12 * 3600 for duty in found.duties)


def test_the_spreads_and_loans_said_are_those_of_the_duties(week):
    asked, found = week
    nights = {person.person_id: 0 for person in asked.people if not person.no_nights}
    lent, team = 0, {person.person_id: person.team for person in asked.people}
    for duty in found.duties:
        lent += sum(team[person_id] != duty.team for person_id in duty.people)
        for person_id in duty.people:
            nights[person_id] = nights.get(person_id, 0) + (duty.shift == "night")
    assert lent == found.lent
    assert max(nights.values()) - min(nights[i] for i in nights if i != 0) <= found.nights_spread + 1


def test_a_team_shift_of_a_whole_day_goes_round_by_teams():
    people = tuple(Person(i, i % 3) for i in range(9))
    asked = Question(6, (Shift("duty", 8 * 3600, 24 * 3600, 3, night=True),), people)
    found = roster(asked, seconds=300)
    assert violations(asked, found.duties) == ()
    assert (found.lent, found.nights_spread, found.proven) == (0, 0, True)
    assert all({person_id % 3 for person_id in duty.people} == {duty.team} for duty in found.duties)


def test_teams_change_round_where_each_has_people_for_two_shifts():
    """Eight hours on and eleven of rest: no person goes from the evening to the night, but a team of eight has others who may."""
    shifts = (
        Shift("night", 0, 8 * 3600, 2, night=True),
        Shift("day", 8 * 3600, 8 * 3600, 3),
        Shift("evening", 16 * 3600, 8 * 3600, 3),
    )
    asked = Question(6, shifts, tuple(Person(i, i % 3) for i in range(24)))
    rota = led(cp_model, asked, 20.0)
    assert rota is not None
    assert {rota[d, 0] for d in range(6)} == {0, 1, 2}
    found = roster(asked, seconds=60)
    assert violations(asked, found.duties) == ()
    assert (found.proven, found.lent, found.nights_spread) == (True, 0, 1)


def test_rest_counts_from_the_night_before():
    people = tuple(Person(i, 0) for i in range(4))
    tired = Question(1, (DAY, NIGHT), people, before=((0, 0), (1, -3600)))
    found = roster(tired)
    assert violations(tired, found.duties) == ()
    assert set(found.duties[0].people) == {2, 3}


def test_what_cannot_be_is_refused():
    with pytest.raises(Impossible, match="proven"):
        roster(Question(2, (DAY, NIGHT), tuple(Person(i, 0) for i in range(4)), most_in_a_row=1))
    with pytest.raises(NobodyLeft, match="Day 2, shift day: 2 needed, 1"):
        Question(6, (DAY,), (Person(0, 0), Person(1, 0, frozenset({2}))))


@pytest.mark.parametrize(
    ("change", "words"),
    [({"days": 0}, "days is 0"), ({"shifts": ()}, "no shift"), ({"people": ()}, "nobody"), ({"rest_s": -1}, "rest_s"),
     ({"people": (Person(1, 0), Person(1, 0))}, "given twice: 1"), ({"before": ((99, 0),)}, "person 99")],
)  # fmt: skip
def test_questions_that_are_none_are_refused(change, words):
    with pytest.raises(RosterError, match=words):
        question(**change)
    with pytest.raises(RosterError, match="Shift x"):
        Shift("x", 90_000, 3600, 1)
    with pytest.raises(RosterError, match="need is 0"):
        Shift("x", 0, 3600, 0)


def test_every_planted_violation_is_found(week):
    asked, found = week

    def codes(duties):
        return {one.code for one in violations(asked, tuple(duties))}

    first, *rest = found.duties
    second = rest[0]
    assert Fault.MISSING in codes(rest)
    assert Fault.NEED in codes([replace(first, people=first.people[:1]), *rest])
    assert Fault.STRANGER in codes([replace(first, people=(first.people[0], 99)), *rest])
    assert Fault.REST in codes([first, replace(second, people=first.people), *rest[1:]])
    on_leave = [replace(duty, people=(0, duty.people[1])) if duty.day == 2 else duty for duty in found.duties]
    assert Fault.LEAVE in codes(on_leave)
    assert Fault.NIGHT in codes(
        [replace(d, people=(1, d.people[1])) if d.shift == "night" else d for d in found.duties]
    )
    assert Fault.IN_A_ROW in {
        one.code for one in violations(replace(asked, most_in_a_row=1), found.duties + tuple(
            replace(duty, people=(5, 6)) for duty in found.duties
        ))
    }  # fmt: skip
