"""Meetings agreed on: a span of days for whoever holds the disputes, one dispute's, one room's day, and one person's feed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from jiean.disputes.models import Appointment, Dispute, Feed, HivePost, Room
from jiean.disputes.queries.lists import place_shown, seen
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.people.models import Account
from jiean.people.queries import names_of

MOST = 500
FEED_BACK = dt.timedelta(days=30)
_SHOWN = ("dispute__premises", "room__premises")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as pages show it: no names of parties."""

    row: Appointment
    people: list[str]
    place: str

    @property
    def is_off(self) -> bool:
        """Called off, or of a dispute that is talked about no more."""
        planned = self.row.state == Appointment.State.PLANNED
        return self.row.state == Appointment.State.CANCELLED or (
            planned and self.row.dispute.state not in Appointment.BINDS
        )

    @property
    def is_open(self) -> bool:
        """Whether it can still be moved, called off or missed."""
        return self.row.state == Appointment.State.PLANNED and not self.is_off

    @property
    def is_past(self) -> bool:
        """Whether its time has come and nobody has said what became of it."""
        return self.is_open and self.row.starts_at <= clocks.now()


def meetings(
    actor: Actor,
    since: dt.date,
    days: int,
    *,
    mine: bool = False,
    room_id: int | None = None,
    among: QuerySet[Dispute] | None = None,
) -> list[Meeting]:
    """The meetings of some days, on the station's clock, of disputes the actor sees (`seen`), the earliest first."""
    start = _midnight(since)
    rows = Appointment.objects.filter(starts_at__gte=start, starts_at__lt=_midnight(since + dt.timedelta(days=days)))
    rows = rows.filter(dispute__in=(seen(actor) if among is None else among).order_by().values("pk"))
    rows = rows.filter(people__contains=[actor.account_id or 0]) if mine else rows
    rows = rows.filter(room=room_id) if room_id is not None else rows
    return _meetings(actor, rows.select_related(*_SHOWN)[:MOST])


def own_today(actor: Actor, among: QuerySet[Dispute]) -> list[Meeting]:
    """Those the actor sits in today, of disputes of `seen`."""
    found = meetings(actor, clocks.local_day(clocks.now()), 1, mine=True, among=among)
    return [one for one in found if not one.is_off]


def at_post(actor: Actor, post: HivePost) -> list[Meeting]:
    """Today's in the rooms of a post, of disputes the actor sees."""
    found = meetings(actor, clocks.local_day(clocks.now()), 1)
    return [one for one in found if one.row.room and one.row.room.premises_id == post.premises_id and not one.is_off]


def rooms(*, premises_id: int | None = None, active: bool = True) -> list[Room]:
    """The rooms in use, or all of one place."""
    rows = Room.objects.select_related("premises")
    rows = rows.filter(active=True, premises__active=True) if active else rows
    return list(rows.filter(premises=premises_id) if premises_id is not None else rows)


def feed(key_digest: str) -> tuple[Account, list[Meeting]] | None:
    """Whose feed a key opens, and that person's meetings from a month back; None for a key nobody has or somebody who left."""
    found = Feed.objects.filter(digest=key_digest).first()
    account = Account.objects.filter(pk=found.account_id, is_active=True).first() if found else None
    if account is None:
        return None
    rows = Appointment.objects.filter(people__contains=[account.pk], starts_at__gt=clocks.now() - FEED_BACK)
    found_rows = list(rows.filter(~Q(state=Appointment.State.HELD)).select_related(*_SHOWN)[:MOST])
    return account, [Meeting(row, [], str(row.room or "")) for row in found_rows]


def has_feed(actor: Actor) -> bool:
    """Whether the actor's calendar has an address."""
    return Feed.objects.filter(account_id=actor.account_id or 0).exists()


def _meetings(actor: Actor, rows: Iterable[Appointment]) -> list[Meeting]:
    taken = list(rows)
    return as_meetings(actor, taken, names_of({one for row in taken for one in row.people}) if taken else {})


def as_meetings(actor: Actor, rows: Iterable[Appointment], names: Mapping[int, str]) -> list[Meeting]:
    """Rows as pages show them to the actor, with the names of who sits at the table."""
    return [Meeting(row, [names.get(one, "") for one in row.people], _place(actor, row)) for row in rows]


def _place(actor: Actor, row: Appointment) -> str:
    """The room; words of where else only for whom the dispute's own place is."""
    if row.room is not None:
        return str(row.room)
    return row.place_words if place_shown(actor, row.dispute) else ""


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clocks.local(clocks.now()).tzinfo)
