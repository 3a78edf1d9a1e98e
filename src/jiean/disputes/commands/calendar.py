"""Appointments: agreed on where nobody and no room is taken, moved, called off; who did not come; and rooms and feeds."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.telling import said, tell_changed
from jiean.disputes.events import MeetingArranged
from jiean.disputes.models import PLACE_LIMIT, Appointment, Dispute, Feed, Room
from jiean.disputes.models.calendar import ROOM_NAME_LIMIT
from jiean.grid.models import Premises
from jiean.kernel import clocks
from jiean.kernel.access import allow, fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note
from jiean.people.commands import send_message
from jiean.people.models import Account
from jiean.people.queries import names_of

State = Appointment.State
FARTHEST = dt.timedelta(days=92)
LONGEST_MINUTES = 8 * 60
MOST_SEATS = 500
SAME_MEETING = dt.timedelta(hours=12)
"""A meeting recorded so near to what was agreed on is that one."""
AHEAD = dt.timedelta(hours=24)
MOST = 500


@dataclass(frozen=True, slots=True)
class Slot:
    """When and where: a room, or words for where there is none."""

    starts_at: dt.datetime
    minutes: int
    room_id: int | None = None
    place_words: str = ""

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.minutes)


@command
def plan_meeting(actor: Actor, dispute_id: int, slot: Slot, *, version: int | None = None) -> Appointment:
    """Agree on a meeting with the mediator and whoever sits with them.

    Raises NotFound, Conflict, IllegalMove: not accepted or over; Invalid: no mediator yet, in the past, no place, or the room,
    somebody at the table or the dispute itself is taken at that time.
    """
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if dispute.state not in Appointment.BINDS:
        raise IllegalMove(_("先受理，再约调解会。"))
    made = Appointment(dispute=dispute, people=_table(dispute))
    _place(made, slot)
    made.save(force_insert=True)
    _tell(actor, made, "meeting_planned")
    return made


@command
def move_meeting(actor: Actor, meeting_id: int, slot: Slot, *, reason: str, version: int | None = None) -> Appointment:
    """Put a meeting to another time or place. Raises NotFound, Conflict, IllegalMove, Invalid as ``plan_meeting``."""
    meeting = _open(actor, meeting_id, version)
    words = said(reason)
    meeting.people = _table(meeting.dispute)
    _place(meeting, slot)
    change(meeting, room=meeting.room, place_words=meeting.place_words, starts_at=meeting.starts_at,
           ends_at=meeting.ends_at, people=meeting.people, reminded=False)  # fmt: skip
    _tell(actor, meeting, "meeting_moved", words)
    return meeting


@command
def cancel_meeting(actor: Actor, meeting_id: int, *, reason: str, version: int | None = None) -> Appointment:
    """Call a meeting off. Raises NotFound, Conflict, IllegalMove, Invalid."""
    meeting = _open(actor, meeting_id, version)
    words = said(reason)
    change(meeting, state=State.CANCELLED)
    _tell(actor, meeting, "meeting_cancelled", words)
    return meeting


@command
def note_no_show(actor: Actor, meeting_id: int, party_ids: Sequence[int], *, version: int | None = None) -> Appointment:
    """Say which parties did not come. Raises NotFound, Conflict, IllegalMove: not yet begun; Invalid: nobody, or no party of it."""
    meeting = _open(actor, meeting_id, version)
    if meeting.starts_at > clocks.now():
        raise IllegalMove(_("还没到约好的时间。"))
    here = set(meeting.dispute.parties.filter(left_at=None).values_list("pk", flat=True))
    if not party_ids or not set(party_ids) <= here:
        raise Invalid(party_ids=_("请选择没到的当事人。"))
    change(meeting, state=State.NO_SHOW, absent=sorted(set(party_ids)))
    _tell(actor, meeting, "no_show")
    return meeting


def hold_meeting(dispute: Dispute, at: dt.datetime) -> None:
    """The appointment a recorded meeting was, if there was one. Part of the deed that records it."""
    near = dispute.appointments.select_for_update().filter(
        state=State.PLANNED, starts_at__gt=at - SAME_MEETING, starts_at__lt=at + SAME_MEETING
    )
    meeting = min(near, key=lambda one: abs(one.starts_at - at), default=None)
    if meeting is not None:
        change(meeting, state=State.HELD)


@command
def remind_meetings(actor: Actor) -> int:
    """Remind everybody at the table a day before, once; return how many notices."""
    now = clocks.now()
    rows = visible(Can.FORGET, actor, Appointment).filter(
        state=State.PLANNED, dispute__state__in=Appointment.BINDS, reminded=False,
        starts_at__gt=now, starts_at__lte=now + AHEAD,
    )  # fmt: skip
    sent = 0
    for meeting in rows.select_for_update(skip_locked=True, of=("self",)).order_by("starts_at", "pk")[:MOST]:
        Appointment.objects.filter(pk=meeting.pk).update(reminded=True)
        sent += _notify(actor, meeting.dispute_id, meeting.people, "disputes.meeting_soon")
    return sent


@command
def tell_meeting(actor: Actor, dispute_id: int, account_ids: Sequence[int]) -> None:
    """Leave word of a meeting arranged, moved or called off."""
    allow(Can.FORGET, actor)
    _notify(actor, dispute_id, account_ids, "disputes.meeting")


def _notify(actor: Actor, dispute_id: int, account_ids: Sequence[int], code: str) -> int:
    for account_id in account_ids:
        send_message(actor, account_id, code, subject_kind="disputes.dispute", subject_id=dispute_id)
    return len(account_ids)


@command
def keep_room(
    actor: Actor, premises_id: int, name: str, *, seats: int, room_id: int | None = None, active: bool = True,
    version: int | None = None,
) -> Room:  # fmt: skip
    """Enter a room, or correct one; out of use, it keeps what was in it. Raises Forbidden, NotFound, Conflict, Invalid."""
    allow(Can.KEEP_POSTS, actor)
    words = clean(name, ROOM_NAME_LIMIT, field="name", required=True)
    if not 1 <= seats <= MOST_SEATS:
        raise Invalid(seats=_("座位请填 1 到 500。"))
    if not Premises.objects.filter(pk=premises_id, active=True).exists():
        raise Invalid(premises_id=_("没有这个场所。"))
    if Room.objects.filter(premises_id=premises_id, name=words).exclude(pk=room_id or 0).exists():
        raise Invalid(name=_("这里已经有一间同名的。"))
    if room_id is None:
        return Room.objects.create(premises_id=premises_id, name=words, seats=seats, active=active)
    room = fetch(Can.KEEP_POSTS, actor, Room, room_id, version=version)
    change(room, name=words, seats=seats, active=active)
    return room


@command
def renew_feed(actor: Actor) -> str:
    """A new address for the actor's calendar; the old one is dead. The key is returned this once and kept as a digest only."""
    allow(Can.SUBSCRIBE, actor)
    key = secrets.token_urlsafe(24)
    Feed.objects.update_or_create(account_id=actor.account_id or 0, defaults={"digest": digest_of(key)})
    return key


