"""Which unit to send: the station's rows made into the engine's values, and the engine's answer put into words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.design.words import listed
from jiean.dispatch.access import Can
from jiean.dispatch.advice.ground import coverage_lost, place_of
from jiean.dispatch.advice.roads_now import closed_roads, road_settings, town_roads
from jiean.dispatch.models import Assignment, Incident
from jiean.dispatch.queries.units import UnitRow, units_now
from jiean.dispatch.targets import POSITION_FRESH_S, SIREN_GRADE
from jiean.dispatch.words import duration_words
from jiean.engine import assign
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor

NEEDED_SKILLS = {Incident.Kind.DISPUTE: frozenset({"调解"})}
PARAMETERS = assign.Parameters(skill_missing_s=45.0, position_fresh_s=float(POSITION_FRESH_S))
FAR_FROM_ROAD_M = 300.0
WORDED_UNITS = 60
"""So many units, by rank, are put into words: a whole station's; of a city's fleet, the nearest."""
NAMED_UNITS = 8

_CLASSES = {
    assign.Reason.CLASS_FITS: gettext_lazy("类型适合"),
    assign.Reason.CLASS_WEAK: gettext_lazy("不是首选类型"),
}


@dataclass(frozen=True, slots=True)
class UnitAdvice:
    """One unit's place in the advice; a unit that cannot be sent says why in ``shortfalls``."""

    unit_id: int
    call_sign: str
    class_words: str
    status_words: str
    rank: int
    travel_s: float | None
    travel_words: str
    reasons: tuple[str, ...]
    shortfalls: tuple[str, ...]
    can_send: bool
    cost_s: float | None = None
    coverage_lost: float = 0.0


@dataclass(frozen=True, slots=True)
class AdviceSheet:
    """The advice for one incident: the first WORDED_UNITS by rank, of how many, and what is missing for better advice."""

    incident_id: int
    at: dt.datetime
    units: tuple[UnitAdvice, ...]
    missing: tuple[str, ...]
    grade: int
    point: tuple[float, float]
    of: int

    @property
    def best(self) -> UnitAdvice | None:
        """The first unit that can be sent; units that cannot stand behind those that can."""
        return next((unit for unit in self.units if unit.can_send), None)

    @property
    def unlisted(self) -> int:
        """How many units stand behind those in words."""
        return self.of - len(self.units)

    def as_json(self) -> list[dict[str, object]]:
        """What is kept beside the choice: ids and numbers, no words."""
        return [_kept(unit) for unit in self.units]


def _kept(unit: UnitAdvice) -> dict[str, object]:
    seen: dict[str, object] = {
        "unit": unit.unit_id,
        "rank": unit.rank,
        "travel_s": unit.travel_s,
        "can_send": unit.can_send,
    }
    return seen | {"cost_s": unit.cost_s, "lost": round(unit.coverage_lost, 4)}


def rank_units(actor: Actor, incident_id: int) -> list[UnitAdvice]:
    """Units for an incident, best first. Raises NotFound."""
    return list(advise(actor, incident_id).units)


def suggest_second_unit(actor: Actor, incident_id: int) -> int | None:
    """The best unit that is free now, for an order nobody signs for. Raises NotFound."""
    best = advise(actor, incident_id).best
    return best.unit_id if best else None


def advise(actor: Actor, incident_id: int) -> AdviceSheet:
    """The advice on an incident, calculated now. Raises NotFound. Four statements; two more where the demand is not fresh."""
    incident = fetch(Can.SEND_UNIT, actor, Incident, incident_id, lock=False)
    units = units_now(actor)
    declined = set(
        Assignment.objects.filter(incident=incident, declined_at__isnull=False).values_list("unit_id", flat=True)
    )
    roads = town_roads()
    travel_s, off_road_m = _travel(roads, units, incident)
    need = need_of(incident)
    lost = coverage_lost(units)
    states = [state_of(unit, travel_s.get(unit.id), unit.id in declined, lost.get(unit.id, 0.0)) for unit in units]
    by_id = {unit.id: unit for unit in units}
    ranked = assign.rank(states, need, PARAMETERS)
    worded = tuple(_words(one, by_id[one.unit_id], lost.get(one.unit_id, 0.0)) for one in ranked[:WORDED_UNITS])
    missing = tuple(_missing(roads, units, ranked, off_road_m))
    point = (incident.lon, incident.lat)
    return AdviceSheet(incident.pk, clocks.now(), worded, missing, incident.grade, point, len(ranked))


