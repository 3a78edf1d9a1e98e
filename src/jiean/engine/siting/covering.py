"""Covering: how much demand lies within reach of the sites chosen, solved to proof by HiGHS.

Church, R., ReVelle, C. (1974), "The maximal covering location problem", Papers of the Regional Science Association 32,
101-118; Daskin, M. S. (1983), "A maximum expected covering location model", Transportation Science 17, 48-70.
Demand with the same reach is one row: that alone makes these problems small.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack, identity, vstack

from jiean.engine.siting.errors import Infeasible, SitingError
from jiean.engine.siting.pmedian import Hunt
from jiean.engine.siting.problem import OPEN, SHUT, Floats, Status, checked_matrix, checked_status, checked_weights


@dataclass(frozen=True)
class Covering:
    """Sites with the demand they cover and a proven upper bound on what any choice covers.

    sites : candidate numbers ascending; a candidate with two units stands twice
    gap : (bound - value) / bound, 0 when proven; rows : demand rows after merging; total : all demand
    """

    value: float
    bound: float
    gap: float
    sites: tuple[int, ...]
    proven: bool
    p: int
    total: float
    rows: int
    cpu_s: float


def mclp(
    matrix: npt.ArrayLike, weights: npt.ArrayLike | None, radius: float, p: int, *, must: Iterable[int] = (),
    must_not: Iterable[int] = (), seconds: float = 60.0,
) -> Covering:  # fmt: skip
    """The p sites that cover the most demand.

    Parameters
    ----------
    matrix : float64 (demand, candidates)
        Times or distances, zero or more; infinite where there is no way.
    weights : float64 (demand,)
    radius
        Demand is covered by a site whose entry is not above it; in the matrix's unit, zero or more.
    p
        Sites to open, from 0 to the number of candidates.
    seconds
        Limit for the solver; when it is reached the best found is given with its gap.

    Raises
    ------
    SitingError, Infeasible
    """
    reach, demand = _reach(matrix, weights, radius)
    status = checked_status(reach.shape[1], p, must, must_not, 0)
    began, one = time.process_time(), np.array([1.0])
    if not 0 < p < reach.shape[1] or not reach.any():
        return _solve(reach, demand, one, p, *_limits(status), seconds)
    hunt = _hunted(reach, demand, p, status)
    value, total = float(demand.sum() - hunt.value), float(demand.sum())
    sites = tuple(sorted(int(site) for site in hunt.sites))
    first = Covering(value, value, 0.0, sites, True, p, total, demand.size, time.process_time() - began)
    if hunt.bound >= hunt.value * (1 - 1e-10):
        return first
    try:
        rest = _solve(reach, demand, one, p, *_limits(hunt.settled), seconds)
    except Infeasible:  # nothing better can be made of what is left, or the time is over
        rest = replace(first, bound=total - hunt.bound, proven=not hunt.possible(hunt.settled))
    return _better(first, rest, total - hunt.bound, time.process_time() - began)


def mexclp(
    matrix: npt.ArrayLike, weights: npt.ArrayLike | None, radius: float, units: int, busy: float, *, most_a_site: int = 1,
    must: Iterable[int] = (), must_not: Iterable[int] = (), seconds: float = 60.0,
) -> Covering:  # fmt: skip
    """The posts of `units` units that cover the most demand expected when each is busy a share `busy` of the time.

    The k-th unit in reach of a demand adds (1 - busy) * busy ** (k - 1) of it (Daskin 1983, equation 1). Parameters as
    in `mclp`; `busy` in [0, 1); `most_a_site` units may stand on one candidate.

    Raises
    ------
    SitingError, Infeasible
    """
    reach, demand = _reach(matrix, weights, radius)
    if not 0 <= busy < 1:
        raise SitingError(f"busy is {busy}; a share of the time in [0, 1) is needed.")
    if most_a_site < 1:
        raise SitingError(f"most_a_site is {most_a_site}; one or more is needed.")
    spread = checked_status(reach.shape[1], min(units, reach.shape[1]), must, must_not, 0)
    most = np.where(spread == SHUT, 0.0, float(most_a_site))
    if units > most.sum():
        raise SitingError(f"{units} units do not fit on the candidates, which hold {int(most.sum())}.")
    levels = np.array([(1 - busy) * busy**k for k in range(max(units, 1) if busy else 1)])
    return _solve(reach, demand, levels, units, (spread == OPEN).astype(float), most, seconds)


def _limits(status: Status) -> tuple[Floats, Floats]:
    """Least and most units of each candidate, (candidates,) each."""
    return (status == OPEN).astype(np.float64), (status != SHUT).astype(np.float64)


def _hunted(reach: npt.NDArray[np.bool_], demand: Floats, p: int, status: Status) -> Hunt:
    """The covering problem as a p-median of what is not covered: good sites, a bound, and candidates settled by it.

    HiGHS alone starts from poor sites where reaches overlap much; a few branches of this hunt cost less than a second.
    """
    hunt = Hunt(
        (np.where(reach, 0.0, demand[:, None]), np.inf),
        status,
        p,
        np.random.default_rng(12312),
        lambda: hunt.nodes > 20,
    )
    hunt.run()
    return hunt


def _better(first: Covering, rest: Covering, bound: float, cpu_s: float) -> Covering:
    """The better of the hunt's answer and the solver's on what the hunt left open; both bounds hold."""
    best = rest if rest.value > first.value else first
    least = best.value if rest.proven else max(min(bound, max(rest.bound, first.value)), best.value)
    gap = (least - best.value) / least if least > 0 else 0.0
    return replace(best, bound=least, gap=gap, proven=gap <= 1e-9, cpu_s=cpu_s)


def _reach(matrix: npt.ArrayLike, weights: npt.ArrayLike | None, radius: float) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Which candidate covers which demand (r, candidates) with the demand of each row (r,); equal rows are one."""
    times = checked_matrix(matrix)
    demand = checked_weights(weights, times.shape[0])
    if not radius >= 0:
        raise SitingError(f"radius is {radius}; zero or more is needed.")
    within = times <= radius
    packed = np.packbits(within, axis=1)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return within[first], np.bincount(group.ravel(), weights=demand, minlength=first.size).astype(np.float64)


