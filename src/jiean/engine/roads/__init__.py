"""Road network: reading, snapping, travel times and paths.

Not modelled: turn restrictions, turn costs and waiting at signals.
Times are free-flow times of a class or a posted speed; `conditions` changes them for rain, closures and rush hours.

`osm` and `table` read networks into `graph.Roads` by way of `build`; `store` keeps them; `snap` finds where a point lies;
`search` answers nearest, travel times and paths; `times` answers whole matrices, by a contraction hierarchy where it can.
The readers are apart because their libraries are slow to import.
"""

from jiean.engine.roads.conditions import Conditions, under
from jiean.engine.roads.errors import FileBroken, NoWays, RoadsError, Unreachable, WrongDatum
from jiean.engine.roads.graph import Roads, RoadsReport
from jiean.engine.roads.search import Nearest, Path, nearest, path, travel_times, warm_up
from jiean.engine.roads.snap import Snap, Snaps, snap, snap_many
from jiean.engine.roads.steps import Step, Turn
from jiean.engine.roads.store import load, save
from jiean.engine.roads.times import Times, times_of

__all__ = [
    "Conditions", "FileBroken", "Nearest", "NoWays", "Path", "Roads", "RoadsError", "RoadsReport", "Snap", "Snaps", "Step",
    "Times", "Turn", "Unreachable", "WrongDatum", "load", "nearest", "path", "save", "snap", "snap_many", "times_of",
    "travel_times", "under", "warm_up",
]  # fmt: skip
