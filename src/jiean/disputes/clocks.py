"""The clocks of disputes: notes of mediation a year after the end, everything else personal after three."""

from __future__ import annotations

from jiean.disputes.commands import forget_disputes, forget_drafts, forget_looks, forget_notes
from jiean.kernel.actor import Actor
from jiean.kernel.registry import Keeping
from jiean.kernel.retention import clock


@clock("disputes.forget_notes", Keeping.REPORT)
def forget_old_notes() -> int:
    """A year after the end nobody reads what was said at the table."""
    total = 0
    while done := forget_notes(Actor.system()):
        total += done
    return total


@clock("disputes.forget_looks", Keeping.DRAFT)
def forget_answered_looks() -> int:
    """What a person was asked to look at and answered is gone after 30 days, as a flag is."""
    total = 0
    while done := forget_looks(Actor.system()):
        total += done
    return total


@clock("disputes.forget_precedent_drafts", Keeping.DRAFT)
def forget_old_drafts() -> int:
    """A precedent nobody released within 30 days is gone."""
    return forget_drafts(Actor.system())


@clock("disputes.forget_disputes", Keeping.INCIDENT)
def forget_old_disputes() -> int:
    """Three years after its end a dispute is a number, a kind, a desk and times."""
    total = 0
    while done := forget_disputes(Actor.system()):
        total += done
    return total