@command
def stop_feed(actor: Actor) -> None:
    """No feed any more; an address somebody has is dead."""
    allow(Can.SUBSCRIBE, actor)
    Feed.objects.filter(account_id=actor.account_id or 0).delete()


def digest_of(key: str) -> str:
    """What is kept of a feed's key: 192 bits of chance need no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def _open(actor: Actor, meeting_id: int, version: int | None) -> Appointment:
    """A meeting that still stands, of a dispute the actor arranges; both locked, the dispute first."""
    dispute_id = Appointment.objects.filter(pk=meeting_id).values_list("dispute_id", flat=True).first()
    if dispute_id is None:
        raise NotFound
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id)
    meeting = fetch(Can.ARRANGE_MEETING, actor, Appointment, meeting_id, version=version)
    meeting.dispute = dispute
    if meeting.state != State.PLANNED or dispute.state not in Appointment.BINDS:
        raise IllegalMove(_("这场调解会已经开过或者取消了。"))
    return meeting


def _table(dispute: Dispute) -> list[int]:
    """Who sits at the table: the mediator and the team."""
    if dispute.mediator_id is None:
        raise Invalid(starts_at=_("先定调解员，再约时间。"))
    seats = dispute.seats.filter(left_at=None).values_list("account_id", flat=True)
    return sorted({dispute.mediator_id, *seats})


def _place(meeting: Appointment, slot: Slot) -> None:
    """Put a meeting into a slot that is free. Raises Invalid."""
    _check_time(slot)
    room = Room.objects.filter(pk=slot.room_id or 0, active=True).select_related("premises").first()
    if slot.room_id is not None and room is None:
        raise Invalid(room_id=_("没有这间调解室。"))
    words = clean(slot.place_words, PLACE_LIMIT, field="place_words")
    if room is None and not words:
        raise Invalid(place_words=_("请选一间调解室，或者写明在哪里。"))
    meeting.room, meeting.place_words = room, words
    meeting.starts_at, meeting.ends_at = slot.starts_at, slot.ends_at
    _check_free(meeting)


def _check_time(slot: Slot) -> None:
    now = clocks.now()
    if slot.starts_at.tzinfo is None or slot.starts_at <= now:
        raise Invalid(starts_at=_("约定的时间已经过去。"))
    if slot.starts_at > now + FARTHEST:
        raise Invalid(starts_at=_("最远约到三个月以后。"))
    if not 0 < slot.minutes <= LONGEST_MINUTES:
        raise Invalid(minutes=_("一场最长 8 小时。"))


def _check_free(meeting: Appointment) -> None:
    """Room and people are locked in one order, so that of two who take the same hour one comes second and hears it."""
    if meeting.room is not None:
        Room.objects.select_for_update(no_key=True).get(pk=meeting.room.pk)
    list(Account.objects.select_for_update(no_key=True).filter(pk__in=meeting.people).order_by("pk").values_list("pk"))
    then = Appointment.objects.filter(
        state=State.PLANNED, dispute__state__in=Appointment.BINDS,
        starts_at__lt=meeting.ends_at, ends_at__gt=meeting.starts_at,
    ).exclude(pk=meeting.pk)  # fmt: skip
    taken = Q(dispute=meeting.dispute) | Q(people__overlap=meeting.people)
    taken |= Q(room=meeting.room) if meeting.room else Q()
    for other in then.filter(taken):
        if other.dispute_id == meeting.dispute_id:
            raise Invalid(starts_at=_("这件纠纷那时已经约了一场。"))
        if meeting.room is not None and other.room_id == meeting.room.pk:
            raise Invalid(room_id=_("这间调解室那时已经有人用。"))
        both = [name for name in names_of(set(other.people) & set(meeting.people)).values() if name]
        raise Invalid(starts_at=_("%(who)s那时已经有一场调解会。") % {"who": "、".join(both)})


def _tell(actor: Actor, meeting: Appointment, code: str, words: str = "") -> None:
    note(meeting.dispute, by=actor, code=code, reason=words, detail={"meeting_id": meeting.pk})
    tell_changed(meeting.dispute)
    others = tuple(one for one in meeting.people if one != actor.account_id)
    announce(MeetingArranged(meeting.dispute_id, meeting.dispute.cell_id, code, others))
