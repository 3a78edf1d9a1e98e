"""At night the weights of the law's terms are worked out again."""

from __future__ import annotations

from jiean.kernel.actor import Actor
from jiean.kernel.jobs import periodic
from jiean.law.commands import tidy_law


@periodic("law.tidy", cron="33 2 * * *")
def tidy() -> None:
    """One segment, weights by the lengths of now."""
    tidy_law(Actor.system())
