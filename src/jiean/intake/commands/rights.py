"""What a reporter asks about their own data, and the station's answer: done, or refused with a ground and where to appeal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.commands import erase_incident
from jiean.dispatch.models import Incident
from jiean.intake import tracking
from jiean.intake.access import Can
from jiean.intake.commands.erasing import blank, drop_photos
from jiean.intake.commands.reports import Contact
from jiean.intake.events import ReportChanged
from jiean.intake.found import words_of
from jiean.intake.models import NOTE_LIMIT, PLACE_LIMIT, Report, RightsRequest, Supplement
from jiean.intake.rules import RIGHTS
from jiean.kernel import clocks, erasures
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.events import announce
from jiean.kernel.holds import refuse_if_held
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note
from jiean.vault.commands import drop_record, keep_words, seal, take_over
from jiean.vault.models import Kind as Standing
from jiean.vault.models import MatterKind

OPEN_LIMIT = 5
Kind, About, State = RightsRequest.Kind, RightsRequest.About, RightsRequest.State
MAY_ASK = {
    Kind.CORRECT: (About.TEXT, About.PLACE, About.CONTACT),
    Kind.OBJECT: (About.CONTACT, About.PHOTOS, About.ALL),
}


@command
def ask_rights(
    actor: Actor, report_id: int, *, kind: str, about: str, words: str = "", contact: Contact | None = None, code: str
) -> RightsRequest:
    """Ask for a correction or object to keeping. Raises NotFound for a wrong code, Invalid, IllegalMove when too many wait."""
    report = fetch(Can.ASK_RIGHTS, actor, Report, report_id)
    if not tracking.fits(report.number, code):
        raise NotFound
    if kind not in Kind.values or about not in MAY_ASK[Kind(kind)]:
        raise Invalid(about=_("请选择是哪一项。"))
    if report.erased_at is not None:
        raise IllegalMove(_("这件上报的内容已经删除了。"))
    if report.rights_requests.filter(state=State.OPEN).count() >= OPEN_LIMIT:
        raise IllegalMove(_("还有几项要求没有答复，请等答复后再提。"))
    corrects_contact = (kind, about) == (Kind.CORRECT, About.CONTACT)
    asked = RightsRequest.objects.create(
        report=report,
        kind=kind,
        about=about,
        words=_words(kind, about, words),
        new_contact_id=_sealed(actor, report, contact) if corrects_contact else None,
        due_at=RIGHTS.due(clocks.now()),
    )
    note(report, by=actor, code="rights_asked", detail={"request_id": asked.pk})
    announce(ReportChanged(report.pk, report.cell_id))
    return asked


def _words(kind: str, about: str, words: str) -> str:
    """Right words are needed for a correction of words; a person's own number belongs in its own field, sealed."""
    if (kind, about) == (Kind.CORRECT, About.CONTACT):
        return ""
    return clean(
        words, PLACE_LIMIT if about == About.PLACE else NOTE_LIMIT, field="words", required=kind == Kind.CORRECT
    )


def _sealed(actor: Actor, report: Report, contact: Contact | None) -> int:
    """The right contact, sealed at once; it takes the old one's place when the request is granted."""
    if not contact:
        raise Invalid(phone=_("请填写正确的称呼或电话。"))
    return seal(actor, MatterKind.REPORT, report.pk, Standing.REPORTER, {"name": contact.name, "phone": contact.phone})


@command
def grant_rights(actor: Actor, request_id: int, *, answer: str = "", version: int | None = None) -> RightsRequest:
    """Do what was asked. Raises NotFound, IllegalMove, Conflict."""
    asked = fetch(Can.ANSWER_RIGHTS, actor, RightsRequest, request_id, version=version)
    report = Report.objects.select_for_update(no_key=True).get(pk=asked.report_id)
    words = clean(answer, NOTE_LIMIT, field="answer")
    RightsRequest.WORKFLOW.move(asked, State.DONE, by=actor, answer=words, answered_at=clocks.now())
    if asked.kind == Kind.CORRECT:
        _correct(actor, asked, report)
    else:
        _stop_holding(actor, asked, report)
    note(report, by=actor, code="rights_done", detail={"request_id": asked.pk})
    announce(ReportChanged(report.pk, report.cell_id))
    return asked


def _correct(actor: Actor, asked: RightsRequest, report: Report) -> None:
    """What was said first stays beside the correction; a contact and a place are replaced."""
    if asked.about == About.TEXT:
        Supplement.objects.create(report=report, text=asked.words, by_reporter=True)
    elif asked.about == About.PLACE:
        change(report, place_words=asked.words)
    elif asked.new_contact_id is not None:
        if report.contact_id is not None:
            take_over(actor, report.contact_id, asked.new_contact_id)
        else:
            change(report, contact_id=asked.new_contact_id)
        change(asked, new_contact_id=None)
    keep_words(MatterKind.REPORT, words_of([report]))


def _stop_holding(actor: Actor, asked: RightsRequest, report: Report) -> None:
    refuse_if_held(MatterKind.REPORT, report.pk)
    if asked.about == About.ALL and report.is_open:
        raise IllegalMove(_("事情还没办完，办完才能删除；现在可以写明理由不照办。"))
    if asked.about in (About.CONTACT, About.ALL) and report.contact_id is not None:
        drop_record(actor, report.contact_id)
        change(report, contact_id=None)
    erasures.record(MatterKind.REPORT, report.pk, scope=asked.about)
    if asked.about == About.PHOTOS:
        drop_photos(report)
    elif asked.about == About.ALL:
        blank(report)
        _erase_incident_of(actor, report)


def _erase_incident_of(actor: Actor, report: Report) -> None:
    """What was copied into the incident made of this very report goes too. Raises IllegalMove where that is still open."""
    if report.incident_id is not None and Incident.objects.filter(pk=report.incident_id, report_id=report.pk).exists():
        erase_incident(actor, report.incident_id)


@command
def refuse_rights(
    actor: Actor, request_id: int, *, ground: str, answer: str, version: int | None = None
) -> RightsRequest:
    """Refuse with a ground and words the reporter reads. Raises NotFound, IllegalMove, Conflict, Invalid."""
    asked = fetch(Can.ANSWER_RIGHTS, actor, RightsRequest, request_id, version=version)
    if ground not in RightsRequest.Ground.values:
        raise Invalid(ground=_("请选择理由。"))
    words = clean(answer, NOTE_LIMIT, field="answer", required=True)
    RightsRequest.WORKFLOW.move(asked, State.REFUSED, by=actor, ground=ground, answer=words, answered_at=clocks.now())
    if asked.new_contact_id is not None:
        drop_record(actor, asked.new_contact_id)
        change(asked, new_contact_id=None)
    report = asked.report
    note(report, by=actor, code="rights_refused", detail={"request_id": asked.pk})
    announce(ReportChanged(report.pk, report.cell_id))
    return asked
