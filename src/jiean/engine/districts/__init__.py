"""Cells: a town's atoms cut into balanced, contiguous, compact cells, and the people who look after them.

`divide` cuts; `check` and `recheck` count after an edit on the map which rules a division breaks; `staff` gives cells
to officers or workers; `ground` (apart: shapely is slow to load) makes atoms of outlines. Not modelled: roads and rivers
as walls (leave such a border out of `Atoms.pairs`).
"""

from jiean.engine.districts.checking import Fault, Finding, allowed, check, recheck
from jiean.engine.districts.dividing import Cells, compactness, divide, honoured
from jiean.engine.districts.errors import Contradiction, Disconnected, DistrictsError, NobodyFits, ZeroDemand
from jiean.engine.districts.homing import moved
from jiean.engine.districts.problem import NO_VILLAGE, Atoms, Borders, Rules
from jiean.engine.districts.staffing import CellNeed, Person, Preferences, Staffing, shares, staff

__all__ = [
    "NO_VILLAGE", "Atoms", "Borders", "CellNeed", "Cells", "Contradiction", "Disconnected", "DistrictsError", "Fault",
    "Finding", "NobodyFits", "Person", "Preferences", "Rules", "Staffing", "ZeroDemand", "allowed", "check",
    "compactness", "divide", "honoured", "moved", "recheck", "shares", "staff",
]  # fmt: skip
