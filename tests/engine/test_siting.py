"""Siting against every choice counted out, published small cases, and what must be refused."""

import itertools
import json

import numpy as np
import pytest
from scipy.optimize import linprog

from jiean.engine.siting import Aim, Infeasible, SitingError, Wishes, mclp, mexclp, pmedian, sited
from jiean.engine.siting.__main__ import main
from jiean.engine.siting.compiled import ascend
from jiean.engine.siting.covering import _Question, _solve
from jiean.engine.siting.proving import Proof, merged
from jiean.engine.siting.swapping import Swapping

DEMANDS = [2, 2, 1, 1]
COVERS = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 1]])  # sites by demand, unit tests of JEMSS.jl (Apache-2.0)
NEAR = np.where(COVERS.T == 1, 1.0, 9.0)


def plane(seed, demand, candidates):
    chance = np.random.default_rng(seed)
    a, b = chance.random((demand, 2)), chance.random((candidates, 2))
    return np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1))


def counted(costs, p, must=(), must_not=()):
    sites = [
        s
        for s in itertools.combinations(range(costs.shape[1]), p)
        if set(must) <= set(s) and not set(must_not) & set(s)
    ]
    return min(costs[:, list(s)].min(axis=1).sum() for s in sites)


def road_graph(seed, n):
    """Shortest ways in a random connected graph with whole lengths from 1 to 100, as the OR-Library's p-median networks."""
    chance = np.random.default_rng(seed)
    d = np.full((n, n), np.inf)
    np.fill_diagonal(d, 0)
    for a in range(n):
        for b in ((a + 1) % n, int(chance.integers(n))):
            if a != b:
                d[a, b] = d[b, a] = chance.integers(1, 101)
    for k in range(n):
        d = np.minimum(d, d[:, k : k + 1] + d[k : k + 1])
    return d


@pytest.mark.parametrize("p", [1, 2, 4, 11, 12])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pmedian_equals_the_best_of_all_choices(seed, p):
    costs = plane(seed, 30, 12)
    found = pmedian(costs, p)
    assert found.value == pytest.approx(counted(costs, p), rel=1e-12)
    assert found.proven
    assert found.bound == pytest.approx(found.value)
    assert costs[:, list(found.sites)].min(axis=1).sum() == pytest.approx(found.value)
    assert len(set(found.sites)) == p


def test_existing_sites_stay_and_forbidden_ones_are_left_out():
    costs = plane(4, 40, 11)
    free = pmedian(costs, 3).sites
    forbidden, held = free[0], next(i for i in range(11) if i not in free)
    found = pmedian(costs, 3, must=[held], must_not=[forbidden])
    assert held in found.sites
    assert forbidden not in found.sites
    assert found.value == pytest.approx(counted(costs, 3, [held], [forbidden]))
    assert found.proven


def test_weights_count_and_rows_without_demand_do_not():
    costs, weights = plane(5, 25, 9), np.random.default_rng(5).integers(0, 4, 25).astype(float)
    found = pmedian(costs, 3, weights=weights)
    assert found.value == pytest.approx(counted(costs * weights[:, None], 3))


@pytest.mark.parametrize(("n", "p"), [(100, 5), (100, 10), (120, 33), (200, 5)])
def test_whole_networks_are_proven(n, p):
    costs = road_graph(n + p, n)
    found = pmedian(costs, p)
    assert found.proven
    assert found.value == costs[:, list(found.sites)].min(axis=1).sum()


def test_a_stopped_search_keeps_a_true_bound():
    costs = plane(6, 300, 60) * np.random.default_rng(6).lognormal(0, 1, (300, 1))
    best, stopped = pmedian(costs, 9), pmedian(costs, 9, stop=lambda: True)
    assert best.proven
    assert stopped.bound <= best.value <= stopped.value + 1e-9
    assert stopped.gap == pytest.approx((stopped.value - stopped.bound) / stopped.value)


def test_demand_that_nothing_reaches_is_named():
    costs = plane(7, 6, 4)
    costs[3] = np.inf
    with pytest.raises(Infeasible, match="Demand 3"):
        pmedian(costs, 2)


def test_infinite_entries_are_avoided():
    costs = np.array([[1.0, np.inf, 5.0], [np.inf, 1.0, 5.0], [np.inf, 1.0, 6.0]])
    assert pmedian(costs, 1).sites == (2,)
    assert pmedian(costs, 2).sites == (0, 1)


