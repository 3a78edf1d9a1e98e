"""Who hears of a dispute, and the words of a deed made safe."""

from __future__ import annotations

from jiean.disputes.events import DisputeChanged, DisputeEnded
from jiean.disputes.models import NOTE_LIMIT, Dispute
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.people.queries import accounts_of_body


def holders(dispute: Dispute) -> tuple[int, ...]:
    """Accounts that hold the dispute: the mediator, else who works at its desk; and who registered it until a desk took it."""
    if dispute.mediator_id is not None:
        return (dispute.mediator_id,)
    first = (dispute.registered_by_id,) if dispute.registered_by_id and dispute.accepted_at is None else ()
    return tuple(sorted({*first, *accounts_of_body(dispute.desk_id)}))


def tell_changed(dispute: Dispute) -> None:
    announce(DisputeChanged(dispute.pk, dispute.cell_id, str(dispute.state), holders(dispute)))


def tell_ended(dispute: Dispute) -> None:
    announce(DisputeEnded(dispute.pk, dispute.cell_id, str(dispute.state), dispute.report_id, holders(dispute)))


def said(words: str, field: str = "reason", *, required: bool = True) -> str:
    """A sentence of reason as it is kept. Raises Invalid."""
    return clean(words, NOTE_LIMIT, field=field, required=required)
