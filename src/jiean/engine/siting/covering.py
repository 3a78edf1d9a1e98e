"""Covering: how much demand lies within reach of the sites chosen, solved to proof.

Church, R., ReVelle, C. (1974), "The maximal covering location problem", Papers of the Regional Science Association 32,
101-118; Daskin, M. S. (1983), "A maximum expected covering location model", Transportation Science 17, 48-70.
Demand with the same reach is one row: that alone makes these problems small. Covering without a budget is proven by asking
about one candidate after another (`proving`); HiGHS gets what is left of it, and every other question.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, hstack, identity, vstack

from jiean.engine.siting.allotting import Pairs, served
from jiean.engine.siting.errors import Infeasible, SitingError
from jiean.engine.siting.hunt import Hunt
from jiean.engine.siting.problem import (
    FREE,
    OPEN,
    SHUT,
    Floats,
    Status,
    Stop,
    checked_capacities,
    checked_matrix,
    checked_shares,
    checked_status,
    checked_weights,
    equal_rows,
    never,
)  # fmt: skip
from jiean.engine.siting.proving import Proof, merged

SHARE = 0.6
"""Of the time given, what asking about single candidates may take before the solver gets the rest."""


_NONE = 2
"""The solver's word for a question without an answer."""


class NothingBetter(Infeasible):
    """The solver proved that there is no answer, or none that covers more than the one it was told of."""


@dataclass(frozen=True)
class Covering:
    """Sites with the demand they cover and a proven upper bound on what any choice covers.

    sites : candidate numbers ascending; a candidate with two units stands twice
    gap : (bound - value) / bound, 0 when proven; rows : demand rows after merging; total : all demand
    spent : share of the budget, 0 without one; loads : demand covered by each site, empty without capacities
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
    spent: float = 0.0
    loads: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class _Question:
    """What the solver is asked: reach (rows, candidates), demand (rows,), the worth of the k-th unit, units or sites, and
    what part of the budget each candidate takes, zeros where money does not count."""

    reach: npt.NDArray[np.bool_]
    demand: Floats
    levels: Floats
    p: int
    share: Floats

    @property
    def limited(self) -> bool:
        return bool(self.share.max() > 0)


def mclp(
    matrix: npt.ArrayLike, weights: npt.ArrayLike | None, radius: float, p: int, *, must: Iterable[int] = (),
    must_not: Iterable[int] = (), existing: Iterable[int] = (), site_costs: npt.ArrayLike | None = None,
    budget: float | None = None, capacities: npt.ArrayLike | None = None, seconds: float = 60.0, stop: Stop = never,
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
        Sites to open, from 0 to the number of candidates; with a budget, the most.
    must, must_not, existing, site_costs, budget
        As in `pmedian`.
    capacities : float64 (candidates,)
        The demand each candidate can cover; infinite where it does not matter.
    seconds
        Limit in wall time; when it is reached the best found is given with its gap.
    stop
        Asked between the questions before the solver; when it says true the best found is given with its gap.

    Raises
    ------
    SitingError, Infeasible
    """
    held, began = tuple(existing), time.process_time()
    reach, demand = _reach(matrix, weights, radius)
    status = checked_status(reach.shape[1], p, (*must, *held), must_not, 0)
    share = checked_shares(status, site_costs, budget, held)
    able = checked_capacities(capacities, reach.shape[1])
    if able is not None:
        return _within(reach, demand, able, share, status, p, seconds)
    question, one = _Question(reach, demand, np.array([1.0]), p, share), np.array([1.0])
    if not 0 < p < reach.shape[1] or not reach.any():
        return _solve(question, *_limits(status, one), seconds)
    if question.limited:
        return _hunted_and_solved(question, status, seconds, began, stop)
    return _asked_and_solved(question, status, seconds, began, stop)


def _asked_and_solved(question: _Question, status: Status, seconds: float, began: float, stop: Stop) -> Covering:
    """Candidates asked about one by one, then HiGHS on those that a better choice could still open."""
    end, held, free = time.monotonic() + SHARE * seconds, np.flatnonzero(status == OPEN), np.flatnonzero(status == FREE)
    safe = question.reach[:, held].any(axis=1)
    reach, demand = merged(question.reach[~safe][:, free], question.demand[~safe])
    chance = np.random.default_rng(12312)
    proof = Proof(reach, demand, question.p - held.size, chance, lambda: stop() or time.monotonic() > end)
    proof.run()
    sites, value, bound = proof.sites, proof.value, proof.bound
    if not proof.proven and not stop():
        sites, value, bound = _core(proof, (1 - SHARE) * seconds)
    covered, total = float(question.demand[safe].sum()), float(question.demand.sum())
    value, bound = covered + value, covered + bound
    gap = (bound - value) / bound if bound > 0 else 0.0
    chosen = tuple(sorted((*held.tolist(), *free[sites].tolist())))
    spent_s = time.process_time() - began
    return Covering(value, bound, gap, chosen, gap <= 1e-9, question.p, total, question.demand.size, spent_s)


