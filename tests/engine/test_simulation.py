"""The twin against exact answers: Erlang, the hypercube of the textbook, and the board's own rule."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jiean.engine import assign, policy
from jiean.engine.simulation import Scenario, SimulationError, Town, difference, draw, estimate, play, simulate
from jiean.engine.simulation import compiled as simulation_compiled
from jiean.engine.simulation.duty import rounds_of
from jiean.engine.simulation.erlang import blocked, mean_wait, waits
from jiean.engine.simulation.hypercube import solve
from jiean.engine.simulation.posting import bound, points, scenario_of
from jiean.engine.simulation.scenario_file import headline_plan, parse
from jiean.engine.simulation.study import study


@pytest.mark.parametrize(
    ("servers", "load", "share", "wait"),
    [(2, 1, 0.333333, None), (3, 1.5, 0.236842, None), (5, 4, 0.554113, 0.554113), (10, 8, 0.409180, 0.204590),
     (12, 6, 0.022474, 0.003746), (12, 9.6, 0.368842, 0.153684)],
)  # fmt: skip
def test_erlang_c(servers, load, share, wait):
    assert waits(servers, load) == pytest.approx(share, abs=5e-7)
    if wait is not None:
        assert mean_wait(servers, load) == pytest.approx(wait, abs=5e-7)


@pytest.mark.parametrize(("servers", "load", "share"), [(12, 6, 0.011365), (12, 9.6, 0.104647), (10, 8, 0.121661)])
def test_erlang_b(servers, load, share):
    assert blocked(servers, load) == pytest.approx(share, abs=5e-7)


def test_an_overloaded_pool_is_refused():
    with pytest.raises(SimulationError, match="grows for ever"):
        waits(3, 3.0)


def textbook_city():
    """Larson and Odoni (1981), Urban Operations Research, section 5.4: areas of 0.75, 0.35 and 0.40 calls, mu = 1."""
    rates = [0.25, 0.25, 0.25, 0.35, 0.40]
    preference = [[0, 1, 2], [0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]]
    return rates, preference


def test_the_textbook_hypercube():
    found = solve(*textbook_city(), 1.0)
    assert found.workload == pytest.approx([0.5574, 0.4734, 0.4693], abs=5e-5)
    assert found.queued == pytest.approx(0.23684, abs=5e-6)
    own = [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2)]
    # the book counts a queued call as crossing with 2 chances in 3
    assert 1 - sum(found.sent[atom, unit] for atom, unit in own) == pytest.approx(0.4353, abs=1e-4)
    assert found.sent[0, 0] == pytest.approx(0.0869, abs=5e-5)


def test_the_hypercube_of_one_pool_is_erlang():
    chance = np.random.default_rng(1)
    order = np.array([chance.permutation(6) for _ in range(9)])
    rates = chance.random(9)
    rates *= 3.0 / rates.sum()
    assert solve(rates, order, 1.0).queued == pytest.approx(waits(6, 3.0), rel=1e-9)
    assert solve(rates, order, 1.0, queue=False).queued == pytest.approx(blocked(6, 3.0), rel=1e-9)
    assert solve(rates, order, 1.0).workload.sum() == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("rates", "preference", "words"),
    [([], [], "rates"), ([1.0], [[0, 0]], "every unit once"), ([-1.0], [[0]], "rates"), ([2.0], [[0]], "for ever"),
     ([1.0], [list(range(13))], "1 to 12 units")],
)  # fmt: skip
def test_the_hypercube_names_what_is_wrong(rates, preference, words):
    with pytest.raises(SimulationError, match=words):
        solve(rates, preference, 1.0)


def pool(load_a_day, places=1):
    """A town without distances: what is left is Erlang's pool."""
    zero = np.zeros((places, places))
    even = np.full(places, 1 / places)
    return Town(zero, even, np.full(24, load_a_day / 24), np.array([0.5, 0.5]), 0, np.arange(places), even, even)


def queue_of(units, load, days=400):
    """Exponential work of an hour; the share that waits and the mean wait, replication by replication."""
    scenario = Scenario((0,) * units, handling_s=0, on_scene_min=60, on_scene_shape=1, urgent_share=0)
    town, rows = pool(load * 24), []
    for stream in np.random.SeedSequence(5).spawn(12):
        trace = play(town, scenario, draw(town, scenario, days, np.random.default_rng(stream)))
        wait = trace.sent_s - trace.calls.call_s
        rows.append((np.mean(wait > 1e-6), wait.mean() / 3600))
    return np.array(rows).T


