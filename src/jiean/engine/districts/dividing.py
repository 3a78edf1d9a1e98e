"""Cells from atoms: METIS for the first cut, then annealed flips of border atoms that never break a cell apart.

Karypis, G., Kumar, V. (1998), "A fast and high quality multilevel scheme for partitioning irregular graphs", SIAM
Journal on Scientific Computing 20, 359-392, gives the first cut (package `pymetis`); the flips are of this program.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from jiean.engine.districts.checking import allowed
from jiean.engine.districts.errors import Contradiction
from jiean.engine.districts.homing import Home, homes
from jiean.engine.districts.problem import Atoms, Borders, Floats, Ints, Rules, Stop, checked, never, pieces

ROUNDS, TRIES_AN_ATOM, LOOKS = 8, 120, 2000
"""Rounds of annealing at most, tries of each an atom, and tries between two looks at the worst cell: more for longer."""

FINE_ROUNDS, FINE_TRIES, FINE_LOOKS, FINE_HOT, FINE = 12, 800, 5, 3.0, 0.001
"""Then the piece of ground that holds the worst cell is annealed alone, until what it is off is what its size forces."""

HOT, COLD, EVEN = 0.6, 0.05, 150.0
"""Heat at the start and end of a round, and the weight of a squared deviation, in mean borders."""

GOOD = 0.03
"""The annealing ends when no cell lies farther than this share off the mean, where that can be."""

VILLAGE_BORDER = 4.0
"""A preferred village border is cut as gladly as one of a quarter of its length."""


@dataclass(frozen=True, eq=False)
class Cells:
    """A division of the town.

    cell : int32 (n,) the cell of each atom; demand : float64 (cells,)
    max_deviation, mean_deviation : shares of the mean demand; allowed : max(4 %, half the largest atom)
    even : no cell lies off the mean by more than allowed (kept village borders may make that impossible)
    compactness : mean of 4 pi area / perimeter² over the cells, None where atoms have no areas
    border_share : share of all inner borders that separate two cells
    honoured : share of the village borders along which two cells meet; 1 without villages
    forced : the least largest deviation whole numbers of cells in whole villages allow; 0 where borders are not kept
    """

    cell: Ints
    demand: Floats
    max_deviation: float
    mean_deviation: float
    allowed: float
    even: bool
    compactness: float | None
    border_share: float
    honoured: float
    forced: float
    rules: Rules
    seed: int
    cpu_s: float


def divide(
    atoms: Atoms, rules: Rules, *, before: Ints | None = None, stay: float = 0.0, seed: int = 12312, stop: Stop = never
) -> Cells:
    """Cut the town into balanced, contiguous, compact cells. No atom is ever split.

    Where village borders are kept, each village gets whole cells, as evenly as whole numbers allow, so that balance
    is bounded by the villages' sizes; `Cells.even` says honestly whether it was reached.

    Parameters
    ----------
    before, stay : int32 (n,), a number of zero or more
        The division that stands, and what an atom that leaves its cell weighs, in mean borders between atoms. Where so
        many cells stand as are asked for, the search begins with them; each cell then keeps its place in `before`.
    stop
        Asked between rounds; when it says true the best division so far is given, always whole.

    Raises
    ------
    DistrictsError, Disconnected, ZeroDemand, Contradiction
    """
    began = time.process_time()
    held = checked(atoms, rules)
    group, share = _groups(atoms, rules, held)
    first = _first_cut(atoms, rules, held, group, share)
    starts = [(first, np.full(held.size, -1, np.int32))]
    if before is not None and stay > 0:
        starts = homes(atoms, rules, first, group, share, _whole(atoms, rules, before))

    def judged(one: tuple[Ints, Ints]) -> float:
        load = np.bincount(one[0], weights=atoms.demand, minlength=rules.cells)
        return EVEN * float(((load / load.mean() - 1) ** 2).sum()) + stay * int((one[0] != one[1]).sum())

    done = [
        (_polish(atoms, rules, cell, group, (home, stay), np.random.default_rng(seed), stop), home)
        for cell, home in starts
    ]
    return _sheet(atoms, rules, min(done, key=judged)[0], group, seed, began)


def _groups(atoms: Atoms, rules: Rules, held: Ints) -> tuple[Ints, Ints]:
    """The piece of ground each atom must stay in, -1 where fixed, and how many cells each piece gets."""
    ground = atoms.village + 1 if rules.borders is Borders.KEPT else np.zeros(held.size, np.int32)
    label: Ints = np.where(held >= 0, -1 - held, ground).astype(np.int32)
    _, piece = pieces(atoms, label)
    free = np.unique(piece[held < 0])
    group = np.where(held >= 0, -1, np.searchsorted(free, piece)).astype(np.int32)
    left = rules.cells - len(rules.fixed)
    if free.size > left:
        raise Contradiction(f"Village borders and fixed cells cut the town into {free.size} pieces, for {left} cells.")
    inside = group[group >= 0]
    demand = np.bincount(inside, weights=atoms.demand[held < 0], minlength=free.size)
    return group, _apportion(demand, np.bincount(inside, minlength=free.size), left)


def _apportion(demand: npt.NDArray[Any], atoms: npt.NDArray[np.int64], cells: int) -> Ints:
    """Cells for each piece of ground: at least one, never more than it has atoms, none far off the mean.

    The least largest deviation any choice can have decides first, Sainte-Laguë among the choices that have it.
    """
    ideal = demand * cells / max(float(demand.sum()), 1e-300)
    steps = np.arange(1, cells + 1)
    for away in np.unique(np.abs(ideal[:, None] / steps - 1).round(9)):
        low = np.maximum(np.ceil(ideal / (1 + away) - 1e-6), 1).astype(np.int64)
        high = np.floor(np.minimum(ideal / max(1 - away, 1e-9) + 1e-6, cells)).astype(np.int64)
        high = np.minimum(np.maximum(high, low * (away >= 1)), atoms)
        if (low <= high).all() and low.sum() <= cells <= high.sum():
            break
    else:
        low, high = np.ones(demand.size, np.int64), np.minimum(atoms, cells)
    share = low.copy()
    for _ in range(cells - int(low.sum())):
        share[int(np.argmax(np.where(share < high, ideal / (share + 0.5), -1.0)))] += 1
    found: Ints = share.astype(np.int32)
    return found


def _first_cut(atoms: Atoms, rules: Rules, held: Ints, group: Ints, share: Ints) -> Ints:
    cell, first = held.copy(), len(rules.fixed)
    for number, cells in enumerate(share.tolist()):
        inside = np.flatnonzero(group == number)
        cell[inside] = first + _cut(atoms, rules, inside, cells)
        first += cells
    return cell


def _cut(atoms: Atoms, rules: Rules, inside: npt.NDArray[np.int64], cells: int) -> Ints:
    """One connected piece of ground cut into connected, non-empty parts, int32 (inside,)."""
    if cells == 1:
        return np.zeros(inside.size, np.int32)
    if cells == inside.size:
        return np.arange(cells, dtype=np.int32)
    import pymetis  # noqa: PLC0415 — slow to load, and only dividing needs it

    start, near, border = _adjacency(atoms, rules, inside)
    scale = 1e6 / max(float(atoms.demand[inside].max()), 1e-300)
    found = pymetis.part_graph(
        cells, pymetis.CSRAdjacency(start, near), options=pymetis.Options(ufactor=30, seed=1, contig=1),
        vweights=np.maximum(atoms.demand[inside] * scale, 1).astype(int).tolist(),
        eweights=np.maximum(border * 100, 1).astype(int).tolist(),
    )  # fmt: skip
    return _mended(start, near, np.array(found.vertex_part, np.int32), cells, atoms.demand[inside])


def _adjacency(atoms: Atoms, rules: Rules, inside: npt.NDArray[np.int64]) -> tuple[Ints, Ints, Floats]:
    """Neighbours among some atoms: start (k + 1,), near and border (in mean borders) side by side."""
    place = np.full(atoms.demand.size, -1, np.int32)
    place[inside] = np.arange(inside.size)
    both = place[atoms.pairs]
    kept = (both >= 0).all(axis=1)
    both, border = both[kept], atoms.border_m[kept] / atoms.border_m.mean()
    if rules.borders is Borders.PREFERRED:
        a, b = atoms.village[atoms.pairs[kept]].T
        border = np.where(a == b, border, border / VILLAGE_BORDER)
    tail, head = np.concatenate([both, both[:, ::-1]]).T
    order = np.argsort(tail, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=inside.size))])
    return start.astype(np.int32), head[order].astype(np.int32), np.concatenate([border, border])[order]


def _whole(atoms: Atoms, rules: Rules, before: Ints) -> Ints:
    """The division that stands with every cell in one piece: what lies apart from its cell joins a neighbour."""
    start, near, _border = _adjacency(atoms, rules, np.arange(before.size))
    return _joined(start, near, np.unique(before, return_inverse=True)[1].astype(np.int32))


def _mended(start: Ints, near: Ints, part: Ints, cells: int, demand: Floats) -> Ints:
    """METIS may leave a part in pieces or empty: loose pieces join a neighbour, an empty part takes an atom."""
    while True:
        part = _joined(start, near, part)
        empty = np.flatnonzero(np.bincount(part, minlength=cells) == 0)
        if not empty.size:
            return part
        load = np.bincount(part, weights=demand, minlength=cells)
        many = np.bincount(part, minlength=cells) > 1
        giver = int(np.argmax(np.where(many, load, -1.0)))
        part[_leaf(start, near, np.flatnonzero(part == giver))] = empty[0]


def _joined(start: Ints, near: Ints, part: Ints) -> Ints:
    """Every part reduced to its largest piece; what falls off joins a part it touches."""
    loose = _loose(start, near, part)
    part = np.where(loose, -1, part).astype(np.int32)
    while (part < 0).any():
        for atom in np.flatnonzero(part < 0):
            touched = part[near[start[atom] : start[atom + 1]]]
            if (touched >= 0).any():
                part[atom] = touched[touched >= 0][0]
    return part


def _loose(start: Ints, near: Ints, part: Ints) -> npt.NDArray[np.bool_]:
    from scipy.sparse import csr_array  # noqa: PLC0415 — slow to load, and only dividing needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 — as above

    tail = np.repeat(np.arange(part.size), np.diff(start))
    same = part[tail] == part[near]
    graph = csr_array((np.ones(int(same.sum()), np.int8), (tail[same], near[same])), shape=(part.size, part.size))
    _, piece = connected_components(graph, directed=False)
    size = np.bincount(piece)
    largest = {int(part[i]): piece[i] for i in np.argsort(size[piece], kind="stable")}
    return np.array([piece[i] != largest[int(part[i])] for i in range(part.size)])


def _leaf(start: Ints, near: Ints, inside: npt.NDArray[np.int64]) -> int:
    """An atom of a connected set that can leave it whole: the last one a walk through it finds."""
    left, queue = set(inside.tolist()), [int(inside[0])]
    left.discard(queue[0])
    for atom in queue:
        for other in near[start[atom] : start[atom + 1]].tolist():
            if other in left:
                left.discard(other)
                queue.append(other)
    return queue[-1]


def _polish(
    atoms: Atoms, rules: Rules, cell: Ints, group: Ints, home: Home, chance: np.random.Generator, stop: Stop
) -> Ints:
    """Anneal until the division is even, at most ROUNDS times; evenness weighs more from round to round."""
    count = atoms.demand.size
    ground = (*_adjacency(atoms, rules, np.arange(count)), atoms.demand, group)
    cell_group = np.full(rules.cells, -1, np.int32)
    cell_group[cell] = group
    goal = _goals(atoms, cell, cell_group, rules.cells)
    aim = np.where(goal > 0, float(atoms.demand.sum()) / rules.cells, 0.0)
    good = _reachable(atoms, goal, aim)

    def annealed(cell: Ints, inside: npt.NDArray[np.int64], tries: int, every: int, hot: float, weight: float) -> Ints:
        """One round over some atoms."""
        heats = np.geomspace(hot, COLD, inside.size * tries)
        draws = chance.random((heats.size, 3))
        draws[:, 0] = (inside[(draws[:, 0] * inside.size).astype(np.int64)] + 0.5) / count
        load = np.bincount(cell, weights=atoms.demand, minlength=rules.cells)
        size = np.bincount(cell, minlength=rules.cells).astype(np.int32)
        room, best = (np.zeros(count, np.uint8), np.zeros(count, np.int32)), cell.copy()
        _compiled().anneal(
            ground, goal, aim, cell_group, load, cell.copy(), size, heats, draws, every, weight, home, room, best
        )
        return best

    for turn in range(ROUNDS):
        if stop() or (group < 0).all() or _worst(atoms, cell, aim) <= good * (turn > 0):
            return cell
        cell = annealed(cell, np.arange(count), TRIES_AN_ATOM, LOOKS, HOT, EVEN * 2**turn)
    for turn in range(FINE_ROUNDS if rules.borders is Borders.KEPT else 0):
        away = _off(atoms, cell, aim)
        tight = cell_group[int(np.argmax(away))]
        forced = float(np.abs(goal / np.where(aim > 0, aim, 1.0) - 1)[cell_group == tight].max())
        if stop() or away.max() <= forced + FINE:
            return cell
        cell = annealed(cell, np.flatnonzero(group == tight), FINE_TRIES, FINE_LOOKS, FINE_HOT, EVEN * 2 ** (turn % 3))
    return cell


def _reachable(atoms: Atoms, goal: Floats, aim: Floats) -> float:
    """When to be content: 3 %, or a little more than the largest atom or a village's size makes inevitable."""
    free = goal > 0
    if not free.any():
        return GOOD
    largest = float(atoms.demand.max()) / aim[free][0] - 1
    village = float(np.abs(goal[free] / aim[free] - 1).max())
    return max(GOOD, float(largest) + 1e-9, village + GOOD / 6)


