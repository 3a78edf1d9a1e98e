"""Incidents: opened, graded, moved, merged."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.events import IncidentChanged, IncidentClosed, IncidentOpened
from jiean.dispatch.models import OPEN, Assignment, Incident, open_orders
from jiean.dispatch.queries.told import told
from jiean.dispatch.queries.units import crew_account_ids
from jiean.dispatch.targets import ASSIGN, Target
from jiean.grid.models import Premises
from jiean.grid.queries import cell_at
from jiean.kernel import clocks, geo
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note
from jiean.vault.commands import keep_words
from jiean.vault.models import MatterKind

PLACE_LIMIT, SUMMARY_LIMIT, REASON_LIMIT, NOTE_LIMIT = 120, 1000, 200, 500


@command
def open_incident(
    actor: Actor,
    *,
    kind: str,
    grade: int,
    lon: float,
    lat: float,
    place_words: str,
    summary: str,
    contact_id: int | None = None,
    premises_id: int | None = None,
    report_id: int | None = None,
    source: str = "",
) -> Incident:
    """Register an incident with a proposed grade. Raises Invalid, Forbidden."""
    at = clocks.now()
    place = _place(lon, lat)
    incident = Incident.objects.create(
        kind=_kind(kind),
        grade=_grade(grade),
        place_words=clean(place_words, PLACE_LIMIT, field="place_words"),
        summary=clean(summary, SUMMARY_LIMIT, field="summary", required=True),
        contact_id=contact_id,
        premises_id=_premises_id(premises_id),
        report_id=_free_report_id(report_id),
        source=clean(source, 20, field="source"),
        received_at=at,
        **due(ASSIGN, at),
        **place,
    )
    keep_words(MatterKind.INCIDENT, {incident.pk: told(incident)})
    admit(Can.OPEN_INCIDENT, actor, incident)
    note(incident, by=actor, code="opened")
    announce(IncidentOpened(incident.pk, incident.cell_id, incident.grade, report_id))
    return incident


@command
def grade_incident(
    actor: Actor, incident_id: int, *, grade: int, kind: str | None = None, version: int | None = None
) -> Incident:
    """Say how urgent an incident is and of which kind. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident = _open_row(actor, incident_id, version)
    detail = {"grade": [incident.grade, _grade(grade)], "kind": [incident.kind, _kind(kind or incident.kind)]}
    if incident.state == Incident.State.RECEIVED:
        Incident.WORKFLOW.move(
            incident, Incident.State.GRADED, by=actor, code="graded", grade=grade, kind=kind or incident.kind,
            graded_at=clocks.now(),
        )  # fmt: skip
    else:
        change(incident, grade=grade, kind=kind or incident.kind)
        note(incident, by=actor, code="graded", detail=detail)
    tell_change(incident)
    return incident


@command
def relocate_incident(
    actor: Actor,
    incident_id: int,
    *,
    lon: float,
    lat: float,
    place_words: str = "",
    premises_id: int | None = None,
    version: int | None = None,
) -> Incident:
    """Move the pin; the cell follows, and boards ask for advice anew. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident = _open_row(actor, incident_id, version)
    detail = {"from": [incident.lon, incident.lat], "to": [lon, lat]}
    words = clean(place_words, PLACE_LIMIT, field="place_words") or incident.place_words
    change(incident, place_words=words, premises_id=_premises_id(premises_id), **_place(lon, lat))
    keep_words(MatterKind.INCIDENT, {incident.pk: told(incident)})
    note(incident, by=actor, code="moved", detail=detail)
    tell_change(incident)
    return incident


@command
def note_incident(actor: Actor, incident_id: int, *, words: str) -> Incident:
    """Add a line to an open incident's history; nothing else changes. Raises NotFound, Invalid, IllegalMove."""
    incident = check_open(fetch(Can.REPORT_BACK, actor, Incident, incident_id))
    note(incident, by=actor, code="noted", reason=clean(words, NOTE_LIMIT, field="words", required=True))
    tell_change(incident)
    return incident


@command
def merge_incidents(actor: Actor, incident_id: int, into_id: int, *, reason: str = "") -> Incident:
    """Let one incident go into another about the same thing; its units now answer the other. Raises NotFound, Invalid, IllegalMove."""
    if incident_id == into_id:
        raise Invalid(into_id=_("不能并入自己。"))
    first, second = (_open_row(actor, pk) for pk in sorted((incident_id, into_id)))
    incident, into = (first, second) if first.pk == incident_id else (second, first)
    orders = list(Assignment.objects.select_for_update(no_key=True).filter(open_orders(), incident=incident))
    for order in orders:
        change(order, incident=into)
    reason = clean(reason, REASON_LIMIT, field="reason")
    Incident.WORKFLOW.move(
        incident, Incident.State.MERGED, by=actor, code="absorbed", reason=reason, merged_into=into, **no_due()
    )
    if orders and into.state != Incident.State.DISPATCHED:
        at = min(order.assigned_at for order in orders)
        Incident.WORKFLOW.move(into, Incident.State.DISPATCHED, by=actor, code="merged", dispatched_at=at, **no_due())
    else:
        note(into, by=actor, code="merged", detail={"number": incident.number})
    tell_change(into)
    announce(IncidentClosed(incident.pk, incident.cell_id, incident.state, "", incident.report_id))
    return into


def _open_row(actor: Actor, incident_id: int, version: int | None = None) -> Incident:
    return check_open(fetch(Can.DIRECT_INCIDENT, actor, Incident, incident_id, version=version))


def check_open(incident: Incident) -> Incident:
    """The incident itself, which must be open. Raises IllegalMove."""
    if incident.state not in OPEN:
        raise IllegalMove(_("这条警情已经结束，请先重开。"))
    return incident


def tell_change(incident: Incident) -> None:
    """Tell boards, the cell's officers and the crews on it that the incident changed."""
    units = Assignment.objects.filter(open_orders(), incident=incident).values_list("unit_id", flat=True)
    crews = crew_account_ids(units) if incident.state == Incident.State.DISPATCHED else ()
    announce(IncidentChanged(incident.pk, incident.cell_id, incident.state, crews))


def due(target: Target, start: dt.datetime) -> dict[str, Any]:
    """The columns that say which target runs now and until when."""
    return {"due_code": target.code, "due_at": start + dt.timedelta(seconds=target.seconds)}


def no_due() -> dict[str, Any]:
    """The same columns when no target runs."""
    return {"due_code": "", "due_at": None}


def _place(lon: float, lat: float) -> dict[str, Any]:
    if not geo.on_globe(lon, lat):
        raise Invalid(lon=_("坐标超出地球范围。"))
    return {"lon": lon, "lat": lat, "h3": geo.h3_cell(lon, lat), "cell": cell_at(lon, lat)}


def _grade(grade: int) -> int:
    if grade not in (1, 2, 3, 4):
        raise Invalid(grade=_("级别是 1 到 4。"))
    return grade


def _kind(kind: str) -> str:
    if kind not in Incident.Kind.values:
        raise Invalid(kind=_("没有这个类别。"))
    return kind


def _premises_id(premises_id: int | None) -> int | None:
    if premises_id is not None and not Premises.objects.filter(pk=premises_id).exists():
        raise Invalid(premises_id=_("没有这个场所。"))
    return premises_id


def _free_report_id(report_id: int | None) -> int | None:
    if report_id is not None and Incident.objects.filter(report_id=report_id).exists():
        raise Invalid(report_id=_("这条上报已经登记过警情。"))
    return report_id
