"""Travel times and paths to one point: a reverse Dijkstra search that stops when enough is known.

Source: Dijkstra, E. W. (1959), "A note on two problems in connexion with graphs", Numerische Mathematik 1, 269-271,
run on the reversed graph. Each origin is an extra node of the search, reached from the ends of its segment, so it is
final exactly when it is taken from the heap.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.build import Segment, build
from jiean.engine.roads.errors import Unreachable
from jiean.engine.roads.graph import Ints, Roads
from jiean.engine.roads.plane import Floats, to_plane
from jiean.engine.roads.snap import Snap, Snaps, snap_many
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.engine.roads.steps import Leg, Step, steps_of

DIRECT = -2
"""In place of a first state: the origin lies on the target's own segment and drives straight to it."""


@dataclass(frozen=True)
class Nearest:
    """One of the nearest origins: its index in the given snaps and its travel time in seconds."""

    origin: int
    travel_s: float


@dataclass(frozen=True, eq=False)
class Path:
    """A way to the target: seconds, metres, points (k, 2) in degrees, street names in driving order, its steps and edges."""

    travel_s: float
    length_m: float
    points: Floats
    streets: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    legs: tuple[Leg, ...] = ()


def travel_times(roads: Roads, origins: Snaps, target: Snap, *, siren_factor: float = 1.0) -> Floats:
    """Seconds from every origin to the target.

    Parameters
    ----------
    origins
        k places on the network.
    siren_factor
        How much faster than free flow the unit drives, in (0, 10]; 1 is without a siren.

    Returns
    -------
    float64, shape (k,)
        Infinite only where closures cut the origin off: the network itself is strongly connected. The way from the road
        to the door is not in it.
    """
    _, seconds, _, _ = _run(roads, origins, target, len(origins))
    return seconds / checked_factor(siren_factor)


def nearest(roads: Roads, origins: Snaps, target: Snap, k: int, *, siren_factor: float = 1.0) -> tuple[Nearest, ...]:
    """The k origins that reach the target first, nearest first; the search stops at the k-th.

    Equal times are ordered by index.
    """
    if k < 0:
        raise ValueError("k must not be negative")
    order, seconds, _, _ = _run(roads, origins, target, min(k, len(origins)))
    factor = checked_factor(siren_factor)
    found = sorted((float(seconds[i]) / factor, int(i)) for i in order)
    return tuple(Nearest(i, travel_s) for travel_s, i in found)


def path(roads: Roads, origin: Snap, target: Snap, *, siren_factor: float = 1.0) -> Path:
    """The quickest way from origin to target with its geometry, street names and turns. Raises Unreachable."""
    origins = Snaps(np.array([origin.edge], np.int32), np.array([origin.fraction]), np.array([origin.distance_m]))
    _, seconds, exits, next_arc = _run(roads, origins, target, 1)
    if not np.isfinite(seconds[0]):
        raise Unreachable("Closed streets leave no way between the two places.")
    legs = _legs(roads, origin, target, int(exits[0]), next_arc)
    lines = [_part(roads.edge_points(e), a, b) for e, a, b, _ in legs]
    points = np.concatenate(lines)
    keep = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
    names = [roads.edge_name(e) for e, *_ in legs]
    streets = [name for i, name in enumerate(names) if name and (i == 0 or names[i - 1] != name)]
    return Path(
        travel_s=float(seconds[0]) / checked_factor(siren_factor),
        length_m=float(sum(roads.length_m[e] * abs(b - a) for e, a, b, _ in legs)),
        points=points[keep],
        streets=tuple(streets),
        steps=steps_of(roads, legs, lines),
        legs=tuple(legs),
    )


def warm_up() -> None:
    """Compile the search (or take it from the cache on disk), so that the first call is as quick as the next."""
    street = Segment(0, 1, ((0.0, 0.0), (0.001, 0.0)), None, 1.0, "road", None, "", True)
    roads = build([street], source="", attribution="", counts={}, speeds=DrivingSpeeds())
    origins = snap_many(roads, [(0.0, 0.0)])
    travel_times(roads, origins, origins[0])


@cache
def _compiled() -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """The compiled loops. The compiler takes a second to import, and most processes never search."""
    from jiean.engine.roads.compiled import line_up, search  # noqa: PLC0415
    from jiean.engine.roads.compiled_times import ways_in  # noqa: PLC0415

    return search, line_up, ways_in


def checked_factor(siren_factor: float) -> float:
    """A siren factor in (0, 10]. Raises ValueError."""
    if not 0 < siren_factor <= 10:
        raise ValueError("siren_factor must lie in (0, 10]")
    return siren_factor


@dataclass
class _Desk:
    """Working arrays of one thread for one network; `compiled.search` says what they hold between searches."""

    best: Floats
    first: npt.NDArray[np.int64]
    touched: Ints
    next_step: Ints
    keys: Floats
    items: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    origin_edge: Ints


_desks = threading.local()


