"""A flag on a dispute that may turn violent: raised by a person with reasons, reviewed by another, gone after 30 days unless renewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.looking import answered
from jiean.disputes.commands.protecting import protected
from jiean.disputes.commands.telling import holders, said
from jiean.disputes.events import FlagChanged
from jiean.disputes.models import Dispute, Flag, Reason
from jiean.disputes.models.safety import PleaseLook
from jiean.disputes.rules import FLAG_REVIEW, FLAG_STANDS
from jiean.kernel import clocks
from jiean.kernel.access import demand_proof, fetch, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.models import Transition
from jiean.kernel.workflow import change, kind_of, note
from jiean.people.commands import send_message
from jiean.people.queries import accounts_in_role
from jiean.vault.commands import forget_records, seal
from jiean.vault.models import Kind as Sealed
from jiean.vault.models import MatterKind

State = Flag.State
AHEAD = dt.timedelta(hours=24)


@command
def raise_flag(
    actor: Actor,
    dispute_id: int,
    *,
    reasons: Sequence[str],
    words: str,
    steps: Sequence[str] = (),
    party_id: int | None = None,
    version: int | None = None,
) -> Flag:
    """Say that a dispute may turn violent, and why. Protection comes first: without a step taken there is no flag.

    ``party_id`` is whose address is to be kept. Raises NotFound, ProveYourself, Conflict, IllegalMove, and Invalid: no reason,
    no words, nothing done to protect.
    """
    demand_proof(actor)
    dispute = fetch(Can.FLAG, actor, Dispute, dispute_id, version=version)
    if not dispute.is_live:
        raise IllegalMove(_("已经办结的纠纷不再提示；又有危险的，先重新打开。"))
    if flag_up(dispute) is not None:
        raise IllegalMove(_("这件纠纷已经有提示，要更新请续期。"))
    codes, told = _reasons(reasons), said(words, "words")
    protected(actor, dispute, steps, party_id)
    if not dispute.protections.filter(ended_at=None).exists():
        raise Invalid(steps=_("先采取至少一项保护措施，再提示。"))
    flag = _new(actor, dispute, codes, told)
    answered(actor, dispute, PleaseLook.Answer.FLAGGED)
    _tell(dispute, flag)
    return flag


def flag_up(dispute: Dispute) -> Flag | None:
    """The flag that is up on a dispute, locked."""
    return dispute.flags.select_for_update(no_key=True).filter(state__in=Flag.UP).first()


def _reasons(given: Sequence[str]) -> list[str]:
    codes = [code for code in Reason.values if code in given]
    if not codes or set(given) - set(codes):
        raise Invalid(reasons=_("请至少选一条理由。"))
    return codes


def _new(actor: Actor, dispute: Dispute, codes: list[str], words: str) -> Flag:
    at = clocks.now()
    flag = Flag.objects.create(
        dispute=dispute, reasons=codes, note_id=_sealed(actor, dispute, words), raised_by_id=actor.account_id,
        raised_at=at, review_by=FLAG_REVIEW.due(at), ends_at=FLAG_STANDS.due(at),
    )  # fmt: skip
    for rule in (FLAG_REVIEW, FLAG_STANDS):
        clocks.start_clock(flag, rule, at=at)
    note(flag, by=actor, code="raised")
    return flag


def _sealed(actor: Actor, dispute: Dispute, words: str) -> int:
    return seal(actor, MatterKind.DISPUTE, dispute.pk, Sealed.PARTY, {"note": words})


def _tell(dispute: Dispute, flag: Flag) -> None:
    announce(FlagChanged(dispute.pk, dispute.cell_id, str(flag.state), holders(dispute)))


def _up(actor: Actor, can: Can, dispute_id: int) -> tuple[Dispute, Flag]:
    """The dispute, locked, and its flag. Raises ProveYourself, NotFound, IllegalMove."""
    demand_proof(actor)
    dispute = fetch(can, actor, Dispute, dispute_id)
    flag = flag_up(dispute)
    if flag is None:
        raise IllegalMove(_("这件纠纷现在没有提示。"))
    return dispute, flag


@command
def review_flag(actor: Actor, dispute_id: int, *, reason: str = "") -> Flag:
    """Another person than who raised it says that a flag stands. Raises NotFound, ProveYourself, IllegalMove."""
    dispute, flag = _up(actor, Can.REVIEW_FLAG, dispute_id)
    if flag.raised_by_id == actor.account_id:
        raise IllegalMove(_("自己提出的，由另一个人复核。"))
    clocks.stop_clock(flag, FLAG_REVIEW.code)
    Flag.WORKFLOW.move(
        flag, State.STANDING, by=actor, code="reviewed", reason=said(reason, required=False),
        reviewed_by_id=actor.account_id, reviewed_at=clocks.now(),
    )  # fmt: skip
    _tell(dispute, flag)
    return flag


@command
def renew_flag(actor: Actor, dispute_id: int, *, reasons: Sequence[str], words: str) -> Flag:
    """Raise a flag anew for 30 more days, with reasons of today; it is reviewed again. Raises as ``raise_flag``."""
    dispute, flag = _up(actor, Can.FLAG, dispute_id)
    codes, told, at = _reasons(reasons), said(words, "words"), clocks.now()
    _unseal(flag)
    for rule in (FLAG_REVIEW, FLAG_STANDS):
        clocks.stop_clock(flag, rule.code)
        clocks.start_clock(flag, rule, at=at)
    fields: dict[str, Any] = {
        "raised_by_id": actor.account_id, "raised_at": at, "review_by": FLAG_REVIEW.due(at),
        "ends_at": FLAG_STANDS.due(at), "reviewed_by_id": None, "reviewed_at": None, "renewals": flag.renewals + 1,
        "reminded": False, "reasons": codes, "note_id": _sealed(actor, dispute, told),
    }  # fmt: skip
    Flag.WORKFLOW.move(flag, State.RAISED, by=actor, code="renewed", **fields)
    _tell(dispute, flag)
    return flag


@command
def lower_flag(actor: Actor, dispute_id: int, *, reason: str) -> Flag:
    """Say that the danger is over, and why. What protects goes on until somebody ends it. Raises as ``review_flag``, and Invalid."""
    dispute, flag = _up(actor, Can.REVIEW_FLAG, dispute_id)
    _end(actor, flag, State.LOWERED, said(reason))
    _tell(dispute, flag)
    return flag


@command
def lapse_flags(actor: Actor) -> int:
    """Take down flags whose 30 days are over, with their words; return how many. Raises Forbidden."""
    rows = _flags(actor).filter(ends_at__lte=clocks.now())
    for flag in (taken := list(rows[:500])):
        _end(actor, flag, State.GONE, "")
        _tell(flag.dispute, flag)
    return len(taken)


def _flags(actor: Actor) -> QuerySet[Flag]:
    """Flags that are up, for the jobs."""
    disputes = visible(Can.FORGET, actor, Dispute).values("pk")
    rows = Flag.objects.select_for_update(no_key=True, of=("self",)).select_related("dispute")
    return rows.filter(state__in=Flag.UP, dispute__in=disputes).order_by("pk")


def _end(actor: Actor, flag: Flag, to: Flag.State, reason: str) -> None:
    """Down, and empty: reasons, words and what was said while it was up are gone; that one stood, and when, stays."""
    _unseal(flag)
    for rule in (FLAG_REVIEW, FLAG_STANDS):
        clocks.stop_clock(flag, rule.code)
    Transition.objects.filter(kind=kind_of(flag), subject_id=flag.pk).update(reason="")
    Flag.WORKFLOW.move(flag, to, by=actor, code=to.lower(), reason=reason, reasons=[], note_id=None)


def _unseal(flag: Flag) -> None:
    """The sealed words go; the dispute's key stays, as its parties' records do."""
    forget_records(MatterKind.DISPUTE, flag.dispute_id, [flag.note_id])


@command
def remind_reviews(actor: Actor) -> int:
    """Tell commanders once of each flag whose review is a day away or late; return how many notices. Raises Forbidden."""
    rows = list(_flags(actor).filter(state=State.RAISED, review_by__lte=clocks.now() + AHEAD, reminded=False)[:500])
    commanders = accounts_in_role(Role.COMMANDER) if rows else ()
    for flag in rows:
        change(flag, reminded=True)
        for account_id in commanders:
            send_message(
                actor, account_id, "disputes.flag", subject_kind="disputes.dispute", subject_id=flag.dispute_id
            )
    return len(rows) * len(commanders)
