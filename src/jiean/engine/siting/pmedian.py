"""The p-median: p sites so that demand lies near its nearest site, with a proven bound."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.allotting import allot, check_capacity
from jiean.engine.siting.errors import Infeasible
from jiean.engine.siting.hunt import Hunt
from jiean.engine.siting.problem import (
    SHUT,
    Floats,
    Status,
    Stop,
    checked_capacities,
    checked_matrix,
    checked_shares,
    checked_status,
    checked_weights,
    never,
)  # fmt: skip

FEW_BRANCHES = 20
"""Branches looked at before the solver takes over where capacities count."""


@dataclass(frozen=True)
class PMedian:
    """Sites (ascending candidate numbers) with their cost and a proven lower bound on any choice of p.

    gap : share of the value, (value - bound) / value, 0 when proven; nodes : branches looked at; cpu_s : time used
    spent : share of the budget, 0 without one; loads : demand served by each site, empty without capacities
    """

    value: float
    bound: float
    gap: float
    sites: tuple[int, ...]
    proven: bool
    p: int
    seed: int
    nodes: int
    cpu_s: float
    spent: float = 0.0
    loads: tuple[float, ...] = ()


def pmedian(
    costs: npt.ArrayLike, p: int, *, weights: npt.ArrayLike | None = None, must: Iterable[int] = (),
    must_not: Iterable[int] = (), existing: Iterable[int] = (), site_costs: npt.ArrayLike | None = None,
    budget: float | None = None, capacities: npt.ArrayLike | None = None, seconds: float = 60.0, seed: int = 12312,
    stop: Stop = never,
) -> PMedian:  # fmt: skip
    """Choose p candidates with the least sum of costs from every demand to its nearest chosen one.

    Parameters
    ----------
    costs : float64 (demand, candidates)
        Zero or more; infinite where a candidate cannot serve a demand.
    weights : float64 (demand,)
        Multiplies the rows; ones where left out. Rows of weight zero do not count.
    must, must_not, existing
        Candidates that have to be chosen, may not be, and are there already: these stay and take nothing of the budget.
    site_costs, budget : float64 (candidates,), a number
        What opening each candidate costs and what there is to spend; p sites are then the most, not the number.
    capacities : float64 (candidates,)
        The weight each candidate can serve; infinite where it does not matter. A demand may then be shared by several
        sites and is not always served by the nearest. Solved by HiGHS, `seconds` at most.
    stop
        Asked between rounds; when it says true the best found so far is given with the bound proven so far.

    Raises
    ------
    SitingError, Infeasible
    """
    began, held = time.process_time(), tuple(existing)
    matrix = checked_matrix(costs)
    demand = checked_weights(weights, matrix.shape[0])
    status = checked_status(matrix.shape[1], p, (*must, *held), must_not, 1)
    share = checked_shares(status, site_costs, budget, held)
    able = checked_capacities(capacities, matrix.shape[1])
    if able is not None:
        check_capacity(able, demand, status, p)
    weighed = (matrix * demand[:, None])[demand > 0] if weights is not None else matrix
    hunt = Hunt(_finite(weighed, status), status, p, np.random.default_rng(seed), stop, share)
    if able is not None:  # its branches only bound what the solver answers
        hunt.stop = lambda: stop() or hunt.nodes > FEW_BRANCHES
    hunt.run()
    if able is None:
        if hunt.value > hunt.limit:
            raise Infeasible(f"No choice of {p} candidates that was tried serves every demand.")
        value, bound, sites = hunt.value, min(hunt.bound, hunt.value), tuple(sorted(int(site) for site in hunt.sites))
        loads: tuple[float, ...] = ()
    else:
        value, bound, sites, loads = allot(matrix, demand, able, share, status, p, hunt, seconds)
    gap = (value - bound) / value if value > 0 else 0.0
    spent = float(share[list(sites)].sum())
    return PMedian(
        value, bound, gap, sites, gap <= 1e-9, p, seed, hunt.nodes, time.process_time() - began, spent, loads
    )


def _finite(costs: Floats, status: Status) -> tuple[Floats, float]:
    """Costs with what cannot be made very dear, and the largest sum that holds nothing of it. Raises Infeasible."""
    may = costs[:, status != SHUT]
    alone = ~np.isfinite(may).any(axis=1)
    if alone.any():
        raise Infeasible(f"Demand {int(np.flatnonzero(alone)[0])} can be reached from no candidate that may be opened.")
    if np.isfinite(costs).all():
        return np.ascontiguousarray(costs), np.inf
    limit = float(np.where(np.isfinite(costs), costs, 0.0).max(axis=1).sum())
    return np.where(np.isfinite(costs), costs, 2 * limit + 1), limit
