"""Patrol plans pass the checker, and the checker finds every planted violation."""

from dataclasses import replace

import numpy as np
import pytest

from jiean.engine.patrol import Car, Fault, Impossible, NoCars, PatrolError, Question, Stop, Weather, plan, violations
from jiean.engine.patrol.problem import LATEST_S

TEN_PM = 79_200.0


def question(**changes):
    """Twelve cars of a night shift over midnight, thirty stops of every sort."""
    chance = np.random.default_rng(1)
    place = chance.random((33, 2)) * 6000
    travel_s = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) / 8
    stops = [Stop(i, 3 + i, 600.0) for i in range(18)]
    stops += [Stop(i, 3 + i, 300.0, end_place=4 + i, windows=((TEN_PM + 3600, TEN_PM + 7200),)) for i in range(18, 22)]
    stops += [
        Stop(i, 3 + i, 300.0, windows=((TEN_PM, TEN_PM + 900), (TEN_PM + 9000, TEN_PM + 9900))) for i in range(22, 24)
    ]
    stops += [Stop(i, 3 + i, 300.0, visits=3, gap_s=2400.0) for i in range(24, 27)]
    stops += [
        Stop(27, 30, 300.0, weather=frozenset({Weather.RAIN})),
        Stop(28, 31, 300.0, weather=frozenset({Weather.DRY})),
    ]
    stops += [Stop(29, 32, 300.0, prize_s=None)]
    cars = tuple(Car(k, k % 3, k % 3, TEN_PM, TEN_PM + 4 * 3600) for k in range(12))
    return replace(Question(tuple(stops), cars, travel_s), **changes)


@pytest.fixture(scope="module")
def night():
    asked = question()
    return asked, plan(asked)


def visited(found):
    return [visit.stop_id for route in found.routes for visit in route.visits]


def test_a_quick_plan_keeps_every_rule(night):
    asked, found = night
    assert violations(asked, found) == ()
    assert [route.car_id for route in found.routes] == list(range(12))
    assert found.left_out == ()
    assert 27 not in visited(found)
    assert visited(found).count(24) == 3
    assert max(route.end_s for route in found.routes) > 86_400 > min(route.start_s for route in found.routes)


def test_rain_serves_the_other_set():
    asked = question(weather=Weather.RAIN)
    found = plan(asked)
    assert violations(asked, found) == ()
    assert 27 in visited(found)
    assert 28 not in visited(found)


def test_equal_questions_get_equal_plans(night):
    assert plan(night[0]).routes == night[1].routes


def test_times_drawn_by_chance_differ_and_keep_the_rules(night):
    asked, fixed = night
    first, second = (plan(asked, chance=np.random.default_rng(seed)) for seed in (1, 2))
    assert violations(asked, first) == violations(asked, second) == ()
    begins = [
        {visit.stop_id: visit.begin_s for route in one.routes for visit in route.visits} for one in (first, second)
    ]
    moved = [abs(begins[0][stop] - begins[1][stop]) > 300 for stop in begins[0].keys() & begins[1].keys()]
    assert sum(moved) > len(moved) / 2
    assert first.drawn
    assert not fixed.drawn


def test_too_much_work_leaves_the_cheapest_prizes_out():
    one = np.array([[0.0, 100.0], [100.0, 0.0]])
    stops = tuple(Stop(i, 1, 1000.0, prize_s=500.0 * (i + 1)) for i in range(4))
    asked = Question(stops, (Car(7, 0, 0, 0.0, 2300.0),), one)
    found = plan(asked)
    assert violations(asked, found) == ()
    assert found.left_out == ((0, 1), (1, 1))
    assert found.cost_s == pytest.approx(200 + 500 + 1000)


def test_what_must_be_and_cannot_is_named():
    roads = np.array([[0.0, np.inf], [np.inf, 0.0]])
    asked = Question((Stop(5, 1, 60.0, prize_s=None),), (Car(1, 0, 0, 0.0, 3600.0),), roads)
    with pytest.raises(Impossible, match="5"):
        plan(asked)
    crowded = Question((Stop(6, 0, 600.0, visits=6, prize_s=None),), (Car(1, 0, 0, 0.0, 3600.0),), np.zeros((1, 1)))
    with pytest.raises(Impossible, match="Visit 1 of stop 6"):
        plan(crowded)
    optional = replace(asked, stops=(Stop(5, 1, 60.0, prize_s=10.0),))
    assert plan(optional).left_out == ((5, 1),)


def test_no_stops_leave_the_cars_at_home():
    asked = question(stops=())
    found = plan(asked)
    assert violations(asked, found) == ()
    assert visited(found) == []


