"""Checking what a siting question is made of, before any of it is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.errors import Infeasible, SitingError

Floats = npt.NDArray[np.float64]
Status = npt.NDArray[np.int8]
FREE, OPEN, SHUT = 0, 1, -1

Stop = Callable[[], bool]


def never() -> bool:
    """The stop that never comes."""
    return False


def checked_matrix(costs: npt.ArrayLike) -> Floats:
    """Costs or times, float64 (demand, candidates), zero or more; infinite where a site cannot serve. Raises SitingError."""
    try:
        matrix = np.asarray(costs, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SitingError(f"The matrix does not hold numbers ({error}).") from error
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise SitingError(f"The matrix needs rows of demand and columns of candidates; its shape is {matrix.shape}.")
    for word, wrong in (("not a number", np.isnan(matrix)), ("negative", matrix < 0)):
        if wrong.any():
            row, column = (int(i) for i in np.argwhere(wrong)[0])
            raise SitingError(f"Row {row}, column {column} of the matrix is {word}.")
    return matrix


def equal_rows(within: npt.NDArray[np.bool_], demand: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Rows of equal reach as one: (r, candidates), and the demand of each (r,)."""
    packed = np.packbits(within, axis=1)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return within[first], np.bincount(group.ravel(), weights=demand, minlength=first.size).astype(np.float64)


def checked_weights(weights: npt.ArrayLike | None, count: int) -> Floats:
    """Demand (count,), zero or more and not all zero; ones where left out. Raises SitingError."""
    if weights is None:
        return np.ones(count)
    try:
        demand = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SitingError(f"The weights are not numbers ({error}).") from error
    if demand.shape != (count,):
        raise SitingError(f"{count} weights are needed, one for each row; the shape given is {demand.shape}.")
    wrong = ~np.isfinite(demand) | (demand < 0)
    if wrong.any():
        raise SitingError(f"Weight {int(np.flatnonzero(wrong)[0])} is not a finite number of zero or more.")
    if not demand.any():
        raise SitingError("Every weight is zero: there is no demand to serve.")
    return demand


def checked_status(candidates: int, p: int, must: Iterable[int], must_not: Iterable[int], least: int) -> Status:
    """Which candidates are free (0), must open (1) or must not (-1), int8 (candidates,). Raises SitingError, Infeasible."""
    _check_count(candidates, p, least)
    status = np.zeros(candidates, np.int8)
    for word, sites, mark in (("must", must, OPEN), ("must_not", must_not, SHUT)):
        for site in sites:
            if not 0 <= site < candidates:
                raise SitingError(f"{word} names candidate {site}; they are numbered 0 to {candidates - 1}.")
            if status[site] not in (FREE, mark):
                raise Infeasible(f"Candidate {site} both must and must not be opened.")
            status[site] = mark
    held, may = int((status == OPEN).sum()), int((status != SHUT).sum())
    if held > p:
        raise Infeasible(f"{held} candidates must be opened, but p is {p}.")
    if may < p:
        raise Infeasible(f"Only {may} candidates may be opened, but p is {p}.")
    return status


def _check_count(candidates: int, p: int, least: int) -> None:
    if not isinstance(p, (int, np.integer)) or p < least:
        raise SitingError(f"p is {p}; a whole number of {least} or more is needed.")
    if p > candidates:
        raise SitingError(f"p is {p}, but there are only {candidates} candidates.")


def checked_shares(
    status: Status, site_costs: npt.ArrayLike | None, budget: float | None, existing: Iterable[int] = ()
) -> Floats:
    """What part of the budget each candidate takes, float64 (candidates,); zeros where neither costs nor budget are given.

    Existing sites cost nothing. Raises SitingError, and Infeasible when the budget does not pay for what must be opened,
    or for nothing at all.
    """
    count = status.size
    if site_costs is None and budget is None:
        return np.zeros(count)
    if site_costs is None or budget is None:
        raise SitingError("A budget needs site costs, and site costs a budget: one of the two is missing.")
    if not (np.isfinite(budget) and budget > 0):
        raise SitingError(f"The budget is {budget}; a number above zero is needed.")
    costs = _per_site(site_costs, count, "Site cost")
    costs[list(existing)] = 0.0
    held, may = float(costs[status == OPEN].sum()), np.flatnonzero(status != SHUT)
    if held > budget * (1 + 1e-9):
        raise Infeasible(f"The sites that must be opened cost {held:g}; the budget is {budget:g}.")
    cheapest = int(may[np.argmin(costs[may])])
    if costs[cheapest] > budget * (1 + 1e-9):
        raise Infeasible(
            f"The budget of {budget:g} opens nothing: the cheapest candidate, {cheapest}, costs {costs[cheapest]:g}."
        )
    return costs / budget


def checked_capacities(capacities: npt.ArrayLike | None, count: int) -> Floats | None:
    """The demand each candidate can serve, float64 (candidates,), or None where it does not matter. Raises SitingError."""
    if capacities is None:
        return None
    able = _per_site(capacities, count, "Capacity", finite=False)
    return None if np.isinf(able).all() else able


def _per_site(given: npt.ArrayLike, count: int, word: str, *, finite: bool = True) -> Floats:
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SitingError(f"{word}: not numbers ({error}).") from error
    if values.shape != (count,):
        raise SitingError(
            f"{word}: {count} entries are needed, one for each candidate; the shape given is {values.shape}."
        )
    wrong = np.isnan(values) | (values < 0) | (finite & np.isinf(values))
    if wrong.any():
        site = int(np.flatnonzero(wrong)[0])
        raise SitingError(f"{word} of candidate {site} is {values[site]}; a number of zero or more is needed.")
    return values