def _core(proof: Proof, seconds: float) -> tuple[npt.NDArray[np.int64], float, float]:
    """Sites, what they cover and a bound, when HiGHS has looked for something better among the candidates left."""
    reach, demand = merged(proof.reach[:, proof.left], proof.demand)
    question = _Question(reach, demand, np.array([1.0]), proof.p, np.zeros(proof.left.size))
    limits = _limits(np.zeros(proof.left.size, np.int8), np.array([1.0]))
    try:
        found = _solve(question, *limits, seconds, above=proof.value)
    except NothingBetter:
        return proof.sites, proof.value, proof.value
    except Infeasible:  # the time is over
        return proof.sites, proof.value, proof.bound
    bound = max(proof.value, min(proof.bound, found.bound))
    if found.value > proof.value:
        return proof.left[list(found.sites)], found.value, max(bound, found.value)
    return proof.sites, proof.value, bound


def _hunted_and_solved(question: _Question, status: Status, seconds: float, began: float, stop: Stop) -> Covering:
    """The hunt first, then HiGHS on what it left open."""
    demand, hunt = question.demand, _hunted(question, status, stop)
    value, total = float(demand.sum() - hunt.value), float(demand.sum())
    sites = tuple(sorted(int(site) for site in hunt.sites))
    spent = float(question.share[list(sites)].sum())
    first = Covering(value, value, 0.0, sites, True, question.p, total, demand.size, time.process_time() - began, spent)
    if hunt.bound >= hunt.value * (1 - 1e-10):
        return first
    try:
        rest = _solve(question, *_limits(hunt.settled, np.array([1.0])), seconds, above=value)
    except NothingBetter:
        rest = first
    except Infeasible:  # the time is over
        rest = replace(first, bound=total - hunt.bound, proven=False)
    return _better(first, rest, total - hunt.bound, time.process_time() - began)


def _within(
    reach: npt.NDArray[np.bool_], demand: Floats, able: Floats, share: Floats, status: Status, p: int, seconds: float
) -> Covering:
    """The most demand covered by sites that can cover only so much each."""
    began = time.process_time()
    row, site = np.nonzero(reach & (status != SHUT) & (demand > 0)[:, None])
    found = served(
        Pairs(row, site, np.full(row.size, -1.0), whole=True), demand, able, share, status, p, seconds, everybody=False
    )
    value, bound = -found.cost, min(-found.bound, float(demand.sum()))
    gap = (bound - value) / bound if bound > 0 else 0.0
    return Covering(
        value, bound, gap, found.sites, gap <= 1e-9, p, float(demand.sum()), demand.size,
        time.process_time() - began, float(share[list(found.sites)].sum()), found.loads,
    )  # fmt: skip


def mexclp(
    matrix: npt.ArrayLike, weights: npt.ArrayLike | None, radius: float, units: int, busy: float, *,
    most_a_site: int | npt.ArrayLike = 1, must: Iterable[int] = (), must_not: Iterable[int] = (),
    existing: Iterable[int] = (), site_costs: npt.ArrayLike | None = None, budget: float | None = None,
    seconds: float = 60.0,
) -> Covering:  # fmt: skip
    """The posts of `units` units that cover the most demand expected when each is busy a share `busy` of the time.

    The k-th unit in reach of a demand adds (1 - busy) * busy ** (k - 1) of it (Daskin 1983, equation 1). Parameters as
    in `mclp`; `busy` in [0, 1); `most_a_site` units may stand on one candidate, one number for all or one for each; a
    site is paid for once, however many units stand there.

    Raises
    ------
    SitingError, Infeasible
    """
    reach, demand = _reach(matrix, weights, radius)
    if not 0 <= busy < 1:
        raise SitingError(f"busy is {busy}; a share of the time in [0, 1) is needed.")
    held, count = tuple(existing), reach.shape[1]
    spread = checked_status(count, min(units, count), (*must, *held), must_not, 0)
    share = checked_shares(spread, site_costs, budget, held)
    least, most = _limits(spread, _room(most_a_site, count))
    if (least > most).any():
        raise Infeasible(f"Candidate {int(np.argmax(least > most))} must be opened, but holds no unit.")
    if units > most.sum():
        raise SitingError(f"{units} units do not fit on the candidates, which hold {int(most.sum())}.")
    levels = np.array([(1 - busy) * busy**k for k in range(max(units, 1) if busy else 1)])
    return _solve(_Question(reach, demand, levels, units, share), least, most, seconds)


def _room(most_a_site: int | npt.ArrayLike, count: int) -> Floats:
    """How many units each candidate holds, (candidates,). Raises SitingError."""
    given = np.asarray(most_a_site, dtype=np.float64)
    room = checked_capacities(np.full(count, float(given)) if given.ndim == 0 else given, count)
    if room is None or not np.isfinite(room).all() or (room != np.floor(room)).any() or room.max() < 1:
        raise SitingError(f"most_a_site is {most_a_site!r}; whole numbers, one or more somewhere, are needed.")
    return room


