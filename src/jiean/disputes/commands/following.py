"""After mediation: whether the promise is kept, the end, and opening again."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.telling import holders, said, tell_changed
from jiean.disputes.commands.timing import all_stopped, retimed, running
from jiean.disputes.events import DisputeReopened
from jiean.disputes.models import CallBack, Dispute
from jiean.disputes.rules import CALL_BACK_LATE, CALL_BACK_SOON, CONFIRM, DIVERT, MEDIATE, PERFORM_CODE
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import change, note

State = Dispute.State
_CALLED = (State.SETTLED, State.FAILED, State.FOLLOW_UP)


@command
def call_back(
    actor: Actor,
    dispute_id: int,
    *,
    kept: CallBack.Kept,
    satisfied: bool | None = None,
    recurred: bool = False,
    words: str = "",
    party_id: int | None = None,
    version: int | None = None,
) -> CallBack:
    """Keep what a party said of the promise. The first call ends the clock of seven days, the second that of thirty.

    Raises NotFound, IllegalMove, Conflict, Invalid.
    """
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id, version=version)
    if dispute.state not in _CALLED:
        raise IllegalMove(_("调解结束以后才回访。"))
    _check_kept(dispute, kept)
    party = dispute.parties.filter(pk=party_id).first() if party_id is not None else None
    made = CallBack.objects.create(
        dispute=dispute, party=party, kept=kept, satisfied=satisfied, recurred=recurred, at=clocks.now(),
        note=said(words, "words", required=kept == CallBack.Kept.BROKEN), account_id=actor.account_id,
    )  # fmt: skip
    clock = retimed(dispute, stop=_done(dispute, kept))
    if dispute.state == State.FOLLOW_UP:
        change(dispute, **clock)
        note(dispute, by=actor, code="called_back")
    else:
        Dispute.WORKFLOW.move(dispute, State.FOLLOW_UP, by=actor, code="called_back", **clock)
    tell_changed(dispute)
    return made


def _check_kept(dispute: Dispute, kept: CallBack.Kept) -> None:
    if kept not in CallBack.Kept.values:
        raise Invalid(kept=_("请选择履行情况。"))
    if (kept == CallBack.Kept.NONE) != (dispute.outcome == "failed"):
        raise Invalid(kept=_("有协议的，请选择履行情况；没有协议的，选“没有协议”。"))


def _done(dispute: Dispute, kept: CallBack.Kept) -> list[str]:
    """The clocks this call ends."""
    run = {one.code for one in running(dispute)}
    ended = [CALL_BACK_SOON.code if CALL_BACK_SOON.code in run else CALL_BACK_LATE.code]
    return [*ended, PERFORM_CODE] if kept == CallBack.Kept.WHOLE else ended


@command
def confirm_applied(actor: Actor, dispute_id: int) -> Dispute:
    """Both sides applied for the court's confirmation, or want none. Raises NotFound, IllegalMove."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id)
    if CONFIRM.code not in {one.code for one in running(dispute)}:
        raise IllegalMove(_("没有司法确认的时限在计时。"))
    change(dispute, **retimed(dispute, stop=[CONFIRM]))
    note(dispute, by=actor, code="confirmation_done")
    tell_changed(dispute)
    return dispute


@command
def close_dispute(actor: Actor, dispute_id: int, *, version: int | None = None) -> Dispute:
    """End the follow-up. Raises NotFound, Conflict, and IllegalMove: the last call or the day of performance is still to come."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id, version=version)
    run = {one.code for one in running(dispute)}
    if dispute.outcome == "settled" and CALL_BACK_LATE.code in run:
        raise IllegalMove(_("三十日回访还没有做，做完再办结。"))
    last = dispute.call_backs.last()
    if last is not None and last.kept in (CallBack.Kept.NOT_YET, CallBack.Kept.PART):
        raise IllegalMove(_("协议还没有履行完，履行或者确定不履行以后再办结。"))
    Dispute.WORKFLOW.move(dispute, State.CLOSED, by=actor, code="closed", **all_stopped(dispute))
    tell_changed(dispute)
    return dispute


@command
def reopen_dispute(actor: Actor, dispute_id: int, *, reason: str, version: int | None = None) -> Dispute:
    """Take a dispute up again at the desk that had it. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    reopen(actor, dispute, said(reason))
    return dispute


def reopen(actor: Actor, dispute: Dispute, reason: str) -> None:
    """Open a locked dispute again; its month, or the time to find a desk, runs anew."""
    if dispute.erased_at is not None or dispute.state not in (*Dispute.FINISHED, State.FOLLOW_UP):
        raise IllegalMove(_("这件纠纷还没有结束，不用重开。"))
    accepted = dispute.accepted_at is not None
    all_stopped(dispute)
    clock = retimed(dispute, start=[MEDIATE if accepted else DIVERT])
    fields: dict[str, Any] = {"outcome": "", "ended_at": None, "way": "", "reopened_count": dispute.reopened_count + 1}
    to = State.ACCEPTED if accepted else State.REGISTERED
    Dispute.WORKFLOW.move(dispute, to, by=actor, code="reopened", reason=reason, **fields, **clock)
    announce(DisputeReopened(dispute.pk, dispute.cell_id, dispute.report_id, holders(dispute)))