def planted(asked, found, kind):
    """The plan with one rule broken."""
    routes = list(found.routes)
    k = next(i for i, route in enumerate(routes) if len(route.visits) >= 2)
    route = routes[k]
    first, second, *_ = route.visits
    changed = {
        Fault.TOO_FAST: replace(route, visits=(first, replace(second, arrive_s=first.leave_s - 1e4), *route.visits[2:])),
        Fault.DWELL_SHORT: replace(route, visits=(replace(first, leave_s=first.begin_s), *route.visits[1:])),
        Fault.BEFORE_ARRIVAL: replace(route, visits=(replace(first, begin_s=first.arrive_s - 60), *route.visits[1:])),
        Fault.BEFORE_SHIFT: replace(route, start_s=route.start_s - 1e4),
        Fault.AFTER_SHIFT: replace(route, end_s=TEN_PM + 5 * 3600),
        Fault.UNKNOWN_STOP: replace(route, visits=(replace(first, stop_id=99), *route.visits[1:])),
        Fault.UNKNOWN_CAR: replace(route, car_id=99),
        Fault.WRONG_WEATHER: replace(route, visits=(replace(first, stop_id=27), *route.visits[1:])),
        Fault.MUST_LEFT_OUT: route,
        Fault.DRIVE_WRONG: replace(route, drive_s=route.drive_s + 500),
        Fault.TOO_OFTEN: replace(route, visits=(*route.visits, first)),
        Fault.LEFT_OUT_WRONG: replace(route, visits=route.visits[1:]),
    }  # fmt: skip
    if kind is Fault.MUST_LEFT_OUT:
        return replace(found, routes=tuple(
            replace(one, visits=tuple(visit for visit in one.visits if visit.stop_id != 29)) for one in routes
        ))  # fmt: skip
    routes[k] = changed[kind]
    return replace(found, routes=tuple(routes))


@pytest.mark.parametrize("kind", [
    Fault.TOO_FAST, Fault.DWELL_SHORT, Fault.BEFORE_ARRIVAL, Fault.BEFORE_SHIFT, Fault.AFTER_SHIFT, Fault.UNKNOWN_STOP,
    Fault.UNKNOWN_CAR, Fault.WRONG_WEATHER, Fault.MUST_LEFT_OUT, Fault.DRIVE_WRONG, Fault.TOO_OFTEN, Fault.LEFT_OUT_WRONG,
])  # fmt: skip
def test_every_planted_violation_is_found(night, kind):
    asked, found = night
    assert kind in {one.code for one in violations(asked, planted(asked, found, kind))}


def test_windows_gaps_costs_and_doubled_cars_are_checked_too(night):
    asked, found = night
    shut = replace(asked, stops=tuple(replace(stop, windows=((0.0, 1.0),)) for stop in asked.stops))
    assert Fault.OUTSIDE_WINDOW in {one.code for one in violations(shut, found)}
    strict = replace(asked, stops=tuple(replace(stop, gap_s=8000.0) for stop in asked.stops))
    assert Fault.TOO_SOON in {one.code for one in violations(strict, found)}
    assert Fault.COST_WRONG in {one.code for one in violations(asked, replace(found, cost_s=0.0))}
    doubled = replace(found, routes=(found.routes[0], *found.routes))
    assert Fault.CAR_TWICE in {one.code for one in violations(asked, doubled)}


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [({"cars": ()}, NoCars, "no car"), ({"travel_s": np.zeros((2, 3))}, PatrolError, "square"),
     ({"travel_s": np.full((33, 33), -1.0)}, PatrolError, "place 0 to place 0"),
     ({"travel_s": np.full((33, 33), np.nan)}, PatrolError, "negative or no number"),
     ({"travel_s": np.zeros((5, 5))}, PatrolError, "Stop 2 names place 5"),
     ({"cars": (Car(1, 0, 0, 0.0, 1.0),) * 2}, PatrolError, "car 1 is given twice")],
)  # fmt: skip
def test_questions_that_are_none_are_refused(change, error, words):
    with pytest.raises(error, match=words):
        question(**change)


@pytest.mark.parametrize(
    "wrong",
    [{"dwell_s": -1.0}, {"visits": 0}, {"prize_s": -5.0}, {"windows": ((5.0, 1.0),)}, {"dwell_s": float("nan")}],
)
def test_stops_and_cars_check_themselves(wrong):
    with pytest.raises(PatrolError, match="Stop 3"):
        Stop(**({"stop_id": 3, "place": 0, "dwell_s": 60.0} | wrong))
    with pytest.raises(PatrolError, match="Car 4"):
        Car(4, 0, 0, 10.0, float(LATEST_S + 1))
