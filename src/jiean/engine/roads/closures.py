"""Which stretches of street a closure takes: those a drawn line crosses, or all of one name, both ways or one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.graph import Roads
from jiean.engine.roads.plane import to_plane

Ring = tuple[tuple[float, float], ...]
"""A line or the outline of an area on the map: (lon, lat) in degrees."""

Bools = npt.NDArray[np.bool_]


class Heading(StrEnum):
    """The way traffic goes that is stopped."""

    NORTH = "north"
    EAST = "east"
    SOUTH = "south"
    WEST = "west"


_EAST_NORTH = {
    Heading.NORTH: (0.0, 1.0),
    Heading.EAST: (1.0, 0.0),
    Heading.SOUTH: (0.0, -1.0),
    Heading.WEST: (-1.0, 0.0),
}


@dataclass(frozen=True)
class Closure:
    """What is closed: the streets that `line` crosses, those named `street`, or of those the ones it crosses.

    line : degrees; three points or more an area, two a line across the streets; () where the name alone says it
    heading : None closes both ways; else only whoever drives more towards it than away from it, from junction to junction
    """

    line: Ring = ()
    street: str = ""
    heading: Heading | None = None

    def __post_init__(self) -> None:
        if not self.line and not self.street:
            raise RoadsError("A closure needs a line or the name of a street.")
        if self.line:
            check_ring(self.line)


def check_ring(ring: Ring) -> None:
    """Refuse an outline that is none. Raises RoadsError."""
    if len(ring) < 2 or not np.isfinite(ring).all():
        raise RoadsError("An outline needs two points or more, in degrees.")


def stretches(roads: Roads, closure: Closure) -> Bools:
    """Edges the closure takes, bool (m, 2): from tail to head, and back. A one-way street has no way back to close."""
    taken = np.ones(roads.edge_tail.size, np.bool_)
    if closure.line:
        taken &= touched(roads, (closure.line,))
    if closure.street:
        taken &= (roads.names == closure.street)[roads.name]
    ways = np.stack([taken, taken & roads.two_way], axis=1)
    if closure.heading is None or not taken.any():
        return ways
    return np.asarray(ways & _towards(roads, closure.heading), np.bool_)


def _towards(roads: Roads, heading: Heading) -> Bools:
    """Whether each edge leads towards the heading, forth and back, bool (m, 2); one that leads nowhere does both."""
    ends = to_plane(np.stack([roads.lon, roads.lat], axis=1), roads.origin)
    along = (ends[roads.edge_head] - ends[roads.edge_tail]) @ np.array(_EAST_NORTH[heading])
    return np.stack([along >= 0, along <= 0], axis=1)


def touched(roads: Roads, rings: tuple[Ring, ...]) -> Bools:
    """Edges that cross or lie in any of the outlines, bool (m,)."""
    found = np.zeros(roads.edge_tail.size, np.bool_)
    for ring in rings:
        flat = to_plane(np.asarray(ring, np.float64), roads.origin)
        shape = shapely.Polygon(flat) if len(flat) > 2 else shapely.LineString(flat)
        found[roads.tree.query(shape, predicate="intersects")] = True
    return found
