"""The doors beside the board: who could be sent to an incident, the sending itself, and the way a unit would drive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jiean.dispatch.advice import advise, coverage, route
from jiean.dispatch.commands import assign_unit, keep_advice
from jiean.dispatch.queries import units_now
from jiean.kernel.actor import Role
from jiean.kernel.errors import Invalid
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
