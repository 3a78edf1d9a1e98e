"""Taking command of the watch, and saying what the weather is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.events import WatchChanged
from jiean.dispatch.models import Watch
from jiean.dispatch.queries.watches import current_watch
from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import change, note


@command
def take_command(actor: Actor) -> Watch:
    """Say that one has the station from now on; the weather goes on as it was told. Raises Forbidden."""
    before = current_watch()
    weather = before.weather if before else Watch.Weather.UNKNOWN
    watch = Watch.objects.create(commander_id=actor.account_id, since=clocks.now(), weather=weather)
    admit(Can.TAKE_COMMAND, actor, watch)
    note(watch, by=actor, code="taken")
    announce(WatchChanged(watch.pk))
    return watch


@command
def tell_weather(actor: Actor, *, weather: str) -> Watch:
    """Say whether it rains; patrols over key points follow it. Raises Forbidden, Invalid."""
    if weather not in (Watch.Weather.DRY, Watch.Weather.RAIN):
        raise Invalid(weather=_("天气只分晴好和有雨。"))
    before = current_watch()
    if before is None:
        watch = admit(Can.TELL_WEATHER, actor, Watch.objects.create(since=clocks.now(), weather=weather))
    else:
        watch = fetch(Can.TELL_WEATHER, actor, Watch, before.pk)
        change(watch, weather=weather)
    note(watch, by=actor, code=f"weather_{weather}")
    announce(WatchChanged(watch.pk))
    return watch