def _solve(
    reach: npt.NDArray[np.bool_], demand: Floats, levels: Floats, p: int, least: Floats, most: Floats, seconds: float
) -> Covering:
    """Maximise the sum of demand * level over covered levels; y of a row sum to no more than the units in its reach."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 — slow to load, and only planning solves

    began, total = time.process_time(), float(demand.sum())
    useful = reach.any(axis=1) & (demand > 0)
    rows, worth = csr_array(reach[useful].astype(np.float64)), demand[useful]
    height, sites = rows.shape
    gains = np.concatenate([level * worth for level in levels]) if height else np.empty(0)
    cost = np.concatenate([np.zeros(sites), -gains])
    cover = hstack([-rows, *[identity(height, format="csr")] * levels.size], format="csr")
    count = csr_array(np.concatenate([np.ones(sites), np.zeros(gains.size)])[None, :])
    low = np.concatenate([np.full(height, -np.inf), [p]])
    high = np.concatenate([np.zeros(height), [p]])
    whole = np.concatenate([np.ones(sites), np.zeros(gains.size)])
    bounds = Bounds(np.concatenate([least, np.zeros(gains.size)]), np.concatenate([most, np.ones(gains.size)]))
    answer = milp(
        cost, integrality=whole, bounds=bounds, constraints=LinearConstraint(vstack([cover, count]), low, high),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if answer.x is None:
        raise Infeasible(f"No answer within {seconds} seconds, or the rules contradict each other ({answer.message}).")
    units = np.round(answer.x[:sites]).astype(int)
    value = _value(rows, worth, levels, units)
    return _covering(value, answer, units, p, total, height, time.process_time() - began)


def _value(rows: csr_array, worth: Floats, levels: Floats, units: npt.NDArray[np.int64]) -> float:
    """What the units cover, counted again from the sites alone."""
    within = np.minimum(np.round(rows @ units.astype(np.float64)).astype(int), levels.size)
    return float((worth * np.concatenate([[0.0], np.cumsum(levels)])[within]).sum())


def _covering(
    value: float, answer: object, units: npt.NDArray[np.int64], p: int, total: float, rows: int, cpu_s: float
) -> Covering:
    found = getattr(answer, "mip_dual_bound", None)
    bound = max(-float(found), value) if found is not None and np.isfinite(found) else total
    done = getattr(answer, "status", 1) == 0 and bound - value <= 1e-6 * max(bound, 1.0)
    bound = value if done else bound  # what is left is the solver's rounding
    gap = (bound - value) / bound if bound > 0 else 0.0
    sites = tuple(int(site) for site in np.repeat(np.arange(units.size), units))
    return Covering(value, bound, gap, sites, done, p, total, rows, cpu_s)