@pytest.mark.parametrize(("units", "load"), [(2, 1.0), (5, 4.0), (12, 9.6)])
def test_the_loop_waits_as_erlang_says(units, load):
    share, wait = (estimate(values) for values in queue_of(units, load))
    # three half-widths of a 95 % interval: the seed is fixed, so this either holds or the loop is wrong
    assert abs(share.mean - waits(units, load)) < 3 * share.half_width
    assert abs(wait.mean - mean_wait(units, load)) < 3 * wait.half_width


def test_the_loop_sends_as_the_hypercube_says():
    rates, preference = textbook_city()
    travel = np.zeros((8, 8))
    for atom, order in enumerate(preference):
        for rank, unit in enumerate(order):
            travel[5 + unit, atom] = rank * 1e-3  # a preference and next to no time
    weight = np.concatenate([np.array(rates) / 1.5, np.zeros(3)])
    town = Town(travel, weight, np.full(24, 1.5), np.array([0.5, 0.5]), 5, np.arange(5, 8), weight, weight)
    scenario = Scenario((5, 6, 7), handling_s=0, on_scene_min=60, on_scene_shape=1, urgent_share=0)
    rows = []
    for stream in np.random.SeedSequence(6).spawn(12):
        trace = play(town, scenario, draw(town, scenario, 600, np.random.default_rng(stream)))
        rows.append(trace.busy_s / (600 * 86400))
    for unit, exact in enumerate(solve(rates, preference, 1.0).workload):
        seen = estimate(np.array(rows)[:, unit])
        assert abs(seen.mean - exact) < 3 * seen.half_width


def grid_town(side=5, minutes=2.0, per_day=48):
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(side), np.arange(side)))
    travel = (np.abs(x[:, None] - x) + np.abs(y[:, None] - y)) * 60 * minutes
    even = np.full(side * side, 1 / side**2)
    return Town(travel, even, np.full(24, per_day / 24), np.array([0.3, 0.7]), 12, np.arange(side * side), x, y)


def test_the_nearest_free_car_goes_and_arrives_by_road():
    town = grid_town(per_day=0.5)
    scenario = Scenario((0, 24), handling_s=60)
    trace = play(town, scenario, draw(town, scenario, 400, np.random.default_rng(3)))
    near = np.minimum(town.travel_s[0, trace.calls.place], town.travel_s[24, trace.calls.place])
    lonely = np.diff(np.concatenate([[-1e9], trace.calls.call_s])) > 4 * 3600
    assert lonely.sum() > 50
    np.testing.assert_allclose((trace.arrived_s - trace.calls.call_s)[lonely], 60 + near[lonely])


def test_apart_each_force_serves_its_own():
    town = grid_town()
    scenario = Scenario((12,) * 4, pooled=False)
    trace = play(town, scenario, draw(town, scenario, 30, np.random.default_rng(4)))
    np.testing.assert_array_equal(trace.unit >= 2, trace.calls.group == 1)


