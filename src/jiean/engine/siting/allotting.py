"""Sites that can serve only so much: who is served where, solved by HiGHS with its bound."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.errors import Infeasible
from jiean.engine.siting.hunt import Hunt
from jiean.engine.siting.problem import OPEN, SHUT, Floats, Status

MOST_PAIRS = 16_000
"""Pairs of demand and candidate given to the solver; of larger questions it sees a shortlist of candidates, and the bound
is that of the question without capacities."""


class Served(NamedTuple):
    """The least cost found, what no choice can cost less than, the sites chosen, and the demand of each."""

    cost: float
    bound: float
    sites: tuple[int, ...]
    loads: tuple[float, ...]


class Pairs(NamedTuple):
    """Which candidate may serve which demand, at what cost a unit, int64 and float64 (k,); `whole` when none was left out."""

    demand: npt.NDArray[np.int64]
    site: npt.NDArray[np.int64]
    cost: Floats
    whole: bool


def check_capacity(able: Floats, demand: Floats, status: Status, p: int) -> None:
    """Refuse sites that cannot serve all demand however they are chosen. Raises Infeasible."""
    held, free = able[status == OPEN], np.sort(able[(status != OPEN) & (status != SHUT)])[::-1]
    most = float(held.sum() + free[: p - held.size].sum())
    if most < demand.sum() * (1 - 1e-9):
        raise Infeasible(f"{p} sites can serve {most:g} at the most; the demand is {demand.sum():g}.")


def allot(
    matrix: Floats, demand: Floats, able: Floats, share: Floats, status: Status, p: int, hunt: Hunt, seconds: float
) -> Served:
    """The p-median whose sites serve no more than they can; `hunt` has answered it without that limit. Raises Infeasible."""
    rows = np.flatnonzero(demand > 0)
    pairs = _nearest(matrix[rows], status, hunt.sites)
    found = served(pairs, demand[rows], able, share, status, p, seconds, everybody=True)
    bound = max(hunt.bound, found.bound) if pairs.whole else hunt.bound
    return found._replace(bound=min(bound, found.cost))


def _nearest(matrix: Floats, status: Status, sites: npt.NDArray[np.int64]) -> Pairs:
    """Every pair that may be; in large questions those of a shortlist, the sites chosen without capacities first."""
    usable = np.isfinite(matrix) & (status != SHUT)
    whole = int(usable.sum()) <= MOST_PAIRS
    if not whole:
        wanted = max(MOST_PAIRS // len(matrix), 2 * sites.size)
        usable &= np.isin(np.arange(status.size), _shortlist(matrix, status, sites, wanted))
    row, site = np.nonzero(usable)
    return Pairs(row, site, matrix[row, site], whole)


def _shortlist(matrix: Floats, status: Status, sites: npt.NDArray[np.int64], wanted: int) -> list[int]:
    """`sites`, then one candidate after another that brings all demand nearest to the list."""
    chosen = [*sites.tolist(), *(int(i) for i in np.flatnonzero(status == OPEN) if i not in sites)]
    dear = float(matrix[np.isfinite(matrix)].max()) * 2 + 1
    costs = np.where(np.isfinite(matrix), matrix, dear)
    first = costs[:, chosen].min(axis=1)
    free = np.setdiff1d(np.flatnonzero(status != SHUT), chosen)
    while len(chosen) < wanted and free.size:
        best = int(free[np.argmin(np.minimum(first[:, None], costs[:, free]).sum(axis=0))])
        chosen.append(best)
        first, free = np.minimum(first, costs[:, best]), free[free != best]
    return chosen


def served(
    pairs: Pairs,
    demand: Floats,
    able: Floats,
    share: Floats,
    status: Status,
    p: int,
    seconds: float,
    *,
    everybody: bool,
) -> Served:
    """At most p sites and who serves whom at the least cost; `everybody` says whether all demand has to be served.

    Variables: a site opened or not, and the share of each demand each site serves. Raises Infeasible.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 — slow to load, and only planning solves

    count, sites = pairs.site.size, status.size
    whole, opened = np.concatenate([np.ones(sites), np.zeros(count)]), status == OPEN
    low = np.concatenate([opened.astype(float), np.zeros(count)])
    high = np.concatenate([(status != SHUT).astype(float), np.ones(count)])
    cost = np.concatenate([np.zeros(sites), pairs.cost * demand[pairs.demand]])
    rules, least, most = _rules(pairs, demand, able, share, p, everybody=everybody)
    answer = milp(
        cost, integrality=whole, bounds=Bounds(low, high), constraints=LinearConstraint(rules, least, most),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if answer.x is None:
        raise Infeasible(
            f"No answer within {seconds:g} seconds, or the sites cannot serve the demand ({answer.message})."
        )
    chosen = np.flatnonzero(answer.x[:sites] > 0.5)
    load = np.bincount(pairs.site, weights=answer.x[sites:] * demand[pairs.demand], minlength=sites)
    value = float(answer.fun)
    bound = value if answer.status == 0 else float(getattr(answer, "mip_dual_bound", -np.inf) or -np.inf)
    return Served(value, min(bound, value), tuple(chosen.tolist()), tuple(load[chosen].round(9).tolist()))


def _rules(
    pairs: Pairs, demand: Floats, able: Floats, share: Floats, p: int, *, everybody: bool
) -> tuple[Any, Floats, Floats]:
    """Demand served once, by what is open, within capacities; at most p sites, within the budget."""
    from scipy.sparse import csr_array, diags_array, hstack, identity, vstack  # noqa: PLC0415 — as above

    count, sites, rows = pairs.site.size, share.size, demand.size
    each, one = np.arange(count), np.ones(count)
    at = csr_array((one, (each, pairs.site)), shape=(count, sites))
    once = hstack([csr_array((rows, sites)), csr_array((one, (pairs.demand, each)), shape=(rows, count))])
    by_open = hstack([-at, identity(count)])
    carried = csr_array((demand[pairs.demand], (pairs.site, each)), shape=(sites, count))
    within = hstack([-diags_array(np.minimum(able, demand.sum())), carried])
    number = hstack([csr_array(np.stack([np.ones(sites), share])), csr_array((2, count))])
    least = np.concatenate([np.full(rows, 1.0 if everybody else 0.0), np.full(count + sites + 2, -np.inf)])
    most = np.concatenate([np.ones(rows), np.zeros(count + sites), [p, 1.0 + 1e-9]])
    return vstack([once, by_open, within, number]).tocsr(), least, most
