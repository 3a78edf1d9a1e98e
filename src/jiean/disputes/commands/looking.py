"""What the machine asks a person to look at, on one dispute alone; and the calls about it. The answer is a person's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.telling import holders, said, tell_changed
from jiean.disputes.events import LookAsked
from jiean.disputes.models import Call, Dispute, PleaseLook
from jiean.disputes.rules import CALLS_LOOK, CALLS_WITHIN_DAYS
from jiean.engine.triage.escalation import Sign, escalation_signs
from jiean.kernel import clocks
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove
from jiean.kernel.events import announce
from jiean.kernel.workflow import change, note
from jiean.people.commands import send_message
from jiean.vault.commands import forget_records, seal
from jiean.vault.models import Kind as Sealed
from jiean.vault.models import MatterKind

Why = PleaseLook.Why
_SIGNS = {Sign.THREAT: Why.THREAT, Sign.WEAPON: Why.WEAPON}
KEPT = dt.timedelta(days=30)
"""An answered look is kept so long, as a flag is."""


def look_at_words(dispute: Dispute) -> None:
    """Ask for a look where the dispute's own words tell of a threat or a weapon. Part of the deed that kept the words."""
    seen = {one.sign for one in escalation_signs(dispute.facts)}
    _ask(dispute, [why for sign, why in _SIGNS.items() if sign in seen])


def look_at_calls(dispute: Dispute) -> None:
    """Ask for a look at the third call about this dispute within 30 days; calls that a look was answered for count no more."""
    since = clocks.now() - dt.timedelta(days=CALLS_WITHIN_DAYS)
    asked = dispute.looks.filter(why=Why.CALLS).exclude(answer="").order_by("-answered_at").first()
    since = max(since, asked.answered_at) if asked and asked.answered_at else since
    if dispute.calls.filter(at__gt=since).count() >= CALLS_LOOK:
        _ask(dispute, [Why.CALLS])


def _ask(dispute: Dispute, reasons: Iterable[PleaseLook.Why]) -> None:
    """One question a reason; none while a flag is up, which says it already."""
    if dispute.flags.filter(state__in=("RAISED", "STANDING")).exists():
        return
    open_ones = set(dispute.looks.filter(answer="").values_list("why", flat=True))
    wanted = [why for why in reasons if why not in open_ones]
    PleaseLook.objects.bulk_create(PleaseLook(dispute=dispute, why=why, asked_at=clocks.now()) for why in wanted)
    if wanted:
        announce(LookAsked(dispute.pk, dispute.cell_id, holders(dispute)))


@command
def answer_look(actor: Actor, dispute_id: int, *, words: str) -> int:
    """Say why what was asked to be looked at needs no flag; return how many questions that answers. Raises NotFound, IllegalMove, Invalid.

    A flag answers them too: ``raise_flag``.
    """
    dispute = fetch(Can.ANSWER_LOOK, actor, Dispute, dispute_id)
    told = said(words, "words")
    made = answered(actor, dispute, PleaseLook.Answer.NOT_NEEDED, told)
    if not made:
        raise IllegalMove(_("没有等答复的。"))
    tell_changed(dispute)
    return made


def answered(actor: Actor, dispute: Dispute, answer: PleaseLook.Answer, words: str = "") -> int:
    """Answer every open question of a locked dispute in the actor's name; return how many."""
    rows = list(dispute.looks.select_for_update(no_key=True).filter(answer=""))
    for row in rows:
        note_id = seal(actor, MatterKind.DISPUTE, dispute.pk, Sealed.PARTY, {"note": words}) if words else None
        change(row, answer=answer, answered_by_id=actor.account_id, answered_at=clocks.now(), note_id=note_id)
    return len(rows)


@command
def note_call(actor: Actor, dispute_id: int) -> Call:
    """Note that somebody called about this dispute again. Raises NotFound, IllegalMove."""
    dispute = fetch(Can.ANSWER_LOOK, actor, Dispute, dispute_id)
    if not dispute.is_live:
        raise IllegalMove(_("已经办结；又来反映的，先重新打开。"))
    made = Call.objects.create(dispute=dispute, at=clocks.now(), noted_by_id=actor.account_id)
    note(dispute, by=actor, code="called_again")
    look_at_calls(dispute)
    tell_changed(dispute)
    return made


@command
def link_calls(actor: Actor, report_id: int, calls: Mapping[int, dt.datetime]) -> int:
    """Count the reports that people merged into the one a dispute was made of, and when each came, as the calls about it.

    One taken out again counts no more. Returns how many disputes that touches. Raises Forbidden.
    """
    rows = visible(Can.FORGET, actor, Dispute).select_for_update(no_key=True).filter(report_id=report_id)
    for dispute in (found := list(rows)):
        linked = dispute.calls.exclude(report_id=None)
        linked.exclude(report_id__in=[report_id, *calls]).delete()
        known = set(linked.values_list("report_id", flat=True))
        Call.objects.bulk_create(
            Call(dispute=dispute, report_id=pk, at=at) for pk, at in calls.items() if pk not in known
        )
        if dispute.is_live:
            look_at_calls(dispute)
    return len(found)


@command
def tell_look(actor: Actor, dispute_id: int) -> int:
    """Leave a notice for whoever holds a dispute with an unanswered question. Raises Forbidden."""
    dispute = visible(Can.FORGET, actor, Dispute).filter(pk=dispute_id, looks__answer="").first()
    wanted = holders(dispute) if dispute else ()
    for account_id in wanted:
        send_message(actor, account_id, "disputes.look", subject_kind="disputes.dispute", subject_id=dispute_id)
    return len(wanted)


@command
def forget_looks(actor: Actor) -> int:
    """Drop questions answered 30 days ago, with what was said; return how many. Raises Forbidden."""
    disputes = visible(Can.FORGET, actor, Dispute).values("pk")
    rows = PleaseLook.objects.filter(answered_at__lt=clocks.now() - KEPT, dispute__in=disputes)
    gone = list(rows.values_list("pk", "dispute_id", "note_id")[:500])
    for _pk, dispute_id, note_id in gone:
        forget_records(MatterKind.DISPUTE, dispute_id, [note_id])
    PleaseLook.objects.filter(pk__in=[row[0] for row in gone]).delete()
    return len(gone)