def route(actor: Actor, incident_id: int, unit_id: int) -> list[tuple[float, float]]:
    """The way a unit would drive to an incident, as (lon, lat); empty without roads, position or a way. Raises NotFound."""
    incident = fetch(Can.SEE_INCIDENT, actor, Incident, incident_id, lock=False)
    unit = next((row for row in units_now(actor) if row.id == unit_id), None)
    roads, place = town_roads(), place_of(unit) if unit else None
    if roads is None or place is None:
        return []
    begin, end = engine_roads.snap(roads, *place), engine_roads.snap(roads, incident.lon, incident.lat)
    try:
        way = engine_roads.path(roads, begin, end)
    except engine_roads.Unreachable:
        return []
    return [(float(lon), float(lat)) for lon, lat in way.points]


def need_of(incident: Incident) -> assign.Need:
    """What the incident asks of a unit."""
    return assign.Need(incident.kind, incident.grade, NEEDED_SKILLS.get(Incident.Kind(incident.kind), frozenset()))


def _travel(roads: Roads | None, units: list[UnitRow], incident: Incident) -> tuple[dict[int, float], float]:
    """Seconds to the incident by unit, and how far the incident lies from the nearest road."""
    placed = [(unit, place) for unit in units if unit.on_duty and (place := place_of(unit))]
    if roads is None:
        return {}, 0.0
    target = engine_roads.snap_many(roads, [(incident.lon, incident.lat)])
    origins = engine_roads.snap_many(roads, np.array([place for _unit, place in placed]))
    seconds = engine_roads.times_of(roads).matrix(origins, target)[:, 0]
    found = {
        unit.id: travel_s / siren_factor(unit, incident.grade)
        for (unit, _place), travel_s in zip(placed, seconds.tolist(), strict=True)
    }
    return found, target[0].distance_m


def siren_factor(unit: UnitRow, grade: int) -> float:
    """How much quicker than free flow the unit drives to an incident of this grade."""
    return road_settings().siren_factor(unit.unit_class) if grade <= SIREN_GRADE else 1.0


def state_of(unit: UnitRow, travel_s: float | None, declined: bool, lost: float) -> assign.UnitState:
    """A unit as the engine sees it; an infinite time is one that closed roads leave without a way."""
    is_cut_off = travel_s is not None and math.isinf(travel_s)
    age_s = unit.age_s if unit.age_s is not None else (0.0 if place_of(unit) else None)
    return assign.UnitState(
        unit_id=unit.id,
        unit_class=unit.unit_class,
        on_duty=unit.on_duty,
        busy=unit.assignment_id is not None,
        travel_s=None if is_cut_off else travel_s,
        cut_off=is_cut_off,
        position_age_s=age_s,
        on_duty_s=unit.on_duty_s,
        since_cleared_s=unit.since_cleared_s,
        skills=frozenset(unit.skills),
        declined=declined,
        coverage_lost=lost,
    )


def _words(ranked: assign.Ranked, unit: UnitRow, lost: float) -> UnitAdvice:
    reasons = [_reason(finding) for finding in ranked.reasons]
    if unit.lon is None and place_of(unit) is not None:
        reasons.append(_("按驻点计算"))
    if assign.Shortfall.CUT_OFF in ranked.shortfalls:
        reasons.insert(0, _shortfall(assign.Shortfall.CUT_OFF, unit))
    return UnitAdvice(
        unit_id=unit.id,
        call_sign=unit.call_sign,
        class_words=unit.class_words,
        status_words=unit.status_words,
        rank=ranked.rank,
        travel_s=ranked.travel_s,
        travel_words=duration_words(ranked.travel_s) if ranked.travel_s is not None else "",
        reasons=tuple(reasons),
        shortfalls=tuple(_shortfall(code, unit) for code in ranked.shortfalls),
        can_send=ranked.cost_s is not None,
        cost_s=ranked.cost_s,
        coverage_lost=lost,
    )


