"""The doors of the panel: show an incident, take a step of an order, end a stage, make a move."""

from __future__ import annotations

import json

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jiean.dispatch.queries import incident_detail
from jiean.kernel.errors import IllegalMove
from jiean.kernel.http import actor_of, attempt, door, is_fragment
from jiean.screens.board.deeds import end_stage, ending_form, make_move
from jiean.screens.board.incident import incident_context
from jiean.screens.shell import COMMAND
from jiean.screens.steps import take_step

CHANGED = json.dumps({"jiean:changed": True})


def panel(request: HttpRequest, incident_id: int, form: forms.Form | None = None) -> HttpResponse:
    """The panel's fragment; a form with errors is shown as it was sent."""
    context = incident_context(actor_of(request), incident_id, form)
    return render(request, "screens/_incident.html", context, status=422 if form else 200)


def changed(request: HttpRequest, incident_id: int) -> HttpResponse:
    """After a deed: the panel again, and word to the rest of the page; without HTMX, the board."""
    if not is_fragment(request):
        return HttpResponseRedirect(f"{reverse('screens:board')}?incident={incident_id}")
    answer = panel(request, incident_id)
    answer["HX-Trigger"] = CHANGED
    return answer


@door(*COMMAND)
def board_incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One incident's panel."""
    return panel(request, incident_id)


@require_POST
@door(*COMMAND)
def board_step(request: HttpRequest, incident_id: int, assignment_id: int) -> HttpResponse:
    """A stamp on an order, set for a crew that said so by radio."""
    code, reason = request.POST.get("step", ""), request.POST.get("reason", "")
    take_step(actor_of(request), assignment_id, code, reason=reason)
    return changed(request, incident_id)


@require_POST
@door(*COMMAND)
def board_close(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The coded result, or the feedback, whichever the incident waits for."""
    actor = actor_of(request)
    form = ending_form(incident_detail(actor, incident_id).row, request.POST)
    if form is None:
        raise IllegalMove
    if form.is_valid():
        attempt(form, lambda: end_stage(actor, incident_id, form))
    return panel(request, incident_id, form) if form.errors else changed(request, incident_id)


@require_POST
@door(*COMMAND)
def board_move(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One of the rarer moves."""
    actor, version = actor_of(request), request.POST.get("version", "")
    row = incident_detail(actor, incident_id).row
    make_move(
        actor,
        row,
        request.POST.get("move", ""),
        request.POST.get("value", ""),
        int(version) if version.isdecimal() else None,
    )
    return changed(request, incident_id)
