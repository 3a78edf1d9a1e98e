"""Advice: the station's rows made into the engine's values, and the engine's answers put into words. Nothing is written here."""

from jiean.dispatch.advice.batch import BatchAdvice, DiversionAdvice, propose_batch, propose_diversion
from jiean.dispatch.advice.closures import Shut, closed_lines, feature, streets_like, suggest_closure
from jiean.dispatch.advice.ground import COVERAGE_KEPT_S, Coverage, coverage, warm_up
from jiean.dispatch.advice.moves import MoveAdvice, judged_move, propose_move
from jiean.dispatch.advice.patrols import PatrolAdvice, patrol_line, propose_patrol
from jiean.dispatch.advice.roads_now import closed_roads, forget_roads, road_settings, town_roads
from jiean.dispatch.advice.sheets import AdviceSheet, UnitAdvice, advise, rank_units, route, suggest_second_unit
from jiean.dispatch.advice.ways import WayAdvice, crew_way

__all__ = [
    "COVERAGE_KEPT_S",
    "AdviceSheet",
    "BatchAdvice",
    "Coverage",
    "DiversionAdvice",
    "MoveAdvice",
    "PatrolAdvice",
    "Shut",
    "UnitAdvice",
    "WayAdvice",
    "advise",
    "closed_lines",
    "closed_roads",
    "coverage",
    "crew_way",
    "feature",
    "forget_roads",
    "judged_move",
    "patrol_line",
    "propose_batch",
    "propose_diversion",
    "propose_move",
    "propose_patrol",
    "rank_units",
    "road_settings",
    "route",
    "streets_like",
    "suggest_closure",
    "suggest_second_unit",
    "town_roads",
    "warm_up",
]
