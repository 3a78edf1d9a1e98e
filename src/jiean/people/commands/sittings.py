"""Ends sessions: one's own from the page that lists them, another's from the office when a telephone was lost."""

from __future__ import annotations

from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.people.access import Can
from jiean.people.models import Account, Sitting


@command
def end_sittings(actor: Actor, *, number: str = "", but: str = "") -> int:
    """End one's own sessions: the one of a number, else all of them save the one numbered ``but``; return how many."""
    mine = visible(Can.END_SITTINGS, actor, Sitting)
    ended = mine.filter(number=number) if number else mine.exclude(number=but) if but else mine
    return ended.delete()[0]


@command
def end_sittings_of(actor: Actor, account_id: int) -> int:
    """End every session of an account, as when its telephone was lost; return how many. Raises NotFound."""
    account = fetch(Can.KEEP_ACCOUNTS, actor, Account, account_id)
    return Sitting.objects.filter(account=account).delete()[0]
