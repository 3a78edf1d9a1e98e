"""Ranking units: every reason has its price, and the order follows the prices."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiean.engine.assign import Need, Parameters, Reason, Shortfall, UnitState, rank

CAR = UnitState(1, "patrol_car", on_duty=True, busy=False, travel_s=100, position_age_s=5)
QUARREL = Need("dispute", 3)


def codes(ranked):
    return [finding.code for finding in ranked.reasons]


def test_the_nearer_of_two_equal_units_comes_first():
    first, second = rank([replace(CAR, unit_id=2, travel_s=90), CAR], QUARREL)
    assert (first.unit_id, first.rank, first.cost_s) == (2, 1, 90)
    assert (second.unit_id, second.rank) == (1, 2)


def test_a_fitting_class_beats_a_slightly_nearer_one():
    team = replace(CAR, unit_id=2, unit_class="ptu", travel_s=20)
    assert [one.unit_id for one in rank([team, CAR], QUARREL)] == [1, 2]
    assert [one.unit_id for one in rank([team, CAR], Need("violence", 1))] == [2, 1]


@pytest.mark.parametrize(
    ("change", "code", "cost_s"),
    [
        ({"unit_class": "volunteer"}, Reason.CLASS_WEAK, 190),
        ({"position_age_s": 180.0}, Reason.POSITION_OLD, 130),
        ({"position_age_s": 9e9}, Reason.POSITION_OLD, 400),
        ({"on_duty_s": 9 * 3600.0}, Reason.LONG_ON_DUTY, 145),
        ({"since_cleared_s": 60.0}, Reason.SHORT_REST, 130),
        ({"coverage_lost": 0.25}, Reason.COVERAGE_LOST, 130),
    ],
)
def test_what_a_weakness_costs(change, code, cost_s):
    (found,) = rank([replace(CAR, **change)], QUARREL)
    assert code in codes(found)
    assert found.cost_s == pytest.approx(cost_s)


def test_what_is_left_behind_does_not_delay_an_urgent_call():
    last_one = replace(CAR, unit_id=2, travel_s=95, coverage_lost=0.4)
    assert [one.unit_id for one in rank([last_one, CAR], QUARREL)] == [1, 2]
    urgent = rank([last_one, CAR], Need("violence", 2))
    assert [one.unit_id for one in urgent] == [2, 1]
    assert Reason.COVERAGE_LOST in codes(urgent[0]), "it is said all the same"


def test_missing_skills_are_named_and_cost_each():
    need = Need("dispute", 3, frozenset({"negotiation", "dialect"}))
    (found,) = rank([replace(CAR, skills=frozenset({"dialect"}))], need)
    missing = next(finding for finding in found.reasons if finding.code is Reason.SKILL_MISSING)
    assert missing.words == ("negotiation",)
    assert found.cost_s == 220


@pytest.mark.parametrize(
    ("change", "shortfall"),
    [
        ({"on_duty": False}, Shortfall.OFF_DUTY),
        ({"busy": True}, Shortfall.BUSY),
        ({"declined": True}, Shortfall.DECLINED),
    ],
)
def test_a_unit_that_cannot_be_sent_stands_last_and_says_why(change, shortfall):
    near = replace(CAR, unit_id=9, **({"travel_s": 1.0} | change))
    first, last = rank([near, replace(CAR, travel_s=2000)], QUARREL)
    assert first.unit_id == 1
    assert last.shortfalls == (shortfall,)
    assert last.cost_s is None


@pytest.mark.parametrize(
    ("change", "shortfall"),
    [
        ({"position_age_s": None, "travel_s": None}, Shortfall.NO_POSITION),
        ({"travel_s": None}, Shortfall.NO_ROAD),
    ],
)
def test_a_unit_without_a_travel_time_may_go_but_stands_behind_the_known(change, shortfall):
    first, second, last = rank(
        [replace(CAR, unit_id=9, **change), replace(CAR, travel_s=3000), replace(CAR, unit_id=3, busy=True)], QUARREL
    )
    assert (first.unit_id, second.unit_id, last.unit_id) == (1, 9, 3)
    assert second.shortfalls == (shortfall,)
    assert second.cost_s == 3600


def test_parameters_and_needs_check_themselves():
    with pytest.raises(ValueError, match="penalties"):
        Parameters(class_weak_s=-1)
    with pytest.raises(ValueError, match="grade"):
        Need("dispute", 5)


states = st.builds(
    UnitState,
    unit_id=st.integers(1, 50),
    unit_class=st.sampled_from(["patrol_car", "ptu", "foot", "volunteer"]),
    on_duty=st.booleans(),
    busy=st.booleans(),
    travel_s=st.none() | st.floats(0, 3600),
    position_age_s=st.none() | st.floats(0, 1e6),
    on_duty_s=st.floats(0, 1e5),
    since_cleared_s=st.none() | st.floats(0, 1e5),
)


@given(st.lists(states, unique_by=lambda unit: unit.unit_id), st.randoms())
def test_order_is_by_cost_and_does_not_depend_on_the_input_order(units, chance):
    ranked = rank(units, QUARREL)
    assert [one.rank for one in ranked] == list(range(1, len(units) + 1))
    costs = [one.cost_s for one in ranked]
    ready = [cost for cost in costs if cost is not None]
    assert ready == sorted(ready)
    assert all(cost is None for cost in costs[len(ready) :])
    chance.shuffle(units)
    assert rank(units, QUARREL) == ranked
