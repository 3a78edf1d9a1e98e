"""By the clock: whoever holds a dispute is reminded of what runs out; the tally is folded."""

from __future__ import annotations

from jiean.disputes.commands import fold_tally, remind_due
from jiean.kernel.actor import Actor
from jiean.kernel.jobs import periodic


@periodic("disputes.remind", cron="12 * * * *")
def remind() -> None:
    """Once an hour; each clock is told of a day before and when it has run out."""
    remind_due(Actor.system())


@periodic("disputes.fold", cron="41 3 * * *")
def fold() -> None:
    """By night."""
    fold_tally(Actor.system())
