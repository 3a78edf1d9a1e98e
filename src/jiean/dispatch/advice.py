"""Which unit to send: the station's rows made into the engine's values, and the engine's answer put into words."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.dispatch.access import Can
from jiean.dispatch.models import Assignment, Incident, Unit
from jiean.dispatch.queries.demand import calls_by_cell
from jiean.dispatch.queries.units import UnitRow, units_now
from jiean.dispatch.targets import ARRIVE, POSITION_FRESH_S, SIREN_FACTOR
from jiean.dispatch.words import duration_words
from jiean.engine import assign
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads
from jiean.grid.queries import cells
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor

NEEDED_SKILLS = {Incident.Kind.DISPUTE: frozenset({"调解"})}
PARAMETERS = assign.Parameters(skill_missing_s=45.0, position_fresh_s=float(POSITION_FRESH_S))
FAR_FROM_ROAD_M = 300.0
Points = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

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


@dataclass(frozen=True, slots=True)
class AdviceSheet:
    """The whole advice for one incident: units by rank, and what is missing for a better one."""

    incident_id: int
    at: dt.datetime
    units: tuple[UnitAdvice, ...]
    missing: tuple[str, ...]

    @property
    def best(self) -> UnitAdvice | None:
        """The first unit that can be sent."""
        return next((unit for unit in self.units if unit.can_send), None)

    def as_json(self) -> list[dict[str, object]]:
        """What is kept beside the choice: ids and numbers, no words."""
        return [{"unit": u.unit_id, "rank": u.rank, "travel_s": u.travel_s, "can_send": u.can_send} for u in self.units]


def rank_units(actor: Actor, incident_id: int) -> list[UnitAdvice]:
    """Units for an incident, best first. Raises NotFound."""
    return list(advise(actor, incident_id).units)


def suggest_second_unit(actor: Actor, incident_id: int) -> int | None:
    """The best unit that is free now, for an order nobody signs for. Raises NotFound."""
    best = advise(actor, incident_id).best
    return best.unit_id if best else None


def advise(actor: Actor, incident_id: int) -> AdviceSheet:
    """The advice on an incident, calculated now. Raises NotFound. Four statements."""
    incident = fetch(Can.SEND_UNIT, actor, Incident, incident_id, lock=False)
    units = units_now(actor)
    declined = set(
        Assignment.objects.filter(incident=incident, declined_at__isnull=False).values_list("unit_id", flat=True)
    )
    roads = town_roads()
    travel_s, off_road_m = _travel(roads, units, incident)
    need = assign.Need(incident.kind, incident.grade, NEEDED_SKILLS.get(Incident.Kind(incident.kind), frozenset()))
    states = [_state(unit, travel_s.get(unit.id), unit.id in declined) for unit in units]
    by_id = {unit.id: unit for unit in units}
    ranked = tuple(_words(one, by_id[one.unit_id]) for one in assign.rank(states, need, PARAMETERS))
    return AdviceSheet(incident.pk, clocks.now(), ranked, tuple(_missing(roads, units, ranked, off_road_m)))


def route(actor: Actor, incident_id: int, unit_id: int) -> list[tuple[float, float]]:
    """The way a unit would drive to an incident, as (lon, lat); empty without roads or position. Raises NotFound."""
    incident = fetch(Can.SEE_INCIDENT, actor, Incident, incident_id, lock=False)
    unit = next((row for row in units_now(actor) if row.id == unit_id), None)
    roads, place = town_roads(), _place(unit) if unit else None
    if roads is None or place is None:
        return []
    begin, end = engine_roads.snap(roads, *place), engine_roads.snap(roads, incident.lon, incident.lat)
    return [(float(lon), float(lat)) for lon, lat in engine_roads.path(roads, begin, end).points]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the free units reach in time now: the share of expected calls, and cells reached of how many."""

    share: float
    cells: int
    of: int
    at: dt.datetime

    @property
    def percent(self) -> int:
        return round(100 * self.share)


COVERAGE_KEPT_S = 15.0
_coverage_lock = threading.Lock()
_coverage: tuple[dt.datetime, Coverage | None] | None = None


def coverage(units: Sequence[UnitRow]) -> Coverage | None:
    """The share of expected calls the free units among ``units`` reach within the arrival target, in free flow.

    Expected calls of a cell are its incidents of the past month; without any on record all cells weigh the same. None
    where there are no roads or no cells. Worked out anew after COVERAGE_KEPT_S; two statements then, none else.
    """
    global _coverage
    with _coverage_lock:
        now, kept = clocks.now(), _coverage
        if kept is None or not 0 <= (now - kept[0]).total_seconds() < COVERAGE_KEPT_S:
            kept = _coverage = now, _covered(town_roads(), units, now)
    return kept[1]


def _covered(roads: Roads | None, units: Sequence[UnitRow], now: dt.datetime) -> Coverage | None:
    rows = cells() if roads is not None else []
    if roads is None or not rows:
        return None
    calls = calls_by_cell()
    weights = np.array([calls.get(row.pk, 0) if calls else 1 for row in rows], dtype=np.float64)
    free = [place for unit in units if unit.is_free and (place := _place(unit))]
    reached = _reached(roads, np.array(free), np.array([(row.lon, row.lat) for row in rows]), float(ARRIVE.seconds))
    total = float(weights.sum())
    share = float(weights[reached].sum()) / total if total else float(reached.mean())
    return Coverage(share, int(reached.sum()), len(rows), now)


