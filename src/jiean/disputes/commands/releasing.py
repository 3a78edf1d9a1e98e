"""Bodies that helped are released when the lead's mediation is over or passes to another desk: they see the dispute no more."""

from __future__ import annotations

from jiean.disputes.models import Dispute, JoinedBody
from jiean.disputes.rules import JOINT_CODE
from jiean.kernel import clocks
from jiean.kernel.actor import Actor


def release_all(actor: Actor, dispute: Dispute) -> int:
    """Release every body that still helps with a locked dispute; part of the deed that ends or hands on. Returns how many."""
    rows = list(dispute.joined_bodies.select_for_update(no_key=True).filter(state__in=JoinedBody.OPEN))
    for row in rows:
        clocks.stop_clock(row, JOINT_CODE)
        JoinedBody.WORKFLOW.move(row, JoinedBody.State.RELEASED, by=actor, code="over", ended_at=clocks.now())
    return len(rows)
