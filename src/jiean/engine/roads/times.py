"""Travel times between many places: one small interface, two ways of answering it.

`Plain` searches with the compiled Dijkstra of `search`: always there. `Hierarchy` asks a customizable contraction
hierarchy of our own (Dibbelt, Strasser, Wagner 2016, "Customizable Contraction Hierarchies", ACM Journal of Experimental
Algorithmics 21, 1.5), states in the order of METIS's nested dissection (Karypis, Kumar 1998, "A fast and high quality
multilevel scheme for partitioning irregular graphs"). A matrix climbs the elimination tree once a target and sweeps down
once for all of them, after the sweeps of Delling, Goldberg, Werneck (2011, "Faster Batched Shortest Paths in Road
Networks"). Both answer alike to the rounding of their sums, with turns and without.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.graph import Roads
from jiean.engine.roads.net import Net
from jiean.engine.roads.plane import Floats
from jiean.engine.roads.search import Nearest, Path, checked_factor, nearest, path, travel_times
from jiean.engine.roads.snap import Snap, Snaps

Ints = npt.NDArray[np.int32]


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


@dataclass(frozen=True, eq=False)
class Order:
    """A network contracted, whatever its times: ranks of the states, up-arcs, and which of them carries each step.

    rank, parent : int32 (n,); up_start : int64 (n + 1,); up_head : int32 (u,); `parent` and up-arcs are by rank
    lower : the up-arcs by the state they go to: start int64 (n + 1,), arcs and where their own state's arcs end int32 (u,)
    tails, heads : int32 (a,) ranks of the steps of the net; carrier : int64 (a,) their up-arc
    by_head, by_tail, at_tail, at_head : int32 (m,) ranks of the states an edge is left and entered by
    """

    rank: Ints
    parent: Ints
    up_start: npt.NDArray[np.int64]
    up_head: Ints
    lower: tuple[npt.NDArray[np.int64], Ints, Ints]
    tails: Ints
    heads: Ints
    carrier: npt.NDArray[np.int64]
    by_head: Ints
    by_tail: Ints
    at_tail: Ints
    at_head: Ints


class Hierarchy(Plain):
    """Matrices by the contraction hierarchy; nearest and paths, which a plain search answers at once, as in `Plain`."""

    def __init__(self, roads: Roads, *, order: Order | None = None) -> None:
        super().__init__(roads)
        self._order = order or order_of(roads)

    @cached_property
    def _weights(self) -> tuple[Floats, Floats]:
        """Seconds of the up-arcs, up and down, under this object's times."""
        order = self._order
        steps = order.carrier, order.tails, order.heads, self.roads.step_seconds
        found: tuple[Floats, Floats] = _compiled()[0](order.up_start, order.up_head, *order.lower, *steps)
        return found

    def matrix(self, origins: Snaps, targets: Snaps, *, siren_factor: float = 1.0) -> Floats:
        """See `Times.matrix`."""
        factor = checked_factor(siren_factor)
        roads, order, net = self.roads, self._order, self.roads.net
        if not len(origins) or not len(targets):
            return np.empty((len(origins), len(targets)))
        seconds: Floats = _compiled()[1](
            origins.edge, origins.fraction, targets.edge, targets.fraction, roads.seconds, roads.two_way, order.by_head,
            order.by_tail, net.start, order.tails, net.wait_s, order.at_tail, order.at_head, net.turned, order.up_start,
            order.up_head, *self._weights, order.parent, float(factor),
        )  # fmt: skip
        return seconds

    def reweight(self, seconds: Floats, closed: npt.NDArray[np.bool_] | None = None) -> Hierarchy:
        """See `Times.reweight`. Both share one order of the streets."""
        return Hierarchy(self.roads.reweighted(seconds, closed), order=self._order)


_orders: WeakKeyDictionary[Net, Order] = WeakKeyDictionary()


def order_of(roads: Roads) -> Order:
    """The contracted streets: one order for a network under whatever times."""
    if roads.net not in _orders:
        _orders[roads.net] = contract(roads)
    return _orders[roads.net]


@lru_cache(maxsize=8)
def times_of(roads: Roads) -> Times:
    """The quickest way of answering for a network.

    The same network object gets the same answerer; a hierarchy takes about 10 µs a state to build.
    """
    return Hierarchy(roads)


def contract(roads: Roads) -> Order:
    """Order the states so that what parts the town comes last, and join what each contraction leaves apart."""
    from jiean.engine.roads.compiled_hierarchy import fill, locate, lower  # noqa: PLC0415

    net = roads.net
    entered = np.repeat(np.arange(net.states, dtype=np.int32), np.diff(net.start))
    start, near = _neighbours(net.tails, entered, net.states)
    rank = _dissection(start, near)
    tails, heads = rank[net.tails], rank[entered]
    up_start, up_head, parent = fill(*_neighbours(tails, heads, net.states))
    junction = [np.zeros(0, np.int32)] * 2 if net.turned else [rank[roads.edge_tail], rank[roads.edge_head]]
    carrier = locate(up_start, up_head, tails, heads)
    return Order(
        rank,
        parent,
        up_start,
        up_head,
        lower(up_start, up_head),
        tails,
        heads,
        carrier,
        rank[net.by_head],
        rank[net.by_tail],
        *junction,
    )


def _neighbours(tails: Ints, heads: Ints, states: int) -> tuple[npt.NDArray[np.int64], Ints]:
    """Neighbours of every state, whichever way the steps go: start (n + 1,) and states."""
    pairs = np.unique(
        np.concatenate([tails.astype(np.int64) * states + heads, heads.astype(np.int64) * states + tails])
    )
    a, b = pairs // states, pairs % states
    start = np.zeros(states + 1, np.int64)
    np.cumsum(np.bincount(a[a != b], minlength=states), out=start[1:])
    return start, b[a != b].astype(np.int32)


def _dissection(start: npt.NDArray[np.int64], near: Ints) -> Ints:
    """The rank of every state, int32 (n,)."""
    import pymetis  # noqa: PLC0415 — slow to load, and only a new network needs it

    if not near.size:
        return np.arange(start.size - 1, dtype=np.int32)
    graph = pymetis.CSRAdjacency(start.astype(np.int32), near)
    _order, rank = pymetis.nested_dissection(adjacency=graph)
    return np.asarray(rank, np.int32)


@cache
def _compiled() -> Any:
    """The compiled loops. The compiler takes a second to import, and most processes never search."""
    from jiean.engine.roads.compiled_hierarchy import customize  # noqa: PLC0415
    from jiean.engine.roads.compiled_matrix import between  # noqa: PLC0415

    return customize, between
