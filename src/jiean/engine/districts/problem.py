"""The atoms cells are made of, and the rules a division has to keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from jiean.engine.districts.errors import Contradiction, Disconnected, DistrictsError, ZeroDemand

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Stop = Callable[[], bool]

NO_VILLAGE = -1
TOLERANCE = 0.04
"""Share a cell's demand may lie off the mean before the division is called uneven."""


def never() -> bool:
    """The stop that never comes."""
    return False


class Borders(StrEnum):
    """What a village's border means to a cell."""

    KEPT = "kept"  # no cell lies in two villages
    PREFERRED = "preferred"  # a border between cells runs along it where that costs little
    FREE = "free"


@dataclass(frozen=True, eq=False)
class Atoms:
    """The smallest pieces of ground, none of which is ever split.

    demand : float64 (n,) zero or more, not all zero: calls a year, people, or whatever is to be balanced
    pairs : int32 (m, 2) atoms that share a border, each pair once
    border_m : float64 (m,) metres of that border, above zero
    x_m, y_m : float64 (n,) middle of each atom on a plane, metres
    village : int32 (n,) the village of each atom, -1 for none
    area_m2, perimeter_m : float64 (n,) of each atom, for the compactness; both or neither
    """

    demand: Floats
    pairs: Ints
    border_m: Floats
    x_m: Floats
    y_m: Floats
    village: Ints
    area_m2: Floats | None = None
    perimeter_m: Floats | None = None

    def __post_init__(self) -> None:
        count = self.demand.size
        if self.demand.ndim != 1 or not count:
            raise DistrictsError("There are no atoms.")
        for name in ("x_m", "y_m", "village", "area_m2", "perimeter_m"):
            given = getattr(self, name)
            if given is not None and given.shape != (count,):
                raise DistrictsError(f"{name} needs {count} entries, one for each atom; its shape is {given.shape}.")
        self._check_demand()
        self._check_pairs(count)

    def _check_demand(self) -> None:
        wrong = ~np.isfinite(self.demand) | (self.demand < 0)
        if wrong.any():
            raise DistrictsError(f"The demand of atom {int(np.flatnonzero(wrong)[0])} is negative or no number.")
        if not self.demand.any():
            raise ZeroDemand("Every atom's demand is zero: there is nothing to balance.")

    def _check_pairs(self, count: int) -> None:
        if self.pairs.ndim != 2 or self.pairs.shape[1:] != (2,) or self.border_m.shape != (len(self.pairs),):
            raise DistrictsError("pairs needs two columns, and border_m one entry for each pair.")
        wrong = ((self.pairs < 0) | (self.pairs >= count)).any(axis=1) | (self.pairs[:, 0] == self.pairs[:, 1])
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DistrictsError(
                f"Pair {row} names atoms {self.pairs[row].tolist()}; they are numbered 0 to {count - 1}."
            )
        if not (np.isfinite(self.border_m) & (self.border_m > 0)).all():
            row = int(np.flatnonzero(~(self.border_m > 0) | ~np.isfinite(self.border_m))[0])
            raise DistrictsError(f"The border of pair {row} is not above zero metres.")


@dataclass(frozen=True)
class Rules:
    """What the division has to keep.

    cells : how many, 1 or more; borders : what village borders mean
    fixed : cells kept as they are drawn, each a tuple of atoms; they are numbered first, in this order
    """

    cells: int
    borders: Borders = Borders.KEPT
    fixed: tuple[tuple[int, ...], ...] = ()


def checked(atoms: Atoms, rules: Rules) -> Ints:
    """The fixed cell of each atom, int32 (n,), -1 where free.

    Raises
    ------
    DistrictsError, Disconnected, Contradiction
        Naming the atoms or cells at fault.
    """
    count = atoms.demand.size
    if not 1 <= rules.cells <= count:
        raise DistrictsError(f"{rules.cells} cells are asked for; {count} atoms make 1 to {count}.")
    lost = stranded(atoms, np.zeros(count, np.int32))
    if lost.size:
        raise Disconnected(f"Atoms {_some(lost)} do not touch the rest of the town.")
    held = np.full(count, -1, np.int32)
    for number, drawn in enumerate(rules.fixed):
        _check_fixed(atoms, rules, number, drawn, held)
        held[list(drawn)] = number
    if len(rules.fixed) > rules.cells or (len(rules.fixed) == rules.cells) != bool((held >= 0).all()):
        free = int((held < 0).sum())
        raise Contradiction(
            f"{len(rules.fixed)} of {rules.cells} cells are fixed, and {free} atoms are left for the others."
        )
    return held


def _check_fixed(atoms: Atoms, rules: Rules, number: int, drawn: tuple[int, ...], held: Ints) -> None:
    if not drawn or not all(0 <= atom < held.size for atom in drawn):
        raise DistrictsError(f"Fixed cell {number} is empty or names an atom that is not there.")
    twice = [atom for atom in drawn if held[atom] >= 0]
    if twice:
        raise Contradiction(f"Atom {twice[0]} is fixed to cell {held[twice[0]]} and to cell {number}.")
    villages = {int(atoms.village[atom]) for atom in drawn}
    if rules.borders is Borders.KEPT and len(villages) > 1:
        raise Contradiction(f"Fixed cell {number} lies in villages {sorted(villages)}, whose borders are to be kept.")
    inside = np.full(held.size, -1, np.int32)
    inside[list(drawn)] = 0
    lost = stranded(atoms, inside)
    if lost.size:
        raise Contradiction(f"Fixed cell {number} is in pieces: atoms {_some(lost)} lie apart.")


def pieces(atoms: Atoms, label: Ints) -> tuple[int, Ints]:
    """How many connected pieces equal labels form, and each atom's piece, int32 (n,)."""
    from scipy.sparse import coo_array  # noqa: PLC0415 — slow to load, and only dividing needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 — as above

    a, b = atoms.pairs[:, 0], atoms.pairs[:, 1]
    same = label[a] == label[b]
    graph = coo_array((np.ones(int(same.sum()), np.int8), (a[same], b[same])), shape=(label.size, label.size))
    count, piece = connected_components(graph, directed=False)
    return int(count), piece.astype(np.int32)


def stranded(atoms: Atoms, label: Ints) -> Ints:
    """Atoms with a label of zero or more that lie apart from the largest piece of it."""
    _, piece = pieces(atoms, label)
    size = np.bincount(piece)
    largest: dict[int, int] = {}
    for own, part in zip(label.tolist(), piece.tolist(), strict=True):
        if own not in largest or size[part] > size[largest[own]]:
            largest[own] = part
    lost = [i for i, own in enumerate(label.tolist()) if own >= 0 and piece[i] != largest[own]]
    return np.array(lost, np.int32)


def _some(numbers: Ints) -> str:
    shown = ", ".join(str(number) for number in numbers[:5])
    return f"{shown} and {numbers.size - 5} more" if numbers.size > 5 else shown
