"""Travel times and paths to one point: a reverse Dijkstra search that stops when enough is known.

Source: Dijkstra, E. W. (1959), "A note on two problems in connexion with graphs", Numerische Mathematik 1, 269-271,
run on the reversed graph. Each origin is an extra node of the search, reached from the ends of its segment, so it is
final exactly when it is taken from the heap.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from jiean.engine.roads.graph import Ints, Roads
from jiean.engine.roads.plane import Floats, to_plane
from jiean.engine.roads.snap import Snap, Snaps

DIRECT = -2
"""In place of a next junction: the origin lies on the target's own segment and drives straight to it."""
NONE = -1


@dataclass(frozen=True)
class Nearest:
    """One of the nearest origins: its index in the given snaps and its travel time in seconds."""

    origin: int
    travel_s: float


@dataclass(frozen=True, eq=False)
class Path:
    """A way to the target: seconds, metres, points (k, 2) in degrees, and street names in driving order."""

    travel_s: float
    length_m: float
    points: Floats
    streets: tuple[str, ...]


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
        Never infinite: the network is strongly connected. The way from the road to the door is not in it.
    """
    _, seconds, _, _ = _run(roads, origins, target, len(origins))
    return seconds / _checked(siren_factor)


def nearest(roads: Roads, origins: Snaps, target: Snap, k: int, *, siren_factor: float = 1.0) -> tuple[Nearest, ...]:
    """The k origins that reach the target first, nearest first; the search stops at the k-th.

    Equal times are ordered by index.
    """
    if k < 0:
        raise ValueError("k must not be negative")
    order, seconds, _, _ = _run(roads, origins, target, min(k, len(origins)))
    factor = _checked(siren_factor)
    found = sorted((float(seconds[i]) / factor, int(i)) for i in order)
    return tuple(Nearest(i, travel_s) for travel_s, i in found)


def path(roads: Roads, origin: Snap, target: Snap, *, siren_factor: float = 1.0) -> Path:
    """The quickest way from origin to target with its geometry and street names."""
    origins = Snaps(np.array([origin.edge], np.int32), np.array([origin.fraction]), np.array([origin.distance_m]))
    _, seconds, exits, next_arc = _run(roads, origins, target, 1)
    legs = _legs(roads, origin, target, int(exits[0]), next_arc)
    points = np.concatenate([_part(roads.edge_points(e), a, b) for e, a, b in legs])
    keep = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
    names = [roads.edge_name(e) for e, _, _ in legs]
    streets = [name for i, name in enumerate(names) if name and (i == 0 or names[i - 1] != name)]
    return Path(
        travel_s=float(seconds[0]) / _checked(siren_factor),
        length_m=float(sum(roads.length_m[e] * abs(b - a) for e, a, b in legs)),
        points=points[keep],
        streets=tuple(streets),
    )


def warm_up() -> None:
    """Compile the search (or take it from the cache on disk), so that the first call is as quick as the next."""
    zero, one = np.zeros(1, np.int32), np.zeros(1)
    _search(np.zeros(2, np.int64), zero[:0], zero[:0], zero, zero, one, np.ones(1, np.bool_), zero, one, 0, 0.0, 1)


def _checked(siren_factor: float) -> float:
    if not 0 < siren_factor <= 10:
        raise ValueError("siren_factor must lie in (0, 10]")
    return siren_factor


def _run(roads: Roads, origins: Snaps, target: Snap, wanted: int) -> tuple[Ints, Floats, Ints, Ints]:
    start, tails, edges = roads.arcs_in
    return _search(  # type: ignore[no-any-return]
        start, tails, edges, roads.edge_tail, roads.edge_head, roads.seconds, roads.two_way,
        np.ascontiguousarray(origins.edge, np.int32), np.ascontiguousarray(origins.fraction, np.float64),
        target.edge, target.fraction, wanted,
    )  # fmt: skip


@numba.njit(cache=True)
def _push(keys, items, size, key, item):  # type: ignore[no-untyped-def]
    """Add to the binary heap kept in `keys` and `items`, ordered by key, then item."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] < key or (keys[parent] == key and items[parent] <= item):
            break
        keys[i] = keys[parent]
        items[i] = items[parent]
        i = parent
    keys[i] = key
    items[i] = item
    return size + 1


@numba.njit(cache=True)
def _pop(keys, items, size):  # type: ignore[no-untyped-def]
    """Take the least away; `size` is the new size. The caller has read keys[0] and items[0]."""
    size -= 1
    key, item = keys[size], items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (keys[right] < keys[child] or (keys[right] == keys[child] and items[right] < items[child])):
            child = right
        if key < keys[child] or (key == keys[child] and item <= items[child]):
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i = child
    keys[i] = key
    items[i] = item
    return size


