"""The caller's name and number, opened for a purpose: on the board, and on the phone of the crew that is sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiean.dispatch.queries import IncidentRow
from jiean.kernel.errors import NotFound
from jiean.kernel.http import actor_of
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose


def opened_contact(request: HttpRequest, incident: IncidentRow, purpose: str) -> HttpResponse:
    """The contact, shown once and kept nowhere; the look is recorded. Raises NotFound, Forbidden."""
    if incident.contact_id is None or purpose not in Purpose.values:
        raise NotFound
    reported = incident.report_id is not None
    opened = open_record(
        actor_of(request),
        incident.contact_id,
        purpose=Purpose(purpose),
        matter_kind=MatterKind.REPORT if reported else MatterKind.INCIDENT,
        matter_id=incident.report_id or incident.id,
    )
    answer = render(request, "screens/_contact.html", {"incident": incident, "opened": opened})
    answer["Cache-Control"] = "no-store"
    return answer
