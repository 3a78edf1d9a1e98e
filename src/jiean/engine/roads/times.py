"""Travel times between many places: one small interface, two ways of answering it.

`Plain` searches with the compiled Dijkstra of `search`: always there, exact to the last bit of its sums. `Hierarchy`
asks a customizable contraction hierarchy (Dibbelt, Strasser, Wagner 2016, "Customizable Contraction Hierarchies",
ACM Journal of Experimental Algorithmics 21, 1.5) by the package `pyroutingkit`, where that is installed; it counts
in tenths of a millisecond, so that a way of a hundred streets may differ by 5 ms from `Plain`.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.graph import Roads
from jiean.engine.roads.plane import Floats
from jiean.engine.roads.search import Nearest, Path, checked_factor, nearest, path, travel_times
from jiean.engine.roads.snap import Snap, Snaps

try:
    import pyroutingkit
except ImportError:  # another machine, or left out on purpose: `Plain` answers everything
    pyroutingkit = None

HAS_HIERARCHY = pyroutingkit is not None

TICKS_PER_S = 10_000
"""Counts of the hierarchy in a second; 2**31 of them are 59 hours, longer than any way through a town."""


class Times(Protocol):
    """Answers how long ways take on one network under one set of times."""

    roads: Roads

    def matrix(self, origins: Snaps, targets: Snaps, *, siren_factor: float = 1.0) -> Floats:
        """Seconds from each of k origins to each of t targets, float64 (k, t); infinite where closures forbid."""

    def nearest(self, origins: Snaps, target: Snap, k: int, *, siren_factor: float = 1.0) -> tuple[Nearest, ...]:
        """The k origins that reach the target first, nearest first."""

    def path(self, origin: Snap, target: Snap, *, siren_factor: float = 1.0) -> Path:
        """The quickest way with geometry, streets and turns. Raises Unreachable."""

    def reweight(self, seconds: Floats, closed: npt.NDArray[np.bool_] | None = None) -> Times:
        """The same streets under other times. Raises RoadsError."""


class Plain:
    """The compiled Dijkstra search, one reverse search a target."""

    def __init__(self, roads: Roads) -> None:
        self.roads = roads

    def matrix(self, origins: Snaps, targets: Snaps, *, siren_factor: float = 1.0) -> Floats:
        """See `Times.matrix`."""
        places = (targets[i] for i in range(len(targets)))
        rows = [travel_times(self.roads, origins, target, siren_factor=siren_factor) for target in places]
        return np.array(rows, np.float64).reshape(len(targets), len(origins)).T

    def nearest(self, origins: Snaps, target: Snap, k: int, *, siren_factor: float = 1.0) -> tuple[Nearest, ...]:
        """See `Times.nearest`."""
        return nearest(self.roads, origins, target, k, siren_factor=siren_factor)

    def path(self, origin: Snap, target: Snap, *, siren_factor: float = 1.0) -> Path:
        """See `Times.path`."""
        return path(self.roads, origin, target, siren_factor=siren_factor)

    def reweight(self, seconds: Floats, closed: npt.NDArray[np.bool_] | None = None) -> Plain:
        """See `Times.reweight`."""
        return Plain(self.roads.reweighted(seconds, closed))


class _Shared:
    """A contracted network, the lock of its one set of weights, and whose weights these are."""

    def __init__(self, topology: Any) -> None:
        self.topology = topology
        self.lock = threading.Lock()
        self.owner: Hierarchy | None = None


class Hierarchy(Plain):
    """Matrices by the contraction hierarchy; nearest and paths, which a plain search answers at once, as in `Plain`.

    The hierarchy is built on the reversed streets: it works source by source, and one incident is asked for many units.
    """

    def __init__(self, roads: Roads, *, shared: _Shared | None = None) -> None:
        super().__init__(roads)
        self._shared = shared or _Shared(_topology(roads))

    def _customized(self) -> Any:
        """The topology under this object's times; the caller holds the lock."""
        if self._shared.owner is not self:
            seconds = self.roads.arc_seconds
            ticks = np.maximum(np.round(seconds * TICKS_PER_S), 1)
            weights = np.where(np.isfinite(seconds), ticks, pyroutingkit.INF_WEIGHT).astype(np.uint32)
            self._shared.topology.customize_weights(weights)
            self._shared.owner = self
        return self._shared.topology

    def matrix(self, origins: Snaps, targets: Snaps, *, siren_factor: float = 1.0) -> Floats:
        """See `Times.matrix`."""
        factor = checked_factor(siren_factor)
        if not len(origins) or not len(targets):
            return np.empty((len(origins), len(targets)))
        roads, (ends, join) = self.roads, _compiled()
        streets = roads.edge_tail, roads.edge_head, roads.seconds, roads.two_way
        leave, leave_s = ends(origins.edge, origins.fraction, *streets, True)
        enter, enter_s = ends(targets.edge, targets.fraction, *streets, False)
        with self._shared.lock:
            ticks = self._customized().distances_many_to_many(enter, leave)
        seconds: Floats = join(
            ticks, pyroutingkit.INF_WEIGHT, enter_s, leave_s, origins.edge, origins.fraction, targets.edge,
            targets.fraction, roads.seconds, roads.two_way, float(TICKS_PER_S), factor,
        )  # fmt: skip
        return seconds

    def reweight(self, seconds: Floats, closed: npt.NDArray[np.bool_] | None = None) -> Hierarchy:
        """See `Times.reweight`. Both share one order of the streets; whichever is asked first after the other re-weights."""
        return Hierarchy(self.roads.reweighted(seconds, closed), shared=self._shared)


@lru_cache(maxsize=4)
def times_of(roads: Roads) -> Times:
    """The quickest way of answering for a network: the hierarchy where its package is installed, else the plain search.

    The same network object gets the same answerer; a hierarchy takes about 30 µs a junction to build.
    """
    return Hierarchy(roads) if HAS_HIERARCHY else Plain(roads)


def _topology(roads: Roads) -> Any:
    """The contracted reversed streets; arcs in the order of `Roads.arcs_in`."""
    start, tails, _ = roads.arcs_in
    heads = np.repeat(np.arange(roads.lon.size), np.diff(start))
    topology = pyroutingkit.CCH()
    topology.build_topology(
        heads.astype(np.uint32), tails.astype(np.uint32), roads.lat.astype(np.float32), roads.lon.astype(np.float32),
        node_count=roads.lon.size,
    )  # fmt: skip
    return topology


@cache
def _compiled() -> Any:
    """The compiled ends of a matrix. The compiler takes a second to import, and most processes never search."""
    from jiean.engine.roads.compiled_times import ends, join  # noqa: PLC0415

    return ends, join