@numba.njit(cache=True)
def _origins_by_junction(n, edge_tail, edge_head, two_way, origin_edge):  # type: ignore[no-untyped-def]
    """Linked lists of exits: first[j] is one at junction j, after[x] the next one there.

    Exit 2i is origin i leaving by the head of its segment, 2i + 1 by the tail.
    """
    first = np.full(n, -1, np.int64)
    after = np.full(2 * origin_edge.size, -1, np.int64)
    for i in range(origin_edge.size - 1, -1, -1):
        e = origin_edge[i]
        after[2 * i] = first[edge_head[e]]
        first[edge_head[e]] = 2 * i
        if two_way[e]:
            after[2 * i + 1] = first[edge_tail[e]]
            first[edge_tail[e]] = 2 * i + 1
    return first, after


@numba.njit(cache=True)
def _search(  # type: ignore[no-untyped-def]  # noqa: C901 - the loop of the paper, top to bottom
    start, tails, edges, edge_tail, edge_head, seconds, two_way, origin_edge, origin_fraction, edge, fraction, wanted
):
    """Search backwards from the target until `wanted` origins are final.

    Returns their indices in the order found (w,), seconds of all origins (k,; infinite where not final), the first
    junction of each (k,; DIRECT on the target's own segment), and the edge driven next from every junction (n,).
    """
    n = start.size - 1
    count = origin_edge.size
    room = tails.size + 3 * count + 2
    keys, items = np.empty(room), np.empty(room, np.int64)
    size = 0
    best = np.full(n + count, np.inf)
    done = np.zeros(n + count, np.bool_)
    next_edge = np.full(n, NONE, np.int32)
    exits = np.full(count, NONE, np.int32)
    order = np.empty(wanted, np.int32)
    found = 0
    if edge_tail.size == 0 or wanted == 0:
        return order[:0], best[n:], exits, next_edge
    first, after = _origins_by_junction(n, edge_tail, edge_head, two_way, origin_edge)
    best[edge_tail[edge]] = fraction * seconds[edge]
    next_edge[edge_tail[edge]] = edge
    size = _push(keys, items, size, fraction * seconds[edge], edge_tail[edge])
    back = (1.0 - fraction) * seconds[edge]
    if two_way[edge] and back < best[edge_head[edge]]:
        best[edge_head[edge]] = back
        next_edge[edge_head[edge]] = edge
        size = _push(keys, items, size, back, edge_head[edge])
    for i in range(count):
        ahead = fraction - origin_fraction[i]
        if origin_edge[i] == edge and (ahead >= 0 or two_way[edge]):
            best[n + i] = abs(ahead) * seconds[edge]
            exits[i] = DIRECT
            size = _push(keys, items, size, best[n + i], n + i)
    while size > 0 and found < wanted:
        now, node = keys[0], items[0]
        size = _pop(keys, items, size)
        if done[node]:
            continue
        done[node] = True
        if node >= n:
            order[found] = node - n
            found += 1
            continue
        leave = first[node]
        while leave >= 0:
            i = leave >> 1
            share = origin_fraction[i] if leave & 1 else 1.0 - origin_fraction[i]
            reach = now + share * seconds[origin_edge[i]]
            if reach < best[n + i]:
                best[n + i] = reach
                exits[i] = node
                size = _push(keys, items, size, reach, n + i)
            leave = after[leave]
        for a in range(start[node], start[node + 1]):
            tail = tails[a]
            reach = now + seconds[edges[a]]
            if reach < best[tail]:
                best[tail] = reach
                next_edge[tail] = edges[a]
                size = _push(keys, items, size, reach, tail)
    for i in range(count):
        if not done[n + i]:
            best[n + i] = np.inf
    return order[:found], best[n:], exits, next_edge


def _legs(
    roads: Roads, origin: Snap, target: Snap, junction: int, next_edge: npt.NDArray[np.int32]
) -> list[tuple[int, float, float]]:
    """The way as (edge, from fraction, to fraction), in driving order."""
    if junction == DIRECT:
        return [(origin.edge, origin.fraction, target.fraction)]
    legs = [(origin.edge, origin.fraction, 1.0 if _by_head(roads, origin, junction, leaving=True) else 0.0)]
    # The target's segment is never driven whole and re-entered, so meeting it is the last leg.
    while (edge := int(next_edge[junction])) != target.edge:
        forward = int(roads.edge_tail[edge]) == junction
        legs.append((edge, 0.0, 1.0) if forward else (edge, 1.0, 0.0))
        junction = int(roads.edge_head[edge] if forward else roads.edge_tail[edge])
    return [*legs, (edge, 1.0 if _by_head(roads, target, junction, leaving=False) else 0.0, target.fraction)]


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
