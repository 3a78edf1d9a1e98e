"""The search for p sites with a proven bound: interchange, a Lagrangian dual, settled candidates, branches.

Beasley, J. E. (1985), "A note on solving large p-median problems", European Journal of Operational Research 21, 270-273,
gives the plan; the loops stand in `compiled`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.problem import FREE, OPEN, SHUT, Floats, Status, Stop

ROOT_ROUNDS, BRANCH_ROUNDS = 1500, 120
"""Most rounds of ascent at the root and in a branch."""

ROOT_STEP, BRANCH_STEP, PATIENCE, STARTS, SHAKES, EARLY = 0.5, 0.1, 10, 2, 12, 8

DOUBT = 0.6
"""The candidate branched on is open in this share of the averaged choices: a little above a half was best in the trials."""

Sites = npt.NDArray[np.int64]


@dataclass
class _Branch:
    """A part of the choices: what is settled, the prices to climb from, the bound so far, and the averaged choice."""

    status: Status
    price: Floats
    toll: float
    bound: float
    often: Floats = field(default_factory=lambda: np.empty(0))


@dataclass
class Hunt:
    """The best sites so far and the least bound of what is still open.

    `given` is the cost matrix and the sum above which an answer holds something impossible. `share` is what part of the
    budget each candidate takes, zero everywhere where money does not count; where it does, p sites are the most, not
    the number. After `run`, `settled` says which candidates any better choice must open or leave shut.
    """

    given: tuple[Floats, float]
    status: Status
    p: int
    chance: np.random.Generator
    stop: Stop
    share: Floats = field(default_factory=lambda: np.zeros(0))
    value: float = np.inf
    bound: float = 0.0
    nodes: int = 0
    tried: set[bytes] = field(default_factory=set)
    sites: Sites = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        costs, self.limit = self.given
        self.columns = np.ascontiguousarray(costs.T)
        if not self.share.size:
            self.share = np.zeros(costs.shape[1])
        self.limited = bool(self.share.max() > 0)
        near = costs.shape[1] if self.limited else min(costs.shape[1], max(48, 4 * costs.shape[1] // self.p))
        order = np.argsort(costs, axis=1, kind="stable")[:, :near]
        self.order = np.ascontiguousarray(order, np.int32)
        self.ranked = np.take_along_axis(costs, order, axis=1)
        # Whole costs have whole sums: a bound of 5818.2 proves 5819.
        self.whole = bool((costs == np.floor(costs)).all() and costs.sum() < 2**52)

    def run(self) -> None:
        """Find sites, climb the dual, then search the branches until none is left or the stop comes."""
        for _ in range(STARTS):
            self._try(self._random_sites(), self.status)
        root = self._climb(_Branch(self.status.copy(), self._start_price(), 0.0, 0.0), ROOT_ROUNDS, ROOT_STEP)
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

    def _try(self, sites: Sites, status: Status) -> None:
        """Interchange from these sites among what a branch leaves free; each start is tried once."""
        if self.limited:
            sites = self._afforded(sites, status)
        start = sites.tobytes()
        if start in self.tried or not sites.size or (sites.size != self.p and not self.limited):
            return
        self.tried.add(start)
        near = self.columns[sites].min(axis=0).sum() < 1.002 * self.value
        if self.nodes > EARLY and not near:  # deep in the branches an interchange costs more than it finds
            return
        value = float(_compiled().interchange(self.columns, sites, status, self.share))
        if value < self.value - 1e-12:
            self.value, self.sites = value, sites.copy()

    def _afforded(self, sites: Sites, status: Status) -> Sites:
        """What must be open, then `sites` in their order while they fit the budget, then whatever saves most for its cost."""
        taken = np.flatnonzero(status == OPEN).tolist()
        left = 1.0 + 1e-9 - float(self.share[taken].sum())
        for site in sites.tolist():
            if site not in taken and status[site] == FREE and self.share[site] <= left and len(taken) < self.p:
                taken.append(site)
                left -= float(self.share[site])
        first = self.columns[taken].min(axis=0) if taken else np.full(self.columns.shape[1], self.columns.max())
        free = np.setdiff1d(np.flatnonzero(status == FREE), taken)
        while len(taken) < self.p and (free := free[self.share[free] <= left]).size:
            saved = np.maximum(first - self.columns[free], 0.0).sum(axis=1)
            best = int(free[np.argmax(saved / (self.share[free] + 1e-3))])
            taken.append(best)
            left -= float(self.share[best])
            first, free = np.minimum(first, self.columns[best]), free[free != best]
        return np.array(taken, np.int64)

    def _random_sites(self) -> Sites:
        held, free = np.flatnonzero(self.status == OPEN), np.flatnonzero(self.status == FREE)
        count = min(self.p - held.size, free.size)
        return np.concatenate([held, self.chance.choice(free, count, replace=False)])

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
            return _Branch(branch.status, branch.price, branch.toll, np.inf, branch.often)
        bound, price, toll, value, often, chosen = _compiled().ascend(
            self.order, self.ranked, branch.price, branch.toll, self.share, branch.status, self.p, self.value, rounds,
            step, PATIENCE,
        )  # fmt: skip
        self._try(np.flatnonzero(chosen), branch.status)
        held = np.where(branch.status == OPEN, 2.0, np.where(branch.status == SHUT, -1.0, often))
        self._try(np.sort(np.argsort(-held, kind="stable")[: self.p]), branch.status)
        status = self._settle(branch.status, float(bound), value)
        return _Branch(status, price, float(toll), max(branch.bound, float(bound)), often)

    def _settle(self, status: Status, bound: float, value: Floats) -> Status:
        """Shut what cannot pay and open what cannot be missed: any other choice would cost more than the best held."""
        free = np.flatnonzero(status == FREE)
        left = self.p - int((status == OPEN).sum())
        if not 0 < left < free.size:
            return status
        rising = np.minimum(np.sort(value[free]), 0.0)  # what costs more than it brings is not chosen
        last, following = rising[left - 1], rising[left]
        goal = self.value - 1 + 1e-6 if self.whole else self.value * (1 - 1e-10)
        settled = status.copy()
        settled[free[bound + value[free] - last > goal]] = SHUT
        settled[free[bound - value[free] + following > goal]] = OPEN
        return settled

    def _split(self, branch: _Branch) -> list[_Branch]:
        """The two branches with the most doubtful candidate open and shut, each climbed."""
        status = self._affordable(branch.status)
        free = np.flatnonzero(status == FREE)
        left = self.p - int((status == OPEN).sum())
        if not self.possible(status):
            return []
        if left <= 0 or free.size == 0 or (free.size <= left and not self.limited):
            self._close(status)
            return []
        site = free[np.argmin(np.abs(branch.often[free] - DOUBT))]
        grown = []
        for mark in (OPEN, SHUT):
            part = status.copy()
            part[site] = mark
            below = _Branch(part, branch.price, branch.toll, branch.bound, branch.often)
            grown.append(self._climb(below, BRANCH_ROUNDS, BRANCH_STEP))
        return grown

    def _affordable(self, status: Status) -> Status:
        """Shut, too, what the budget left by the open ones cannot pay."""
        left = 1.0 + 1e-9 - float(self.share[status == OPEN].sum())
        return np.where((status == FREE) & (self.share > left), SHUT, status).astype(np.int8)

    def possible(self, status: Status) -> bool:
        """Whether what was settled leaves a choice; settling for a better cost than held may leave none."""
        opened = status == OPEN
        if self.limited:
            return int(opened.sum()) <= self.p and float(self.share[opened].sum()) <= 1.0 + 1e-9
        return int(opened.sum()) <= self.p <= int((status != SHUT).sum())

    def _close(self, status: Status) -> None:
        """A branch with nothing left to decide: its one choice is looked at."""
        sites = np.flatnonzero(status == OPEN)
        if sites.size < self.p and not self.limited:
            sites = np.flatnonzero(status != SHUT)
        if sites.size == self.p or (self.limited and sites.size):
            first = self.columns[sites].min(axis=0).sum()
            if first < self.value:
                self.value, self.sites = float(first), sites.astype(np.int64)


@cache
def _compiled() -> Any:
    """The compiled loops. The compiler takes a second to import, and most processes never site anything."""
    from jiean.engine.siting import compiled  # noqa: PLC0415

    return compiled