def _limits(status: Status, room: Floats) -> tuple[Floats, Floats]:
    """Least and most units of each candidate, (candidates,) each."""
    return (status == OPEN).astype(np.float64), np.where(status == SHUT, 0.0, room)


def _hunted(question: _Question, status: Status, stop: Stop) -> Hunt:
    """The covering problem as a p-median of what is not covered: good sites, a bound, and candidates settled by it.

    HiGHS alone starts from poor sites where reaches overlap much; a few branches of this hunt cost less than a second.
    """
    missed = np.where(question.reach, 0.0, question.demand[:, None])
    hunt = Hunt(
        (missed, np.inf), status, question.p, np.random.default_rng(12312), lambda: stop() or hunt.nodes > 20,
        question.share,
    )  # fmt: skip
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
    return equal_rows(within, demand)


def _solve(question: _Question, least: Floats, most: Floats, seconds: float, above: float = 0.0) -> Covering:
    """Maximise the sum of demand * level over covered levels; y of a row sum to no more than the units in its reach.

    `above` is what a known answer covers: told so, the solver drops every branch that covers less. Variables: units of each
    candidate, whether it is opened (where money counts), covered levels of each row.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 — slow to load, and only planning solves

    began, levels = time.process_time(), question.levels
    useful = question.reach.any(axis=1) & (question.demand > 0)
    rows, worth = csr_array(question.reach[useful].astype(np.float64)), question.demand[useful]
    sites, paid = rows.shape[1], question.share.size if question.limited else 0
    gains = np.concatenate([level * worth for level in levels]) if worth.size else np.empty(0)
    rules, low, high = _rules(question, rows, most, gains.size)
    if above > 0:
        known = csr_array(np.concatenate([np.zeros(sites + paid), gains])[None, :])
        rules, low, high = vstack([rules, known]).tocsr(), np.append(low, above * (1 - 1e-7)), np.append(high, np.inf)
    whole = np.concatenate([np.ones(sites + paid), np.zeros(gains.size)])
    bounds = Bounds(
        np.concatenate([least, np.zeros(paid + gains.size)]), np.concatenate([most, np.ones(paid + gains.size)])
    )
    answer = milp(
        np.concatenate([np.zeros(sites + paid), -gains]), integrality=whole, bounds=bounds,
        constraints=LinearConstraint(rules, low, high), options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if answer.x is None:
        kind = NothingBetter if answer.status == _NONE else Infeasible
        raise kind(f"No answer within {seconds} s, or the rules contradict each other ({answer.message}).")
    units = np.round(answer.x[:sites]).astype(int)
    found = _covering(_value(rows, worth, levels, units), answer, units, question, worth.size, began)
    return replace(found, spent=float(question.share[units > 0].sum()))


def _rules(question: _Question, rows: csr_array, most: Floats, gains: int) -> tuple[csr_array, Floats, Floats]:
    """What is covered lies in reach of a unit; so many units; where money counts, units stand on what was paid for."""
    height, sites = rows.shape
    paid = sites if question.limited else 0
    cover = hstack(
        [-rows, csr_array((height, paid)), *[identity(height, format="csr")] * (gains // max(height, 1))], format="csr"
    )
    count = csr_array(np.concatenate([np.ones(sites), np.zeros(paid + gains)])[None, :])
    low = np.concatenate([np.full(height, -np.inf), [-np.inf if paid else question.p]])
    high = np.concatenate([np.zeros(height), [question.p]])
    if not paid:
        return vstack([cover, count]).tocsr(), low, high
    stand = hstack([identity(sites), -diags_array(most), csr_array((sites, gains))])
    spend = csr_array(np.concatenate([np.zeros(sites), question.share, np.zeros(gains)])[None, :])
    low = np.concatenate([low, np.full(sites + 1, -np.inf)])
    return vstack([cover, count, stand, spend]).tocsr(), low, np.concatenate([high, np.zeros(sites), [1.0 + 1e-9]])


def _value(rows: csr_array, worth: Floats, levels: Floats, units: npt.NDArray[np.int64]) -> float:
    """What the units cover, counted again from the sites alone."""
    within = np.minimum(np.round(rows @ units.astype(np.float64)).astype(int), levels.size)
    return float((worth * np.concatenate([[0.0], np.cumsum(levels)])[within]).sum())


def _covering(
    value: float, answer: object, units: npt.NDArray[np.int64], question: _Question, rows: int, began: float
) -> Covering:
    total = float(question.demand.sum())
    found = getattr(answer, "mip_dual_bound", None)
    bound = max(-float(found), value) if found is not None and np.isfinite(found) else total
    done = getattr(answer, "status", 1) == 0 and bound - value <= 1e-6 * max(bound, 1.0)
    bound = value if done else bound  # what is left is the solver's rounding
    gap = (bound - value) / bound if bound > 0 else 0.0
    sites = tuple(int(site) for site in np.repeat(np.arange(units.size), units))
    return Covering(value, bound, gap, sites, done, question.p, total, rows, time.process_time() - began)
