"""Coverage now, what sending a unit costs, and moves: by hand, against all exchanges, and against the proven optimum."""

import itertools

import numpy as np
import pytest

from jiean.engine.coverage import CoverageError, best_posts, coverage_now, expected_coverage, propose_moves
from jiean.engine.roads import Closure, Conditions, Snaps, snap_many, times_of, under
from jiean.engine.roads.build import Segment, build
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.engine.siting import mexclp

TRAVEL = np.array([[100.0, 400.0, 250.0], [400.0, 200.0, 280.0], [10.0, 10.0, 10.0]])


def test_coverage_by_hand():
    found = coverage_now(TRAVEL, [2, 1, 1], [True, True, False])
    assert found.share == 1.0
    # the first place hangs on unit 0, the second on unit 1, the third on both; unit 2 is busy
    assert found.lost == pytest.approx([0.5, 0.25, 0.0])


def test_the_loss_is_the_coverage_that_goes_with_the_unit():
    chance = np.random.default_rng(1)
    travel, weight, free = chance.uniform(0, 900, (7, 60)), chance.random(60), chance.random(7) < 0.7
    found = coverage_now(travel, weight, free)
    for unit in range(7):
        without = free.copy()
        without[unit] = False
        assert coverage_now(travel, weight, without).share == pytest.approx(found.share - found.lost[unit])


def test_nobody_free_covers_nothing():
    assert coverage_now(TRAVEL, [1, 1, 1], [False] * 3).share == 0
    assert coverage_now(np.empty((0, 3)), [1, 1, 1], []).share == 0


def town(seed, posts=6, places=40):
    chance = np.random.default_rng(seed)
    return chance.uniform(0, 700, (posts, places)), chance.random(places)


@pytest.mark.parametrize("seed", range(5))
def test_the_first_move_is_the_best_of_all_exchanges(seed):
    posts, weight = town(seed)
    at = np.random.default_rng(seed).integers(0, 6, 4)
    now = expected_coverage(posts, at, weight, busy_share=0.3)
    best = max(
        expected_coverage(posts, [*at[:u], p, *at[u + 1 :]], weight, busy_share=0.3) - now
        for u, p in itertools.product(range(4), range(6))
    )
    moves = propose_moves(posts, np.zeros((4, 6)), at, weight, busy_share=0.3, least_gain=0)
    assert sum(move.gain for move in moves) == pytest.approx(best, abs=1e-12)


def test_moves_add_up_and_come_near_the_proven_optimum():
    posts, weight = town(9, posts=10, places=80)
    at = np.zeros(5, int)
    moves = propose_moves(posts, np.zeros((5, 10)), at, weight, busy_share=0.3, most=5, least_gain=0)
    end = at.copy()
    for move in moves:
        end[move.unit] = move.post
    after = expected_coverage(posts, end, weight, busy_share=0.3)
    assert after == pytest.approx(expected_coverage(posts, at, weight, busy_share=0.3) + sum(m.gain for m in moves))
    best = mexclp(posts.T, weight, 300.0, 5, 0.3, most_a_site=5)
    assert best.proven
    assert 0.95 * best.value / weight.sum() <= after <= best.value / weight.sum() + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_the_exact_programme_is_the_best_of_all_postings_and_no_chain_of_moves_passes_it(seed):
    posts, weight = town(seed, posts=5, places=20)
    ways = np.where(np.random.default_rng(seed).random((3, 5)) < 0.25, np.inf, 10.0)
    ways[:, 0] = 10.0
    exact = best_posts(posts, ways, weight, busy_share=0.3)
    worth = expected_coverage(posts, exact, weight, busy_share=0.3)
    allowed = [ends for ends in itertools.product(range(5), repeat=3) if np.isfinite(ways[range(3), ends]).all()]
    assert worth == pytest.approx(max(expected_coverage(posts, ends, weight, busy_share=0.3) for ends in allowed))
    moves = propose_moves(posts, ways, [0, 0, 0], weight, busy_share=0.3, most=3, least_gain=0)
    start = expected_coverage(posts, [0, 0, 0], weight, busy_share=0.3)
    assert 0.95 * worth <= start + sum(move.gain for move in moves) <= worth + 1e-9


def test_a_forbidden_way_and_a_small_gain_are_left_alone():
    posts, weight = town(3)
    at = np.zeros(4, int)
    assert propose_moves(posts, np.full((4, 6), np.inf), at, weight, busy_share=0.3) == ()
    assert propose_moves(posts, np.zeros((4, 6)), at, weight, busy_share=0.3, least_gain=1.0) == ()
    assert propose_moves(posts, np.empty((0, 6)), [], weight, busy_share=0.3) == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"weight": [0, 0, 0]}, "weight"), ({"weight": [1, 1]}, "places"), ({"travel_s": -TRAVEL}, "travel_s"),
     ({"travel_s": TRAVEL * np.nan}, "travel_s"), ({"free": [True]}, "units"), ({"within_s": -1.0}, "within_s")],
)  # fmt: skip
def test_bad_questions_are_named(wrong, words):
    asked = {"travel_s": TRAVEL, "weight": [1, 1, 1], "free": [True] * 3, "within_s": 300.0} | wrong
    with pytest.raises(CoverageError, match=words):
        coverage_now(asked["travel_s"], asked["weight"], asked["free"], within_s=asked["within_s"])


@pytest.mark.parametrize(("at", "busy"), [([9, 0, 0, 0], 0.3), ([0, 0, 0, 0], 1.0), ([0], 0.3)])
def test_bad_moves_are_named(at, busy):
    posts, weight = town(3)
    with pytest.raises(CoverageError):
        propose_moves(posts, np.zeros((4, 6)), at, weight, busy_share=busy)


BRIDGE = Closure(((121.0085, 31.19), (121.0085, 31.21)))
"""Across the one street of `two_banks`, between its fourth and fifth corner."""


def two_banks(closures=()):
    """Seconds between the middles of a street's stretches, the bridge left out: 24 s apart, over the bridge 48, (6, 6)."""
    corners = [(121 + 0.0025 * i, 31.2) for i in range(8)]
    street = [
        Segment(i, i + 1, [corners[i], corners[i + 1]], None, None, "residential", 45.0, "桥街", True) for i in range(7)
    ]
    roads = build(street, source="test", attribution="", counts={}, speeds=DrivingSpeeds())
    roads = roads.reweighted(*under(roads, Conditions(closures=closures)))
    places: Snaps = snap_many(roads, np.array([(121.00125 + 0.0025 * i, 31.2) for i in (0, 1, 2, 4, 5, 6)]))
    return times_of(roads).matrix(places, places)


def test_with_a_bridge_closed_nobody_is_moved_over_it_and_the_posts_part():
    weight, at, rule = np.ones(6), np.array([0, 5, 5]), {"busy_share": 0.3, "within_s": 80.0}
    whole, cut = two_banks(), two_banks((BRIDGE,))
    assert np.isinf(cut[:3, 3:]).all()
    assert propose_moves(whole, whole[at], at, weight, **rule)[0].post in (2, 3)
    end = at.copy()
    for move in propose_moves(cut, cut[at], at, weight, most=3, **rule):
        end[move.unit] = move.post
    best = best_posts(cut, cut[at], weight, **rule)
    for stand in (end, best):
        assert [post < 3 for post in stand] == [True, False, False]
    held = expected_coverage(cut, best, weight, **rule)
    assert expected_coverage(cut, end, weight, **rule) <= held + 1e-9
    assert held < expected_coverage(whole, best_posts(whole, whole[at], weight, **rule), weight, **rule)
