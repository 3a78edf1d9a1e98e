"""How an incident ends, and how it opens again."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.commands.disputes import hand_to_mediation
from jiean.dispatch.commands.incidents import REASON_LIMIT, check_open, due, no_due
from jiean.dispatch.events import IncidentChanged, IncidentClosed, IncidentReopened, OrderAnswered
from jiean.dispatch.models import OPEN, Assignment, Incident, open_orders
from jiean.dispatch.queries.units import crew_account_ids
from jiean.dispatch.targets import ASSIGN, FEED_BACK
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean

OUTCOME_LIMIT = 1000
State = Incident.State


@command
def clear_incident(
    actor: Actor, incident_id: int, *, disposition: str, outcome: str = "", version: int | None = None
) -> Incident:
    """Say that the incident is handled and what came of it; units on scene are cleared, others called back.

    Raises NotFound, Conflict, Invalid, IllegalMove.
    """
    incident = _open(Can.REPORT_BACK, actor, incident_id, version)
    _free_units(actor, incident, reason=str(_("警情已处置")))
    return handle(actor, incident, disposition, outcome)


@command
def feed_back(actor: Actor, incident_id: int, *, outcome: str, version: int | None = None) -> Incident:
    """Write down what the people concerned are told. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident = _open(Can.REPORT_BACK, actor, incident_id, version)
    words = clean(outcome, OUTCOME_LIMIT, field="outcome", required=True)
    Incident.WORKFLOW.move(
        incident, State.FED_BACK, by=actor, code="fed_back", fed_back_at=clocks.now(), outcome=words, **no_due()
    )
    _tell_closed(incident)
    return incident


@command
def review_incident(actor: Actor, incident_id: int, *, version: int | None = None) -> Incident:
    """Find the feedback in order. Raises NotFound, Conflict, IllegalMove."""
    incident = fetch(Can.REVIEW_INCIDENT, actor, Incident, incident_id, version=version)
    Incident.WORKFLOW.move(incident, State.REVIEWED, by=actor, code="reviewed")
    _tell_closed(incident)
    return incident


@command
def archive_incident(actor: Actor, incident_id: int, *, version: int | None = None) -> Incident:
    """Put a reviewed incident away. Raises NotFound, Conflict, IllegalMove."""
    incident = fetch(Can.REVIEW_INCIDENT, actor, Incident, incident_id, version=version)
    Incident.WORKFLOW.move(incident, State.ARCHIVED, by=actor, code="archived")
    _tell_closed(incident)
    return incident


@command
def cancel_incident(actor: Actor, incident_id: int, *, reason: str, version: int | None = None) -> Incident:
    """End an incident that needs nobody any more. Raises NotFound, Conflict, Invalid, IllegalMove."""
    return _end(actor, _open(Can.DIRECT_INCIDENT, actor, incident_id, version), State.CANCELLED, "cancelled", reason)


@command
def mark_unfounded(actor: Actor, incident_id: int, *, reason: str, version: int | None = None) -> Incident:
    """End an incident that turned out not to be one. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident = _open(Can.DIRECT_INCIDENT, actor, incident_id, version)
    return _end(actor, incident, State.UNFOUNDED, "unfounded", reason, disposition=Incident.Disposition.UNFOUNDED)


@command
def refer_incident(actor: Actor, incident_id: int, *, reason: str, version: int | None = None) -> Incident:
    """Hand an incident to another body for good. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident = _open(Can.DIRECT_INCIDENT, actor, incident_id, version)
    return _end(actor, incident, State.REFERRED, "referred", reason, disposition=Incident.Disposition.REFERRED)


@command
def void_incident(actor: Actor, incident_id: int, *, reason: str, version: int | None = None) -> Incident:
    """Declare the record itself a mistake; it stays, crossed out, with the reason. Raises NotFound, Conflict, Invalid, IllegalMove."""
    return _end(actor, _open(Can.DIRECT_INCIDENT, actor, incident_id, version), State.VOIDED, "voided", reason)


@command
def reopen_incident(actor: Actor, incident_id: int, *, reason: str, version: int | None = None) -> Incident:
    """Open a closed incident again; it stays open until a person ends it. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident = fetch(Can.REVIEW_INCIDENT, actor, Incident, incident_id, version=version)
    said = clean(reason, REASON_LIMIT, field="reason", required=True)
    fields: dict[str, Any] = {
        "reopened_count": incident.reopened_count + 1,
        "merged_into": None,
        "disposition": "",
        **due(ASSIGN, clocks.now()),
    }
    if incident.state in OPEN - {State.FED_BACK}:
        raise IllegalMove(_("这条警情还开着。"))
    Incident.WORKFLOW.move(incident, State.GRADED, by=actor, code="reopened", reason=said, **fields)
    announce(IncidentReopened(incident.pk, incident.cell_id, incident.report_id))
    return incident


def handle(actor: Actor, incident: Incident, disposition: str, outcome: str) -> Incident:
    """Move a locked incident to handled with its coded result; the feedback clock starts. Raises Invalid, IllegalMove."""
    if disposition not in Incident.Disposition.values:
        raise Invalid(disposition=_("请选择处置结果。"))
    at = clocks.now()
    words = clean(outcome, OUTCOME_LIMIT, field="outcome")
    Incident.WORKFLOW.move(
        incident, State.HANDLED, by=actor, code="handled", disposition=disposition, outcome=words, cleared_at=at,
        **due(FEED_BACK, at),
    )  # fmt: skip
    announce(IncidentChanged(incident.pk, incident.cell_id, incident.state))
    if disposition == Incident.Disposition.MEDIATION:
        hand_to_mediation(actor, incident)
    return incident


def _open(can: Can, actor: Actor, incident_id: int, version: int | None) -> Incident:
    return check_open(fetch(can, actor, Incident, incident_id, version=version))


def _end(
    actor: Actor, incident: Incident, state: Incident.State, code: str, reason: str, disposition: str = ""
) -> Incident:
    said = clean(reason, REASON_LIMIT, field="reason", required=True)
    _free_units(actor, incident, reason=said)
    Incident.WORKFLOW.move(incident, state, by=actor, code=code, reason=said, disposition=disposition, **no_due())
    _tell_closed(incident)
    return incident


def _free_units(actor: Actor, incident: Incident, *, reason: str) -> None:
    """Clear the units on scene and call back those still on the way."""
    orders = Assignment.objects.select_for_update(no_key=True).filter(open_orders(), incident=incident).order_by("id")
    at = clocks.now()
    for order in orders:
        if order.state == Assignment.State.ON_SCENE:
            Assignment.WORKFLOW.move(order, Assignment.State.CLEARED, by=actor, code="clear", cleared_at=at)
        else:
            Assignment.WORKFLOW.move(
                order,
                Assignment.State.RECALLED,
                by=actor,
                code="recall",
                reason=reason,
                reason_given=reason,
                recalled_at=at,
            )
        crew = crew_account_ids([order.unit_id], at)
        announce(OrderAnswered(order.pk, incident.pk, order.unit_id, incident.cell_id, order.state, crew))


def _tell_closed(incident: Incident) -> None:
    announce(IncidentClosed(incident.pk, incident.cell_id, incident.state, incident.disposition, incident.report_id))
