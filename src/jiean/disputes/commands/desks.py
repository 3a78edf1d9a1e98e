"""From desk to desk: sent, signed for or refused with a reason, recalled; after two refusals, a ruling. One desk answers always."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.registering import home_desk
from jiean.disputes.commands.releasing import release_all
from jiean.disputes.commands.telling import said, tell_changed, tell_ended
from jiean.disputes.commands.timing import all_stopped, retimed
from jiean.disputes.events import DeskRulingNeeded, DisputeSent
from jiean.disputes.models import Dispute, Leg
from jiean.disputes.rules import DIVERT, MEDIATE, RECEIPT, REFUSALS_BEFORE_RULING
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import change, note
from jiean.people.models import Organisation
from jiean.people.queries import accounts_of_body

State = Dispute.State
_FROM = (State.REGISTERED, State.ACCEPTED)


@command
def divert_dispute(
    actor: Actor,
    dispute_id: int,
    organisation_id: int,
    *,
    reason: str = "",
    rule_id: int | None = None,
    version: int | None = None,
) -> Leg:
    """Ask a desk to take a dispute. Raises NotFound, IllegalMove, Conflict, Invalid; after two refusals only a ruling sends it."""
    dispute = fetch(Can.DIVERT, actor, Dispute, dispute_id, version=version)
    if dispute.needs_ruling:
        raise IllegalMove(_("已被退回两次，由值班指挥长裁定去向。"))
    return _send(actor, dispute, organisation_id, said(reason, required=False), rule_id=rule_id)


@command
def rule_desk(
    actor: Actor, dispute_id: int, organisation_id: int, *, reason: str, version: int | None = None
) -> Leg | None:
    """The commander says which desk takes a twice refused dispute; it cannot refuse. Raises as ``divert_dispute``.

    Ruled to the desk that has it, it is accepted there and nothing is sent.
    """
    dispute = fetch(Can.RULE, actor, Dispute, dispute_id, version=version)
    if not dispute.needs_ruling:
        raise IllegalMove(_("这件纠纷不需要裁定。"))
    words = said(reason)
    if organisation_id == dispute.desk_id:
        _accept(actor, dispute, dispute.desk_id, code="ruled_here", reason=words)
        return None
    return _send(actor, dispute, organisation_id, words, ruled=True)


@command
def take_dispute(actor: Actor, dispute_id: int, *, version: int | None = None) -> Dispute:
    """The desk that has a dispute takes it on itself. Raises NotFound, IllegalMove, Conflict."""
    dispute = fetch(Can.DIVERT, actor, Dispute, dispute_id, version=version)
    if dispute.state != State.REGISTERED or dispute.needs_ruling:
        raise IllegalMove
    _accept(actor, dispute, dispute.desk_id, code="taken_here")
    return dispute


@command
def answer_leg(actor: Actor, leg_id: int, *, state: Leg.State, reply: str = "", version: int | None = None) -> Leg:
    """A desk signs for a dispute, or refuses it with a reason. Raises NotFound, IllegalMove, Conflict, Invalid."""
    leg = fetch(Can.ANSWER_LEG, actor, Leg, leg_id, version=version)
    if state not in (Leg.State.ACCEPTED, Leg.State.REFUSED):
        raise Invalid(state=_("请选择签收或退回。"))
    refused = state == Leg.State.REFUSED
    words = said(reply, "reply", required=refused)
    if refused and leg.ruled:
        raise IllegalMove(_("指挥长裁定转办的，不能退回。"))
    Leg.WORKFLOW.move(leg, state, by=actor, reply=words, answered_at=clocks.now())
    dispute = Dispute.objects.select_for_update(no_key=True).get(pk=leg.dispute_id)
    if refused:
        _come_back(actor, dispute, leg, refused=True, reason=words)
    else:
        _accept(actor, dispute, leg.organisation_id, code="signed")
    return leg


@command
def recall_leg(actor: Actor, dispute_id: int, *, reason: str, version: int | None = None) -> Dispute:
    """The sender takes a dispute back that nobody signed for yet. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.DIVERT, actor, Dispute, dispute_id, version=version)
    leg = running_leg(dispute)
    if leg is None:
        raise IllegalMove(_("没有等待签收的分流。"))
    words = said(reason)
    Leg.WORKFLOW.move(leg, Leg.State.RECALLED, by=actor, reply=words, answered_at=clocks.now())
    _come_back(actor, dispute, leg, refused=False, reason=words)
    return dispute


