"""Several incidents at once: against every allotment there is; and breaking off a run, by hand."""

import itertools

import numpy as np
import pytest

from jiean.engine.batch import GRADE_WEIGHTS, BatchError, DivertRule, Run, allot, worth_diverting


def best_of_all(costs, grades):
    """The least weighed cost over all ways to give every incident a unit (there are enough units)."""
    units = range(costs.shape[1])
    return min(
        sum(costs[i, u] * GRADE_WEIGHTS[grades[i] - 1] for i, u in enumerate(chosen))
        for chosen in itertools.permutations(units, len(grades))
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_allotment_is_the_best_there_is(seed):
    chance = np.random.default_rng(seed)
    costs, grades = chance.uniform(0, 900, (3, 5)), chance.integers(1, 5, 3).tolist()
    found = allot(costs, grades)
    assert found.left == ()
    assert len({unit for _, unit in found.pairs}) == 3
    assert found.weighed_s == pytest.approx(best_of_all(costs, grades))


def test_taking_the_nearest_for_each_in_turn_would_be_worse():
    costs = np.array([[100.0, 120.0], [110.0, 900.0]])
    assert allot(costs, [3, 3]).pairs == ((0, 1), (1, 0))


def test_the_gravest_is_never_left_for_lighter_ones():
    costs = np.array([[10.0], [20.0], [2000.0]])
    found = allot(costs, [4, 3, 1])
    assert found.pairs == ((2, 0),)
    assert found.left == (0, 1)


def test_who_cannot_go_is_not_sent():
    found = allot([[np.inf, 50.0], [np.inf, 10.0]], [2, 3])
    assert found.pairs == ((0, 1),)
    assert allot(np.empty((0, 3)), []).pairs == ()
    assert allot(np.empty((2, 0)), [1, 2]).left == (0, 1)


@pytest.mark.parametrize(
    ("costs", "grades", "words"),
    [([[1.0]], [1, 2], "grades"), ([[-1.0]], [1], "negative"), ([[np.nan]], [1], "negative"), ([[1.0]], [5], "1, 2, 3 or 4")],
)  # fmt: skip
def test_bad_allotments_are_named(costs, grades, words):
    with pytest.raises(BatchError, match=words):
        allot(costs, grades)


LIGHT = Run(unit_id=7, grade=4, left_s=200.0, cost_s=90.0)


def test_a_run_is_broken_off_only_when_it_is_worth_it():
    found = worth_diverting(1, 400.0, [LIGHT])
    assert (found.unit_id, found.saved_s, found.left_s) == (7, 310.0, 200.0)
    assert worth_diverting(1, None, [LIGHT]).unit_id == 7
    assert worth_diverting(1, 200.0, [LIGHT]) is None, "110 s are not worth a broken promise"
    assert worth_diverting(3, None, [LIGHT]) is None, "only grave calls ask"
    assert worth_diverting(2, None, [Run(7, 3, 200.0, 90.0)]) is None, "too near in grade"
    assert worth_diverting(1, None, [Run(7, 4, 30.0, 90.0)]) is None, "who is nearly there goes on"


def test_the_run_that_saves_most_is_broken_off():
    runs = [LIGHT, Run(3, 3, 300.0, 40.0), Run(2, 3, 300.0, 40.0)]
    assert worth_diverting(1, 500.0, runs).unit_id == 2
    assert worth_diverting(1, 500.0, runs, DivertRule(grades_apart=3)).unit_id == 7
