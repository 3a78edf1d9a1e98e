"""Cells that stay where they are: which cell of a new division is which of the one that stands."""

from __future__ import annotations

import numpy as np

from jiean.engine.districts.problem import Atoms, Ints, Rules, pieces

Home = tuple[Ints, float]
"""The cell each atom lies in now by the new numbers, int32 (n,), -1 where none is its own; what leaving it weighs."""


def homes(atoms: Atoms, rules: Rules, cell: Ints, group: Ints, share: Ints, before: Ints) -> list[tuple[Ints, Ints]]:
    """Divisions to begin with, each with the home of every atom by its numbers, int32 (n,) each.

    The one is `cell`, each of its cells the home of those it shares most demand with. The other is the division that
    stands, where it has so many cells as asked, whole ones, each in one piece of ground (`group`), as many in each as
    evenness gives it (`share`), the fixed ones among them. Where little has changed the second moves less; where the
    standing cells are far from even, the first.
    """
    standing = _standing(atoms, rules, group, share, before)
    starts = [(cell, _matched(atoms, cell, before))]
    return starts if standing is None else [(standing.copy(), standing), *starts]


def moved(atoms: Atoms, cell: Ints, before: Ints) -> int:
    """How many atoms leave their cell, when each new cell is the standing one it shares most demand with."""
    return int((_matched(atoms, cell, before) != cell).sum())


def _standing(atoms: Atoms, rules: Rules, group: Ints, share: Ints, before: Ints) -> Ints | None:
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
    if not drawn_alike or not one_ground:
        return None
    cell_group = np.full(names.size, -1, np.int32)
    cell_group[cell] = group
    return cell if np.array_equal(np.bincount(cell_group[cell_group >= 0], minlength=share.size), share) else None


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
