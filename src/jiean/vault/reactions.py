"""By the clock: glass nobody reviewed in time is told of until somebody does."""

from __future__ import annotations

from jiean.kernel.actor import Actor
from jiean.kernel.jobs import periodic
from jiean.vault.commands import shout_unreviewed as shout


@periodic("vault.shout_unreviewed", cron="21 * * * *")
def shout_unreviewed() -> None:
    """Every hour; each is told of once a day."""
    shout(Actor.system())
