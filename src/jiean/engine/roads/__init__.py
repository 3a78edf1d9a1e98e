"""Road network: reading, snapping, travel times and paths.

Not modelled: turn restrictions, turn costs and waiting at signals.
Times are free-flow times of a class or a posted speed.

`osm` and `table` read networks into `graph.Roads` by way of `build`; `store` keeps them; `snap` finds where a point lies;
`search` answers nearest, travel times and paths. The readers are apart because their libraries are slow to import.
"""

from jiean.engine.roads.errors import FileBroken, NoWays, RoadsError, WrongDatum
from jiean.engine.roads.graph import Roads, RoadsReport
from jiean.engine.roads.search import Nearest, Path, nearest, path, travel_times, warm_up
from jiean.engine.roads.snap import Snap, Snaps, snap, snap_many
from jiean.engine.roads.store import load, save

__all__ = [
    "FileBroken", "Nearest", "NoWays", "Path", "Roads", "RoadsError", "RoadsReport", "Snap", "Snaps", "WrongDatum", "load",
    "nearest", "path", "save", "snap", "snap_many", "travel_times", "warm_up",
]  # fmt: skip
