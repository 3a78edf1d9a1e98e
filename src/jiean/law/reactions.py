"""When statutes came in, and at night, what articles are ranked by is made anew."""

from __future__ import annotations

from jiean.kernel.actor import Actor
from jiean.kernel.events import reaction
from jiean.kernel.jobs import defer, job, periodic
from jiean.law import finding
from jiean.law.commands import keep_ranker
from jiean.law.events import StatutesBrought

LEARN_AFTER_S = 20
"""Words alone rank until then; a demonstration that is just opening is not slowed by it."""


@reaction(StatutesBrought)
def rank_what_came(event: StatutesBrought) -> None:
    """A new edition is ranked by meaning too, as soon as its ranker is made."""
    defer(learn_law, in_seconds=LEARN_AFTER_S)


@job("law.learn")
def learn_law() -> None:
    """Make the ranker anew where articles or questions came or went since."""
    if finding.stale():
        state = finding.state()
        keep_ranker(Actor.system(), finding.fitted(), state=state)


@periodic("law.learn_at_night", cron="33 18 * * *")  # 02:33 on the station's clock, after the library was tidied
def learn_at_night() -> None:
    """What came and went since is learnt."""
    learn_law()
