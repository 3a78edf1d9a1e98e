"""Several disputes about one thing joined and taken apart again; one that is two, split. Links, never deletions."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.registering import register_dispute
from jiean.disputes.commands.releasing import release_all
from jiean.disputes.commands.telling import tell_changed
from jiean.disputes.commands.timing import held_all, resumed_all
from jiean.disputes.models import Channel, Dispute, Kind, Level
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.workflow import change, note

State = Dispute.State
MOST_JOINED = 20
MOST_SPLIT = 10


@command
def join_disputes(actor: Actor, lead_id: int, dispute_ids: Sequence[int]) -> Dispute:
    """Join disputes into a lead; their clocks are held until they are taken apart. Raises NotFound, IllegalMove, Invalid."""
    wanted = sorted(set(dispute_ids) - {lead_id})
    if not wanted or len(wanted) > MOST_JOINED:
        raise Invalid(_("请选一件到 %(most)d 件纠纷并案。") % {"most": MOST_JOINED})
    rows = {pk: fetch(Can.ARRANGE, actor, Dispute, pk) for pk in sorted({lead_id, *wanted})}
    lead = rows[lead_id]
    if lead.state not in (State.REGISTERED, State.ACCEPTED, State.MEDIATING):
        raise IllegalMove(_("只能并入还在办的纠纷。"))
    for pk in wanted:
        _join(actor, rows[pk], lead)
    note(lead, by=actor, code="others_joined", detail={"dispute_ids": wanted})
    tell_changed(lead)
    return lead


def _join(actor: Actor, dispute: Dispute, lead: Dispute) -> None:
    if dispute.joined.exists():
        raise IllegalMove(_("这一件里已经并入了别的纠纷，请先拆开。"))
    before = dispute.state
    release_all(actor, dispute)
    Dispute.WORKFLOW.move(
        dispute, State.JOINED, by=actor, code="joined", joined_into=lead, joined_from_state=before,
        **held_all(dispute, f"并入 {lead.number}"),
    )  # fmt: skip
    tell_changed(dispute)


@command
def undo_join(actor: Actor, dispute_id: int) -> Dispute:
    """Take a joined dispute out again; it stands where it stood. Raises NotFound, IllegalMove."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id)
    if dispute.state != State.JOINED:
        raise IllegalMove
    clock = resumed_all(dispute, "拆开并案")
    to = dispute.joined_from_state
    Dispute.WORKFLOW.move(dispute, to, by=actor, code="unjoined", joined_into=None, joined_from_state="", **clock)
    tell_changed(dispute)
    return dispute


@command
def split_dispute(actor: Actor, dispute_id: int, *, texts: Sequence[str]) -> list[Dispute]:
    """Register what is a matter of its own as one, linked to where it came from. Raises NotFound, IllegalMove, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id)
    wanted = [text for text in texts if text.strip()]
    if not wanted or len(wanted) > MOST_SPLIT:
        raise Invalid(texts=_("请一行写一件，最多 %(most)d 件。") % {"most": MOST_SPLIT})
    if not dispute.is_live:
        raise IllegalMove(_("已经办结，不能再拆分。"))
    parts = [_part(actor, dispute, text) for text in wanted]
    note(dispute, by=actor, code="split", detail={"dispute_ids": [part.pk for part in parts]})
    tell_changed(dispute)
    return parts


def _part(actor: Actor, dispute: Dispute, text: str) -> Dispute:
    part = register_dispute(
        actor, kind=Kind(dispute.kind), facts=text, place_words=dispute.place_words, cell_id=dispute.cell_id,
        premises_id=dispute.premises_id, level=Level(dispute.level), channel=Channel.SPLIT,
    )  # fmt: skip
    change(part, split_from=dispute)
    return part