@pytest.mark.parametrize(
    ("costs", "p", "words"),
    [([[1, 2]], 3, "only 2 candidates"), ([[1, 2]], 0, "p is 0"), ([[1, np.nan]], 1, "Row 0, column 1 of the matrix is not"),
     ([[1, 2], [-3, 1]], 1, "Row 1, column 0 of the matrix is negative"), (np.empty((0, 3)), 1, "shape is"), ([1, 2], 1, "shape is"),
     ([["a", "b"]], 1, "does not hold numbers")],
)  # fmt: skip
def test_bad_questions_are_refused_by_name(costs, p, words):
    with pytest.raises(SitingError, match=words):
        pmedian(costs, p)


@pytest.mark.parametrize(
    ("rules", "words"),
    [({"must": [1], "must_not": [1]}, "both"), ({"must": [7]}, "numbered 0 to 3"), ({"must": [0, 1, 2]}, "3 candidates must"),
     ({"must_not": [0, 1, 2]}, "Only 1"), ({"weights": [1, 1]}, "6 weights"), ({"weights": [0] * 6}, "no demand"),
     ({"weights": [1, 1, np.nan, 1, 1, 1]}, "Weight 2")],
)  # fmt: skip
def test_contradictions_are_named(rules, words):
    with pytest.raises(SitingError, match=words):
        pmedian(plane(8, 6, 4), 2, **rules)


@pytest.mark.parametrize(("p", "covered"), [(0, 0), (1, 4), (2, 6), (3, 6)])
def test_the_published_covering_case(p, covered):
    found = mclp(NEAR, DEMANDS, 1.0, p)
    assert (found.value, found.bound, found.proven) == (covered, covered, True)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_covering_equals_the_best_of_all_choices(seed):
    times, weights = plane(seed, 60, 10), np.random.default_rng(seed).random(60)
    best = max(weights[(times[:, list(s)] <= 0.2).any(axis=1)].sum() for s in itertools.combinations(range(10), 3))
    found = mclp(times, weights, 0.2, 3)
    assert found.value == pytest.approx(best)
    assert found.proven
    assert weights[(times[:, list(found.sites)] <= 0.2).any(axis=1)].sum() == pytest.approx(best)


def test_nothing_in_reach_covers_nothing():
    found = mclp(plane(1, 5, 4) + 1, None, 0.5, 2)
    assert (found.value, found.proven, found.gap) == (0, True, 0)


def test_expected_covering_counts_the_second_unit_by_its_share():
    # One demand in reach of both candidates: 1 - q**k of it is covered by k units (Daskin 1983)
    times = np.array([[1.0, 1.0], [9.0, 1.0]])
    found = mexclp(times, [10, 1], 2.0, 2, 0.3)
    assert found.value == pytest.approx(10 * (1 - 0.3**2) + 1 * 0.7)
    both = mexclp(times, [1, 10], 2.0, 3, 0.3, most_a_site=3)
    assert both.sites == (1, 1, 1)
    assert both.value == pytest.approx(11 * (1 - 0.3**3))


def test_expected_covering_equals_the_best_of_all_choices():
    times, weights, q = plane(14, 40, 6), np.random.default_rng(14).random(40), 0.4

    def worth(units):
        return (weights * (1 - q ** (times[:, list(units)] <= 0.35).sum(axis=1))).sum()

    best = max(worth(units) for units in itertools.combinations_with_replacement(range(6), 4))
    found = mexclp(times, weights, 0.35, 4, q, most_a_site=4)
    assert found.value == pytest.approx(best)
    assert worth(found.sites) == pytest.approx(best)


@pytest.mark.parametrize("question", [{"radius": -1}, {"radius": np.nan}, {"p": 5}, {"p": -1}, {"weights": [1, 2]}])
def test_covering_refuses_what_it_cannot_answer(question):
    asked = {"matrix": NEAR, "weights": DEMANDS, "radius": 1.0, "p": 2} | question
    with pytest.raises(SitingError):
        mclp(**asked)


