"""By the clock: whoever holds a dispute is reminded of what runs out."""

from __future__ import annotations

from jiean.disputes.commands import remind_due
from jiean.kernel.actor import Actor
from jiean.kernel.jobs import periodic


@periodic("disputes.remind", cron="12 * * * *")
def remind() -> None:
    """Once an hour; each clock is told of a day before and when it has run out."""
    remind_due(Actor.system())
