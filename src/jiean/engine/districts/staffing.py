"""Who looks after which cell: one person a cell, by language, home village, distance, what they have now, and load.

An integer programme solved by HiGHS with a proven bound. The penalties are chosen by this program, not measured.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np

from jiean.engine.districts.errors import DistrictsError, NobodyFits
from jiean.engine.districts.problem import Floats

PROVEN = 1e-5
"""A gap that counts as none: the solver compares in floating point."""


@dataclass(frozen=True)
class Person:
    """Somebody who can look after cells. No names: the id is the caller's.

    dialects : codes of what they speak; village : their home village, -1 when unknown
    least, most : how many cells they may be given; capacity : the load they can carry, in the cells' unit
    current : cells they look after now
    """

    person_id: int
    dialects: frozenset[str] = frozenset()
    village: int = -1
    least: int = 0
    most: int = 3
    capacity: float = float("inf")
    current: frozenset[int] = frozenset()


@dataclass(frozen=True)
class CellNeed:
    """A cell to be looked after.

    load : zero or more; village : -1 for none
    dialects : share of residents who would rather speak it, code to [0, 1]
    """

    cell_id: int
    load: float
    village: int = -1
    dialects: MappingProxyType[str, float] = field(default_factory=lambda: MappingProxyType({}))


def shares(given: Mapping[str, float]) -> MappingProxyType[str, float]:
    """Shares of residents by dialect, frozen. Raises DistrictsError for one outside [0, 1]."""
    for code, share in given.items():
        if not 0 <= share <= 1:
            raise DistrictsError(f"The share of {code} is {share}; it must lie in [0, 1].")
    return MappingProxyType(dict(given))


@dataclass(frozen=True)
class Preferences:
    """What counts, in points; each in [0, 1000].

    stranger : a share of 1 of the residents whose language the person does not speak
    home : the person comes from the cell's village (points saved; negative points where that is unwanted)
    change : the cell changes hands
    overload : load above the mean by the size of the mean
    per_minute : a minute between the person's place and the cell, where `travel_s` is given
    """

    stranger: float = 100.0
    home: float = 30.0
    change: float = 20.0
    overload: float = 200.0
    per_minute: float = 5.0


@dataclass(frozen=True)
class Staffing:
    """Cells given out, with the proof.

    person_of : cell_id to person_id; load_of : person_id to load
    cost : points; bound : no choice costs less; gap : (cost - bound) / cost, 0 when proven
    """

    person_of: MappingProxyType[int, int]
    load_of: MappingProxyType[int, float]
    cost: float
    bound: float
    gap: float
    proven: bool
    preferences: Preferences
    cpu_s: float


def staff(
    people: Sequence[Person], cells: Sequence[CellNeed], *, travel_s: Floats | None = None,
    preferences: Preferences | None = None, seconds: float = 20.0,
) -> Staffing:  # fmt: skip
    """Give every cell to one person at the least cost in points.

    Parameters
    ----------
    travel_s : float64 (people, cells)
        Seconds from each person's usual place to each cell; left out, distance does not count.
    seconds
        Limit for the solver; when it is reached the best found is given with its gap.

    Raises
    ------
    NobodyFits
        When the limits of the people leave a cell without anybody.
    DistrictsError
        For an id given twice, a load or a time that is no number.
    """
    began = time.process_time()
    chosen = preferences or Preferences()
    _check(people, cells, travel_s)
    points = _points(people, cells, travel_s, chosen)
    answer = _solved(people, np.array([cell.load for cell in cells]), points, chosen.overload, seconds)
    given = np.argmax(answer.x[: points.size].reshape(points.shape), axis=0)
    person_of = {cell.cell_id: people[p].person_id for cell, p in zip(cells, given.tolist(), strict=True)}
    load_of = dict.fromkeys((person.person_id for person in people), 0.0)
    for cell in cells:
        load_of[person_of[cell.cell_id]] += cell.load
    base = _base(points)
    cost, bound = float(answer.fun) + base, min(float(answer.mip_dual_bound), float(answer.fun)) + base
    gap = (cost - bound) / max(abs(cost), 1e-9)
    return Staffing(
        MappingProxyType(person_of), MappingProxyType(load_of), cost, bound, gap, gap <= PROVEN, chosen,
        time.process_time() - began,
    )  # fmt: skip


def _check(people: Sequence[Person], cells: Sequence[CellNeed], travel_s: Floats | None) -> None:
    for word, ids in (("person", [p.person_id for p in people]), ("cell", [c.cell_id for c in cells])):
        if not ids:
            raise NobodyFits(f"There is no {word}.")
        twice = [one for one, often in Counter(ids).items() if often > 1]
        if twice:
            raise DistrictsError(f"The {word} {twice[0]} is given twice.")
    wrong = [cell.cell_id for cell in cells if not (isfinite(cell.load) and cell.load >= 0)]
    if wrong:
        raise DistrictsError(f"The load of cell {wrong[0]} is negative or no number.")
    if travel_s is not None and (travel_s.shape != (len(people), len(cells)) or not (travel_s >= 0).all()):
        raise DistrictsError(f"travel_s needs {len(people)} rows and {len(cells)} columns of zero or more.")
    most, least = sum(p.most for p in people), sum(p.least for p in people)
    if most < len(cells) or least > len(cells):
        raise NobodyFits(f"{len(people)} people take from {least} to {most} cells; there are {len(cells)}.")


def _points(
    people: Sequence[Person], cells: Sequence[CellNeed], travel_s: Floats | None, chosen: Preferences
) -> Floats:
    """What each person would cost on each cell, (people, cells); infinite where a road is missing."""
    points = np.array([[_cost(person, cell, chosen) for cell in cells] for person in people])
    return points if travel_s is None else points + travel_s / 60 * chosen.per_minute


def _cost(person: Person, cell: CellNeed, chosen: Preferences) -> float:
    strange = sum(share for code, share in cell.dialects.items() if code not in person.dialects)
    home = cell.village >= 0 and cell.village == person.village
    return chosen.stranger * strange - chosen.home * home + chosen.change * (cell.cell_id not in person.current)


def _base(points: Floats) -> float:
    """What the cells cost at the very least: taken off before solving, so that the gap is not flattered by it."""
    return float(points.min(axis=0).sum())


def _solved(people: Sequence[Person], load: Floats, points: Floats, overload: float, seconds: float) -> Any:
    """HiGHS on: one person a cell, least and most a person, capacity, and load above the mean paid for."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 — slow to load, only staffing needs it
    from scipy.sparse import csr_array, eye_array, hstack, kron, vstack  # noqa: PLC0415 — as above

    count, cells = points.shape
    mean = max(float(load.sum()) / count, 1e-12)
    none, carried = csr_array((count, count)), kron(eye_array(count), load[None, :])
    each = hstack([kron(np.ones((1, count)), eye_array(cells)), csr_array((cells, count))])
    number = hstack([kron(eye_array(count), np.ones((1, cells))), none])
    above, held = hstack([carried, -mean * eye_array(count)]), hstack([carried, none])
    low = np.concatenate([np.ones(cells), [p.least for p in people], np.full(2 * count, -np.inf)])
    high = np.concatenate(
        [np.ones(cells), [p.most for p in people], np.full(count, mean), [p.capacity for p in people]]
    )
    finite = np.isfinite(points)
    cost = np.where(finite, points - points.min(axis=0), 0.0)
    answer = milp(
        np.concatenate([cost.ravel(), np.full(count, overload)]),
        integrality=np.concatenate([np.ones(points.size), np.zeros(count)]),
        bounds=Bounds(0, np.concatenate([finite.ravel().astype(float), np.full(count, np.inf)])),
        constraints=LinearConstraint(vstack([each, number, above, held]).tocsr(), low, high),
        options={"time_limit": seconds, "mip_rel_gap": 1e-6},
    )
    if answer.x is None:
        raise NobodyFits(f"Capacities and limits leave a cell without anybody ({answer.message}).")
    return answer
