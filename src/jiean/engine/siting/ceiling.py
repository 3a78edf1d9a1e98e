"""The covering problem's linear bound, asked again and again: its dual has a row a candidate, not a row a demand.

With prices 0 <= price <= demand on covering each row, no p sites cover more than what is not priced and the p dearest
candidates together, a candidate being worth the prices it can cover. The least such ceiling is the linear bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from jiean.engine.siting.problem import Floats

Sites = npt.NDArray[np.int64]
WAY = "use_dual_simplex: true use_preprocessing: false"


@dataclass(frozen=True, eq=False)
class Ceiling:
    """No choice covers more than `bound`, none with candidate i more than `each[i]` (candidates,); `often` is how far the
    linear answer opens each candidate, in [0, 1]."""

    bound: float
    each: Floats
    often: Floats


class Ceilings:
    """One linear programme kept with its basis, so that asking it about another candidate takes few steps.

    reach : bool (rows, candidates); demand : float64 (rows,), above zero; p : sites to open, below the candidates
    """

    def __init__(self, reach: npt.NDArray[np.bool_], demand: Floats, p: int) -> None:
        from ortools.linear_solver import pywraplp  # noqa: PLC0415 — slow to load, and only covering needs it

        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString(WAY)
        self.live = np.ones(reach.shape[1], np.bool_)
        self._within, self._demand, self._p = csr_array(reach.T.astype(np.float64)), demand, p
        self._endless = self._solver.infinity()
        self._price = [self._solver.NumVar(0.0, float(most), "") for most in demand]
        self._over = [self._solver.NumVar(0.0, self._endless, "") for _ in self.live]
        self._rules = self._ruled()

    def _ruled(self) -> list[Any]:
        """A candidate's worth is at most the last chosen one's and what it is over that."""
        last, goal, rules = self._solver.NumVar(-self._endless, self._endless, ""), self._solver.Objective(), []
        starts, rows = self._within.indptr, self._within.indices
        for site, over in enumerate(self._over):
            rule = self._solver.Constraint(-self._endless, 0.0)
            for row in rows[starts[site] : starts[site + 1]]:
                rule.SetCoefficient(self._price[row], 1.0)
            rule.SetCoefficient(over, -1.0)
            rule.SetCoefficient(last, -1.0)
            goal.SetCoefficient(over, 1.0)
            rules.append(rule)
        for price in self._price:
            goal.SetCoefficient(price, -1.0)
        goal.SetCoefficient(last, float(self._p))
        goal.SetMinimization()
        return rules

    def shut(self, sites: Sites) -> None:
        """These candidates are opened no more."""
        self.live[sites] = False
        for site in sites.tolist():
            self._rules[site].SetUb(self._endless)

    def ask(self, site: int | None = None) -> Ceiling | None:
        """The ceiling when `site` is opened, or of every choice; None where the solver finds no answer.

        What is returned is counted from the prices alone, so it holds whatever the solver's rounding was.
        """
        if site is not None:
            self._over[site].SetLb(-self._endless)
        solved = self._solver.Solve() == self._solver.OPTIMAL
        found = self._counted() if solved else None
        if site is not None:
            self._over[site].SetLb(0.0)
        return found

    def _counted(self) -> Ceiling:
        price = np.clip([one.solution_value() for one in self._price], 0.0, self._demand)
        worth = np.where(self.live, self._within @ price, -np.inf)
        dearest = np.sort(worth)[::-1][: self._p]
        bound = float((self._demand - price).sum() + dearest.sum())
        often = np.where(self.live, [-rule.dual_value() for rule in self._rules], 0.0)
        return Ceiling(bound, bound + np.minimum(worth - dearest[-1], 0.0), often)
