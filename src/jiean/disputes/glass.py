"""A dispute as it is told to somebody who broke the glass: found by its number, told in a few lines."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.disputes.models import Dispute
from jiean.vault.queries import Told


def find(number: str) -> int | None:
    """The id of the dispute of a number."""
    return Dispute.objects.filter(number=number.strip().upper()).values_list("pk", flat=True).first()


def tell(dispute_id: int) -> Told | None:
    """What it is about, where, and who is in it; the notes of mediation are not among it."""
    dispute = Dispute.objects.filter(pk=dispute_id).first()
    if dispute is None:
        return None
    lines = (
        (_("纠纷经过"), dispute.facts),
        (_("地点"), dispute.place_words),
        (_("状态"), str(dispute.state_words)),
    )
    records = dispute.parties.exclude(record_id=None).values_list("record_id", flat=True)
    return Told(lines, tuple(one for one in records if one is not None))