@command
def reject_dispute(actor: Actor, dispute_id: int, *, reason: str, version: int | None = None) -> Dispute:
    """Say that a dispute cannot be mediated, and why. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.DIVERT, actor, Dispute, dispute_id, version=version)
    words = said(reason)
    Dispute.WORKFLOW.move(
        dispute, State.REJECTED, by=actor, code="rejected", reason=words, needs_ruling=False, **all_stopped(dispute)
    )
    tell_ended(dispute)
    return dispute


def running_leg(dispute: Dispute) -> Leg | None:
    """The leg that waits for an answer."""
    return dispute.legs.select_for_update(no_key=True).filter(state=Leg.State.SENT).first()


def desk_of(organisation_id: int) -> Organisation:
    """One of the eight desks: seven destinations and the station's own. Raises Invalid."""
    desk = Organisation.objects.filter(pk=organisation_id, active=True).first()
    if desk is None or not (desk.kind == Organisation.Kind.DESTINATION or desk.pk == home_desk().pk):
        raise Invalid(organisation_id=_("没有这个去向。"))
    return desk


def _send(
    actor: Actor,
    dispute: Dispute,
    organisation_id: int,
    reason: str,
    *,
    ruled: bool = False,
    rule_id: int | None = None,
) -> Leg:
    desk = desk_of(organisation_id)
    if desk.pk == dispute.desk_id:
        raise Invalid(organisation_id=_("现在就由这个单位负责。"))
    if dispute.state not in _FROM:
        raise IllegalMove
    back_to, sender_id = dispute.state, dispute.desk_id
    clock = retimed(dispute, start=[RECEIPT], stop=[DIVERT])
    Dispute.WORKFLOW.move(dispute, State.DIVERTED, by=actor, code="diverted", needs_ruling=False, **clock)
    leg = Leg.objects.create(
        dispute=dispute, sender_id=sender_id, organisation=desk, back_to=back_to, ruled=ruled, rule_id=rule_id,
        reason=reason, sent_at=clocks.now(),
    )  # fmt: skip
    announce(DisputeSent(dispute.pk, dispute.cell_id, desk.pk, accounts_of_body(desk.pk)))
    return leg


def _accept(actor: Actor, dispute: Dispute, desk_id: int, *, code: str, reason: str = "") -> None:
    """The desk answers from now on. The month runs from the first acceptance; it goes on when another desk takes over."""
    fields: dict[str, Any] = {
        "desk_id": desk_id,
        "needs_ruling": False,
        "accepted_at": dispute.accepted_at or clocks.now(),
    }
    if desk_id != dispute.desk_id:
        fields["mediator_id"] = None
        release_all(actor, dispute)
    clock = retimed(dispute, start=[MEDIATE], stop=[RECEIPT, DIVERT])
    if dispute.state == State.ACCEPTED:  # ruled to stay where it is
        change(dispute, **fields, **clock)
        note(dispute, by=actor, code=code, reason=reason)
    else:
        Dispute.WORKFLOW.move(dispute, State.ACCEPTED, by=actor, code=code, reason=reason, **fields, **clock)
    tell_changed(dispute)


def _come_back(actor: Actor, dispute: Dispute, leg: Leg, *, refused: bool, reason: str) -> None:
    """To the sender's desk, which has answered all the while. The second refusal asks for a ruling."""
    refusals = dispute.refusals + refused
    needs_ruling = refused and refusals >= REFUSALS_BEFORE_RULING
    clock = retimed(dispute, start=[DIVERT] if leg.back_to == State.REGISTERED else [], stop=[RECEIPT])
    code = "refused" if refused else "recalled"
    Dispute.WORKFLOW.move(
        dispute, leg.back_to, by=actor, code=code, reason=reason, refusals=refusals, needs_ruling=needs_ruling, **clock
    )
    if needs_ruling:
        announce(DeskRulingNeeded(dispute.pk, dispute.cell_id))
    tell_changed(dispute)
