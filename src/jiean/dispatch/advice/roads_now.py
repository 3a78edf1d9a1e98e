"""The station's roads as they are at this moment: its own rules of turning, the weather somebody told, the hour."""

from __future__ import annotations

import datetime as dt
import logging
import math
import threading
from pathlib import Path

from django.conf import settings

from jiean.dispatch.models import Watch
from jiean.dispatch.queries.watches import current_watch
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads, RoadSettings
from jiean.engine.roads.closures import Ring
from jiean.grid.models import KeyPoint
from jiean.grid.queries import key_points
from jiean.kernel import clocks

logger = logging.getLogger(__name__)

WEATHER_KEPT_S = 15.0
LOW_RADIUS_M = 60.0
"""Streets this near a key point in low ground or at a culvert are slowed more by rain."""
_LOW = (KeyPoint.Kind.LOW_LYING, KeyPoint.Kind.CULVERT)

State = tuple[bool, int | None]
_lock = threading.Lock()
_files: tuple[tuple[Path, float, float], Roads, RoadSettings] | None = None
_weather: tuple[dt.datetime, bool] | None = None
_states: dict[State, Roads] = {}


def town_roads() -> Roads | None:
    """The road network under the weather and the hour; None where none was imported. One statement where the weather is not fresh.

    Read once a process, and again when the file or the settings have changed. Raises FileBroken for a file that is not a
    road graph.
    """
    found = _read()
    if found is None:
        return None
    plain, chosen = found
    state = _rains(), clocks.local(clocks.now()).hour if chosen.rush else None
    with _lock:
        if state not in _states:
            _states[state] = _under(plain, chosen, state)
        return _states[state]


def road_settings() -> RoadSettings:
    """What the station has decided about its roads: `roads.toml` in its data folder, else what this program chooses."""
    found = _read()
    return found[1] if found else RoadSettings()


def _read() -> tuple[Roads, RoadSettings] | None:
    global _files, _weather
    file, own = Path(settings.ROADS_FILE), Path(settings.ROADS_FILE).with_suffix(".toml")
    if not file.is_file():
        return None
    stamp = file, file.stat().st_mtime, own.stat().st_mtime if own.is_file() else 0.0
    with _lock:
        if _files is None or _files[0] != stamp:
            chosen = _chosen(file)
            _files = stamp, engine_roads.load(file).turned(chosen.turns), chosen
            _states.clear()
            _weather = None
        return _files[1:]


def _chosen(file: Path) -> RoadSettings:
    """The station's settings; a fault in them is told and costs nobody the advice."""
    try:
        return engine_roads.read_settings(file)
    except engine_roads.RoadsError as fault:
        logger.error("The settings are not used: %s", fault)
        return RoadSettings()


def _under(plain: Roads, chosen: RoadSettings, state: State) -> Roads:
    """The plain roads themselves where nothing changes them, so that all share what is worked out for them."""
    rains, hour = state
    if not rains and hour is None:
        return plain
    low = tuple(_circle(one.lon, one.lat) for one in key_points() if one.kind in _LOW) if rains else ()
    return plain.reweighted(*engine_roads.under(plain, chosen.conditions(rain=rains, hour=hour or 0, low_lying=low)))


def _circle(lon: float, lat: float) -> Ring:
    up = math.degrees(LOW_RADIUS_M / 6_371_008.8)
    across = up / math.cos(math.radians(lat))
    turns = (math.tau * i / 12 for i in range(12))
    return tuple((lon + across * math.cos(turn), lat + up * math.sin(turn)) for turn in turns)


def _rains() -> bool:
    """Whether somebody told rain; read again after WEATHER_KEPT_S."""
    global _weather
    now = clocks.now()
    if _weather is None or not 0 <= (now - _weather[0]).total_seconds() < WEATHER_KEPT_S:
        watch = current_watch()
        _weather = now, watch is not None and watch.weather == Watch.Weather.RAIN
    return _weather[1]