def test_nobody_is_sent_off_duty_and_calls_wait_for_the_shift():
    town = grid_town()
    duty = (frozenset(range(8, 20)),) * 3
    scenario = Scenario((0, 12, 24), on_duty=duty)
    trace = play(town, scenario, draw(town, scenario, 40, np.random.default_rng(5)))
    assert np.isfinite(trace.arrived_s[:-60]).all()
    assert set((trace.sent_s[:-60] // 3600 % 24).astype(int)) <= set(range(8, 20))


def test_the_same_seed_gives_the_same_and_pairs_share_their_calls():
    town = grid_town()
    one, two = Scenario((12,) * 3), Scenario((6, 12, 18))
    first, again, other = (simulate(town, s, days=20, replications=5) for s in (one, one, two))
    np.testing.assert_array_equal(first.shares, again.shares)
    assert first.calls == other.calls
    gain = difference(first, other)
    assert gain.mean == pytest.approx(other.share.mean - first.share.mean)
    with pytest.raises(SimulationError, match="same seed"):
        difference(first, simulate(town, two, days=20, replications=6))


def test_a_declined_order_costs_the_wait_and_goes_to_another_car():
    town = grid_town(per_day=0.5)
    keen = Scenario((0, 24), handling_s=60)
    slow = replace(keen, declined_share=0.5, decline_s=90)
    calls = draw(town, slow, 400, np.random.default_rng(3))
    plain, refused = play(town, keen, replace(calls, declined=calls.declined & False)), play(town, slow, calls)
    lonely = np.diff(np.concatenate([[-1e9], calls.call_s])) > 4 * 3600
    said_no = lonely & calls.declined
    assert said_no.sum() > 20
    np.testing.assert_allclose((refused.sent_s - calls.call_s)[said_no], 60 + 90)
    assert (refused.unit[said_no] != plain.unit[said_no]).all()
    np.testing.assert_allclose(refused.arrived_s[lonely & ~calls.declined], plain.arrived_s[lonely & ~calls.declined])


def test_one_car_alone_is_asked_again_after_it_declined():
    town = grid_town(per_day=2)
    scenario = Scenario((12,), declined_share=0.9)
    trace = play(town, scenario, draw(town, scenario, 60, np.random.default_rng(3)))
    assert np.isfinite(trace.arrived_s).all()


def test_nobody_is_sent_in_a_break_but_to_an_urgent_call():
    town = grid_town(per_day=24)
    scenario = Scenario((12,), break_min=60, urgent_share=0.3)
    calls = draw(town, scenario, 60, np.random.default_rng(5))
    trace = play(town, scenario, calls)
    resting = trace.sent_s % (8 * 3600) < 3600  # the one car rests in the first hour of every third of a day
    assert resting.sum() > 20
    assert set(calls.grade[resting]) == {1}


def test_cars_on_a_round_are_on_the_way_between_its_stops():
    town = grid_town(per_day=0.5)
    scenario = Scenario((0, 24), handling_s=0, round_stops=4, round_dwell_min=0)
    calls = draw(town, scenario, 400, np.random.default_rng(3))
    trace = play(town, scenario, calls)
    lonely = np.diff(np.concatenate([[-1e9], calls.call_s])) > 4 * 3600
    response = (trace.arrived_s - calls.call_s)[lonely]
    rounds, legs = rounds_of(town, scenario)
    assert rounds[:, 0].tolist() == [0, 24]
    assert legs[0, -1] == town.travel_s[rounds[0], np.roll(rounds[0], -1)].sum()
    assert (response % 120 > 1e-6).mean() > 0.5, "most are met between two stops, not at one"
    farthest = town.travel_s[rounds.ravel()][:, calls.place[lonely]].max(axis=0)
    assert (response <= farthest + 1e-6).all()


def test_a_price_on_coverage_sends_the_car_that_leaves_less_behind():
    """Two cars at one post and one alone nearer to the call: without a price the lone one goes, with it one of the two."""
    travel = np.array([[0, 900, 290], [900, 0, 280], [290, 280, 0]], float)
    town = Town(
        travel,
        np.array([0.4, 0.5, 0.1]),
        np.full(24, 0.01),
        np.array([0.5, 0.5]),
        0,
        np.arange(3),
        travel[0],
        travel[0],
    )
    near, sparing = Scenario((0, 0, 1), urgent_share=0), Scenario((0, 0, 1), urgent_share=0, coverage_lost_s=60)
    calls = draw(town, near, 2000, np.random.default_rng(1))
    between = calls.place == 2
    assert set(play(town, near, calls).unit[between]) == {2}
    assert set(play(town, sparing, calls).unit[between]) == {0}
    urgent = replace(calls, grade=np.ones_like(calls.grade))
    assert set(play(town, sparing, urgent).unit[between]) == {2}


def test_rain_demand_and_slow_roads_each_cost():
    town = grid_town()
    base = Scenario((6, 12, 18))
    dry = simulate(town, base, days=60, replications=6).share.mean
    for worse in ({"rain_share": 0.5, "rain_slows": 0.6}, {"demand": 3.0}, {"speed": 1.4}, {"second_share": 0.6}):
        assert simulate(town, replace(base, **worse), days=60, replications=6).share.mean < dry - 0.01


def test_no_share_passes_the_bound():
    town = grid_town(per_day=120)
    for cars in (2, 4):
        scenario = Scenario(points(town, cars), move_up=True, rain_share=0.2)
        found = simulate(town, scenario, days=60, replications=6)
        assert found.share.high < bound(town, scenario) <= 1


def test_the_loop_runs_the_boards_rule():
    """The compiled rule, the plain one and the cost the board ranks by are one number."""
    parameters = assign.Parameters()
    for travel, fits, age, duty, rest in [(120.0, True, 0.0, 0.0, None), (300.5, False, 400.0, 9 * 3600.0, 60.0)]:
        unit = assign.UnitState(1, "patrol_car" if fits else "boat", True, False, travel, age, duty, rest)
        ranked = assign.rank([unit], assign.Need("noise", 3, frozenset({"x"})), parameters)[0]
        words = (travel, fits, 1, age, duty, np.inf if rest is None else rest, parameters.penalties)
        assert ranked.cost_s == policy.cost_s(*words) == simulation_compiled.cost_s(*words)


def test_what_the_compiler_keeps_belongs_to_the_rule_as_it_is():
    assert hashlib.sha256(Path(policy.__file__).read_bytes()).hexdigest().startswith(simulation_compiled.POLICY)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"posts": ()}, "posts is empty"), ({"speed": 0.0}, "speed"), ({"demand": -1.0}, "demand"), ({"speed": np.nan}, "speed"),
     ({"rain_share": 1.0}, "rain_share"), ({"wet_posts": (1, 2)}, "wet_posts"), ({"handling_s": np.inf}, "handling_s")],
)  # fmt: skip
def test_scenarios_check_themselves(wrong, words):
    with pytest.raises(SimulationError, match=words):
        Scenario(**({"posts": (0,)} | wrong))


