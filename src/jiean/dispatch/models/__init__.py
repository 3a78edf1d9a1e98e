"""Tables of dispatch, by noun."""

from jiean.dispatch.models.closures import RoadClosure
from jiean.dispatch.models.incidents import CLOSED, OPEN, Advice, Incident
from jiean.dispatch.models.moves import STANDING, Move
from jiean.dispatch.models.orders import Assignment, open_orders
from jiean.dispatch.models.patrols import PatrolPlan
from jiean.dispatch.models.units import PositionTrack, Shift, ShiftMember, Unit, UnitPosition
from jiean.dispatch.models.watches import Watch

__all__ = [
    "CLOSED",
    "OPEN",
    "STANDING",
    "Advice",
    "Assignment",
    "Incident",
    "Move",
    "PatrolPlan",
    "PositionTrack",
    "RoadClosure",
    "Shift",
    "ShiftMember",
    "Unit",
    "UnitPosition",
    "Watch",
    "open_orders",
]
