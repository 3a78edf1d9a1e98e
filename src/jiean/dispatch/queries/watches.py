"""Who has the station now, and the weather as told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise

from jiean.dispatch.access import Can
from jiean.dispatch.models import Watch
from jiean.kernel import clocks
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor

LONGEST_WATCH = dt.timedelta(hours=25)
"""A watch nobody took over is not believed longer than the longest shift."""


@dataclass(frozen=True, slots=True)
class WatchRow:
    """The watch as the bar shows it; ``commander`` empty where nobody has taken it."""

    commander_id: int | None
    commander: str
    since: dt.datetime | None
    weather: str
    weather_words: str | Promise


def current_watch() -> Watch | None:
    """The newest watch, unless it is too old to be believed. One statement."""
    rows = Watch.objects.filter(since__gt=clocks.now() - LONGEST_WATCH)
    return rows.select_related("commander").order_by("-since", "-pk").first()


def watch_now(actor: Actor) -> WatchRow:
    """Who has the station, and the weather as told. Raises Forbidden. One statement."""
    allow(Can.SEE_WATCH, actor)
    watch = current_watch()
    if watch is None:
        return WatchRow(None, "", None, Watch.Weather.UNKNOWN, Watch.Weather.UNKNOWN.label)
    name = watch.commander.name if watch.commander else ""
    return WatchRow(watch.commander_id, name, watch.since, watch.weather, Watch.Weather(watch.weather).label)
