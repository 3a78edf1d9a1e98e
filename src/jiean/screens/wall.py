"""The wall: one map and one queue for a room, without names, addresses or anything to press."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiean.design.look import chosen_look
from jiean.dispatch.queries import (
    BoardFilter,
    five_minutes_today,
    incident_count,
    key_points_visited,
    open_incidents,
    units_now,
)
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.http import actor_of, door
from jiean.screens.board.picture import MOST_ROWS, UNSENT, map_bounds, on_board, queue_rows, unit_marks
from jiean.screens.live import events_of
from jiean.screens.shell import COMMAND


def figures_context(actor: Actor) -> dict[str, Any]:
    """The column beside the map. The rows carry kind, cell and stage: neither words nor addresses."""
    wanted = on_board(BoardFilter())
    rows = queue_rows(open_incidents(actor, wanted, size=MOST_ROWS))
    unsent = [row for row in rows if row.stage == UNSENT]
    marks = [mark for mark in unit_marks(units_now(actor, on_duty=True)) if mark.key != "off"]
    return {
        "rows": rows,
        "open_count": len(rows) if len(rows) < MOST_ROWS else incident_count(actor, wanted),
        "unsent_count": len(unsent),
        "longest": min((row.incident.received_at for row in unsent), default=None),
        "five_minutes": five_minutes_today(actor),
        "patrols": key_points_visited(actor),
        "units": marks,
        "free_count": sum(mark.key == "free" for mark in marks),
        "busy_count": sum(mark.key != "free" for mark in marks),
        "as_of": clocks.now(),
    }


@door(*COMMAND)
def wall(request: HttpRequest) -> HttpResponse:
    """The whole wall; dark unless somebody chose otherwise."""
    context = figures_context(actor_of(request))
    context |= {"look": chosen_look(request, otherwise="dark"), "bounds": map_bounds(), "events": events_of("dispatch")}
    return render(request, "screens/wall.html", context)


@door(*COMMAND)
def wall_figures(request: HttpRequest) -> HttpResponse:
    """The column again."""
    return render(request, "screens/_wall_figures.html", figures_context(actor_of(request)))
