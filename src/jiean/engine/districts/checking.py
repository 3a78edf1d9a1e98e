"""Does a division keep the rules? Asked after every small edit on the map, so it only counts, and solves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from jiean.engine.districts.errors import DistrictsError
from jiean.engine.districts.problem import TOLERANCE, Atoms, Borders, Ints, Rules, checked, stranded


class Fault(StrEnum):
    """A rule that is not kept; `Finding.value` is in the unit named."""

    SPLIT = "split"  # number of atoms that lie apart from their cell
    EMPTY = "empty"  # 0
    VILLAGES = "villages"  # number of villages the cell lies in
    FIXED = "fixed"  # number of atoms of a fixed cell that were moved in or out
    HEAVY = "heavy"  # share of demand above the mean
    LIGHT = "light"  # share of demand below the mean


@dataclass(frozen=True)
class Finding:
    """One rule broken by one cell, the number that shows it, and the atoms concerned (ascending)."""

    code: Fault
    cell: int
    value: float
    atoms: tuple[int, ...] = ()


def check(atoms: Atoms, rules: Rules, cell: Ints) -> tuple[Finding, ...]:
    """Every rule the division breaks, by cell.

    Parameters
    ----------
    cell : int32 (n,)
        The cell of each atom, 0 to rules.cells - 1.

    Raises
    ------
    DistrictsError
        When `cell` is no division at all, or the rules themselves cannot hold.
    """
    if cell.shape != atoms.demand.shape or (cell < 0).any() or (cell >= rules.cells).any():
        raise DistrictsError(f"Each of {atoms.demand.size} atoms needs a cell from 0 to {rules.cells - 1}.")
    held = checked(atoms, rules)
    found = [*_pieces(atoms, cell), *_balance(atoms, rules, cell)]
    if rules.borders is Borders.KEPT:
        found += _villages(atoms, cell, rules.cells)
    for number in range(len(rules.fixed)):
        moved = np.flatnonzero((held == number) != (cell == number))
        if moved.size:
            found.append(Finding(Fault.FIXED, number, float(moved.size), tuple(moved.tolist())))
    return tuple(sorted(found, key=lambda finding: (finding.cell, finding.code)))


def recheck(atoms: Atoms, rules: Rules, cell: Ints, moves: Mapping[int, int]) -> tuple[Ints, tuple[Finding, ...]]:
    """The division after moving some atoms to other cells, with every rule it breaks. Raises DistrictsError.

    Parameters
    ----------
    moves
        Atom to its new cell.
    """
    edited = cell.copy()
    for atom, goal in moves.items():
        if not 0 <= atom < cell.size:
            raise DistrictsError(f"Atom {atom} is not there; they are numbered 0 to {cell.size - 1}.")
        edited[atom] = goal
    return edited, check(atoms, rules, edited)


def _pieces(atoms: Atoms, cell: Ints) -> list[Finding]:
    lost = stranded(atoms, cell)
    apart = {int(number): tuple(lost[cell[lost] == number].tolist()) for number in np.unique(cell[lost])}
    return [Finding(Fault.SPLIT, number, float(len(which)), which) for number, which in apart.items()]


def _balance(atoms: Atoms, rules: Rules, cell: Ints) -> list[Finding]:
    load = np.bincount(cell, weights=atoms.demand, minlength=rules.cells)
    size = np.bincount(cell, minlength=rules.cells)
    away = load / load.mean() - 1
    most = allowed(atoms, rules.cells) + 1e-9
    empty = [Finding(Fault.EMPTY, int(c), 0.0) for c in np.flatnonzero(size == 0)]
    heavy = [Finding(Fault.HEAVY, int(c), float(away[c])) for c in np.flatnonzero(away > most)]
    light = [Finding(Fault.LIGHT, int(c), float(-away[c])) for c in np.flatnonzero((away < -most) & (size > 0))]
    return empty + heavy + light


def allowed(atoms: Atoms, cells: int) -> float:
    """The deviation from the mean that counts as even: 4 %, or half the largest atom where that is more (a share)."""
    return max(TOLERANCE, float(atoms.demand.max()) * cells / float(atoms.demand.sum()) / 2)


def _villages(atoms: Atoms, cell: Ints, cells: int) -> list[Finding]:
    both = np.unique(np.stack([cell, atoms.village], axis=1), axis=0)
    many = np.bincount(both[:, 0], minlength=cells)
    return [Finding(Fault.VILLAGES, int(c), float(many[c])) for c in np.flatnonzero(many > 1)]