def _reason(finding: assign.Finding) -> str:
    if finding.code in _CLASSES:
        return str(_CLASSES[finding.code])
    if finding.code is assign.Reason.COVERAGE_LOST:
        return _("派走后五分钟可达少 %(points)d 个百分点") % {"points": max(1, round(100 * finding.value))}
    return _measured(finding, duration_words(finding.value))


def _measured(finding: assign.Finding, span: str) -> str:
    match finding.code:
        case assign.Reason.TRAVEL:
            return _("车程约 %(span)s") % {"span": span}
        case assign.Reason.SKILLS_PRESENT:
            return _("有专长：%(names)s") % {"names": listed(finding.words)}
        case assign.Reason.SKILL_MISSING:
            return _("缺专长：%(names)s") % {"names": listed(finding.words)}
        case assign.Reason.POSITION_OLD:
            return _("位置是 %(span)s前的") % {"span": span}
        case assign.Reason.LONG_ON_DUTY:
            return _("已在岗 %(span)s") % {"span": span}
        case assign.Reason.SHORT_REST:
            return _("上一单结束才 %(span)s") % {"span": span}
        case _:
            raise ValueError(finding.code)


def _shortfall(code: assign.Shortfall, unit: UnitRow) -> str:
    return {
        assign.Shortfall.OFF_DUTY: _("不在班"),
        assign.Shortfall.BUSY: _("正在处置 %(number)s") % {"number": unit.incident_number or ""},
        assign.Shortfall.DECLINED: _("已拒绝过这一单"),
        assign.Shortfall.NO_POSITION: _("没有位置"),
        assign.Shortfall.NO_ROAD: _("没有路网，算不出车程"),
        assign.Shortfall.CUT_OFF: _("封路后开车到不了"),
    }[code]


def _missing(
    roads: Roads | None, units: list[UnitRow], ranked: tuple[assign.Ranked, ...], off_road_m: float
) -> Iterator[str]:
    """What keeps the advice from being better, in words."""
    on_duty = [unit for unit in units if unit.on_duty]
    if roads is None:
        yield _("没有导入路网，无法计算车程。")
    elif off_road_m > FAR_FROM_ROAD_M:
        yield _("地点离最近的道路 %(metres)d 米，车程只算到路边。") % {"metres": off_road_m}
    yield from _closed(ranked)
    if not on_duty:
        yield _("现在没有在班的单元。")
    elif all(one.cost_s is None for one in ranked):
        yield _("在班的单元都派不出去。")
    without = [unit.call_sign for unit in on_duty if place_of(unit) is None]
    if without:
        yield _("没有位置：%(names)s。") % {"names": _named(without)}
    stale = [unit.call_sign for unit in on_duty if unit.age_s is not None and not unit.is_fresh]
    if stale:
        yield _("位置较旧：%(names)s。") % {"names": _named(stale)}


def _closed(ranked: tuple[assign.Ranked, ...]) -> Iterator[str]:
    """That roads are closed, and whether that leaves units without a way."""
    closures = closed_roads()
    if closures:
        yield _("有 %(n)d 处封路，车程已绕开。") % {"n": len(closures)}
    cut_off = sum(assign.Shortfall.CUT_OFF in one.shortfalls for one in ranked)
    if cut_off:
        yield _("封路后有 %(n)d 个单元开车到不了。") % {"n": cut_off}


def _named(signs: list[str]) -> str:
    """The first NAMED_UNITS call signs, and how many there are where there are more."""
    named = listed(signs[:NAMED_UNITS])
    return named if len(signs) <= NAMED_UNITS else _("%(names)s 等 %(n)d 个") % {"names": named, "n": len(signs)}