def _reached(roads: Roads, origins: Points, places: Points, within_s: float) -> Flags:
    """Which places the nearest origin reaches in time. Shapes (k, 2) and (n, 2) in degrees; answers bool, shape (n,)."""
    if not len(origins):
        return np.zeros(len(places), dtype=np.bool_)
    starts, ends = engine_roads.snap_many(roads, origins), engine_roads.snap_many(roads, places)
    nearest_s = [engine_roads.nearest(roads, starts, ends[i], 1)[0].travel_s for i in range(len(places))]
    return np.array(nearest_s) <= within_s


def _place(unit: UnitRow) -> tuple[float, float] | None:
    """Where a unit starts from: its last position; a post that sends none starts from its base."""
    if unit.lon is not None and unit.lat is not None:
        return unit.lon, unit.lat
    return (unit.base_lon, unit.base_lat) if unit.unit_class == Unit.Class.POST else None


def _travel(roads: Roads | None, units: list[UnitRow], incident: Incident) -> tuple[dict[int, float], float]:
    """Seconds to the incident by unit, and how far the incident lies from the nearest road."""
    placed = [(unit.id, place) for unit in units if unit.on_duty and (place := _place(unit))]
    if roads is None:
        return {}, 0.0
    target = engine_roads.snap_many(roads, [(incident.lon, incident.lat)])
    origins = engine_roads.snap_many(roads, np.array([place for _unit_id, place in placed]))
    factor = SIREN_FACTOR if incident.grade <= 2 else 1.0
    seconds = engine_roads.times_of(roads).matrix(origins, target, siren_factor=factor)[:, 0]
    return dict(zip((unit_id for unit_id, _place_ in placed), seconds.tolist(), strict=True)), target[0].distance_m


def _state(unit: UnitRow, travel_s: float | None, declined: bool) -> assign.UnitState:
    age_s = unit.age_s if unit.age_s is not None else (0.0 if _place(unit) else None)
    return assign.UnitState(
        unit_id=unit.id,
        unit_class=unit.unit_class,
        on_duty=unit.on_duty,
        busy=unit.assignment_id is not None,
        travel_s=travel_s,
        position_age_s=age_s,
        on_duty_s=unit.on_duty_s,
        since_cleared_s=unit.since_cleared_s,
        skills=frozenset(unit.skills),
        declined=declined,
    )


def _words(ranked: assign.Ranked, unit: UnitRow) -> UnitAdvice:
    reasons = [_reason(finding) for finding in ranked.reasons]
    if unit.lon is None and _place(unit) is not None:
        reasons.append(_("按驻点计算"))
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
    )


def _reason(finding: assign.Finding) -> str:
    if finding.code in _CLASSES:
        return str(_CLASSES[finding.code])
    span = duration_words(finding.value)
    match finding.code:
        case assign.Reason.TRAVEL:
            return _("车程约 %(span)s") % {"span": span}
        case assign.Reason.SKILLS_PRESENT:
            return _("有专长：%(names)s") % {"names": "、".join(finding.words)}
        case assign.Reason.SKILL_MISSING:
            return _("缺专长：%(names)s") % {"names": "、".join(finding.words)}
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
    }[code]


def _missing(
    roads: Roads | None, units: list[UnitRow], ranked: tuple[UnitAdvice, ...], off_road_m: float
) -> Iterator[str]:
    """What keeps the advice from being better, in words."""
    on_duty = [unit for unit in units if unit.on_duty]
    if roads is None:
        yield _("没有导入路网，无法计算车程。")
    elif off_road_m > FAR_FROM_ROAD_M:
        yield _("地点离最近的道路 %(metres)d 米，车程只算到路边。") % {"metres": off_road_m}
    if not on_duty:
        yield _("现在没有在班的单元。")
    elif not any(unit.can_send for unit in ranked):
        yield _("在班的单元都派不出去。")
    without = [unit.call_sign for unit in on_duty if _place(unit) is None]
    if without:
        yield _("没有位置：%(names)s。") % {"names": "、".join(without)}
    stale = [unit.call_sign for unit in on_duty if unit.age_s is not None and not unit.is_fresh]
    if stale:
        yield _("位置较旧：%(names)s。") % {"names": "、".join(stale)}


_lock = threading.Lock()
_loaded: tuple[Path, float, Roads] | None = None


def town_roads() -> Roads | None:
    """The station's road network, read once a process and again when the file has changed; None where none was imported.

    Raises FileBroken for a file that is not a road graph.
    """
    global _loaded
    file = Path(settings.ROADS_FILE)
    if not file.is_file():
        return None
    changed = file.stat().st_mtime
    with _lock:
        if _loaded is None or _loaded[:2] != (file, changed):
            _loaded = (file, changed, engine_roads.load(file))
        return _loaded[2]


def warm_up() -> None:
    """Read the roads and compile the search before the first dispatcher waits for it."""
    engine_roads.warm_up()
    roads = town_roads()
    if roads is not None:
        here = engine_roads.snap_many(roads, [roads.origin])
        engine_roads.times_of(roads).matrix(here, here)
