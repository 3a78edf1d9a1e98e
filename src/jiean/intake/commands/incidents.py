"""A report taken on as an incident, and what became of the incident told to the report."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.commands import open_incident, reopen_incident
from jiean.dispatch.models import Incident
from jiean.intake.access import Can
from jiean.intake.events import ReportAccepted, ReportAnswered, ReportChanged
from jiean.intake.models import NOTE_LIMIT, Kind, Outcome, Report, Urgency
from jiean.intake.rules import REPLY
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import change

SUMMARY_LIMIT = 1000

_Disposition = Incident.Disposition
_OUTCOMES: dict[str, Outcome] = {
    _Disposition.SETTLED_ON_SPOT: Outcome.SETTLED,
    _Disposition.MEDIATION: Outcome.MEDIATION,
    _Disposition.HAZARD_FIXED: Outcome.MENDED,
    _Disposition.REFERRED: Outcome.PASSED_ON,
    _Disposition.NOT_FOUND: Outcome.UNFOUNDED,
    _Disposition.UNFOUNDED: Outcome.UNFOUNDED,
}
"""What the reporter is told for each coded result; whatever is not named was handled."""


@command
def accept_as_incident(
    actor: Actor,
    report_id: int,
    *,
    kind: Kind | None = None,
    urgency: Urgency | None = None,
    version: int | None = None,
) -> Report:
    """Take a report on: the police answer it now. Raises NotFound, IllegalMove, Conflict, and Invalid without a pin."""
    report = fetch(Can.TRIAGE, actor, Report, report_id, version=version)
    kind, urgency = kind or Kind(report.kind), urgency or Urgency(report.urgency)
    if report.red_flag and urgency != Urgency.NOW:
        raise Invalid(urgency=_("有红色警示的上报只能是一级。"))
    if report.lon is None or report.lat is None:
        raise Invalid(place_words=_("请先在地图上标出位置，再受理出警。"))
    Report.WORKFLOW.move(
        report, Report.State.ACCEPTED, by=actor, code="accepted", kind=kind, urgency=urgency, needs_ruling=False,
        due_at=REPLY.due(report.received_at),
    )  # fmt: skip
    incident = _incident_for(actor, report, report.lon, report.lat)
    change(report, incident_id=incident.pk)
    announce(ReportAccepted(report.pk, report.cell_id, incident.pk))
    return report


def _incident_for(actor: Actor, report: Report, lon: float, lat: float) -> Incident:
    """A new incident; a report that was reopened gets its old one back, which then stays open."""
    if report.incident_id is not None:
        before = Incident.objects.get(pk=report.incident_id)
        if before.is_open and before.state != Incident.State.FED_BACK:
            return before
        return reopen_incident(actor, before.pk, reason=_now("上报人申请重新处理"))
    return open_incident(
        actor,
        kind=report.kind,
        grade=report.urgency,
        lon=lon,
        lat=lat,
        place_words=report.place_words,
        summary=report.text[:SUMMARY_LIMIT],
        contact_id=report.contact_id,
        premises_id=report.premises_id,
        report_id=report.pk,
        source=report.channel,
    )


@command
def follow_incident(actor: Actor, incident_id: int) -> int:
    """Bring the reports that hang on an incident to where it stands now; return how many hang on it."""
    reports = visible(Can.FOLLOW_INCIDENT, actor, Report).select_for_update(no_key=True)
    rows = list(reports.filter(incident_id=incident_id).exclude(state=Report.State.MERGED).order_by("pk"))
    incident = Incident.objects.get(pk=incident_id)
    for report in rows:
        _follow(actor, report, incident)
    return len(rows)


def _follow(actor: Actor, report: Report, incident: Incident) -> None:
    if incident.state == Incident.State.MERGED:
        change(report, incident_id=incident.merged_into_id)
        announce(ReportChanged(report.pk, report.cell_id))
    elif incident.state == Incident.State.VOIDED:
        _move(report, {Report.State.ACCEPTED}, Report.State.NEW, actor, code="voided")
    elif incident.is_open and incident.state != Incident.State.FED_BACK:
        _move(report, {Report.State.ANSWERED, Report.State.CLOSED}, Report.State.ACCEPTED, actor, code="resumed")
    else:
        outcome = _OUTCOMES.get(incident.disposition, _outcome_without(incident))
        told = incident.outcome if incident.state == Incident.State.FED_BACK else ""
        _answer(report, actor, outcome, told[:NOTE_LIMIT])


def _outcome_without(incident: Incident) -> Outcome:
    """The outcome of an incident that ended without one of the results above."""
    if incident.state == Incident.State.UNFOUNDED:
        return Outcome.UNFOUNDED
    if incident.state == Incident.State.REFERRED:
        return Outcome.PASSED_ON
    return Outcome.EXPLAINED if incident.state == Incident.State.CANCELLED else Outcome.HANDLED


def _answer(report: Report, actor: Actor, outcome: Outcome, told: str) -> None:
    if report.state == Report.State.ACCEPTED:
        Report.WORKFLOW.move(report, Report.State.ANSWERED, by=actor, outcome=outcome, answer=told, due_at=None)
        announce(ReportAnswered(report.pk, report.cell_id, str(outcome)))


def _move(report: Report, only: set[Report.State], to: Report.State, actor: Actor, *, code: str) -> None:
    """Move a report that stands in one of these states; one the desk or the reporter has moved on stays where they put it."""
    if report.state in only:
        Report.WORKFLOW.move(report, to, by=actor, code=code)
        announce(ReportChanged(report.pk, report.cell_id))