def test_towns_check_themselves():
    town = grid_town()
    for wrong, words in (({"weight": np.zeros(25)}, "no demand"), ({"travel_s": -town.travel_s}, "travel_s"), ({"base": 99}, "base"),
                         ({"per_hour": np.full(24, np.nan)}, "per_hour"), ({"weight": np.empty(0)}, "not empty")):  # fmt: skip
        with pytest.raises(SimulationError, match=words):
            replace(town, **wrong)
    with pytest.raises(SimulationError, match="place 77"):
        simulate(town, Scenario((77,)), days=1, replications=2)


def test_the_headlines_file_is_a_whole_scenario():
    plan = headline_plan()
    assert (plan.cars, plan.replications) == (12, 40)
    scenario = scenario_of(grid_town(), plan)
    assert len(scenario.posts) == 12
    assert scenario.pooled


@pytest.mark.parametrize(
    ("text", "words"),
    [("[cars]\ncount = 0\n", "line 2: cars.count is 0"), ("[roads]\n\nspeed = 'fast'\n", "line 3: roads.speed is 'fast'"),
     ("[cars]\nat = 'moon'", "line 2: cars.at is 'moon'"), ("[work]\nspeed = 1", "line 2: work.speed is unknown"),
     ("\n[wheels]\na = 1", r"line 2: \[wheels\] is unknown"), ("[cars\n", "not TOML.*line 1"), ("[cars]\npooled = 1", "cars.pooled is 1")],
)  # fmt: skip
def test_a_bad_scenario_file_is_named_by_line_and_field(text, words):
    with pytest.raises(SimulationError, match=words):
        parse(text, "my.toml", headline_plan())


def test_intervals_hold_the_truth_as_often_as_they_say():
    chance = np.random.default_rng(8)
    held = [
        abs((e := estimate(chance.exponential(1.0, (40, 30)).mean(axis=1))).mean - 1.0) <= e.half_width
        for _ in range(1000)
    ]
    assert 930 <= sum(held) <= 970


def test_an_area_is_counted_over_its_calls_and_not_over_its_places():
    town, scenario = grid_town(), Scenario((0, 12), coverage_lost_s=0.0)
    places = town.weight.size
    one, each = (
        study(town, scenario, days=4, replications=3, seed=5, areas=areas)
        for areas in (np.where(np.arange(places) == 3, -1, 0), np.arange(places))
    )
    streams = np.random.SeedSequence(5).spawn(3)
    traces = [play(town, scenario, draw(town, scenario, 4, np.random.default_rng(stream))) for stream in streams]
    response = np.concatenate([t.arrived_s - t.calls.call_s for t in traces])
    place = np.concatenate([t.calls.place for t in traces])
    inside = np.sort(response[place != 3])
    assert one.area_calls.tolist() == [inside.size]
    assert one.area_median_s[0] == inside[inside.size // 2]
    assert one.area_p90_s[0] == inside[int(np.ceil(0.9 * inside.size)) - 1]
    assert np.array_equal(each.area_median_s, each.place_median_s, equal_nan=True)
    seen = each.area_calls > 0
    assert (each.area_p90_s[seen] >= each.area_median_s[seen]).all()


def test_a_scenario_names_closures_and_a_bad_one_is_named_by_line():
    text = '[run]\ndays = 5\n[[closures]]\nstreet = "威海路"\nheading = "east"\n[[closures]]\nline = [[121.4, 31.2], [121.5, 31.2]]\n'
    plan = parse(text, "x.toml", headline_plan())
    assert [(one.street, one.heading, len(one.line)) for one in plan.closures] == [("威海路", "east", 0), ("", None, 2)]
    assert parse("[run]\ndays = 6\n", "y.toml", plan).closures == plan.closures
    for wrong, words in (
        ('street = 3', "line 1: closures: street is 3"), ('heading = "up"', "must be one of north"), ("lane = 1", "lane is unknown"),
        ("line = [[1, 2, 3]]", "points"), ("", "needs a line or the name"),
    ):  # fmt: skip
        with pytest.raises(SimulationError, match=words):
            parse(f"[[closures]]\n{wrong}\n", "x.toml", plan)
    with pytest.raises(SimulationError, match="each beginning"):
        parse("closures = 3\n", "x.toml", plan)
