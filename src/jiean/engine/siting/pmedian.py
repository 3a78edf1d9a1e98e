"""The p-median: p sites so that demand lies near its nearest site, with a proven bound.

Interchange finds the sites, a Lagrangian dual bounds what is left, reduced costs settle candidates, and a search of
branches closes the gap where it can: Beasley, J. E. (1985), "A note on solving large p-median problems", European
Journal of Operational Research 21, 270-273, gives the plan; the loops stand in `compiled`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.errors import Infeasible
from jiean.engine.siting.problem import (
    FREE,
    OPEN,
    SHUT,
    Floats,
    Status,
    Stop,
    checked_matrix,
    checked_status,
    checked_weights,
    never,
)  # fmt: skip

ROOT_ROUNDS, BRANCH_ROUNDS = 1500, 60
"""Most rounds of ascent at the root and in a branch."""

ROOT_STEP, BRANCH_STEP, PATIENCE, STARTS, SHAKES, EARLY = 0.5, 0.1, 10, 2, 50, 8


@dataclass(frozen=True)
class PMedian:
    """Sites (ascending candidate numbers) with their cost and a proven lower bound on any choice of p.

    gap : share of the value, (value - bound) / value, 0 when proven; nodes : branches looked at; cpu_s : time used
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


def pmedian(
    costs: npt.ArrayLike, p: int, *, weights: npt.ArrayLike | None = None, must: Iterable[int] = (),
    must_not: Iterable[int] = (), seed: int = 12312, stop: Stop = never,
) -> PMedian:  # fmt: skip
    """Choose p candidates with the least sum of costs from every demand to its nearest chosen one.

    Parameters
    ----------
    costs : float64 (demand, candidates)
        Zero or more; infinite where a candidate cannot serve a demand.
    weights : float64 (demand,)
        Multiplies the rows; ones where left out. Rows of weight zero do not count.
    must, must_not
        Candidates that are (existing sites) and may not be chosen.
    stop
        Asked between rounds; when it says true the best found so far is given with the bound proven so far.

    Raises
    ------
    SitingError, Infeasible
    """
    began = time.process_time()
    matrix = checked_matrix(costs)
    demand = checked_weights(weights, matrix.shape[0])
    status = checked_status(matrix.shape[1], p, must, must_not, 1)
    weighed = (matrix * demand[:, None])[demand > 0] if weights is not None else matrix
    hunt = Hunt(_finite(weighed, status), status, p, np.random.default_rng(seed), stop)
    hunt.run()
    value, bound = hunt.value, min(hunt.bound, hunt.value)
    if value > hunt.limit:
        raise Infeasible(f"No choice of {p} candidates that was tried serves every demand.")
    gap = (value - bound) / value if value > 0 else 0.0
    sites = tuple(sorted(int(site) for site in hunt.sites))
    return PMedian(value, bound, gap, sites, gap <= 1e-9, p, seed, hunt.nodes, time.process_time() - began)


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


@dataclass
class _Branch:
    """A part of the choices: what is settled, the prices to climb from, the bound so far, and the averaged choice."""

    status: Status
    price: Floats
    bound: float
    often: Floats = field(default_factory=lambda: np.empty(0))


