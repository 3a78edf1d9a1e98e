"""What the reporter does afterwards, with number and code: add a sentence, say whether it was well done, ask to reopen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.intake import tracking
from jiean.intake.access import Can
from jiean.intake.commands.erasing import blank
from jiean.intake.commands.reports import keep_photos
from jiean.intake.events import ReportChanged, ReportClosed, ReportReopened
from jiean.intake.found import words_of
from jiean.intake.models import ENDED, NOTE_LIMIT, Report, Supplement, Urgency
from jiean.intake.rules import CONTACT_KEPT_DAYS, TRIAGE
from jiean.kernel import clocks, erasures
from jiean.kernel.access import allow, fetch, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.events import announce
from jiean.kernel.holds import held_ids
from jiean.kernel.pictures import Picture
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note
from jiean.vault.commands import erase_matter, keep_words
from jiean.vault.models import MatterKind

SUPPLEMENT_LIMIT = 20
REOPEN_LIMIT = 5


@command
def add_supplement(
    actor: Actor, report_id: int, *, text: str = "", photos: Sequence[Picture] = (), code: str = ""
) -> Report:
    """Add a sentence or pictures to a report. Raises NotFound, IllegalMove, Invalid."""
    report = _followed(actor, report_id, code)
    text = clean(text, NOTE_LIMIT, field="text", required=not photos)
    if report.state in (Report.State.CLOSED, Report.State.REJECTED):
        raise IllegalMove(_("已经办结。要补充，请先申请重新打开。"))
    if report.supplements.count() >= SUPPLEMENT_LIMIT:
        raise Invalid(text=_("补充已经很多了，请直接联系受理台。"))
    if text:
        by_reporter = actor.role == Role.PUBLIC
        Supplement.objects.create(report=report, text=text, by_reporter=by_reporter, account_id=actor.account_id)
        keep_words(MatterKind.REPORT, words_of([report]))
    keep_photos(report, photos, already=report.photos.count())
    change(report)
    note(report, by=actor, code="supplemented")
    announce(ReportChanged(report.pk, report.cell_id))
    return report


@command
def rate_report(actor: Actor, report_id: int, *, satisfied: bool, words: str = "", code: str = "") -> Report:
    """Say whether it was well done, once it was answered; a satisfied reporter closes it. Raises NotFound, IllegalMove, Invalid."""
    report = _followed(actor, report_id, code)
    if report.state not in (Report.State.ANSWERED, Report.State.CLOSED):
        raise IllegalMove(_("答复之后才能评价。"))
    words = clean(words, NOTE_LIMIT, field="words", required=not satisfied)
    change(report, satisfied=satisfied, satisfaction_note=words)
    note(report, by=actor, code="satisfied" if satisfied else "unsatisfied")
    if satisfied and report.state == Report.State.ANSWERED:
        Report.WORKFLOW.move(report, Report.State.CLOSED, by=actor)
        announce(ReportClosed(report.pk, report.cell_id))
    announce(ReportChanged(report.pk, report.cell_id))
    return report


@command
def reopen_report(actor: Actor, report_id: int, *, reason: str, code: str = "") -> Report:
    """Open a finished report again; it keeps its number, and nothing that was done before can close it. Raises as above."""
    report = _followed(actor, report_id, code)
    reason = clean(reason, NOTE_LIMIT, field="reason", required=True)
    if report.reopened_count >= REOPEN_LIMIT:
        raise IllegalMove(_("已经重开多次，请直接联系受理台。"))
    at = clocks.now()
    Report.WORKFLOW.move(
        report,
        Report.State.NEW,
        by=actor,
        code="reopened",
        reason=reason,
        reopened_count=report.reopened_count + 1,
        outcome="",
        satisfied=None,
        refusals=0,
        due_at=TRIAGE[Urgency(report.urgency)].due(at),
    )
    announce(ReportReopened(report.pk, report.cell_id))
    return report


def _followed(actor: Actor, report_id: int, code: str) -> Report:
    """The report, for the desk or for whoever holds its code; a wrong code is as good as no report."""
    report = fetch(Can.FOLLOW, actor, Report, report_id)
    if actor.role == Role.PUBLIC and not tracking.fits(report.number, code):
        raise NotFound
    return report


@command
def forget_contacts(actor: Actor, *, limit: int = 500) -> int:
    """Take people out of reports finished a year ago: contact, words, place, pictures; return how many. Number and times stay.

    Finished is what was closed, rejected, or answered and never closed; a merged one when the report it went into is not open.
    What is held stays. Raises Forbidden.
    """
    allow(Can.FORGET, actor)
    before = clocks.now() - dt.timedelta(days=CONTACT_KEPT_DAYS)
    merged = Q(state=Report.State.MERGED) & ~Q(merged_into__state__in=Report.OPEN)
    finished = visible(Can.FORGET, actor, Report).filter(
        Q(state__in=ENDED) | merged, erased_at__isnull=True, updated_at__lt=before
    )
    finished = finished.exclude(pk__in=held_ids(MatterKind.REPORT))
    rows = list(finished.select_for_update(no_key=True, of=("self",)).order_by("pk")[:limit])
    for report in rows:
        erase_matter(actor, MatterKind.REPORT, report.pk)
        blank(report)
        erasures.record(MatterKind.REPORT, report.pk)
    return len(rows)
