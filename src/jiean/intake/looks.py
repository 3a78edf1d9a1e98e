"""Looks at a report's words: written down, and, once the report is finished, only for a purpose said with a fresh second factor."""

from __future__ import annotations

from jiean.intake.models import Report
from jiean.kernel.actor import Actor, Role
from jiean.kernel.audit import record_look
from jiean.vault.models import MatterKind, Purpose
from jiean.vault.queries import may_look, stated_purpose

LOOKED_FOR = {Role.MEDIATOR: Purpose.DISPUTE, Role.SOCIAL_WORKER: Purpose.DISPUTE}
"""What a role reads a report for while it is worked on; everybody else: to dispatch."""


def look(actor: Actor, action: str, report: Report, *fields: str) -> None:
    """Write a look down, before the words are handed out. Raises ProveYourself for a finished report."""
    purpose = stated_purpose(actor) if report.is_finished else LOOKED_FOR.get(actor.role, Purpose.DISPATCH)
    record_look(actor, action, subject=(str(MatterKind.REPORT), report.pk), purpose=str(purpose), fields=fields)


def is_worked_on(report_id: int) -> bool:
    """Whether more is to come of a report."""
    return Report.objects.filter(pk=report_id).exclude(state__in=Report.FINISHED).exists()


def is_shut(actor: Actor, report: Report) -> bool:
    """Whether lists withhold the report's words: it is finished and the actor has not proved and said what for."""
    return report.is_finished and not may_look(actor)
