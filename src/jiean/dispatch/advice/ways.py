"""The way of a crew to its incident, street by street, and which closed roads it goes round."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.dispatch.access import Can
from jiean.dispatch.advice.ground import place_of
from jiean.dispatch.advice.roads_now import closed_roads, open_roads, town_roads
from jiean.dispatch.advice.sheets import siren_factor
from jiean.dispatch.models import Assignment, Incident, RoadClosure
from jiean.dispatch.queries.closures import closure_of
from jiean.dispatch.queries.units import UnitRow, units_now
from jiean.dispatch.words import duration_words
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Path, Roads, Snap, Step, Turn, stretches
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor

TURNS = {
    Turn.DEPART: gettext_lazy("出发"),
    Turn.STRAIGHT: gettext_lazy("直行"),
    Turn.SLIGHT_LEFT: gettext_lazy("靠左"),
    Turn.LEFT: gettext_lazy("左转"),
    Turn.SHARP_LEFT: gettext_lazy("向左后转"),
    Turn.SLIGHT_RIGHT: gettext_lazy("靠右"),
    Turn.RIGHT: gettext_lazy("右转"),
    Turn.SHARP_RIGHT: gettext_lazy("向右后转"),
    Turn.TURN_BACK: gettext_lazy("掉头"),
    Turn.ROUNDABOUT: gettext_lazy("进环岛"),
    Turn.LEAVE_ROUNDABOUT: gettext_lazy("出环岛"),
    Turn.ARRIVE: gettext_lazy("到达"),
}


@dataclass(frozen=True, slots=True)
class WayStep:
    """One line of the way: the turn and the street, and how far."""

    words: str
    metres: int


@dataclass(frozen=True, slots=True)
class WayAdvice:
    """A way in words. Without steps `trouble` says why; closures are those gone round, and those the place lies on."""

    travel_words: str
    steps: tuple[WayStep, ...]
    trouble: str
    avoided: tuple[RoadClosure, ...]
    on_closed: tuple[RoadClosure, ...]


def crew_way(actor: Actor, assignment_id: int) -> WayAdvice:
    """The way to the incident of an open order of one's own. Raises NotFound. Three statements, two more where not fresh."""
    order = fetch(Can.ANSWER_ORDER, actor, Assignment, assignment_id, lock=False)
    incident = Incident.objects.get(pk=order.incident_id)
    unit = next((row for row in units_now(actor) if row.id == order.unit_id), None)
    roads, free, place = town_roads(), open_roads(), place_of(unit) if unit else None
    if roads is None or free is None:
        return _none(_("没有导入路网，算不出路线。"))
    if unit is None or place is None:
        return _none(_("还没有收到本车位置，算不出路线。"))
    return _way(roads, free, unit, incident, place)


def _way(roads: Roads, free: Roads, unit: UnitRow, incident: Incident, place: tuple[float, float]) -> WayAdvice:
    begin, end = engine_roads.snap(roads, *place), engine_roads.snap(roads, incident.lon, incident.lat)
    closures = closed_roads()
    on_closed = tuple(one for one in closures if stretches(roads, closure_of(one))[end.edge].any())
    avoided = _avoided(free, begin, end, closures)
    try:
        found = engine_roads.path(roads, begin, end, siren_factor=siren_factor(unit, incident.grade))
    except engine_roads.Unreachable:
        return WayAdvice("", (), _("封路以后，开车到不了；请从封闭处步行，或请指挥台开通。"), avoided, on_closed)
    steps = tuple(_step(one) for one in found.steps)
    return WayAdvice(duration_words(found.travel_s), steps, "", avoided, on_closed)


def _none(trouble: str) -> WayAdvice:
    return WayAdvice("", (), trouble, (), ())


def _avoided(free: Roads, begin: Snap, end: Snap, closures: tuple[RoadClosure, ...]) -> tuple[RoadClosure, ...]:
    """The closures that the way would lead through if nothing were closed."""
    if not closures:
        return ()
    way = engine_roads.path(free, begin, end)
    return tuple(one for one in closures if _leads_through(free, way, one))


def _leads_through(free: Roads, way: Path, closure: RoadClosure) -> bool:
    """Both ends of a way may lie on a closed street."""
    shut = stretches(free, closure_of(closure))
    return any(shut[edge, int(end < begin)] for edge, begin, end, _wait_s in way.legs[1:-1])


def _step(step: Step) -> WayStep:
    turn = TURNS[step.turn]
    if step.turn is Turn.ARRIVE:
        return WayStep(str(turn), 0)
    street = step.street or _("无名路")
    return WayStep(_("%(turn)s，%(street)s") % {"turn": turn, "street": street}, round(step.length_m))
