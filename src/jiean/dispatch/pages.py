"""The doors beside the board: who could be sent to an incident, the sending itself, and the way a unit would drive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiean.dispatch.access import CREW_ROLES
from jiean.dispatch.advice import (
    advise,
    coverage,
    judged_move,
    propose_batch,
    propose_diversion,
    propose_move,
    route,
)
from jiean.dispatch.commands import (
    answer_move,
    assign_unit,
    dismiss_move,
    divert_unit,
    keep_advice,
    order_move,
)
from jiean.dispatch.queries import agreement, my_moves, standing_moves, units_now
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, IllegalMove, Invalid
from jiean.kernel.http import actor_of, door, request_key

DESK = (Role.COMMANDER, Role.DISPATCHER)
SHOWN_UNITS = 3


@door(*DESK)
def units(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The advice: the best units that can be sent, in words, and what is missing. It is kept beside the later choice."""
    actor = actor_of(request)
    sheet = advise(actor, incident_id)
    kept = keep_advice(actor, incident_id, ranked=sheet.as_json())
    able = [unit for unit in sheet.units if unit.can_send]
    context = {"sheet": sheet, "advice_id": kept.pk, "units": able[:SHOWN_UNITS], "others": able[SHOWN_UNITS:]}
    context["diversion"] = propose_diversion(actor, sheet)
    return render(request, "dispatch/_units.html", context)


@require_POST
@door(*DESK)
def send(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Send a unit. The page hears of it and fetches what changed."""
    unit_id, advice_id = request.POST.get("unit_id", ""), request.POST.get("advice_id", "")
    if not unit_id.isdecimal():
        raise Invalid
    order = assign_unit.keyed(request_key(request))
    order(actor_of(request), incident_id, int(unit_id), advice_id=int(advice_id) if advice_id.isdecimal() else None)
    return HttpResponse(status=204, headers={"HX-Trigger": "jiean:changed"})


@door(*DESK)
def way(request: HttpRequest, incident_id: int, unit_id: int) -> JsonResponse:
    """The line a unit would drive."""
    return JsonResponse({"line": route(actor_of(request), incident_id, unit_id)})


@door(*DESK)
def reach(request: HttpRequest) -> HttpResponse:
    """The share of expected calls the free units reach in time."""
    return render(request, "dispatch/_coverage.html", {"coverage": coverage(units_now(actor_of(request)))})


@require_POST
@door(*DESK)
def divert(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Break off a run for this incident; the other incident goes back to the queue."""
    assignment_id, advice_id = request.POST.get("assignment_id", ""), request.POST.get("advice_id", "")
    if not assignment_id.isdecimal():
        raise Invalid
    deed = divert_unit.keyed(request_key(request))
    advice = int(advice_id) if advice_id.isdecimal() else None
    deed(actor_of(request), incident_id, int(assignment_id), advice_id=advice)
    return HttpResponse(status=204, headers={"HX-Trigger": "jiean:changed"})


@door(*DESK)
def hints(request: HttpRequest) -> HttpResponse:
    """What the engine would do now: the move that adds most coverage, and incidents to be sent for together."""
    return _hints(request, actor_of(request))


def _hints(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"move": propose_move(actor), "standing": standing_moves(actor), "batch": propose_batch(actor)}
    return render(request, "dispatch/_hints.html", context)


@require_POST
@door(*DESK)
def move(request: HttpRequest) -> HttpResponse:
    """Take a proposed move, or leave it; its numbers are worked out again at this moment."""
    actor, unit_id = actor_of(request), request.POST.get("unit_id", "")
    if not unit_id.isdecimal():
        raise Invalid
    found = judged_move(actor, int(unit_id), request.POST.get("post", ""))
    if found is None:
        raise Conflict(_("情况变了，这个移动现在做不了。"))
    deed = dismiss_move if "dismiss" in request.POST else order_move
    deed(
        actor, found.unit_id, lon=found.post.lon, lat=found.post.lat, post_name=found.post.words, gain=found.gain,
        travel_s=found.travel_s,
    )  # fmt: skip
    return _hints(request, actor)


@require_POST
@door(*DESK)
def end_move(request: HttpRequest, move_id: int) -> HttpResponse:
    """Call a move off."""
    answer_move(actor_of(request), move_id, answer="end")
    return _hints(request, actor_of(request))


@require_POST
@door(*DESK)
def send_batch(request: HttpRequest) -> HttpResponse:
    """Send the pairs as they were shown. A pair that can no longer be sent is left, the others go."""
    actor = actor_of(request)
    pairs = [tuple(pair.split(":")) for pair in request.POST.getlist("pair")]
    if not pairs or not all(len(pair) == 2 and all(one.isdecimal() for one in pair) for pair in pairs):
        raise Invalid
    failed = [number for incident, unit in pairs if (number := _sent(actor, int(incident), int(unit)))]
    if failed:
        raise Conflict(_("有 %(count)d 起没有派出，其余已派。") % {"count": len(failed)})
    return HttpResponse(status=204, headers={"HX-Trigger": "jiean:changed"})


def _sent(actor: Actor, incident_id: int, unit_id: int) -> int:
    """0 when the unit was sent, else the incident: the advice is kept beside the choice as for a single order."""
    sheet = advise(actor, incident_id)
    kept = keep_advice(actor, incident_id, ranked=sheet.as_json())
    try:
        assign_unit(actor, incident_id, unit_id, advice_id=kept.pk)
    except (Conflict, IllegalMove):
        return incident_id
    return 0


@door(*DESK, Role.AUDITOR)
def compare(request: HttpRequest) -> HttpResponse:
    """How often the first proposed unit was sent, and what other choices cost."""
    return render(request, "dispatch/agreement.html", {"found": agreement(actor_of(request))})


@door(*CREW_ROLES)
def my_move(request: HttpRequest) -> HttpResponse:
    """Where my unit is to wait; a POST says that it is there, or cannot go."""
    actor = actor_of(request)
    if request.method == "POST":
        answer_move(actor, _number(request.POST.get("move_id", "")), answer=request.POST.get("answer", ""))
    return render(request, "dispatch/_my_move.html", {"moves": my_moves(actor)})


def _number(words: str) -> int:
    if not words.isdecimal():
        raise Invalid
    return int(words)
