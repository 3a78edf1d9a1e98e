"""Cells that stay where they are: which cell of a new division is which of the one that stands."""

from __future__ import annotations

import numpy as np

from jiean.engine.districts.problem import Atoms, Ints, Rules, pieces

Home = tuple[Ints, float]
"""The cell each atom lies in now by the new numbers, int32 (n,), -1 where none is its own; what leaving it weighs."""


def at_home(atoms: Atoms, rules: Rules, cell: Ints, group: Ints, before: Ints) -> tuple[Ints, Ints]:
    """A division to begin with, and the home of each atom by its numbers, int32 (n,) each.

    The division that stands is begun with where it has so many cells as asked, whole ones, each in one piece of ground
    (`group`), the fixed ones among them. Elsewhere `cell` is, and each of its cells is the home of those it shares most
    demand with.
    """
    standing = _standing(atoms, rules, group, before)
    if standing is not None:
        return standing.copy(), standing
    return cell, _matched(atoms, cell, before)


def _standing(atoms: Atoms, rules: Rules, group: Ints, before: Ints) -> Ints | None:
    """`before` with the fixed cells numbered first; None where it cannot be begun with."""
    names, numbers = np.unique(before, return_inverse=True)
    if names.size != rules.cells or pieces(atoms, before)[0] != rules.cells:
        return None
    first = [int(numbers[drawn[0]]) for drawn in rules.fixed]
    order = [*dict.fromkeys(first), *(i for i in range(names.size) if i not in set(first))]
    place = np.empty(names.size, np.int32)
    place[order] = np.arange(names.size)
    cell: Ints = place[numbers].astype(np.int32)
    drawn_alike = all(np.array_equal(np.flatnonzero(cell == i), np.sort(drawn)) for i, drawn in enumerate(rules.fixed))
    one_ground = all(np.unique(group[cell == i]).size == 1 for i in range(names.size))
    return cell if drawn_alike and one_ground else None


def _matched(atoms: Atoms, cell: Ints, before: Ints) -> Ints:
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 — slow to load, and only a new plan needs it

    names, numbers = np.unique(before, return_inverse=True)
    shared = np.zeros((int(cell.max()) + 1, names.size))
    np.add.at(shared, (cell, numbers), atoms.demand)
    own = np.full(names.size, -1, np.int32)
    for new, old in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        own[old] = new
    home: Ints = own[numbers].astype(np.int32)
    return home
