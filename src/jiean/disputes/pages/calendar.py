"""The calendar: the week's meetings, one meeting moved or called off, and the feed a telephone subscribes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jiean.design.clash import retyped, side_by_side
from jiean.disputes import commands, queries
from jiean.disputes.commands.calendar import digest_of
from jiean.disputes.models import Appointment
from jiean.disputes.pages.choosing import room_choices, slot_of
from jiean.disputes.pages.dispute import STAFF
from jiean.disputes.pages.forms import MeetingForm, MeetingMoveForm, NoShowForm, ReasonForm
from jiean.disputes.queries.detail import Detail, dispute_detail
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, NotFound
from jiean.kernel.http import actor_of, attempt, door, public_door, row_ids

WEEK = 7
_ARRANGERS = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.MEDIATOR)


@door(*STAFF)
@require_GET
def calendar(request: HttpRequest) -> HttpResponseBase:
    """A week of meetings, day by day."""
    return render(request, "disputes/calendar.html", _week(request))


def _week(request: HttpRequest, **given: Any) -> dict[str, Any]:
    actor, today = actor_of(request), clocks.local_day(clocks.now())
    since, mine = _day(request.GET.get("from", ""), today), request.GET.get("mine") == "1"
    room_id = next(iter(row_ids([request.GET.get("room", "")])), None)
    found = queries.meetings(actor, since, WEEK, mine=mine, room_id=room_id)
    days = [since + dt.timedelta(days=n) for n in range(WEEK)]
    by_day = {day: [one for one in found if clocks.local_day(one.row.starts_at) == day] for day in days}
    return {
        "days": by_day.items(), "today": today, "since": since, "mine": mine, "room_id": room_id,
        "before": since - dt.timedelta(days=WEEK), "after": since + dt.timedelta(days=WEEK),
        "rooms": queries.rooms(), "has_feed": queries.has_feed(actor),
    } | given  # fmt: skip


def _day(words: str, today: dt.date) -> dt.date:
    """The day in the address; what is none, or too far for a calendar, is this week's Monday."""
    try:
        day = dt.date.fromisoformat(words)
    except ValueError:
        day = dt.date.min
    near = abs((day - today).days) < 3660
    return day if near else today - dt.timedelta(days=today.weekday())


@door(*STAFF)
@require_POST
@never_cache
def subscribe(request: HttpRequest) -> HttpResponseBase:
    """A new address for the actor's feed, shown this once; or none any more."""
    actor = actor_of(request)
    if request.POST.get("stop"):
        commands.stop_feed(actor)
        messages.success(request, _("已停用日历订阅。"))
        return redirect("disputes:calendar")
    key = commands.renew_feed(actor)
    address = request.build_absolute_uri(reverse("disputes:feed", args=[key]))
    return render(request, "disputes/calendar.html", _week(request, address=address))


@public_door
@never_cache
@require_GET
def feed(request: HttpRequest, key: str) -> HttpResponseBase:
    """One person's meetings for a calendar program: numbers, rooms and times, no names and no words."""
    found = queries.feed(digest_of(key))
    if found is None:
        raise NotFound
    answer = HttpResponse(_ical(found[1]), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="jiean.ics"'
    return answer


def _ical(meetings: list[queries.Meeting]) -> bytes:
    from icalendar import Calendar, Event, vText  # noqa: PLC0415 — slow to load, and few ask

    whole = Calendar({"prodid": "-//Jiean//disputes//ZH", "version": "2.0", "x-wr-calname": vText("皆安 调解会")})
    for one in meetings:
        row = one.row
        event = Event()
        event.add("uid", f"meeting-{row.pk}@jiean")
        event.add("summary", f"{row.dispute.number} {Appointment._meta.verbose_name}")
        event.add("dtstart", row.starts_at.astimezone(dt.UTC))
        event.add("dtend", row.ends_at.astimezone(dt.UTC))
        event.add("dtstamp", row.updated_at.astimezone(dt.UTC))
        event.add("sequence", row.version)
        event.add("status", "CANCELLED" if one.is_off else "CONFIRMED")
        if one.place:
            event.add("location", one.place)
        whole.add_component(event)
    return bytes(whole.to_ical())


Run = Callable[[Actor, int, dict[str, Any]], object]


_DEEDS: dict[str, tuple[Any, type[forms.Form], Run]] = {
    "move": (_("改时间或地点"), MeetingMoveForm,
             lambda actor, pk, given: commands.move_meeting(actor, pk, slot_of(given), **given)),
    "cancel": (_("取消这一场"), ReasonForm, lambda actor, pk, given: commands.cancel_meeting(actor, pk, **given)),
    "absent": (_("有人没到"), NoShowForm, lambda actor, pk, given: commands.note_no_show(actor, pk, **given)),
}  # fmt: skip


@door(*_ARRANGERS)
def meeting(request: HttpRequest, dispute_id: int, meeting_id: int) -> HttpResponseBase:
    """One meeting that was agreed on, and what can be done with it."""
    actor = actor_of(request)
    detail = dispute_detail(actor, dispute_id)
    row = _row(detail, meeting_id)
    shown = {name: _form(name, row, detail, None) for name in _DEEDS}
    name = request.POST.get("deed", "")
    clash, status = None, 200
    if request.method == "POST" and name in _DEEDS:
        shown[name], status = _form(name, row, detail, request.POST), 422
        try:
            if _ran(actor, meeting_id, name, shown[name]):
                messages.success(request, _("已保存。"))
                return redirect("disputes:dispute", dispute_id)
        except Conflict as refused:
            if refused.current is None:
                raise
            shown[name], status = retyped(shown[name], refused.current.version), 409
            clash = side_by_side(refused.current, shown[name])
    lines = [(key, _DEEDS[key][0], form, key == name) for key, form in shown.items() if key != "absent" or row.is_past]
    context = {"detail": detail, "dispute": detail.dispute, "one": row, "lines": lines, "clash": clash}
    return render(request, "disputes/meeting.html", context, status=status)


def _ran(actor: Actor, meeting_id: int, name: str, form: forms.Form) -> bool:
    if not form.is_valid():
        return False

    def run() -> bool:
        _DEEDS[name][2](actor, meeting_id, dict(form.cleaned_data))
        return True

    return attempt(form, run) is not None


def _row(detail: Detail, meeting_id: int) -> queries.Meeting:
    found = next((one for one in detail.meetings if one.row.pk == meeting_id and one.is_open), None)
    if found is None:
        raise NotFound
    return found


def _form(name: str, one: queries.Meeting, detail: Detail, sent: Any) -> forms.Form:
    row = one.row
    now_is: dict[str, Any] = {"version": row.version}
    if name == "move":
        now_is |= {"starts_at": clocks.local(row.starts_at), "minutes": row.minutes, "room_id": row.room_id,
                   "place_words": row.place_words}  # fmt: skip
    form = _DEEDS[name][1](sent, initial=now_is, auto_id=f"{name}_%s")
    if isinstance(form, MeetingForm):
        form.offer(room_choices(queries.rooms()))
    elif isinstance(form, NoShowForm):
        form.offer([(party.party.pk, party.label) for party in detail.parties])
    return form