def _goals(atoms: Atoms, cell: Ints, cell_group: Ints, cells: int) -> Floats:
    """The mean demand of a cell in its piece of ground, zero for fixed cells, (cells,)."""
    load = np.bincount(cell, weights=atoms.demand, minlength=cells)
    goal = np.zeros(cells)
    for number in np.unique(cell_group[cell_group >= 0]):
        own = cell_group == number
        goal[own] = load[own].mean()
    return goal


def _worst(atoms: Atoms, cell: Ints, goal: Floats) -> float:
    return float(_off(atoms, cell, goal).max())


def _off(atoms: Atoms, cell: Ints, goal: Floats) -> Floats:
    """How far each cell lies off its goal, as a share, (cells,); zero where it has none."""
    load = np.bincount(cell, weights=atoms.demand, minlength=goal.size)
    found: Floats = np.where(goal > 0, np.abs(load / np.where(goal > 0, goal, 1.0) - 1), 0.0)
    return found


def _sheet(atoms: Atoms, rules: Rules, cell: Ints, group: Ints, seed: int, began: float) -> Cells:
    load: Floats = np.bincount(cell, weights=atoms.demand, minlength=rules.cells).astype(np.float64)
    away, most = np.abs(load / load.mean() - 1), allowed(atoms, rules.cells)
    apart = cell[atoms.pairs[:, 0]] != cell[atoms.pairs[:, 1]]
    cut = float(atoms.border_m[apart].sum() / max(float(atoms.border_m.sum()), 1e-300))
    return Cells(
        cell, load, float(away.max()), float(away.mean()), most, bool(away.max() <= most + 1e-9),
        compactness(atoms, cell), cut, honoured(atoms, cell), _forced(atoms, rules, cell, group), rules, seed,
        time.process_time() - began,
    )  # fmt: skip