def test_the_doors_print_what_was_proven(tmp_path, capsys):
    np.savez(tmp_path / "D.npz", d=plane(9, 50, 12))
    np.savez(tmp_path / "W.npz", w=np.ones(50))
    matrix, weights = ["--matrix", str(tmp_path / "D.npz")], ["--weights", str(tmp_path / "W.npz")]
    assert main(["pmedian", *matrix, "--p", "3", "--seconds", "5", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert sheet["value"] == pytest.approx(counted(plane(9, 50, 12), 3))
    assert {"value", "bound", "gap", "sites", "seconds"} <= set(sheet)
    assert main(["mclp", *matrix, *weights, "--radius", "0.2", "--p", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gap"] == 0
    assert main(["mexclp", *matrix, *weights, "--radius", "0.2", "--p", "3", "--busy", "0.3", "--json"]) == 0


def test_the_doors_name_what_is_wrong(tmp_path, capsys):
    np.savez(tmp_path / "D.npz", d=plane(9, 5, 4))
    (tmp_path / "broken.npz").write_bytes(b"PK nothing")
    assert main(["pmedian", "--matrix", str(tmp_path / "D.npz"), "--p", "5"]) == 2
    assert "only 4 candidates" in capsys.readouterr().err
    assert main(["pmedian", "--matrix", str(tmp_path / "broken.npz"), "--p", "2"]) == 2
    assert main(["pmedian", "--matrix", str(tmp_path / "none.npz"), "--p", "2"]) == 2
    assert "none.npz" in capsys.readouterr().err


@pytest.mark.parametrize("seed", range(4))
def test_the_dual_never_passes_the_optimum(seed):
    """The bound itself, before it is held against the value found: a false proof would start here."""
    costs, p = plane(20 + seed, 25, 10), 3
    order = np.argsort(costs, axis=1).astype(np.int32)
    ranked, best = np.take_along_axis(costs, order, axis=1), counted(costs, p)
    free = np.zeros(10, np.int8)
    bound, price, *_ = ascend(
        order, ranked, costs.min(axis=1) * 1.5, 0.0, np.zeros(10), free, p, 1.1 * best, 400, 0.5, 10
    )
    assert 0.9 * best <= bound <= best * (1 + 1e-9)
    worth = np.sort(np.minimum(costs - price[:, None], 0).sum(axis=0))[:p].sum()
    assert bound == pytest.approx(price.sum() + worth)


def affordable(count, p, site_costs, budget):
    """Every choice of at most p sites the budget pays for."""
    for size in range(1, p + 1):
        for sites in itertools.combinations(range(count), size):
            if site_costs[list(sites)].sum() <= budget + 1e-9:
                yield list(sites)


@pytest.mark.parametrize("seed", [31, 32, 33, 34])
def test_within_a_budget_nothing_is_better(seed):
    chance = np.random.default_rng(seed)
    costs, prices = plane(seed, 40, 11) * chance.lognormal(0, 1, (40, 1)), chance.integers(1, 9, 11).astype(float)
    found = pmedian(costs, 5, site_costs=prices, budget=12)
    best = min(costs[:, sites].min(axis=1).sum() for sites in affordable(11, 5, prices, 12))
    assert found.value == pytest.approx(best)
    assert found.proven
    assert found.spent * 12 == pytest.approx(prices[list(found.sites)].sum())
    assert found.spent <= 1 + 1e-9


def test_the_bound_holds_where_the_budget_search_is_stopped():
    chance = np.random.default_rng(41)
    costs, prices = plane(41, 300, 60), chance.integers(5, 20, 60).astype(float)
    proven, stopped = (
        pmedian(costs, 9, site_costs=prices, budget=55, stop=lambda end=end: end) for end in (False, True)
    )
    assert proven.proven
    assert 0 < stopped.bound <= proven.value <= stopped.value + 1e-9


def test_an_existing_site_stays_and_costs_nothing():
    costs, prices = plane(35, 30, 8), np.full(8, 4.0)
    found = pmedian(costs, 3, existing=[5], site_costs=prices, budget=8)
    assert 5 in found.sites
    assert len(found.sites) == 3
    assert found.value == pytest.approx(counted(costs, 3, [5]))


@pytest.mark.parametrize("seed", [36, 37])
def test_full_sites_send_demand_to_the_next(seed):
    chance = np.random.default_rng(seed)
    costs, weights, able = plane(seed, 12, 6), chance.random(12) + 0.5, chance.random(6) * 5 + 4

    def cost(sites):
        """Serving all demand from these sites, as a transport problem of its own."""
        price = (costs[:, sites] * weights[:, None]).ravel()
        once = np.kron(np.eye(12), np.ones((1, len(sites))))
        within = np.kron(weights[None, :], np.eye(len(sites)))
        done = linprog(price, A_ub=within, b_ub=able[sites], A_eq=once, b_eq=np.ones(12))
        return done.fun if done.status == 0 else np.inf

    best = min(cost(list(sites)) for sites in itertools.combinations(range(6), 3))
    found = pmedian(costs, 3, weights=weights, capacities=able)
    assert found.value == pytest.approx(best, rel=1e-6)
    assert found.value >= pmedian(costs, 3, weights=weights).value - 1e-9
    assert found.bound <= found.value
    assert found.gap < 1e-6
    assert all(load <= able[site] + 1e-6 for load, site in zip(found.loads, found.sites, strict=True))
    assert sum(found.loads) == pytest.approx(weights.sum())


@pytest.mark.parametrize("seed", [38, 39])
def test_covering_within_a_budget_equals_the_best_of_all_choices(seed):
    chance = np.random.default_rng(seed)
    times, weights, prices = plane(seed, 60, 9), chance.random(60), chance.integers(1, 9, 9).astype(float)
    found = mclp(times, weights, 0.25, 4, site_costs=prices, budget=10)
    assert found.value == pytest.approx(
        max(weights[(times[:, sites] <= 0.25).any(axis=1)].sum() for sites in affordable(9, 4, prices, 10))
    )
    assert found.proven
    both = mexclp(times, weights, 0.25, 4, 0.4, site_costs=prices, budget=10, most_a_site=[2] * 9)
    best = max(
        (weights * (1 - 0.4 ** (times[:, list(units)] <= 0.25).sum(axis=1))).sum()
        for size in range(1, 5) for units in itertools.combinations_with_replacement(range(9), size)
        if prices[list(set(units))].sum() <= 10 and max(units.count(one) for one in units) <= 2
    )  # fmt: skip
    assert both.value == pytest.approx(best)
    assert prices[list(set(both.sites))].sum() <= 10


def test_a_full_site_covers_no_more_than_it_can():
    times, weights = np.array([[1.0, 9.0], [1.0, 1.0], [1.0, 9.0]]), [3.0, 2.0, 4.0]
    assert mclp(times, weights, 1.0, 1).value == 9
    full = mclp(times, weights, 1.0, 1, capacities=[5, 9])
    assert (full.value, full.sites, full.loads) == (pytest.approx(5), (0,), (pytest.approx(5),))
    assert mclp(times, weights, 1.0, 2, capacities=[5, 9]).value == pytest.approx(7)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"budget": 5}, "needs site costs"), ({"site_costs": [1] * 4}, "one of the two"),
        ({"site_costs": [1, 2], "budget": 3}, "4 entries"), ({"site_costs": [1, 1, np.nan, 1], "budget": 3}, "candidate 2 is nan"),
        ({"site_costs": [9, 7, 8, 9], "budget": 5}, "cheapest candidate, 1, costs 7"),
        ({"site_costs": [4] * 4, "budget": 7, "must": [0, 2]}, "cost 8; the budget is 7"),
        ({"site_costs": [1] * 4, "budget": 0}, "above zero"), ({"capacities": [1, -1, 1, 1]}, "Capacity of candidate 1"),
        ({"capacities": [1, 1, 1, 1]}, "2 sites can serve 2 at the most; the demand is 6"),
        ({"existing": [3], "must_not": [3]}, "both"),
    ],
)  # fmt: skip
def test_limits_that_cannot_hold_name_the_culprit(rules, words):
    with pytest.raises(SitingError, match=words):
        pmedian(plane(8, 6, 4), 2, **rules)


