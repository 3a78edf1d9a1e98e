"""The desk's deeds on a report: correct, reject, answer, close, merge, split."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jiean.grid.queries import cell_at
from jiean.intake.access import Can
from jiean.intake.commands.reports import submit_report
from jiean.intake.events import ReportAnswered, ReportChanged, ReportClosed, ReportsMerged
from jiean.intake.models import NOTE_LIMIT, Channel, Kind, Outcome, Report, Urgency
from jiean.kernel import geo
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note

PARTS_LIMIT = 5


@command
def correct_report(
    actor: Actor,
    report_id: int,
    *,
    kind: Kind,
    urgency: Urgency,
    lon: float | None = None,
    lat: float | None = None,
    version: int | None = None,
) -> Report:
    """Set kind, urgency or the pin by hand. A red flag stays urgent. Raises NotFound, Conflict, Invalid."""
    report = fetch(Can.TRIAGE, actor, Report, report_id, version=version)
    if report.red_flag and urgency != Urgency.NOW:
        raise Invalid(urgency=_("有红色警示的上报只能是一级。"))
    fields: dict[str, object] = {"kind": kind, "urgency": urgency}
    if lon is not None and lat is not None:
        if not geo.on_globe(lon, lat):
            raise Invalid(place_words=_("这个位置不在地球上，请重新选点。"))
        fields |= {"lon": lon, "lat": lat, "cell": cell_at(lon, lat), "hexagon": geo.h3_cell(lon, lat)}
    change(report, **fields)
    note(report, by=actor, code="corrected", detail={"kind": str(kind), "urgency": int(urgency)})
    announce(ReportChanged(report.pk, report.cell_id))
    return report


@command
def reject_report(actor: Actor, report_id: int, *, reason: str, version: int | None = None) -> Report:
    """Take a report on no further, with a reason the reporter reads. Raises NotFound, IllegalMove, Conflict, Invalid."""
    report = fetch(Can.TRIAGE, actor, Report, report_id, version=version)
    reason = clean(reason, NOTE_LIMIT, field="reason", required=True)
    Report.WORKFLOW.move(report, Report.State.REJECTED, by=actor, answer=reason, due_at=None, needs_ruling=False)
    announce(ReportChanged(report.pk, report.cell_id))
    return report


@command
def answer_report(
    actor: Actor, report_id: int, *, outcome: Outcome, answer: str = "", version: int | None = None
) -> Report:
    """Tell the reporter, and those whose reports were merged into it, what came of it. Raises NotFound, IllegalMove, Conflict."""
    report = fetch(Can.ANSWER, actor, Report, report_id, version=version)
    if report.state == Report.State.REFERRED and report.referrals.filter(state__in=("SENT", "ACCEPTED")).exists():
        raise IllegalMove(_("还在其他部门办理，请先撤回或等对方办完。"))
    answer = clean(answer, NOTE_LIMIT, field="answer")
    Report.WORKFLOW.move(
        report, Report.State.ANSWERED, by=actor, outcome=outcome, answer=answer, due_at=None, needs_ruling=False
    )
    announce(ReportAnswered(report.pk, report.cell_id, str(outcome)))
    return report


@command
def close_report(actor: Actor, report_id: int, *, version: int | None = None) -> Report:
    """Finish a report that was answered. Raises NotFound, IllegalMove, Conflict."""
    report = fetch(Can.ANSWER, actor, Report, report_id, version=version)
    Report.WORKFLOW.move(report, Report.State.CLOSED, by=actor)
    announce(ReportClosed(report.pk, report.cell_id))
    return report


@command
def merge_reports(actor: Actor, into_id: int, report_ids: Sequence[int]) -> Report:
    """Link reports on the same thing into one; nothing is deleted. Raises NotFound, IllegalMove, Invalid."""
    if not report_ids or into_id in report_ids:
        raise Invalid(report_ids=_("请选择要并入的另一件上报。"))
    rows = {pk: fetch(Can.TRIAGE, actor, Report, pk) for pk in sorted({into_id, *report_ids})}
    into = rows.pop(into_id)
    if not into.is_open:
        raise IllegalMove(_("只能并入还没办完的上报。"))
    for report in rows.values():
        _merge(actor, report, into)
    return into


def _merge(actor: Actor, report: Report, into: Report) -> None:
    if report.merged.exists():
        raise IllegalMove(_("%(number)s 自己已经并入了别的上报，请反过来合并。") % {"number": report.number})
    before = report.state
    Report.WORKFLOW.move(
        report,
        Report.State.MERGED,
        by=actor,
        merged_into=into,
        merged_from_state=before,
        needs_ruling=report.needs_ruling,
    )
    note(into, by=actor, code="merged", detail={"report_id": report.pk})
    announce(ReportsMerged(report.pk, report.cell_id, into.pk))


@command
def undo_merge(actor: Actor, report_id: int) -> Report:
    """Take a report out of the one it was merged into; it stands where it stood before. Raises NotFound, IllegalMove."""
    report = fetch(Can.TRIAGE, actor, Report, report_id)
    into = report.merged_into
    if into is None:
        raise IllegalMove(_("这件上报没有被合并。"))
    Report.WORKFLOW.move(report, report.merged_from_state, by=actor, merged_into=None, merged_from_state="")
    note(into, by=actor, code="unmerged", detail={"report_id": report.pk})
    announce(ReportsMerged(report.pk, report.cell_id, into.pk, undone=True))
    return report


@command
def split_report(actor: Actor, report_id: int, *, texts: Sequence[str]) -> list[int]:
    """Make reports of their own from the several things one of them tells; return their ids. Raises NotFound, IllegalMove, Invalid."""
    report = fetch(Can.TRIAGE, actor, Report, report_id)
    if not report.is_open:
        raise IllegalMove(_("已经办完的上报不能拆分。"))
    if not 0 < len(texts) <= PARTS_LIMIT:
        raise Invalid(texts=_("请填写 1 到 5 件新的上报。"))
    parts = []
    for text in texts:
        part = submit_report(
            actor,
            text=text,
            lon=report.lon,
            lat=report.lat,
            place_words=report.place_words,
            premises_id=report.premises_id,
            channel=Channel(report.channel),
        )
        change(part, split_from=report)
        parts.append(part.pk)
    note(report, by=actor, code="split", detail={"report_ids": parts})
    announce(ReportChanged(report.pk, report.cell_id))
    return parts
