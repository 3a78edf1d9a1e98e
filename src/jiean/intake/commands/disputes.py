"""A report taken on as a dispute, and what became of the dispute told to the reporter."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.disputes.commands import Side, link_calls, register_dispute
from jiean.disputes.models import Channel, Dispute, Kind, Party
from jiean.intake.access import Can
from jiean.intake.events import ReportAnswered, ReportChanged
from jiean.intake.models import Outcome, Report
from jiean.intake.rules import REPLY
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.events import announce
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose

_TOLD: dict[str, tuple[Outcome, str | Promise]] = {
    Dispute.State.SETTLED: (Outcome.SETTLED, _("双方已达成调解协议。")),
    Dispute.State.FAILED: (Outcome.EXPLAINED, _("调解没有成，已告知可以仲裁、找行政机关或者起诉。")),
    Dispute.State.WITHDRAWN: (Outcome.EXPLAINED, _("当事人不再调解。")),
    Dispute.State.REFERRED: (Outcome.PASSED_ON, _("已引导到其他途径办理。")),
    Dispute.State.REJECTED: (Outcome.EXPLAINED, _("这件事不能调解，已说明原因。")),
}
"""What the reporter is told for each end of a dispute; names and terms are the parties' own."""


@command
def accept_as_dispute(actor: Actor, report_id: int, *, version: int | None = None) -> Report:
    """Take a report on as a dispute; the reporter becomes its applicant. Raises NotFound, IllegalMove, Conflict."""
    report = fetch(Can.TRIAGE, actor, Report, report_id, version=version)
    due_at = REPLY.due(report.received_at)
    Report.WORKFLOW.move(
        report, Report.State.ACCEPTED, by=actor, code="to_mediation", needs_ruling=False, due_at=due_at
    )
    register_dispute(
        actor, kind=Kind.of_matter(report.kind), facts=report.text, place_words=report.place_words,
        cell_id=report.cell_id, premises_id=report.premises_id, channel=Channel.REPORT, report_id=report.pk,
        sides=_reporter(actor, report),
    )  # fmt: skip
    announce(ReportChanged(report.pk, report.cell_id))
    return report


def _reporter(actor: Actor, report: Report) -> tuple[Side, ...]:
    """The contact, opened by the one who takes the report on and sealed anew: the two records share no key."""
    if report.contact_id is None:
        return ()
    opened = open_record(
        actor, report.contact_id, purpose=Purpose.DISPATCH, matter_kind=MatterKind.REPORT, matter_id=report.pk
    )
    return (Side(Party.Standing.APPLICANT, name=opened.get("name", ""), phone=opened.get("phone", "")),)


@command
def count_calls(actor: Actor, report_id: int) -> int:
    """Tell the disputes made of a report which reports people merged into it; return how many there are. Raises Forbidden."""
    merged = visible(Can.FOLLOW_INCIDENT, actor, Report).filter(merged_into=report_id)
    return link_calls(actor, report_id, dict(merged.values_list("pk", "received_at")))


@command
def follow_dispute(actor: Actor, report_id: int) -> int:
    """Bring the report a dispute was made of to where the dispute stands now; return how many hang on it."""
    reports = visible(Can.FOLLOW_INCIDENT, actor, Report).select_for_update(no_key=True)
    report = reports.filter(pk=report_id).exclude(state=Report.State.MERGED).first()
    dispute = Dispute.objects.filter(report_id=report_id).order_by("-pk").first()
    if report is None or dispute is None:
        return 0
    told = _TOLD.get(Dispute.State.SETTLED if dispute.outcome == "settled" else dispute.state)
    if told is not None and report.state == Report.State.ACCEPTED:
        outcome, words = told
        Report.WORKFLOW.move(report, Report.State.ANSWERED, by=actor, outcome=outcome, answer=str(words), due_at=None)
        announce(ReportAnswered(report.pk, report.cell_id, str(outcome)))
    elif told is None and report.state in (Report.State.ANSWERED, Report.State.CLOSED) and dispute.reopened_count:
        Report.WORKFLOW.move(report, Report.State.ACCEPTED, by=actor, code="resumed")
        announce(ReportChanged(report.pk, report.cell_id))
    return 1
