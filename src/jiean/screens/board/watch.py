"""The watch in the board's bar: who has the station, and the weather somebody told."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jiean.dispatch.commands import take_command, tell_weather
from jiean.dispatch.models import Watch
from jiean.dispatch.queries import watch_now
from jiean.kernel.actor import Actor, Role
from jiean.kernel.http import actor_of, door
from jiean.screens.shell import COMMAND

ICONS = {Watch.Weather.DRY: "sun", Watch.Weather.RAIN: "umbrella", Watch.Weather.UNKNOWN: "help"}


def watch_context(actor: Actor) -> dict[str, Any]:
    watch = watch_now(actor)
    told = (Watch.Weather.DRY, Watch.Weather.RAIN)
    return {
        "watch": watch,
        "watch_icon": ICONS[Watch.Weather(watch.weather)],
        "weathers": [(one.value, one.label, ICONS[one]) for one in told],
        "may_take": actor.role == Role.COMMANDER and actor.account_id != watch.commander_id,
    }


@door(*COMMAND)
def board_watch(request: HttpRequest) -> HttpResponse:
    """The watch again; a POST tells the weather, or takes command."""
    actor = actor_of(request)
    if request.method == "POST" and "take" in request.POST:
        take_command(actor)
    elif request.method == "POST":
        tell_weather(actor, weather=request.POST.get("weather", ""))
    return render(request, "screens/_watch.html", watch_context(actor))
