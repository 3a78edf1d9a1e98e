"""A legal hold on a report and on the incident made of it: the commander says why, and when it is looked at again."""

from __future__ import annotations

import datetime as dt

from jiean.intake.access import Can
from jiean.intake.events import ReportChanged
from jiean.intake.models import Report
from jiean.kernel import holds
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove
from jiean.kernel.events import announce
from jiean.kernel.workflow import note
from jiean.vault.models import MatterKind


@command
def hold_report(actor: Actor, report_id: int, *, ground: str, reason: str, review_at: dt.datetime) -> Report:
    """Hold a report and its incident, or renew the hold. Raises NotFound, Invalid, IllegalMove: nothing is left to hold."""
    report = fetch(Can.HOLD, actor, Report, report_id)
    if report.erased_at is not None:
        raise IllegalMove
    holds.place(actor, _matters(report), ground=ground, reason=reason, review_at=review_at)
    note(report, by=actor, code="held")
    announce(ReportChanged(report.pk, report.cell_id))
    return report


@command
def release_report(actor: Actor, report_id: int) -> Report:
    """Lift the hold; the clocks run on as if it had not been. Raises NotFound."""
    report = fetch(Can.HOLD, actor, Report, report_id)
    holds.lift(_matters(report))
    note(report, by=actor, code="released")
    announce(ReportChanged(report.pk, report.cell_id))
    return report


def _matters(report: Report) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = [(MatterKind.REPORT, report.pk)]
    if report.incident_id is not None:
        found.append((MatterKind.INCIDENT, report.incident_id))
    return found
