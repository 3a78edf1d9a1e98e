"""Road network: reading, snapping, travel times and paths.

Turns are free until `Roads.turned` says what they cost and that restrictions hold. Not modelled: waiting at signals, and
restrictions over more than one junction.
Times are free-flow times of a class or a posted speed; `conditions` changes them for rain, closures and rush hours.

`osm` and `table` read networks into `graph.Roads` by way of `build`; `store` keeps them; `snap` finds where a point lies;
`search` answers nearest, travel times and paths; `times` answers whole matrices, by a contraction hierarchy where it can.
The readers are apart because their libraries are slow to import.
"""

from jiean.engine.roads.closures import Closure, Heading, stretches
from jiean.engine.roads.closures_file import check_closes, closures_in
from jiean.engine.roads.closures_file import read as read_closures
from jiean.engine.roads.conditions import Conditions, under
from jiean.engine.roads.errors import FileBroken, NoWays, RoadsError, Unreachable, WrongDatum
from jiean.engine.roads.graph import Roads, RoadsReport
from jiean.engine.roads.search import Nearest, Path, nearest, path, travel_times, warm_up
from jiean.engine.roads.settings_file import RoadSettings
from jiean.engine.roads.settings_file import parse as parse_settings
from jiean.engine.roads.settings_file import read as read_settings
from jiean.engine.roads.snap import Snap, Snaps, snap, snap_many
from jiean.engine.roads.steps import Step, Turn
from jiean.engine.roads.store import load, save
from jiean.engine.roads.times import Times, times_of
from jiean.engine.roads.turns import TurnRules

__all__ = [
    "Closure", "Conditions", "FileBroken", "Heading", "Nearest", "NoWays", "Path", "RoadSettings", "Roads", "RoadsError", "RoadsReport",
    "Snap", "Snaps", "Step", "Times", "Turn", "TurnRules", "Unreachable", "WrongDatum", "check_closes", "closures_in", "load", "nearest",
    "parse_settings", "path", "read_closures", "read_settings", "save", "snap", "snap_many", "stretches", "times_of", "travel_times",
    "under", "warm_up",
]  # fmt: skip
