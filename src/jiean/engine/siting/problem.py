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
