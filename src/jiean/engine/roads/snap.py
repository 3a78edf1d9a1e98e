"""Where on the road a point lies: the nearest street segment and how far along it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.graph import Ints, Roads
from jiean.engine.roads.plane import Floats

_GLOBE = np.array([180.0, 90.0])


@dataclass(frozen=True)
class Snap:
    """A point on the network: `fraction` in [0, 1] of the way along `edge` from its tail; `distance_m` off the road."""

    edge: int
    fraction: float
    distance_m: float


@dataclass(frozen=True, eq=False)
class Snaps:
    """Many snaps as arrays of shape (k,): edge int32, fraction float64 in [0, 1], distance_m float64."""

    edge: Ints
    fraction: Floats
    distance_m: Floats

    def __len__(self) -> int:
        return int(self.edge.size)

    def __getitem__(self, i: int) -> Snap:
        return Snap(int(self.edge[i]), float(self.fraction[i]), float(self.distance_m[i]))


def snap(roads: Roads, lon: float, lat: float) -> Snap:
    """Nearest segment of one point (degrees). Raises ValueError for a point that is not on the globe."""
    return snap_many(roads, np.array([[lon, lat]]))[0]


def snap_many(roads: Roads, points: npt.ArrayLike) -> Snaps:
    """Nearest segments of points.

    Parameters
    ----------
    points : float64, shape (k, 2)
        Longitude and latitude, degrees.

    Returns
    -------
    Snaps
        Where several segments are equally near (at a junction), the one of the lowest number.
    """
    places = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
    if not (np.abs(places) <= _GLOBE).all():  # a NaN compares false
        raise ValueError("points must be degrees of longitude and latitude")
    return Snaps(*roads.ground.nearest(places, *roads.projection))