@dataclass
class Hunt:
    """The best sites so far and the least bound of what is still open.

    `given` is the cost matrix and the sum above which an answer holds something impossible. After `run`, `settled`
    says which candidates any better choice must open or leave shut.
    """

    given: tuple[Floats, float]
    status: Status
    p: int
    chance: np.random.Generator
    stop: Stop
    value: float = np.inf
    bound: float = 0.0
    nodes: int = 0
    tried: set[bytes] = field(default_factory=set)
    sites: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        costs, self.limit = self.given
        self.columns = np.ascontiguousarray(costs.T)
        near = min(costs.shape[1], max(48, 4 * costs.shape[1] // self.p))
        order = np.argsort(costs, axis=1, kind="stable")[:, :near]
        self.order = np.ascontiguousarray(order, np.int32)
        self.ranked = np.take_along_axis(costs, order, axis=1)
        # Whole costs have whole sums: a bound of 5818.2 proves 5819.
        self.whole = bool((costs == np.floor(costs)).all() and costs.sum() < 2**52)

    def run(self) -> None:
        """Find sites, climb the dual, then search the branches until none is left or the stop comes."""
        for _ in range(STARTS):
            self._try(self._random_sites(), self.status)
        root = self._climb(_Branch(self.status.copy(), self._start_price(), 0.0), ROOT_ROUNDS, ROOT_STEP)
        self._shake(root, SHAKES)
        root = self._climb(root, ROOT_ROUNDS, ROOT_STEP / 2)
        self._shake(root, SHAKES)
        self.settled = root.status
        waiting = [root]
        while waiting := [branch for branch in waiting if not self._settled(branch.bound)]:
            waiting.sort(key=lambda branch: -branch.bound)
            self.bound = max(self.bound, waiting[-1].bound)
            if self.stop():
                return
            waiting += self._split(waiting.pop())
        self.bound = self.value

    def _settled(self, bound: float) -> bool:
        """Whether nothing below this bound can be better than what is held."""
        return (np.ceil(bound - 1e-6) if self.whole else bound) >= self.value * (1 - 1e-10)

    def _try(self, sites: npt.NDArray[np.int64], status: Status) -> None:
        """Interchange from these sites among what a branch leaves free; each start is tried once."""
        start = sites.tobytes()
        if sites.size != self.p or start in self.tried:
            return
        self.tried.add(start)
        near = self.columns[sites].min(axis=0).sum() < 1.002 * self.value
        if self.nodes > EARLY and not near:  # deep in the branches an interchange costs more than it finds
            return
        value = float(_compiled().interchange(self.columns, sites, status))
        if value < self.value - 1e-12:
            self.value, self.sites = value, sites.copy()

    def _random_sites(self) -> npt.NDArray[np.int64]:
        held, free = np.flatnonzero(self.status == OPEN), np.flatnonzero(self.status == FREE)
        return np.concatenate([held, self.chance.choice(free, self.p - held.size, replace=False)])

    def _shake(self, branch: _Branch, times: int) -> None:
        """Change a part of the best sites among the candidates still free, and interchange again (iterated local search)."""
        for _ in range(times):
            if self.stop() or self._settled(branch.bound):
                return
            shaken = self.sites.copy()
            loose = np.flatnonzero(branch.status[shaken] == FREE)
            spare = np.setdiff1d(np.flatnonzero(branch.status == FREE), shaken)
            count = min(int(self.chance.integers(2, max(4, self.p // 4))), loose.size, spare.size)
            if count > 0:
                shaken[self.chance.choice(loose, count, replace=False)] = self.chance.choice(
                    spare, count, replace=False
                )
                self._try(shaken, branch.status)

    def _start_price(self) -> Floats:
        """Prices between the least and the second least cost at the sites held."""
        first, second, which = (np.empty(self.columns.shape[1], kind) for kind in (np.float64, np.float64, np.int32))
        _compiled().nearest_two(self.columns, self.sites, first, second, which)
        price = np.where(np.isfinite(second), 0.5 * (first + np.minimum(second, 2 * first + 1)), 2 * first)
        return np.minimum(price, self.ranked[:, -1])

    def _climb(self, branch: _Branch, rounds: int, step: float) -> _Branch:
        """A better bound of a branch, candidates settled by their reduced costs, and perhaps better sites."""
        self.nodes += 1
        if not self.possible(branch.status):
            return _Branch(branch.status, branch.price, np.inf, branch.often)
        bound, price, value, often, chosen = _compiled().ascend(
            self.order, self.ranked, branch.price, branch.status, self.p, self.value, rounds, step, PATIENCE
        )
        self._try(np.flatnonzero(chosen), branch.status)
        held = np.where(branch.status == OPEN, 2.0, np.where(branch.status == SHUT, -1.0, often))
        self._try(np.sort(np.argsort(-held, kind="stable")[: self.p]), branch.status)
        return _Branch(self._settle(branch.status, float(bound), value), price, max(branch.bound, float(bound)), often)

    def _settle(self, status: Status, bound: float, value: Floats) -> Status:
        """Shut what cannot pay and open what cannot be missed: any other choice would cost more than the best held."""
        free = np.flatnonzero(status == FREE)
        left = self.p - int((status == OPEN).sum())
        if not 0 < left < free.size:
            return status
        rising = np.sort(value[free])
        last, following = rising[left - 1], rising[left]
        goal = self.value - 1 + 1e-6 if self.whole else self.value * (1 - 1e-10)
        settled = status.copy()
        settled[free[bound + value[free] - last > goal]] = SHUT
        settled[free[bound - value[free] + following > goal]] = OPEN
        return settled

    def _split(self, branch: _Branch) -> list[_Branch]:
        """The two branches with the most doubtful candidate open and shut, each climbed."""
        free = np.flatnonzero(branch.status == FREE)
        left = self.p - int((branch.status == OPEN).sum())
        if not self.possible(branch.status):
            return []
        if left <= 0 or free.size <= left:
            self._close(branch)
            return []
        site = free[np.argmin(np.abs(branch.often[free] - 0.5))]
        grown = []
        for mark in (OPEN, SHUT):
            status = branch.status.copy()
            status[site] = mark
            part = _Branch(status, branch.price, branch.bound, branch.often)
            grown.append(self._climb(part, BRANCH_ROUNDS, BRANCH_STEP))
        return grown

    def possible(self, status: Status) -> bool:
        """Whether what was settled leaves a choice of p; settling for a better cost than held may leave none."""
        return int((status == OPEN).sum()) <= self.p <= int((status != SHUT).sum())

    def _close(self, branch: _Branch) -> None:
        """A branch with nothing left to decide: its one choice is looked at."""
        sites = np.flatnonzero(branch.status == OPEN)
        if sites.size < self.p:
            sites = np.flatnonzero(branch.status != SHUT)
        if sites.size == self.p:
            first = self.columns[sites].min(axis=0).sum()
            if first < self.value:
                self.value, self.sites = float(first), sites.astype(np.int64)


@cache
def _compiled() -> Any:
    """The compiled loops. The compiler takes a second to import, and most processes never site anything."""
    from jiean.engine.siting import compiled  # noqa: PLC0415

    return compiled
