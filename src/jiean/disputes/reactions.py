"""By the clock: whoever holds a dispute is reminded of what runs out, flags lapse, the tally is folded. On news: a look is told of."""

from __future__ import annotations

from jiean.disputes.commands import (
    fold_tally,
    lapse_flags,
    remind_due,
    remind_joined,
    remind_meetings,
    remind_reviews,
    tell_look,
    tell_meeting,
    tidy_precedents,
)
from jiean.disputes.events import LookAsked, MeetingArranged
from jiean.kernel.actor import Actor
from jiean.kernel.events import reaction
from jiean.kernel.jobs import periodic


@periodic("disputes.remind", cron="12 * * * *")
def remind() -> None:
    """Once an hour; each clock is told of a day before and when it has run out."""
    remind_due(Actor.system())
    remind_reviews(Actor.system())
    remind_joined(Actor.system())
    remind_meetings(Actor.system())


@periodic("disputes.lapse_flags", cron="*/10 * * * *")
def lapse() -> None:
    """Flags whose 30 days are over are gone within minutes."""
    lapse_flags(Actor.system())


@reaction(LookAsked)
def tell_of_the_look(event: LookAsked) -> None:
    """Whoever holds the dispute finds the question on their list."""
    tell_look(Actor.system(), event.dispute_id)


@reaction(MeetingArranged)
def tell_of_the_meeting(event: MeetingArranged) -> None:
    """Whoever sits at the table finds it on their list; who did not come is no news to them."""
    if event.code != "no_show":
        tell_meeting(Actor.system(), event.dispute_id, event.account_ids)


@periodic("disputes.fold", cron="41 3 * * *")
def fold() -> None:
    """By night."""
    fold_tally(Actor.system())
    tidy_precedents(Actor.system())
