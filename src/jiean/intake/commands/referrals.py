"""Sending a report to another body and back: sent, signed for or refused, done or recalled; after two refusals, a ruling."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.intake.access import Can
from jiean.intake.events import ReferralAnswered, ReportAnswered, ReportReferred, RulingNeeded
from jiean.intake.models import NOTE_LIMIT, Outcome, Referral, Report
from jiean.intake.rules import REPLY
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.people.models import Organisation
from jiean.people.queries import accounts_of_body

REFUSALS_BEFORE_RULING = 2
_REPLIES = (Referral.State.ACCEPTED, Referral.State.REFUSED, Referral.State.DONE)


@command
def refer_report(
    actor: Actor, report_id: int, organisation_id: int, *, reason: str = "", version: int | None = None
) -> Referral:
    """Send a report to a body. Raises NotFound, IllegalMove, Conflict, Invalid; after two refusals only a ruling sends it."""
    report = fetch(Can.REFER, actor, Report, report_id, version=version)
    if report.needs_ruling:
        raise IllegalMove(_("已被退回两次，由值班指挥长裁定去向。"))
    return _send(actor, report, organisation_id, reason, ruled=False)


@command
def rule_referral(
    actor: Actor, report_id: int, organisation_id: int, *, reason: str, version: int | None = None
) -> Referral:
    """The commander decides where a twice refused report goes; this sending cannot be refused. Raises as ``refer_report``."""
    report = fetch(Can.RULE, actor, Report, report_id, version=version)
    if not report.needs_ruling:
        raise IllegalMove(_("这件上报不需要裁定。"))
    reason = clean(reason, NOTE_LIMIT, field="reason", required=True)
    return _send(actor, report, organisation_id, reason, ruled=True)


def _send(actor: Actor, report: Report, organisation_id: int, reason: str, *, ruled: bool) -> Referral:
    organisation = Organisation.objects.filter(
        pk=organisation_id, kind=Organisation.Kind.DESTINATION, active=True
    ).first()
    if organisation is None:
        raise Invalid(organisation_id=_("没有这个去向。"))
    at = clocks.now()
    due_at = REPLY.due(report.received_at)
    Report.WORKFLOW.move(report, Report.State.REFERRED, by=actor, needs_ruling=False, due_at=due_at, code="referred")
    referral = Referral.objects.create(
        report=report,
        organisation=organisation,
        round=report.referrals.count() + 1,
        ruled=ruled,
        reason=clean(reason, NOTE_LIMIT, field="reason"),
        sent_at=at,
    )
    announce(ReportReferred(report.pk, report.cell_id, organisation.pk, accounts_of_body(organisation.pk)))
    return referral


@command
def answer_referral(
    actor: Actor, referral_id: int, *, state: Referral.State, reply: str = "", version: int | None = None
) -> Referral:
    """A body signs for a report, refuses it with a reason, or says what it did. Raises NotFound, IllegalMove, Conflict, Invalid."""
    referral = fetch(Can.ANSWER_REFERRAL, actor, Referral, referral_id, version=version)
    if state not in _REPLIES:
        raise Invalid(state=_("请选择签收、退回或办完。"))
    reply = clean(reply, NOTE_LIMIT, field="reply", required=state != Referral.State.ACCEPTED)
    if state == Referral.State.REFUSED and referral.ruled:
        raise IllegalMove(_("指挥长裁定转办的，不能退回。"))
    stamps: dict[str, Any] = {"done_at" if state == Referral.State.DONE else "answered_at": clocks.now()}
    Referral.WORKFLOW.move(referral, state, by=actor, reply=reply, **stamps)
    report = Report.objects.select_for_update(no_key=True).get(pk=referral.report_id)
    if state == Referral.State.REFUSED:
        _come_back(actor, report, refused=True, reason=reply)
    elif state == Referral.State.DONE:
        _answer(actor, report, reply)
    _tell(report, referral)
    return referral


@command
def recall_referral(actor: Actor, referral_id: int, *, reason: str, version: int | None = None) -> Referral:
    """The desk takes a report back from a body. Raises NotFound, IllegalMove, Conflict, Invalid."""
    referral = fetch(Can.REFER, actor, Referral, referral_id, version=version)
    reason = clean(reason, NOTE_LIMIT, field="reason", required=True)
    Referral.WORKFLOW.move(referral, Referral.State.RECALLED, by=actor, reply=reason, done_at=clocks.now())
    report = Report.objects.select_for_update(no_key=True).get(pk=referral.report_id)
    _come_back(actor, report, refused=False, reason=reason)
    _tell(report, referral)
    return referral


def _come_back(actor: Actor, report: Report, *, refused: bool, reason: str) -> None:
    """To the sender's desk, visibly; the clock has been running on. The second refusal asks for a ruling."""
    refusals = report.refusals + refused
    needs_ruling = refused and refusals >= REFUSALS_BEFORE_RULING
    Report.WORKFLOW.move(
        report,
        Report.State.NEW,
        by=actor,
        code="refused" if refused else "recalled",
        reason=reason,
        refusals=refusals,
        needs_ruling=needs_ruling,
    )
    if needs_ruling:
        announce(RulingNeeded(report.pk, report.cell_id))


def _answer(actor: Actor, report: Report, reply: str) -> None:
    """What the body did is the answer to the reporter."""
    Report.WORKFLOW.move(report, Report.State.ANSWERED, by=actor, outcome=Outcome.PASSED_ON, answer=reply, due_at=None)
    announce(ReportAnswered(report.pk, report.cell_id, str(Outcome.PASSED_ON)))


def _tell(report: Report, referral: Referral) -> None:
    crew = accounts_of_body(referral.organisation_id)
    announce(ReferralAnswered(report.pk, report.cell_id, referral.pk, str(referral.state), crew))
