"""Who sits at the table of one dispute: standing back, refusing, choosing, a team beside the mediator, the speech a party wishes for."""

from __future__ import annotations

import json

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.telling import said, tell_changed
from jiean.disputes.models import Dialect, Dispute, Party, Province, Recusal, Seat, Team
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.workflow import change, note
from jiean.people.queries import actor_of
from jiean.vault.commands import seal, take_back
from jiean.vault.models import Kind as Sealed
from jiean.vault.models import MatterKind

State = Dispute.State
BEFORE_END = (State.REGISTERED, State.DIVERTED, State.ACCEPTED, State.MEDIATING)


@command
def stand_back(actor: Actor, dispute_id: int, *, reason: str, version: int | None = None) -> Recusal:
    """Declare a tie or an interest: the actor does not mediate this dispute and reads no more of it.

    Raises NotFound, IllegalMove once mediation is over, Conflict, Invalid.
    """
    dispute = fetch(Can.STAND_BACK, actor, Dispute, dispute_id, version=version)
    if dispute.state not in BEFORE_END:
        raise IllegalMove(_("调解已经结束，不用再回避。"))
    made, _new = Recusal.objects.get_or_create(
        dispute=dispute, account_id=actor.account_id or 0, by=Recusal.By.MEDIATOR,
        defaults={"reason": said(reason), "at": clocks.now()},
    )  # fmt: skip
    dispute.seats.filter(account_id=actor.account_id or 0, left_at=None).update(left_at=clocks.now())
    if dispute.mediator_id == actor.account_id:
        change(dispute, mediator_id=None)
    note(dispute, by=actor, code="mediator_recused")
    tell_changed(dispute)
    return made


@command
def object_mediator(
    actor: Actor, dispute_id: int, party_id: int, *, reason: str, version: int | None = None
) -> Recusal:
    """Note that a party said at the desk that it wants another mediator. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    party = dispute.parties.filter(pk=party_id, left_at=None).first()
    if party is None:
        raise Invalid(party_id=_("请选择是哪一方。"))
    return refuse(actor, dispute, party, said(reason))


def refuse(actor: Actor, dispute: Dispute, party: Party, words: str) -> Recusal:
    """A party's refusal stands at once, for this dispute alone. Raises IllegalMove where there is nobody to refuse."""
    if dispute.state not in (State.ACCEPTED, State.MEDIATING) or dispute.mediator_id is None:
        raise IllegalMove(_("现在没有可以更换的调解员。"))
    made, _new = Recusal.objects.get_or_create(
        dispute=dispute, account_id=dispute.mediator_id, by=Recusal.By.PARTY,
        defaults={"party": party, "reason": words, "at": clocks.now()},
    )  # fmt: skip
    change(party, refused_mediator_id=dispute.mediator_id)
    change(dispute, mediator_id=None)
    note(dispute, by=actor, code="mediator_refused", reason=words)
    tell_changed(dispute)
    return made


def choose(actor: Actor, dispute: Dispute, party: Party, account_id: int | None) -> Party:
    """Note whom a party would have; the desk decides. Raises IllegalMove, Invalid."""
    if dispute.state not in BEFORE_END:
        raise IllegalMove(_("调解已经结束。"))
    if account_id is not None and actor_of(account_id, Role.MEDIATOR) is None:
        raise Invalid(account_id=_("请从名册里选。"))
    change(party, chosen_mediator_id=account_id)
    note(dispute, by=actor, code="mediator_chosen")
    tell_changed(dispute)
    return party


def wish_speech(actor: Actor, dispute: Dispute, party: Party, dialect: str, home: str) -> Party:
    """Seal how a party would be spoken to, with the dispute's own key; empty takes the wish back. Raises IllegalMove, Invalid."""
    if dispute.state not in BEFORE_END:
        raise IllegalMove(_("调解已经结束。"))
    if dialect and dialect not in Dialect.values:
        raise Invalid(dialect=_("请从列表里选。"))
    if home and home not in Province.values:
        raise Invalid(home=_("请从列表里选。"))
    forget_speech(actor, party)
    told = json.dumps({"dialect": dialect, "home": home})
    wished = bool(dialect or home)
    record_id = seal(actor, MatterKind.DISPUTE, dispute.pk, Sealed.PARTY, {"note": told}) if wished else None
    change(party, speech_id=record_id)
    note(dispute, by=actor, code="speech_told")
    tell_changed(dispute)
    return party


def forget_speech(actor: Actor, party: Party) -> None:
    """Destroy what a party wished for; the row is not saved."""
    if party.speech_id is not None:
        take_back(actor, MatterKind.DISPUTE, party.dispute_id, party.speech_id)
        party.speech_id = None


@command
def note_speech(
    actor: Actor, dispute_id: int, party_id: int, *, dialect: str = "", home: str = "", version: int | None = None
) -> Party:
    """Note at the desk how a party would be spoken to. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    party = dispute.parties.filter(pk=party_id, left_at=None).first()
    if party is None:
        raise Invalid(party_id=_("请选择是哪一方。"))
    return wish_speech(actor, dispute, party, dialect, home)


@command
def seat_team(actor: Actor, dispute_id: int, team_id: int, *, version: int | None = None) -> list[Seat]:
    """Ask a team to the table beside the mediator; who stood back from this dispute is left out. Raises NotFound, IllegalMove, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if dispute.state not in (State.ACCEPTED, State.MEDIATING):
        raise IllegalMove(_("先受理，再请团队。"))
    team = Team.objects.filter(pk=team_id, active=True).first()
    if team is None:
        raise Invalid(team_id=_("请选择团队。"))
    out = set(dispute.recusals.values_list("account_id", flat=True)) | {dispute.mediator_id}
    made = [
        Seat.objects.update_or_create(
            dispute=dispute, account_id=one.account_id, defaults={"calling": one.calling, "team": team, "left_at": None}
        )[0]
        for one in team.members.all()
        if one.account_id not in out
    ]
    note(dispute, by=actor, code="team_seated", detail={"team_id": team.pk})
    tell_changed(dispute)
    return made


@command
def leave_seat(actor: Actor, dispute_id: int, account_id: int, *, version: int | None = None) -> Seat:
    """Take somebody of a team off the table; they see no more of the dispute. Raises NotFound, Conflict, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    seat = dispute.seats.select_for_update(no_key=True).filter(account_id=account_id, left_at=None).first()
    if seat is None:
        raise Invalid(account_id=_("这位不在席上。"))
    change(seat, left_at=clocks.now())
    note(dispute, by=actor, code="seat_left")
    tell_changed(dispute)
    return seat
