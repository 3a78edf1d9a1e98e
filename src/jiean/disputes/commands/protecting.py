"""Steps that protect the people of a dispute: taken by a person, shown with who and when, ended by a person's word."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.telling import tell_changed
from jiean.disputes.models import Dispute, Party, Protection
from jiean.kernel import clocks
from jiean.kernel.access import demand_proof, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.workflow import change, note
from jiean.vault.commands import set_apart
from jiean.vault.models import MatterKind

Step = Protection.Step


@command
def protect_parties(
    actor: Actor, dispute_id: int, *, steps: Sequence[str], party_id: int | None = None, version: int | None = None
) -> Dispute:
    """Take steps so that nobody comes to harm. Raises NotFound, Conflict, IllegalMove, Invalid: no step, nobody to protect."""
    dispute = fetch(Can.PROTECT, actor, Dispute, dispute_id, version=version)
    if not dispute.is_live:
        raise IllegalMove(_("已经办结。"))
    if not protected(actor, dispute, steps, party_id):
        raise Invalid(steps=_("请选择还没有采取的措施。"))
    tell_changed(dispute)
    return dispute


def protected(actor: Actor, dispute: Dispute, steps: Sequence[str], party_id: int | None) -> int:
    """Take the steps that are not taken yet on a locked dispute; return how many. Raises Invalid."""
    if set(steps) - set(Step.values):
        raise Invalid(steps=_("请选择保护措施。"))
    party = _protectee(dispute, steps, party_id)
    made = 0
    for step in steps:
        whom = party if step == Step.ADDRESS else None
        if dispute.protections.filter(step=step, party=whom, ended_at=None).exists():
            continue
        Protection.objects.create(
            dispute=dispute, step=step, party=whom, taken_by_id=actor.account_id, taken_at=clocks.now()
        )
        if whom is not None:
            hide_address(actor, dispute, whom)
        note(dispute, by=actor, code=f"protect_{step}")
        made += 1
    return made


def _protectee(dispute: Dispute, steps: Sequence[str], party_id: int | None) -> Party | None:
    """Whose address is to be kept; it is set apart, so that whoever opens the party's record does not read it."""
    if Step.ADDRESS not in steps:
        return None
    party = dispute.parties.select_for_update(no_key=True).filter(pk=party_id or 0, left_at=None).first()
    if party is None:
        raise Invalid(party_id=_("请选择替哪一方保密住址。"))
    return party


def hide_address(actor: Actor, dispute: Dispute, party: Party) -> None:
    """Set the address of a locked party apart, and keep the place of the dispute from who is not on the case."""
    if party.address_id is None and party.record_id is not None:
        apart = set_apart(actor, party.record_id, "address", matter_kind=MatterKind.DISPUTE, matter_id=dispute.pk)
        change(party, address_id=apart, record_id=None if apart == party.record_id else party.record_id)
    change(dispute, address_hidden=True)


@command
def end_protection(actor: Actor, dispute_id: int, protection_id: int) -> Protection:
    """End a step: it is needed no more. Raises NotFound, ProveYourself, IllegalMove."""
    demand_proof(actor)
    dispute = fetch(Can.PROTECT, actor, Dispute, dispute_id)
    step = dispute.protections.select_for_update(no_key=True).filter(pk=protection_id).first()
    if step is None:
        raise NotFound
    if step.ended_at is not None:
        raise IllegalMove
    change(step, ended_at=clocks.now(), ended_by_id=actor.account_id)
    hidden = dispute.protections.filter(step=Step.ADDRESS, ended_at=None).exists()
    change(dispute, address_hidden=hidden)
    note(dispute, by=actor, code=f"unprotect_{step.step}")
    tell_changed(dispute)
    return step
