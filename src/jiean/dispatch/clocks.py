"""The clocks of dispatch: incidents and words about closed roads after three years, tracks after thirty days, shifts after one year."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from jiean.dispatch.commands import forget_incidents, forget_tracks
from jiean.dispatch.models import RoadClosure, Shift, ShiftMember
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.retention import clock


@clock("dispatch.forget_incidents", Keeping.INCIDENT)
def forget_old_incidents() -> int:
    """Three years after its end an incident is a number, a kind and times."""
    total = 0
    while done := forget_incidents(Actor.system()):
        total += done
    return total


@clock("dispatch.forget_tracks", Keeping.TRACKS)
def forget_old_tracks() -> int:
    """Positions of thirty days ago. The hourly job empties whole days; what it missed while no worker ran goes row by row."""
    emptied = forget_tracks(Actor.system())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dispatch_positiontrack WHERE at < %s", [clocks.now() - _period(Keeping.TRACKS)])
        return emptied + int(cursor.rowcount)


@clock("dispatch.forget_shifts", Keeping.STAFF)
def forget_old_shifts() -> int:
    """Who rode with whom, a year after the shift."""
    old = Shift.objects.filter(ends_at__lt=clocks.now() - _period(Keeping.STAFF))
    gone = ShiftMember.objects.filter(shift__in=old).delete()[0]
    return gone + old.delete()[0]


@clock("dispatch.forget_closure_words", Keeping.INCIDENT)
def forget_closure_words() -> int:
    """What somebody wrote about a closed road, three years after its end; which road and when may stay."""
    old = RoadClosure.objects.filter(ends_at__lt=clocks.now() - _period(Keeping.INCIDENT))
    return old.exclude(words="").update(words="")


def _period(keeping: Keeping) -> dt.timedelta:
    period = PERIODS[keeping]
    assert period is not None
    return period
