"""Cells: whole, even, inside their villages; every broken rule is found; staffing against every possible choice."""

from dataclasses import replace
from itertools import product
from types import MappingProxyType

import numpy as np
import pytest

from jiean.engine.districts import (
    Atoms,
    Borders,
    CellNeed,
    Contradiction,
    Disconnected,
    DistrictsError,
    Fault,
    NobodyFits,
    Person,
    Preferences,
    Rules,
    ZeroDemand,
    allowed,
    check,
    divide,
    recheck,
    staff,
)


def board(rows, columns, *, seed=1, villages=1):
    """A chessboard of squares of 100 m with uneven demand; villages are stripes of columns."""
    place = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    pairs = np.concatenate([
        np.stack([place[:-1].ravel(), place[1:].ravel()], 1), np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], 1)
    ])  # fmt: skip
    row, column = np.divmod(np.arange(rows * columns), columns)
    demand = np.random.default_rng(seed).lognormal(0, 0.5, rows * columns)
    count = rows * columns
    return Atoms(
        demand, pairs, np.full(len(pairs), 100.0), 100.0 * column, 100.0 * row, (column * villages // columns).astype(np.int32),
        np.full(count, 1e4), np.full(count, 400.0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def town():
    return board(20, 30, villages=3)


@pytest.fixture(scope="module")
def cells(town):
    return divide(town, Rules(30, Borders.FREE))


def test_cells_are_whole_and_even(town, cells):
    assert check(town, cells.rules, cells.cell) == ()
    assert cells.even
    assert cells.max_deviation <= allowed(town, 30)
    np.testing.assert_allclose(cells.demand, np.bincount(cells.cell, weights=town.demand))
    assert cells.compactness > 0.5
    assert set(cells.cell.tolist()) == set(range(30))


def test_the_same_seed_gives_the_same_cells(town, cells):
    np.testing.assert_array_equal(divide(town, Rules(30, Borders.FREE)).cell, cells.cell)


def test_kept_village_borders_are_never_crossed(town):
    found = divide(town, Rules(30))
    for cell in range(30):
        assert len(set(town.village[found.cell == cell].tolist())) == 1
    assert Fault.VILLAGES not in {finding.code for finding in check(town, found.rules, found.cell)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_tightest_village_is_evened_nearly_to_what_whole_cells_force(seed):
    """Five villages of unequal demand on 20 whole cells: without rounds of its own the tightest lies 0.06 above."""
    found = divide(board(12, 14, seed=seed, villages=5), Rules(20))
    assert found.forced <= found.max_deviation <= found.forced + 0.03


def test_preferred_borders_are_crossed_less_than_free_ones(town, cells):
    def crossed(found):
        return sum(len(set(town.village[found.cell == cell].tolist())) > 1 for cell in range(30))

    assert crossed(divide(town, Rules(30, Borders.PREFERRED))) < crossed(cells)


def test_a_fixed_cell_stays_as_it_is_drawn(town):
    drawn = (0, 1, 2, 30, 31, 32)
    found = divide(town, Rules(30, Borders.FREE, (drawn,)))
    assert tuple(np.flatnonzero(found.cell == 0).tolist()) == drawn
    assert Fault.SPLIT not in {finding.code for finding in check(town, found.rules, found.cell)}


def test_as_many_cells_as_atoms_and_one_cell(town):
    small = board(2, 3)
    assert sorted(divide(small, Rules(6)).cell.tolist()) == [0, 1, 2, 3, 4, 5]
    assert set(divide(small, Rules(1)).cell.tolist()) == {0}
    assert check(small, Rules(5), divide(small, Rules(5)).cell)[:0] == ()


def test_every_cut_of_odd_shapes_is_whole():
    for seed in range(6):
        comb = board(1, 40, seed=seed)  # a street: METIS leaves parts in pieces there
        found = divide(comb, Rules(13, Borders.FREE))
        assert Fault.SPLIT not in {one.code for one in check(comb, found.rules, found.cell)}
        assert len(set(found.cell.tolist())) == 13


def test_cells_that_stand_change_little_where_staying_weighs():
    """Demand changes in one corner; the more staying weighs, the fewer atoms move, and the cells stay whole and even."""
    atoms = board(16, 16)
    before = divide(atoms, Rules(8, Borders.FREE)).cell
    row, column = np.divmod(np.arange(256), 16)
    grown = replace(atoms, demand=np.where((row < 4) & (column < 4), 2.0, 1.0) * atoms.demand)
    moved = []
    for stay in (0.25, 4.0):
        found = divide(grown, Rules(8, Borders.FREE), before=before, stay=stay)
        assert [one.code for one in check(grown, found.rules, found.cell)] == []
        moved.append(int((found.cell != before).sum()))
    assert 0 < moved[1] <= moved[0] < 128
    one_more = divide(grown, Rules(9, Borders.FREE), before=before, stay=1.0)
    assert one_more.even
    held = (tuple(np.flatnonzero(before == 5).tolist()),)
    fixed = divide(grown, Rules(8, Borders.FREE, held), before=before, stay=1.0)
    assert np.flatnonzero(fixed.cell == 0).tolist() == list(held[0])


def test_a_stop_at_once_still_gives_whole_cells(town):
    found = divide(town, Rules(30, Borders.FREE), stop=lambda: True)
    assert {one.code for one in check(town, found.rules, found.cell)} <= {Fault.HEAVY, Fault.LIGHT}


def test_an_edit_on_the_map_is_judged_at_once(town, cells):
    edge = next(
        (int(a), int(cells.cell[b])) for a, b in town.pairs
        if cells.cell[a] != cells.cell[b] and (cells.cell[town.pairs[(town.pairs == a).any(axis=1)]] == cells.cell[a]).any()
    )  # fmt: skip
    edited, _ = recheck(town, cells.rules, cells.cell, {edge[0]: edge[1]})
    assert (edited != cells.cell).sum() == 1
    far = int(np.flatnonzero(cells.cell == 0)[0])
    other = next(c for c in range(30) if not (cells.cell[town.pairs[(town.pairs == far).any(axis=1)]] == c).any())
    _, findings = recheck(town, cells.rules, cells.cell, {far: other})
    split = [one for one in findings if one.code is Fault.SPLIT]
    assert [(one.cell, one.value) for one in split if far in one.atoms] == [(other, 1.0)]


def test_empty_heavy_and_light_cells_are_named():
    four = replace(board(1, 4), demand=np.ones(4))
    cell = np.array([0, 0, 0, 2], np.int32)
    found = {(one.code, one.cell): one.value for one in check(four, Rules(3), cell)}
    assert found[Fault.EMPTY, 1] == 0
    assert found[Fault.HEAVY, 0] == pytest.approx(1.25)
    assert (Fault.LIGHT, 2) not in found  # a quarter light, and half the largest atom is 3/8
    light = check(four, Rules(2), np.array([0, 0, 0, 1], np.int32))
    assert [(one.code, one.cell) for one in light] == [(Fault.HEAVY, 0), (Fault.LIGHT, 1)]


def test_a_changed_fixed_cell_is_named():
    rules = Rules(2, Borders.FREE, ((0, 1),))
    found = check(board(1, 4), rules, np.array([0, 1, 1, 1], np.int32))
    assert next(one for one in found if one.code is Fault.FIXED).atoms == (1,)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [({"demand": np.zeros(4)}, ZeroDemand, "zero"), ({"demand": np.array([1, -1, 1, 1.0])}, DistrictsError, "atom 1"),
     ({"demand": np.array([1, 1, np.nan, 1.0])}, DistrictsError, "atom 2"), ({"demand": np.zeros(0)}, DistrictsError, "no atoms"),
     ({"pairs": np.array([[0, 1], [1, 2], [2, 9]], np.int32)}, DistrictsError, "Pair 2"),
     ({"border_m": np.array([1.0, 0, 1])}, DistrictsError, "pair 1")],
)  # fmt: skip
def test_atoms_that_are_none_are_refused(change, error, words):
    with pytest.raises(error, match=words):
        replace(board(1, 4), **change)


@pytest.mark.parametrize(
    ("rules", "error", "words"),
    [(Rules(0), DistrictsError, "0 cells"), (Rules(5), DistrictsError, "5 cells"),
     (Rules(2, Borders.FREE, ((0, 1), (1, 2))), Contradiction, "Atom 1"),
     (Rules(2, Borders.FREE, ((0, 2),)), Contradiction, "atoms 2 lie apart"),
     (Rules(2, Borders.FREE, ((),)), DistrictsError, "cell 0 is empty"),
     (Rules(2, Borders.FREE, ((0,), (1,))), Contradiction, "2 atoms are left"),
     (Rules(2, Borders.KEPT, ((1, 2),)), Contradiction, "villages"), (Rules(1, Borders.KEPT), Contradiction, "2 pieces")],
)  # fmt: skip
def test_rules_that_cannot_hold_are_refused(rules, error, words):
    with pytest.raises(error, match=words):
        divide(board(1, 4, villages=2), rules)


def test_atoms_apart_are_named():
    whole = board(1, 4)
    apart = replace(whole, pairs=whole.pairs[:2], border_m=whole.border_m[:2])
    with pytest.raises(Disconnected, match="Atoms 3 "):
        divide(apart, Rules(2))


def people_and_cells(chance, people, cells):
    words = ("zh-WZ", "zh-CQ", "zh-GX")
    crew = [
        Person(i, frozenset(chance.choice(words, chance.integers(0, 3), replace=False).tolist()), int(chance.integers(0, 3)), 1, 3)
        for i in range(people)
    ]  # fmt: skip
    needs = [
        CellNeed(
            10 + j, float(chance.integers(1, 9)), int(chance.integers(0, 3)), MappingProxyType({words[j % 3]: 0.5})
        )
        for j in range(cells)
    ]
    return crew, needs


def cost_of(crew, needs, given, travel_s, p):
    """The points of one choice, counted anew."""
    cost, load = 0.0, dict.fromkeys(range(len(crew)), 0.0)
    for j, i in enumerate(given):
        person, need = crew[i], needs[j]
        cost += p.stranger * sum(share for code, share in need.dialects.items() if code not in person.dialects)
        cost += -p.home * (person.village == need.village) + p.change * (need.cell_id not in person.current)
        cost += p.per_minute * travel_s[i, j] / 60
        load[i] += need.load
    mean = sum(need.load for need in needs) / len(crew)
    return cost + p.overload * sum(max(0.0, one / mean - 1) for one in load.values())


@pytest.mark.parametrize("seed", range(3))
def test_staffing_finds_the_best_of_all_choices(seed):
    chance = np.random.default_rng(seed)
    crew, needs = people_and_cells(chance, 3, 6)
    travel_s, points = chance.uniform(0, 900, (3, 6)), Preferences()
    best = min(
        cost_of(crew, needs, given, travel_s, points)
        for given in product(range(3), repeat=6) if all(1 <= given.count(i) <= 3 for i in range(3))
    )  # fmt: skip
    found = staff(crew, needs, travel_s=travel_s)
    assert found.proven
    assert found.cost == pytest.approx(best)
    chosen = tuple(found.person_of[need.cell_id] for need in needs)
    assert cost_of(crew, needs, chosen, travel_s, points) == pytest.approx(best)
    assert sum(found.load_of.values()) == sum(need.load for need in needs)


def test_staffing_refuses_what_cannot_be():
    crew, needs = people_and_cells(np.random.default_rng(0), 2, 7)
    with pytest.raises(NobodyFits, match="from 2 to 6 cells; there are 7"):
        staff(crew, needs)
    with pytest.raises(NobodyFits, match="Capacities"):
        staff([replace(person, capacity=0.5) for person in crew], needs[:6])
    with pytest.raises(DistrictsError, match="person 0 is given twice"):
        staff([crew[0], crew[0]], needs[:4])
    with pytest.raises(DistrictsError, match="cell 11"):
        staff(crew, [needs[0], replace(needs[1], load=float("nan"))])
    with pytest.raises(NobodyFits, match="no cell"):
        staff(crew, [])
