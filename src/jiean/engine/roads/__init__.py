"""Road network: reading, snapping, travel times and paths.

Not modelled: turn restrictions, turn costs and waiting at signals.
Times are free-flow times of a class or a posted speed.
"""

from jiean.engine.roads.errors import FileBroken, NoWays, RoadsError, WrongDatum
from jiean.engine.roads.graph import DrivingSpeeds, Roads, RoadsReport
from jiean.engine.roads.osm import read_osm
from jiean.engine.roads.search import Nearest, Path, nearest, path, travel_times, warm_up
from jiean.engine.roads.snap import Snap, Snaps, snap, snap_many
from jiean.engine.roads.store import load, save
from jiean.engine.roads.table import read_csv

__all__ = [
    "DrivingSpeeds",
    "FileBroken",
    "Nearest",
    "NoWays",
    "Path",
    "Roads",
    "RoadsError",
    "RoadsReport",
    "Snap",
    "Snaps",
    "WrongDatum",
    "load",
    "nearest",
    "path",
    "read_csv",
    "read_osm",
    "save",
    "snap",
    "snap_many",
    "travel_times",
    "warm_up",
]