def honoured(atoms: Atoms, cell: Ints) -> float:
    """The share of the villages' borders along which two cells meet, in [0, 1]; 1 where no two villages meet."""
    one, two = atoms.pairs.T
    between = atoms.village[one] != atoms.village[two]
    whole = float(atoms.border_m[between].sum())
    return float(atoms.border_m[between & (cell[one] != cell[two])].sum()) / whole if whole > 0 else 1.0


def _forced(atoms: Atoms, rules: Rules, cell: Ints, group: Ints) -> float:
    """How far off the mean some cell must lie although each village is divided evenly: `_apportion` gave the numbers."""
    if rules.borders is not Borders.KEPT or not (group >= 0).any():
        return 0.0
    cell_group = np.full(rules.cells, -1, np.int32)
    cell_group[cell] = group
    goal = _goals(atoms, cell, cell_group, rules.cells)
    mean = float(atoms.demand.sum()) / rules.cells
    return float(np.abs(goal[goal > 0] / mean - 1).max())


def compactness(atoms: Atoms, cell: Ints) -> float | None:
    """The mean Polsby-Popper measure of the cells, in (0, 1]; None where atoms have no areas.

    Polsby, D. D., Popper, R. D. (1991), "The third criterion", Yale Law & Policy Review 9, 301-353.
    """
    if atoms.area_m2 is None or atoms.perimeter_m is None:
        return None
    a, b = cell[atoms.pairs].T
    inner = np.bincount(a[a == b], weights=atoms.border_m[a == b], minlength=int(cell.max()) + 1)
    area = np.bincount(cell, weights=atoms.area_m2)
    perimeter = np.bincount(cell, weights=atoms.perimeter_m) - 2 * inner
    return float((4 * np.pi * area / perimeter**2).mean())


@cache
def _compiled() -> Any:
    """The compiled loops. The compiler takes a second to import, and most processes never divide anything."""
    from jiean.engine.districts import compiled  # noqa: PLC0415

    return compiled
