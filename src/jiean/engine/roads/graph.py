"""The road graph as frozen arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import shapely

from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.ground import Ground, survey
from jiean.engine.roads.net import Net, by_junctions, by_turns
from jiean.engine.roads.plane import Floats, metres_a_degree, to_plane
from jiean.engine.roads.turns import Streets, TurnRules, Turns, turns_of

Ints = npt.NDArray[np.int32]

CLASSES = (
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
    "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service", "road",
)  # fmt: skip
"""Road classes in the order of their codes (OpenStreetMap values of `highway`)."""

BRIDGE, TUNNEL, ROUNDABOUT = 1, 2, 4

_LASTING = ("origin", "projection", "arcs_in", "ground", "lines", "tree", "turns", "net")
_NO_BANS = np.empty((0, 2), np.int32)


@dataclass(frozen=True)
class RoadsReport:
    """What was read, kept, guessed and dropped: nothing vanishes unsaid.

    `counts` maps a word to how often it happened, for instance `ways_not_for_cars`, `speed_from_class`.
    """

    source: str
    attribution: str
    junctions: int
    edges: int
    length_km: float
    counts: MappingProxyType[str, int]


@dataclass(frozen=True, eq=False)
class Roads:
    """A strongly connected road network of n junctions and m edges.

    Every edge may be driven from `edge_tail` to `edge_head`; back as well where `two_way` holds. Parallel edges and
    loops are kept. Arrays are read-only.

    lon, lat : float64 (n,) degrees WGS-84
    edge_tail, edge_head : int32 (m,) junction index
    length_m, seconds : float64 (m,) metres > 0, free-flow seconds > 0, the same both ways
    two_way : bool (m,)
    road_class : int8 (m,) index into CLASSES
    flags : uint8 (m,) sum of BRIDGE, TUNNEL, ROUNDABOUT
    name : int32 (m,) index into `names`; names : str (k,), names[0] is ""
    closed : bool (m, 2), from tail to head and back, or None; a closed edge is not driven through, but one may start or end
        on it
    banned : int32 (r, 2) forbidden turns by the states of `turns`; turning : the rules they follow, None where turns are free
    point_start : int64 (m + 1,) ; points : float64 (p, 2) degrees; edge e is points[point_start[e]:point_start[e+1]]
    """

    lon: Floats
    lat: Floats
    edge_tail: Ints
    edge_head: Ints
    length_m: Floats
    seconds: Floats
    two_way: npt.NDArray[np.bool_]
    road_class: npt.NDArray[np.int8]
    flags: npt.NDArray[np.uint8]
    name: Ints
    names: npt.NDArray[np.str_]
    point_start: npt.NDArray[np.int64]
    points: Floats
    report: RoadsReport
    closed: npt.NDArray[np.bool_] | None = None
    banned: Ints = field(default_factory=lambda: _NO_BANS)
    turning: TurnRules | None = None

    def __post_init__(self) -> None:
        for array in vars(self).values():
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @cached_property
    def origin(self) -> tuple[float, float]:
        """Centre of the network, degrees: the origin of the local plane."""
        return float(self.lon.mean()), float(self.lat.mean())

    @cached_property
    def projection(self) -> tuple[Floats, Floats]:
        """Middle (2,) in degrees and metres a degree (2,), as `plane.to_plane` uses them."""
        return np.array(self.origin), metres_a_degree(self.origin[1])

    @cached_property
    def arcs_in(self) -> tuple[npt.NDArray[np.int64], Ints, Ints]:
        """Arcs by the junction they enter: start (n + 1,), the junction they leave (a,), their edge (a,)."""
        back = np.flatnonzero(self.two_way).astype(np.int32)
        edges = np.concatenate([np.arange(self.edge_tail.size, dtype=np.int32), back])
        heads = np.concatenate([self.edge_head, self.edge_tail[back]])
        tails = np.concatenate([self.edge_tail, self.edge_head[back]])
        order = np.argsort(heads, kind="stable")
        start = np.zeros(self.lon.size + 1, dtype=np.int64)
        np.cumsum(np.bincount(heads, minlength=self.lon.size), out=start[1:])
        return start, tails[order], edges[order]

    @cached_property
    def turns(self) -> Turns:
        """The permitted turns under `turning`, free ones where that is None."""
        roundabout = (self.flags & ROUNDABOUT) > 0
        streets = Streets(self.edge_tail, self.edge_head, self.two_way, roundabout, self._headings())
        return turns_of(streets, self.lon.size, self.banned, self.turning or TurnRules(0.0, 0.0, 0.0))

    @cached_property
    def net(self) -> Net:
        """What the searches walk on: junctions where turns are free, else directed edges."""
        if self.turning is None:
            return by_junctions(self.arcs_in, self.edge_tail, self.edge_head)
        return by_turns(self.turns, self.edge_tail.size)

    @cached_property
    def step_seconds(self) -> Floats:
        """Seconds of the steps of `net`, shape (a,): the turn and the whole edge; infinite where the edge is closed."""
        net = self.net
        return np.ascontiguousarray(net.wait_s + self.driven_s(net.edge, net.back))

    def driven_s(self, edge: Ints, back: npt.NDArray[np.bool_]) -> Floats:
        """Seconds (k,) to drive edges (k,) whole, forth or back (k,); infinite where that way is closed."""
        seconds = self.seconds[edge]
        return seconds if self.closed is None else np.where(self.closed[edge, back.view(np.int8)], np.inf, seconds)

    def _headings(self) -> Floats:
        """Degrees counter-clockwise from east at the tail and the head of every edge, (m, 2)."""
        flat, start = to_plane(self.points, self.origin), self.point_start
        moves = np.stack([flat[start[:-1] + 1] - flat[start[:-1]], flat[start[1:] - 1] - flat[start[1:] - 2]], axis=1)
        return np.asarray(np.degrees(np.arctan2(moves[..., 1], moves[..., 0])), np.float64)

    def turned(self, rules: TurnRules | None) -> Roads:
        """The same streets with turns that cost time or are forbidden; None makes them free again."""
        other = replace(self, turning=rules)
        vars(other).update({name: vars(self)[name] for name in _LASTING[:-2] if name in vars(self)})
        return other

    @cached_property
    def ground(self) -> Ground:
        """Grid over the street lines for finding the nearest."""
        return survey(to_plane(self.points, self.origin), self.point_start)

    def reweighted(self, seconds: Floats, closed: npt.NDArray[np.bool_] | None = None) -> Roads:
        """The same streets with other times (float64 (m,) seconds > 0) and closures, bool (m,) of both ways or (m, 2).

        What does not depend on times (grid, arcs, lines) is shared with this graph. Raises RoadsError.
        """
        if seconds.shape != self.seconds.shape or not (np.isfinite(seconds).all() and (seconds > 0).all()):
            raise RoadsError("Every edge needs a finite time above zero.")
        if closed is not None and closed.shape not in {seconds.shape, (seconds.size, 2)}:
            raise RoadsError("Closures must name every edge of this network, true or false.")
        if closed is not None and closed.ndim == 1:
            closed = np.repeat(closed[:, None], 2, axis=1)
        _ = self.net  # shared with what follows, and with it the hierarchy's order
        other = replace(self, seconds=np.array(seconds, np.float64), closed=closed)
        vars(other).update({name: vars(self)[name] for name in _LASTING if name in vars(self)})
        return other

    @cached_property
    def lines(self) -> npt.NDArray[np.object_]:
        """Every edge as a shapely line in the local plane, shape (m,)."""
        counts = np.diff(self.point_start)
        edges = np.repeat(np.arange(counts.size), counts)
        lines: npt.NDArray[np.object_] = shapely.linestrings(to_plane(self.points, self.origin), indices=edges)
        return lines

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Spatial index over `lines`, asked once here: it builds itself at the first question, which two threads must not do at once."""
        made = shapely.STRtree(self.lines)
        made.query(shapely.Point(0.0, 0.0))
        return made

    def edge_points(self, edge: int) -> Floats:
        """Geometry of one edge from tail to head, shape (k, 2), degrees."""
        return self.points[self.point_start[edge] : self.point_start[edge + 1]]

    def edge_name(self, edge: int) -> str:
        """Street name of an edge, "" where it has none."""
        return str(self.names[self.name[edge]])
