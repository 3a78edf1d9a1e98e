"""Looks at a dispute's words: written down, and once it is over only for a purpose said with a fresh second factor."""

from __future__ import annotations

from jiean.disputes.models import Dispute
from jiean.kernel.actor import Actor
from jiean.kernel.audit import record_look
from jiean.vault.models import MatterKind, Purpose
from jiean.vault.queries import may_look, stated_purpose

ACCEPTED = (Purpose.DISPUTE, Purpose.LEGAL, Purpose.RIGHTS, Purpose.EMERGENCY)
"""What a finished dispute may be read for."""


def look(actor: Actor, action: str, dispute: Dispute, *fields: str) -> None:
    """Write a look down, before the words are handed out. Raises ProveYourself for a finished dispute."""
    purpose = stated_purpose(actor, ACCEPTED) if dispute.is_finished else Purpose.DISPUTE
    record_look(actor, action, subject=(str(MatterKind.DISPUTE), dispute.pk), purpose=str(purpose), fields=fields)


def is_shut(actor: Actor, dispute: Dispute) -> bool:
    """Whether lists withhold a dispute's words: it is over and the actor has not proved and said what for."""
    return dispute.is_finished and not may_look(actor)
