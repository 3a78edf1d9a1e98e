"""The doors of the panel: show an incident, take a step of an order, end a stage, make a move."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jiean.design.clash import Difference, retyped, side_by_side
from jiean.dispatch.commands import note_incident
from jiean.dispatch.queries import incident_detail
from jiean.kernel.errors import Conflict, IllegalMove
from jiean.kernel.http import actor_of, attempt, door, is_fragment
from jiean.screens.board.deeds import end_stage, ending_form, make_move, move_beside
from jiean.screens.board.incident import incident_context
from jiean.screens.contact import opened_contact
from jiean.screens.endings import NoteForm
from jiean.screens.shell import COMMAND
from jiean.screens.steps import take_step

CHANGED = json.dumps({"jiean:changed": True})


def panel(request: HttpRequest, incident_id: int, status: int = 200, **shown: Any) -> HttpResponse:
    """The panel's fragment; ``shown`` holds a form as it was sent, or what somebody else changed first."""
    context = incident_context(actor_of(request), incident_id, opening=request.method == "GET") | shown
    return render(request, "screens/_incident.html", context, status=status)


def came_second(
    request: HttpRequest, incident_id: int, clash: Conflict, lines: Sequence[Difference], **shown: Any
) -> HttpResponse:
    """The panel as it is now, with what was wanted beside it. Raises the clash again where it is about no row."""
    if clash.current is None:
        raise clash
    return panel(request, incident_id, clash.status, clash=lines, **shown)


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
    try:
        if form.is_valid():
            attempt(form, lambda: end_stage(actor, incident_id, form))
    except Conflict as clash:
        lines = side_by_side(clash.current, form) if clash.current else ()
        version = getattr(clash.current, "version", 0)
        return came_second(request, incident_id, clash, lines, ending=retyped(form, version))
    return panel(request, incident_id, 422, ending=form) if form.errors else changed(request, incident_id)


@require_POST
@door(*COMMAND)
def board_move(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One of the rarer moves."""
    actor, version = actor_of(request), request.POST.get("version", "")
    row = incident_detail(actor, incident_id).row
    code, value = request.POST.get("move", ""), request.POST.get("value", "")
    try:
        make_move(actor, row, code, value, int(version) if version.isdecimal() else None)
    except Conflict as clash:
        lines = move_beside(clash.current, code, value) if clash.current else ()
        return came_second(request, incident_id, clash, lines, tried={"code": code, "value": value})
    return changed(request, incident_id)


@require_POST
@door(*COMMAND)
def board_note(request: HttpRequest, incident_id: int) -> HttpResponse:
    """A line for the incident's history."""
    form = NoteForm(request.POST)
    if form.is_valid():
        attempt(form, lambda: note_incident(actor_of(request), incident_id, words=form.cleaned_data["words"]))
    return panel(request, incident_id, 422, note_form=form) if form.errors else changed(request, incident_id)


@require_POST
@door(*COMMAND)
def board_contact(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The caller's name and number for a purpose."""
    row = incident_detail(actor_of(request), incident_id).row
    return opened_contact(request, row, request.POST.get("purpose", ""))
