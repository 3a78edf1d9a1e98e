"""The board page and the fragments it re-fetches. List and map show one and the same set: the map draws the list's rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiean.design.look import Look, chosen_look
from jiean.dispatch.models import Incident
from jiean.dispatch.queries import BoardFilter, IncidentRow, incident_count, open_incidents, units_now
from jiean.intake.queries import Filter as ReportFilter
from jiean.intake.queries import queue as report_queue
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.http import actor_of, door
from jiean.people.queries import names_of
from jiean.screens.board.incident import incident_context
from jiean.screens.board.picture import (
    MOST_ROWS,
    TO_REVIEW,
    Alarm,
    map_bounds,
    on_board,
    place_of,
    queue_groups,
    unit_groups,
    unit_marks,
)
from jiean.screens.board.watch import watch_context
from jiean.screens.live import events_of
from jiean.screens.shell import COMMAND
from jiean.vault.queries import waiting

NIGHT_FROM, NIGHT_TO = 18, 7
"""The hours the board opens dark in, unless the person chose."""
MOST_ALARMS = 5


def board_look(request: HttpRequest) -> Look:
    hour = clocks.local(clocks.now()).hour
    return chosen_look(request, otherwise="dark" if hour >= NIGHT_FROM or hour < NIGHT_TO else "light")


def queue_context(actor: Actor, given: dict[str, str]) -> dict[str, Any]:
    """The rows a filter chooses, by stage."""
    wanted = on_board(BoardFilter.parse(given))
    rows = open_incidents(actor, wanted, size=MOST_ROWS)
    total = len(rows) if len(rows) < MOST_ROWS else incident_count(actor, wanted)
    return {
        "rows": rows,
        "groups": queue_groups(rows, review=wanted.states == (TO_REVIEW,)),
        "is_review": wanted.states == (TO_REVIEW,),
        "review_count": incident_count(actor, BoardFilter(states=(TO_REVIEW,))),
        "shown_count": len(rows),
        "hidden_count": total - len(rows),
        "as_of": clocks.now(),
        "wanted": wanted,
        "chosen_id": int(given["incident"]) if given.get("incident", "").isdecimal() else None,
    }


def units_context(actor: Actor) -> dict[str, Any]:
    marks = unit_marks(units_now(actor))
    on_duty = [mark for mark in marks if mark.key != "off"]
    return {
        "units": marks,
        "unit_groups": unit_groups(marks),
        "duty_count": len(on_duty),
        "free_count": sum(mark.key == "free" for mark in on_duty),
        "shift": " ".join(sorted({mark.unit.shift_name for mark in on_duty if mark.unit.shift_name})),
    }


def alarms_context(actor: Actor, rows: Sequence[IncidentRow] | None = None) -> dict[str, Any]:
    """Red flags nobody has taken up, and orders nobody signed for, among the rows where they are at hand."""
    if rows is None:
        rows = open_incidents(actor, BoardFilter(states=(Incident.State.DISPATCHED,)), size=MOST_ROWS)
    flags = report_queue(actor, ReportFilter(states=("NEW",), urgency=1)).rows
    alarms = [
        Alarm(f"r{row.id}", _("红色警示"), row.place, row.received_at, reverse("intake:report-page", args=[row.id]))
        for row in flags
        if row.red_flag
    ]
    alarms += [_unsigned(row) for row in rows if row.escalation_level >= 2]
    alarms += access_alarms(actor)
    shown = alarms[:MOST_ALARMS]
    return {"alarms": shown, "alarm_key": " ".join(alarm.key for alarm in shown)}


ACCESS_WORDS = {
    "glass": gettext_lazy("紧急打开了一件事"),
    "unreviewed": gettext_lazy("紧急打开过期未审核"),
    "stop": gettext_lazy("查人过多，已停"),
}


def access_alarms(actor: Actor) -> list[Alarm]:
    """What a commander must know at once: broken glass, and look-ups that ask for an answer."""
    found = waiting(actor)
    names = names_of(one.account_id for one in found) if found else {}
    return [
        Alarm(
            f"{one.what}{one.id}",
            ACCESS_WORDS.get(one.what, gettext_lazy("有人查人较多")),
            names.get(one.account_id, ""),
            one.since,
            reverse("vault:glasses" if one.what in ("glass", "unreviewed") else "vault:look-ups"),
        )
        for one in found
    ]


def _unsigned(row: IncidentRow) -> Alarm:
    url = f"{reverse('screens:board')}?incident={row.id}"
    return Alarm(f"o{row.id}", _("无人签收"), place_of(row), row.dispatched_at or row.received_at, url, row.id)


@door(*COMMAND)
def board(request: HttpRequest) -> HttpResponse:
    """The whole board; ``?incident=`` opens one in the panel."""
    actor = actor_of(request)
    given = request.GET.dict()
    context = queue_context(actor, given) | units_context(actor) | watch_context(actor)
    context |= alarms_context(actor, context["rows"] if context["wanted"] == on_board(BoardFilter()) else None)
    if context["chosen_id"]:
        context |= incident_context(actor, context["chosen_id"], opening=True)
    context |= {
        "look": board_look(request),
        "bounds": map_bounds(),
        "kinds": Incident.Kind.choices,
        "board_events": events_of("dispatch"),
        "alarm_events": events_of("dispatch", "intake", "vault"),
    }
    return render(request, "screens/board.html", context)


@door(*COMMAND)
def board_queue(request: HttpRequest) -> HttpResponse:
    """The queue again."""
    return render(request, "screens/_queue.html", queue_context(actor_of(request), request.GET.dict()))


@door(*COMMAND)
def board_units(request: HttpRequest) -> HttpResponse:
    """The strip of units again."""
    return render(request, "screens/_strip.html", units_context(actor_of(request)) | {"is_fragment": True})


@door(*COMMAND)
def board_alarms(request: HttpRequest) -> HttpResponse:
    """The alarms again."""
    return render(request, "screens/_alarms.html", alarms_context(actor_of(request)))
