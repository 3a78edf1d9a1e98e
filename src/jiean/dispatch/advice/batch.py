"""Several incidents at once, and a run worth breaking off: proposals a person takes or leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jiean.dispatch.advice.ground import coverage_lost, place_of
from jiean.dispatch.advice.roads_now import town_roads
from jiean.dispatch.advice.sheets import PARAMETERS, AdviceSheet, need_of, siren_factor, state_of
from jiean.dispatch.models import Incident
from jiean.dispatch.queries.moves import waiting_incidents
from jiean.dispatch.queries.units import UnitRow, units_now
from jiean.dispatch.words import duration_words
from jiean.engine import assign, batch
from jiean.engine import roads as engine_roads
from jiean.kernel.actor import Actor

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """One incident and the unit proposed for it."""

    incident_id: int
    number: int
    grade: int
    unit_id: int
    call_sign: str
    travel_words: str


@dataclass(frozen=True, slots=True)
class BatchAdvice:
    """Pairs to be sent together, and the numbers of incidents no unit is left for."""

    pairs: tuple[Pair, ...]
    left: tuple[int, ...]


def propose_batch(actor: Actor) -> BatchAdvice | None:
    """The best allotment of free units to waiting incidents, where at least two wait; else None. Raises Forbidden."""
    waiting = waiting_incidents(actor)
    free = [unit for unit in units_now(actor, on_duty=True) if unit.is_free and place_of(unit)]
    roads = town_roads()
    if len(waiting) < 2 or not free or roads is None:
        return None
    travel = _travel(roads, free, waiting)
    found = batch.allot(_costs(waiting, free, travel), [incident.grade for incident in waiting])
    pairs = tuple(
        Pair(
            waiting[i].pk,
            waiting[i].number,
            waiting[i].grade,
            free[u].id,
            free[u].call_sign,
            duration_words(travel[i, u]),
        )
        for i, u in found.pairs
    )
    return BatchAdvice(pairs, tuple(waiting[i].number for i in found.left))


def _travel(roads: engine_roads.Roads, free: Sequence[UnitRow], waiting: Sequence[Incident]) -> Floats:
    """Seconds by road, (incidents, units), with the siren where the grade has it."""
    starts = engine_roads.snap_many(roads, np.array([place_of(unit) for unit in free], np.float64))
    ends = engine_roads.snap_many(roads, np.array([(one.lon, one.lat) for one in waiting]))
    quick = np.array([[siren_factor(unit, one.grade) for unit in free] for one in waiting])
    return np.asarray(engine_roads.times_of(roads).matrix(starts, ends).T / quick, np.float64)


def _costs(waiting: Sequence[Incident], free: Sequence[UnitRow], travel: Floats) -> Floats:
    """What the ranking says each choice costs; infinite where it says that a unit cannot go."""
    lost = coverage_lost(free)
    costs = np.full(travel.shape, np.inf)
    for i, incident in enumerate(waiting):
        states = [state_of(u, float(s), False, lost.get(u.id, 0.0)) for u, s in zip(free, travel[i], strict=True)]
        by_unit = {one.unit_id: one.cost_s for one in assign.rank(states, need_of(incident), PARAMETERS)}
        costs[i] = [np.inf if (cost := by_unit[unit.id]) is None else cost for unit in free]
    costs[~np.isfinite(travel)] = np.inf
    return costs


@dataclass(frozen=True, slots=True)
class DiversionAdvice:
    """A run worth breaking off for this incident, and what that means."""

    assignment_id: int
    call_sign: str
    other_number: int
    other_grade: int
    saved_words: str
    left_words: str


def propose_diversion(actor: Actor, sheet: AdviceSheet) -> DiversionAdvice | None:
    """The one run to break off for the incident of this advice, or None. Two statements, for grave incidents alone."""
    roads = town_roads()
    if roads is None or sheet.grade > batch.DivertRule().grade_most:
        return None
    under_way = [unit for unit in units_now(actor, on_duty=True) if _may_turn(unit, sheet.incident_id)]
    others = {one.pk: one for one in Incident.objects.filter(pk__in=[unit.incident_id for unit in under_way])}
    runs = [_run(roads, unit, others[unit.incident_id or 0], sheet.grade, sheet.point) for unit in under_way]
    runs = [run for run in runs if math.isfinite(run.left_s + run.cost_s)]
    found = batch.worth_diverting(sheet.grade, sheet.best.cost_s if sheet.best else None, runs)
    return (
        None if found is None else _in_words(found, next(one for one in under_way if one.id == found.unit_id), others)
    )


def _may_turn(unit: UnitRow, incident_id: int) -> bool:
    """Under way, with a known place, and to another incident."""
    return (
        unit.incident_id != incident_id
        and unit.status in ("ASSIGNED", "ACKNOWLEDGED", "EN_ROUTE")
        and place_of(unit) is not None
    )


def _run(
    roads: engine_roads.Roads, unit: UnitRow, other: Incident, grade: int, point: tuple[float, float]
) -> batch.Run:
    start = engine_roads.snap_many(roads, np.array([place_of(unit)], np.float64))
    ends = engine_roads.snap_many(roads, np.array([(other.lon, other.lat), point]))
    own, here = engine_roads.times_of(roads).matrix(start, ends)[0]
    own_s, here_s = float(own) / siren_factor(unit, other.grade), float(here) / siren_factor(unit, grade)
    return batch.Run(unit.id, other.grade, own_s, here_s)


def _in_words(found: batch.Diversion, unit: UnitRow, others: dict[int, Incident]) -> DiversionAdvice:
    other = others[unit.incident_id or 0]
    return DiversionAdvice(
        unit.assignment_id or 0, unit.call_sign, other.number, other.grade, duration_words(found.saved_s),
        duration_words(found.left_s),
    )  # fmt: skip