def test_a_post_that_must_open_but_holds_nobody_is_named():
    with pytest.raises(Infeasible, match="Candidate 1 must be opened"):
        mexclp(plane(8, 6, 4), None, 0.4, 2, 0.3, must=[1], most_a_site=[1, 0, 2, 1])


def test_a_walk_among_good_sites_finds_better_ones_and_never_loses_any():
    """Overlapping reaches: one interchange stops early; the walk goes on, and what it holds is what its sites cover."""
    reach, demand = plane(5, 400, 60) < 0.18, np.random.default_rng(5).lognormal(0, 1, 400)
    walk = Swapping(reach, demand, np.arange(9))
    walk.better()
    alone = walk.value
    walk.walk(walk.sites, np.random.default_rng(1), 80)
    assert walk.value == pytest.approx(demand[reach[:, walk.sites].any(axis=1)].sum())
    assert walk.value > alone
    assert len(set(walk.sites.tolist())) == 9


def many_coverings():
    """Small questions of every odd kind: ties, no demand, no reach, equal candidates, radius 0, all or nearly all opened."""
    chance = np.random.default_rng(77)
    for case in range(150):
        rows, count = int(chance.integers(1, 40)), int(chance.integers(1, 10))
        times = chance.integers(0, 12, (rows, count)).astype(float)
        times[chance.random((rows, count)) < 0.1] = np.inf
        times[:, : count // 3] = times[:, -1:] if case % 5 == 0 else times[:, : count // 3]
        weights = chance.integers(0, 4, rows) if case % 2 else chance.random(rows)
        weights[0] = 1
        must = [int(chance.integers(count))] if case % 3 == 0 else []
        must_not = [int(chance.integers(count))] if case % 4 == 0 else []
        p = int(chance.integers(1, count + 1))
        if not set(must) & set(must_not) and len(must) <= p <= count - len(must_not):
            yield times, weights, float(chance.integers(0, 5)), p, must, must_not


def test_covering_equals_every_choice_counted_out_in_odd_cases():
    asked = 0
    for times, weights, radius, p, must, must_not in many_coverings():
        best = max(
            weights[(times[:, list(s)] <= radius).any(axis=1)].sum()
            for s in itertools.combinations(range(times.shape[1]), p)
            if set(must) <= set(s) and not set(must_not) & set(s)
        )
        found = mclp(times, weights, radius, p, must=must, must_not=must_not)
        assert found.value == pytest.approx(best, rel=1e-12)
        assert (found.proven, found.bound) == (True, pytest.approx(best, rel=1e-12))
        assert weights[(times[:, list(found.sites)] <= radius).any(axis=1)].sum() == pytest.approx(best)
        assert len(set(found.sites)) == p and set(must) <= set(found.sites) and not set(must_not) & set(found.sites)
        asked += 1
    assert asked > 100


@pytest.mark.parametrize(
    ("rows", "count", "p", "density", "left"), [(300, 40, 5, 0.1, False), (120, 40, 6, 0.12, True)]
)
def test_where_reaches_overlap_candidates_are_asked_about_and_the_solver_gets_the_rest(rows, count, p, density, left):
    chance = np.random.default_rng(1)
    reach, demand = chance.random((rows, count)) < density, chance.integers(1, 9, rows).astype(float)
    proof = Proof(*merged(reach, demand), p, np.random.default_rng(1), lambda: False)
    proof.run()
    assert (proof.asked > 0, proof.left.size > 0, proof.proven) == (True, left, not left)
    best = _solve(_Question(reach, demand, np.ones(1), p, np.zeros(count)), np.zeros(count), np.ones(count), 30).value
    found = mclp(np.where(reach, 0.0, 1.0), demand, 0.0, p)
    assert (found.value, found.proven, proof.bound >= best) == (best, True, True)


def test_a_covering_stopped_at_once_keeps_a_true_bound():
    times = plane(3, 400, 60)
    best, stopped = mclp(times, None, 0.2, 8), mclp(times, None, 0.2, 8, stop=lambda: True)
    assert best.proven
    assert stopped.value <= best.value <= stopped.bound
    assert not stopped.proven


def test_a_question_says_what_it_wishes():
    times = plane(7, 60, 12)
    kept = sited(times, np.ones(60), Wishes(3, Aim.COVER, within_s=0.3, existing=(2,), must=(5,), must_not=(2, 7)))
    assert {2, 5} <= set(kept.sites) and 7 not in kept.sites
    assert sited(times, np.ones(60), Wishes(3)).value == pytest.approx(pmedian(times, 3).value)
    assert sited(times, np.ones(60), Wishes(2, Aim.EXPECT, within_s=0.3, busy=0.5)).value < 60
    with pytest.raises(SitingError, match="most_share"):
        Wishes(2, most_share=1.5)
    with pytest.raises(SitingError, match="expected covering"):
        Wishes(2, Aim.EXPECT, most_share=0.5)
