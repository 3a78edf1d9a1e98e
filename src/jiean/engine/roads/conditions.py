"""What changes the roads for a while: rain, closures drawn on the map, rush hours, a siren.

Every factor here is a parameter chosen by this program, not fitted to measured speeds. As a measure of size: the
United States Federal Highway Administration ("How do weather events impact roads?") gives speed losses of 2 to 13 %
in light and 3 to 17 % in heavy rain on motorways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.closures import Closure, Ring, check_ring, stretches, touched
from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.graph import CLASSES, TUNNEL, Roads
from jiean.engine.roads.plane import Floats

Rush = Mapping[str, Mapping[int, float]]
"""By road class (a link goes with its road), by hour of the day 0 to 23: the factor on driving times."""


def _rush() -> Rush:
    hours = {7: 1.25, 8: 1.4, 9: 1.15, 17: 1.35, 18: 1.3, 19: 1.1}
    main = MappingProxyType(hours)
    side = MappingProxyType({hour: 1 + (factor - 1) / 2 for hour, factor in hours.items()})
    return MappingProxyType({**dict.fromkeys(("motorway", "trunk", "primary", "secondary"), main), "tertiary": side})


@dataclass(frozen=True)
class Conditions:
    """One state of the roads; the default changes nothing.

    rain : 0 dry to 1 heavy; times grow by up to `rain_slows` (share), on ramps by `rain_slows_ramps`
    flooding : from this much rain on, edges in `low_lying` areas and tunnels there are closed; None never closes
    low_lying : outlines in degrees; three points or more an area, two a line across the streets
    closures : what is closed; several may take the same street
    hour : hour of the day 0 to 23, or None; `rush` gives the factor of each road class at that hour, 1 where it says nothing
    """

    rain: float = 0.0
    rain_slows: float = 0.15
    rain_slows_ramps: float = 0.25
    rain_slows_low: float = 1.0
    flooding: float | None = 0.8
    low_lying: tuple[Ring, ...] = ()
    closures: tuple[Closure, ...] = ()
    hour: int | None = None
    rush: Rush = field(default_factory=_rush)

    def __post_init__(self) -> None:
        if not 0 <= self.rain <= 1:
            raise RoadsError("rain must lie in [0, 1].")
        if not all(0 <= slow <= 10 for slow in (self.rain_slows, self.rain_slows_ramps, self.rain_slows_low)):
            raise RoadsError("A slowing must lie in [0, 10].")
        if self.hour is not None and self.hour not in range(24):
            raise RoadsError("hour must be a whole number from 0 to 23.")
        check_rush(self.rush)
        for ring in self.low_lying:
            check_ring(ring)


def under(roads: Roads, conditions: Conditions) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Seconds (m,) and closures (m, 2), forth and back, of every edge; `roads` holds the times of a dry, quiet hour."""
    ramp = np.array(["_link" in name for name in CLASSES])[roads.road_class]
    low = touched(roads, conditions.low_lying)
    factor = 1.0 + conditions.rain * np.where(ramp, conditions.rain_slows_ramps, conditions.rain_slows)
    factor = factor * np.where(low, 1.0 + conditions.rain * conditions.rain_slows_low, 1.0)
    if conditions.hour is not None:
        by_class = [conditions.rush.get(name.removesuffix("_link"), {}).get(conditions.hour, 1.0) for name in CLASSES]
        factor = factor * np.array(by_class)[roads.road_class]
    flooded = conditions.flooding is not None and conditions.rain >= conditions.flooding
    closed = np.repeat((low & flooded)[:, None], 2, axis=1)
    for closure in conditions.closures:
        closed |= stretches(roads, closure)
    return roads.seconds * factor, closed


def check_rush(rush: Rush) -> None:
    """Refuse rush hours that cannot be; the message names the class and the hour. Raises RoadsError."""
    for name, hours in rush.items():
        if name not in CLASSES or name.endswith("_link"):
            raise RoadsError(f"Rush hours of {name!r}: no such road class; a link goes with its road.")
        for hour, factor in hours.items():
            if hour not in range(24) or not 0.2 <= factor <= 10:
                raise RoadsError(
                    f"Rush hours of {name}: hour {hour}, factor {factor}; hours are 0 to 23, factors 0.2 to 10."
                )


def low_tunnels(roads: Roads) -> npt.NDArray[np.bool_]:
    """Edges drawn as tunnels or underpasses, bool (m,): candidates for flooding that the map knows of itself."""
    return (roads.flags & TUNNEL) > 0
