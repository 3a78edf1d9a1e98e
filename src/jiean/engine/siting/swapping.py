"""Good sites for covering, by exchanging one for another while that covers more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from jiean.engine.siting.problem import Floats

Sites = npt.NDArray[np.int64]


class Swapping:
    """The best sites met so far, (p,), and what they cover.

    reach : bool (rows, candidates); demand : float64 (rows,)
    """

    def __init__(self, reach: npt.NDArray[np.bool_], demand: Floats, sites: Sites) -> None:
        self._rows = csr_array(reach.astype(np.float64))
        self._columns, self._demand = csr_array(self._rows.T), demand
        self.sites, self.value = sites.copy(), self.covered(sites)

    def covered(self, sites: Sites) -> float:
        """What these sites cover together."""
        return float(self._demand[self._times(sites) > 0].sum())

    def better(self) -> None:
        """Exchange one of the sites for another, the best exchange first, until none covers more.

        Whitaker (1983), as in `compiled.interchange`; here on the pairs in reach alone, which are few.
        """
        sites = self.sites.copy()
        while True:
            gain = self._gains(sites)
            site, place = divmod(int(gain.argmax()), sites.size)
            if gain[site, place] <= 1e-9 * float(self._demand.sum()):
                break
            sites[place] = site
        self._keep(sites)

    def walk(self, start: Sites, chance: np.random.Generator, shakes: int) -> None:
        """So many small shakes from these sites on, each taken where it is no worse; the best met is kept."""
        from jiean.engine.siting.compiled_covering import wander  # noqa: PLC0415 — the compiler is slow to import

        columns = (self._columns.indptr, self._columns.indices)
        self._keep(wander(columns, self._demand, start.copy(), chance.random((shakes, 11))))

    def _keep(self, sites: Sites) -> None:
        if (value := self.covered(sites)) > self.value:
            self.sites, self.value = sites.copy(), value

    def _times(self, sites: Sites) -> Floats:
        """How often each row is covered, (rows,)."""
        return np.asarray(self._rows[:, sites].sum(axis=1)).ravel()

    def _gains(self, sites: Sites) -> Floats:
        """What opening each candidate in the place of each site adds, (candidates, p); never for one that is open."""
        often = self._times(sites)
        once = np.flatnonzero(often == 1)
        alone = self._rows[once]
        shared = (alone[:, sites].T.multiply(self._demand[once][None, :]) @ alone).toarray().T
        added = self._columns @ (self._demand * (often == 0))
        gain = added[:, None] - shared[sites, np.arange(sites.size)][None, :] + shared
        gain[sites] = -np.inf
        return np.asarray(gain)
