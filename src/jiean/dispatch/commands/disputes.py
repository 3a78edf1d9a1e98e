"""An incident that ends in mediation begins a dispute, in the same deed: nothing is lost between the car and the table."""

from __future__ import annotations

from jiean.dispatch.models import Incident
from jiean.disputes.commands import register_dispute
from jiean.disputes.models import Channel, Dispute, Kind, Level
from jiean.disputes.queries import told_of
from jiean.kernel.actor import Actor


def hand_to_mediation(actor: Actor, incident: Incident) -> None:
    """Register the dispute, unless one made of this incident is still in hand. Part of a deed."""
    before = told_of(incident_id=incident.pk)
    if before is not None and before.state in Dispute.LIVE:
        return
    facts = "\n".join(filter(None, (incident.summary, incident.outcome)))
    register_dispute(
        actor, kind=Kind.of_matter(incident.kind), facts=facts or str(incident.get_kind_display()),
        place_words=incident.place_words, cell_id=incident.cell_id, premises_id=incident.premises_id,
        level=Level.POST, channel=Channel.INCIDENT, incident_id=incident.pk,
    )  # fmt: skip
