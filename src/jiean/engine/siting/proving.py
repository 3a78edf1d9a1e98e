"""Covering to proof: a linear ceiling for each candidate shuts those that no better choice opens, until few are left."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.ceiling import Ceiling, Ceilings
from jiean.engine.siting.problem import Floats, Stop, equal_rows
from jiean.engine.siting.swapping import Sites, Swapping

MANY, GUIDED, FREE, SHAKES, LONG = 0.5, 16, 12, 60, 300
"""Where more than a share MANY of the candidates is left, better sites are looked for, which shut more: GUIDED walks of SHAKES
from the linear answers with a promising candidate opened, FREE ones of LONG from any sites."""

SMALLER, ENOUGH = 0.6, 0.05
"""A programme is written anew where this share of its candidates is left; a round that shut less than this was the last."""


def merged(reach: npt.NDArray[np.bool_], demand: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Rows of equal reach as one, (r, candidates) and (r,); without those that nothing reaches or nobody asks for."""
    useful = reach.any(axis=1) & (demand > 0)
    return equal_rows(reach[useful], demand[useful])


@dataclass
class Proof:
    """The best p sites found, and which candidates a better choice could still open.

    reach : bool (rows, candidates), demand : float64 (rows,), both of what is not covered already; 0 <= p <= candidates.
    After `run`: `sites` (p,), `value` what they cover, `bound` what no choice exceeds, `left` the candidates not shut.
    """

    reach: npt.NDArray[np.bool_]
    demand: Floats
    p: int
    chance: np.random.Generator
    stop: Stop
    value: float = 0.0
    asked: int = 0
    sites: Sites = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        self.left = np.arange(self.reach.shape[1])
        self.bound = float(self.demand.sum()) if self.p else 0.0
        # Whole demand has whole sums: a choice that covers less than one more covers no more.
        self._whole = bool((self.demand == np.floor(self.demand)).all() and self.bound < 2**52)
        self.sites = np.argsort(-(self.demand @ self.reach), kind="stable")[: self.p]
        self.value = self._covered(self.sites)

    @property
    def proven(self) -> bool:
        """Whether no choice covers more than the sites held."""
        return self.left.size < self.p or self.bound <= self._goal

    @property
    def _goal(self) -> float:
        """What a choice must exceed to be better, so much that rounding is none of it."""
        return self.value + 1 - 1e-6 if self._whole else self.value * (1 + 1e-10)

    def run(self) -> None:
        """Rounds over the candidates that are left, until they are few, or a round shuts next to none, or the stop comes."""
        while not self.proven and not self.stop():
            before = self.left.size
            self._round()
            if self.left.size > before * (1 - ENOUGH):
                break
            if self.left.size == self.p:
                self._take(self.left)
                self.bound = self.value
        if self.proven:
            self.bound = self.value

    def _round(self) -> None:
        reach, demand = merged(self.reach[:, self.left], self.demand)
        ceilings = Ceilings(reach, demand, self.p) if self.left.size > self.p else None
        root = ceilings.ask() if ceilings else None
        if ceilings is None or root is None:
            return
        walk = Swapping(reach, demand, np.argsort(-root.often, kind="stable")[: self.p])
        walk.better()
        self._take(self.left[walk.sites])
        each = self._shut(ceilings, root, root.each)
        if ceilings.live.sum() > MANY * ceilings.live.size:
            each = self._walk(walk, ceilings, each)
        self.bound = min(self.bound, max(root.bound, self.value))
        ids = self.left
        if not self.proven:
            self._ask_each(ceilings, each)
        self.left = ids[ceilings.live]

    def _walk(self, walk: Swapping, ceilings: Ceilings, each: Floats) -> Floats:
        """Walks from where the linear answers point, then from anywhere; returns the least ceiling known of every candidate."""
        for site in np.argsort(-each, kind="stable")[:GUIDED].tolist():
            if ceilings.live[site] and not self.stop() and (found := ceilings.ask(site)):
                often = np.where(np.arange(each.size) == site, 2.0, found.often)
                walk.walk(np.argsort(-often, kind="stable")[: self.p], self.chance, SHAKES)
                self._take(self.left[walk.sites])
                each = self._shut(ceilings, found, each)
        if ceilings.live.sum() > MANY * each.size:
            for _ in range(FREE):
                walk.walk(self.chance.choice(each.size, self.p, replace=False).astype(np.int64), self.chance, LONG)
            self._take(self.left[walk.sites])
        return each

    def _ask_each(self, ceilings: Ceilings, each: Floats) -> None:
        """Ask about the candidates left, the least promising first: what is shut lowers the ceiling of the others."""
        waiting = set(np.flatnonzero(ceilings.live).tolist())
        few = max(SMALLER * ceilings.live.size, self.p)
        while (waiting := {one for one in waiting if ceilings.live[one]}) and not self.stop():
            site = min(waiting, key=lambda one: each[one])
            waiting.remove(site)
            self.asked += 1
            if found := ceilings.ask(site):
                each = self._shut(ceilings, found, each)
            if ceilings.live.sum() <= few:
                return

    def _shut(self, ceilings: Ceilings, found: Ceiling, each: Floats) -> Floats:
        """Shut what cannot be part of a better choice; returns the least ceiling known of every candidate."""
        each = np.minimum(each, found.each)
        ceilings.shut(np.flatnonzero(ceilings.live & (each <= self._goal)))
        return each

    def _take(self, sites: Sites) -> None:
        if (value := self._covered(sites)) > self.value:
            self.value, self.sites = value, sites

    def _covered(self, sites: Sites) -> float:
        return float(self.demand[self.reach[:, sites].any(axis=1)].sum())