def _desk(roads: Roads, origin_edge: Ints) -> _Desk:
    """This thread's working arrays for the network, with these origins lined up at their junctions.

    The same origins asked again stand there already: fifty thousand are compared sooner than lined up.
    """
    held: WeakKeyDictionary[Roads, _Desk] = _desks.__dict__.setdefault("held", WeakKeyDictionary())
    n, room = roads.net.states, 2 * roads.step_seconds.size + 3 * origin_edge.size + 2
    desk = held.get(roads)
    if desk is None:
        ints, none = (np.empty(n, np.int32), np.empty(n, np.int32)), np.empty(0, np.int32)
        heap = np.empty(room), np.empty(room, np.int64)
        first = np.full(n, -1, np.int64)
        desk = held[roads] = _Desk(np.full(n, np.inf), first, *ints, *heap, np.empty(0, np.int64), none)
    if desk.keys.size < room:
        desk.keys, desk.items = np.empty(2 * room), np.empty(2 * room, np.int64)
    if not np.array_equal(desk.origin_edge, origin_edge):
        after = np.full(2 * origin_edge.size, -1, np.int64)
        streets = roads.net.by_tail, roads.net.by_head, roads.two_way
        _compiled()[1](desk.first, after, *streets, desk.origin_edge, origin_edge)
        desk.after, desk.origin_edge = after, origin_edge.copy()
    return desk


def _run(roads: Roads, origins: Snaps, target: Snap, wanted: int) -> tuple[Ints, Floats, Ints, Ints]:
    """Origins in the order found, seconds and first states of all, and what is entered next from every state."""
    net = roads.net
    origin_edge = np.ascontiguousarray(origins.edge, np.int32)
    desk = _desk(roads, origin_edge)
    here = np.array([target.edge], np.int32), np.array([target.fraction])
    ends = roads.edge_tail, roads.edge_head, roads.seconds, roads.two_way
    _, into, into_s, into_by = _compiled()[2](*here, net.start, net.tails, net.wait_s, *ends, net.turned)
    order, seconds, exits = _compiled()[0](
        net.start, net.tails, net.enters, roads.step_seconds, into, into_s, into_by, roads.seconds, roads.two_way,
        origin_edge, np.ascontiguousarray(origins.fraction, np.float64), target.edge, target.fraction, wanted,
        desk.best, desk.first, desk.after, desk.touched, desk.next_step, desk.keys, desk.items,
    )  # fmt: skip
    return order, seconds, exits, desk.next_step


def _legs(roads: Roads, origin: Snap, target: Snap, state: int, next_step: Ints) -> list[Leg]:
    """The way as (edge, from fraction, to fraction, seconds of the turn into it), in driving order."""
    if state == DIRECT:
        return [(origin.edge, origin.fraction, target.fraction, 0.0)]
    if roads.net.turned:
        return _turned_legs(roads, origin, target, state, next_step)
    legs: list[Leg] = [
        (origin.edge, origin.fraction, 1.0 if _by_head(roads, origin, state, leaving=True) else 0.0, 0.0)
    ]
    # The target's segment is never driven whole and re-entered, so meeting it is the last leg.
    while (edge := int(next_step[state])) != target.edge:
        forward = int(roads.edge_tail[edge]) == state
        legs.append((edge, 0.0, 1.0, 0.0) if forward else (edge, 1.0, 0.0, 0.0))
        state = int(roads.edge_head[edge] if forward else roads.edge_tail[edge])
    return [*legs, (edge, 1.0 if _by_head(roads, target, state, leaving=False) else 0.0, target.fraction, 0.0)]


def _turned_legs(roads: Roads, origin: Snap, target: Snap, state: int, next_step: Ints) -> list[Leg]:
    """As `_legs`, where states are directed edges: 2e from tail to head, 2e + 1 back."""
    legs: list[Leg] = [(origin.edge, origin.fraction, 0.0 if state & 1 else 1.0, 0.0)]
    while True:
        following = int(next_step[state])
        edge, back, wait_s = following >> 1, bool(following & 1), _wait_s(roads, state, following)
        if edge == target.edge:
            return [*legs, (edge, float(back), target.fraction, wait_s)]
        legs.append((edge, 1.0, 0.0, wait_s) if back else (edge, 0.0, 1.0, wait_s))
        state = following


def _wait_s(roads: Roads, state: int, following: int) -> float:
    """Seconds of the turn from one directed edge into another."""
    begin, end = roads.net.start[following : following + 2]
    return float(roads.net.wait_s[begin + np.flatnonzero(roads.net.tails[begin:end] == state)[0]])


def _by_head(roads: Roads, place: Snap, junction: int, *, leaving: bool) -> bool:
    """Whether the way between a place and an end of its segment goes by the segment's head.

    On a loop both ends are one junction: a one-way loop is left by its head and entered by its tail, of a two-way
    loop the shorter arm is taken.
    """
    head, tail = int(roads.edge_head[place.edge]), int(roads.edge_tail[place.edge])
    if head != tail:
        return junction == head
    return place.fraction > 0.5 if roads.two_way[place.edge] else leaving


def _part(points: Floats, begin: float, end: float) -> Floats:
    """The stretch of a line between two fractions of its length, in driving direction."""
    if begin > end:
        return _part(points, end, begin)[::-1]
    steps = np.hypot(*np.diff(to_plane(points, (points[0, 0], points[0, 1])), axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    along = along / along[-1] if along[-1] > 0 else np.linspace(0, 1, len(points))
    cuts = np.array([np.interp([begin, end], along, points[:, axis]) for axis in (0, 1)]).T
    inside = (along > begin) & (along < end)
    return np.concatenate([cuts[:1], points[inside], cuts[1:]])
