"""Several incidents and several units at once: who goes where, and when a run is worth breaking off for a graver one.

The allotment is a linear sum assignment (Kuhn 1955; Crouse 2016, "On implementing 2D rectangular assignment algorithms", as
scipy has it) over the very costs `assign.rank` gives, weighed by grade. Nothing is sent or broken off here: a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GRADE_WEIGHTS = (8.0, 4.0, 2.0, 1.0)
"""A second of a grade 1 counts as eight of a grade 4. Chosen by this program, not measured."""

LEFT_S = 3600.0
"""What it costs, in seconds of its grade, to leave an incident without a unit in this round."""


class BatchError(ValueError):
    """An allotment that cannot be made; the message names the array at fault."""


@dataclass(frozen=True)
class Allotment:
    """Pairs (incident, unit) by index, and the incidents no unit is left for."""

    pairs: tuple[tuple[int, int], ...]
    left: tuple[int, ...]
    weighed_s: float


def allot(cost_s: npt.ArrayLike, grades: Sequence[int]) -> Allotment:
    """Give each incident at most one unit and each unit at most one incident, with the least weighed cost in all.

    Parameters
    ----------
    cost_s : float64 (incidents, units)
        What `assign` says the choice costs, zero or more; infinite where the unit cannot go.
    grades : (incidents,) of 1 to 4
        An incident of a graver grade is never left for the sake of lighter ones while a unit can go to it.

    Raises
    ------
    BatchError
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow to load, and only batches ask

    costs = np.asarray(cost_s, np.float64)
    _check(costs, grades)
    weights = np.array([GRADE_WEIGHTS[grade - 1] for grade in grades])
    incidents, units = costs.shape
    # leaving a grade costs more than leaving every lighter incident: priorities before seconds
    leave = np.array([LEFT_S * (incidents + 1) ** (4 - grade) * GRADE_WEIGHTS[0] for grade in grades])
    table = np.full((incidents, units + incidents), np.inf)
    table[:, :units] = np.minimum(costs, LEFT_S) * weights[:, None]
    table[:, :units][~np.isfinite(costs)] = np.inf
    table[np.arange(incidents), units + np.arange(incidents)] = leave
    rows, columns = linear_sum_assignment(table)
    pairs = tuple((int(i), int(u)) for i, u in zip(rows, columns, strict=True) if u < units)
    taken = {i for i, _ in pairs}
    weighed = float(sum(table[i, u] for i, u in pairs))
    return Allotment(pairs, tuple(i for i in range(incidents) if i not in taken), weighed)


@dataclass(frozen=True)
class Run:
    """A unit under way to an incident and not yet there: what it could do for another one."""

    unit_id: int
    grade: int
    left_s: float
    cost_s: float


@dataclass(frozen=True)
class Diversion:
    """A run worth breaking off: seconds won for the graver incident, and seconds of driving thrown away."""

    unit_id: int
    saved_s: float
    left_s: float


@dataclass(frozen=True)
class DivertRule:
    """When a run may be broken off at all; chosen by this program, stated here so that a desk can check it.

    grade_most : only incidents of this grade and graver ask for it
    grades_apart : the run broken off must be lighter by so many grades at least
    saved_least_s : it must win this much over the best free unit; a station without any free unit wins `LEFT_S`
    nearly_there_s : who has less than this left to drive goes on
    """

    grade_most: int = 2
    grades_apart: int = 2
    saved_least_s: float = 120.0
    nearly_there_s: float = 60.0


def worth_diverting(
    grade: int, best_free_s: float | None, runs: Sequence[Run], rule: DivertRule | None = None
) -> Diversion | None:
    """The one run to break off for an incident of `grade`, or None: most is left as it is.

    `best_free_s` is the cost of the best free unit, None where there is none. Ties go to the lower unit id.
    """
    stands = rule or DivertRule()
    if grade > stands.grade_most:
        return None
    otherwise = LEFT_S if best_free_s is None else best_free_s
    able = [
        Diversion(run.unit_id, otherwise - run.cost_s, run.left_s)
        for run in runs
        if run.grade - grade >= stands.grades_apart and run.left_s >= stands.nearly_there_s
    ]
    worth = [one for one in able if one.saved_s >= stands.saved_least_s]
    return min(worth, key=lambda one: (-one.saved_s, one.unit_id), default=None)


def _check(costs: Floats, grades: Sequence[int]) -> None:
    if costs.ndim != 2 or len(costs) != len(grades):
        raise BatchError(f"cost_s is {costs.shape}; {len(grades)} grades are given.")
    if np.isnan(costs).any() or (costs < 0).any():
        raise BatchError("cost_s holds a number that is negative or none at all.")
    if not set(grades) <= {1, 2, 3, 4}:
        raise BatchError("grades must be 1, 2, 3 or 4.")
