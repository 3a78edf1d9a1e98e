"""What a party does on its own page: agree or refuse a mediator, say open or closed, withdraw, ask to open again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.disputes import tracking
from jiean.disputes.access import Can
from jiean.disputes.commands.choosing import choose, refuse, wish_speech
from jiean.disputes.commands.ending import withdraw
from jiean.disputes.commands.following import reopen
from jiean.disputes.commands.telling import said, tell_changed
from jiean.disputes.models import Dispute, Party
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.workflow import change, note


def _own(actor: Actor, party_id: int, code: str) -> tuple[Dispute, Party]:
    """The dispute, locked, and the party whose code it is. Raises NotFound, whichever of the two is wrong."""
    party = Party.objects.filter(pk=party_id, left_at=None).select_related("dispute").first()
    if party is None or not tracking.fits(party.dispute.number, party.pk, code):
        raise NotFound
    return fetch(Can.FOLLOW, actor, Dispute, party.dispute_id), party


@command
def withdraw_own(actor: Actor, party_id: int, *, reason: str, code: str) -> Dispute:
    """A party ends the mediation. Raises NotFound, IllegalMove, Invalid."""
    dispute, party = _own(actor, party_id, code)
    withdraw(actor, dispute, said(reason), party)
    return dispute


@command
def refuse_mediator(actor: Actor, party_id: int, *, reason: str, code: str) -> Dispute:
    """A party wants another mediator; the desk names one. Raises NotFound, IllegalMove, Invalid."""
    dispute, party = _own(actor, party_id, code)
    refuse(actor, dispute, party, said(reason))
    return dispute


@command
def choose_mediator(actor: Actor, party_id: int, *, account_id: int | None, code: str) -> Party:
    """A party says whom it would have; the desk decides. Raises NotFound, IllegalMove, Invalid."""
    dispute, party = _own(actor, party_id, code)
    return choose(actor, dispute, party, account_id)


@command
def wish_own_speech(actor: Actor, party_id: int, *, dialect: str = "", home: str = "", code: str) -> Party:
    """A party says how it would be spoken to; sealed, for this dispute alone. Raises NotFound, IllegalMove, Invalid."""
    dispute, party = _own(actor, party_id, code)
    return wish_speech(actor, dispute, party, dialect, home)


@command
def wish_openness(actor: Actor, party_id: int, *, wish: str, code: str) -> Party:
    """A party says whether others may listen; mediation is open only if every side says so. Raises NotFound, IllegalMove, Invalid."""
    dispute, party = _own(actor, party_id, code)
    if wish not in (Party.Wish.OPEN, Party.Wish.CLOSED):
        raise Invalid(wish=_("请选择公开或者不公开。"))
    if not dispute.is_live or dispute.outcome:
        raise IllegalMove(_("调解已经结束。"))
    change(party, wish=wish)
    sides = dispute.parties.filter(left_at=None, standing__in=Party.SIDES)
    change(dispute, is_open=all(one.wish == Party.Wish.OPEN for one in sides))
    note(dispute, by=actor, code=f"wish_{wish}")
    tell_changed(dispute)
    return party


@command
def rate_own(actor: Actor, party_id: int, *, satisfied: bool, words: str = "", code: str) -> Party:
    """A party says how it was handled, once mediation has ended; said again, the newer stands. Raises NotFound, IllegalMove, Invalid."""
    dispute, party = _own(actor, party_id, code)
    if not dispute.outcome or dispute.erased_at is not None:
        raise IllegalMove(_("调解结束以后再评价。"))
    change(party, satisfied=satisfied, satisfaction_note=said(words, "words", required=not satisfied))
    note(dispute, by=actor, code="rated_well" if satisfied else "rated_badly")
    tell_changed(dispute)
    return party


@command
def ask_again(actor: Actor, party_id: int, *, reason: str, code: str) -> Dispute:
    """A party asks to take the dispute up again. Raises NotFound, IllegalMove, Invalid."""
    dispute, _party = _own(actor, party_id, code)
    reopen(actor, dispute, said(reason))
    return dispute
