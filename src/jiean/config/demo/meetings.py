"""Rooms at the demo's hive posts, and meetings agreed on for the quarrels that are talked about this week."""

from __future__ import annotations

import datetime as dt
from itertools import product

from django.db import transaction

from jiean.config.demo.past import clock_at
from jiean.config.demo.steps import SYSTEM
from jiean.disputes import commands
from jiean.disputes.commands import Slot
from jiean.disputes.models import Appointment, Dispute, HivePost, Room
from jiean.kernel import clocks
from jiean.kernel.errors import Invalid

HOURS = (dt.time(9, 30), dt.time(14), dt.time(16), dt.time(19))
DAYS = range(-1, 6)
AGREED_BEFORE = dt.timedelta(days=3)
SEATS = 8


def agree_on_meetings() -> str:
    """A room a post, a meeting a quarrel; what is there already stays."""
    with transaction.atomic():
        for post in HivePost.objects.filter(active=True, premises__rooms=None):
            commands.keep_room(SYSTEM, post.premises_id, "调解室", seats=SEATS)
    rooms = list(Room.objects.filter(active=True).order_by("premises__code"))
    waiting = Dispute.objects.filter(state__in=Appointment.BINDS, appointments=None).exclude(mediator_id=None)
    for number, row in enumerate(waiting.order_by("pk") if rooms else ()):
        _agree(row, number, rooms[number % len(rooms)])
    _one_did_not_come()
    return f"{Room.objects.count()} rooms, {Appointment.objects.count()} meetings"


def _agree(row: Dispute, number: int, room: Room) -> None:
    """The first hour of the week that is free for the mediator, from another one for each quarrel."""
    today, zone = clocks.local_day(clocks.now()), clocks.local(clocks.now()).tzinfo
    hours = list(product(DAYS, HOURS))
    first = number * 3 % len(hours)
    for days, hour in hours[first:] + hours[:first]:
        at = dt.datetime.combine(today + dt.timedelta(days=days), hour, zone)
        try:
            with transaction.atomic(), clock_at(clocks.now() - AGREED_BEFORE):
                commands.plan_meeting(SYSTEM, row.pk, Slot(at, 90, room.pk))
        except Invalid:  # the mediator or the room is taken then
            continue
        return


def _one_did_not_come() -> None:
    past = Appointment.objects.filter(state=Appointment.State.PLANNED, ends_at__lt=clocks.now())
    meeting = past.filter(dispute__state__in=Appointment.BINDS).order_by("pk").first()
    side = meeting.dispute.parties.filter(standing="respondent", left_at=None).first() if meeting else None
    if meeting is not None and side is not None:
        commands.note_no_show(SYSTEM, meeting.pk, [side.pk])
