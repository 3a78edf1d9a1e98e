"""The station's roads as they are at this moment: its own rules of turning, the weather somebody told, the hour, what is closed."""

from __future__ import annotations

import datetime as dt
import logging
import math
import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from jiean.dispatch.models import RoadClosure, Watch
from jiean.dispatch.queries.closures import closure_of, standing_closures
from jiean.dispatch.queries.watches import current_watch
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads, RoadSettings
from jiean.engine.roads.closures import Ring
from jiean.grid.models import KeyPoint
from jiean.grid.queries import key_points
from jiean.kernel import clocks

logger = logging.getLogger(__name__)

ROADS_KEPT_S = 1.0
"""What people said of weather and closures is read again after this; a door that changed it has it read at once."""
LOW_RADIUS_M = 60.0
"""Streets this near a key point in low ground or at a culvert are slowed more by rain."""
MOST_STATES = 6
"""States of the roads kept ready: what was a minute ago is asked for again by whoever takes a closure back."""
_LOW = (KeyPoint.Kind.LOW_LYING, KeyPoint.Kind.CULVERT)

State = tuple[bool, int | None, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class _Said:
    """What people said of the roads, and when it was read."""

    at: dt.datetime
    rains: bool
    closures: tuple[RoadClosure, ...]


_lock = threading.Lock()
_files: tuple[tuple[Path, float, float], Roads, RoadSettings] | None = None
_said: _Said | None = None
_states: dict[State, Roads] = {}


def town_roads() -> Roads | None:
    """The road network under weather, hour and closures; None where none was imported. Two statements where those are not fresh.

    Read once a process, and again when the file or the settings have changed. Raises FileBroken for a file that is not a
    road graph.
    """
    return _roads(closed=True)


def open_roads() -> Roads | None:
    """The roads as `town_roads` has them, with nothing closed."""
    return _roads(closed=False)


def closed_roads() -> tuple[RoadClosure, ...]:
    """What is closed at this moment. One statement where it is not fresh."""
    now = clocks.now()
    return tuple(one for one in _what_is_said().closures if one.starts_at <= now < one.ends_at)


def plain_roads() -> Roads | None:
    """The road network as it was imported."""
    found = _read()
    return found[0] if found else None


def road_settings() -> RoadSettings:
    """What the station has decided about its roads: `roads.toml` in its data folder, else what this program chooses."""
    found = _read()
    return found[1] if found else RoadSettings()


def forget_roads() -> None:
    """Have weather and closures read again by whoever asks next in this process."""
    global _said
    _said = None


def _roads(*, closed: bool) -> Roads | None:
    found = _read()
    if found is None:
        return None
    plain, chosen = found
    shut = closed_roads() if closed else ()
    hour = clocks.local(clocks.now()).hour if chosen.rush else None
    state = _what_is_said().rains, hour, tuple((one.pk, one.version) for one in shut)
    with _lock:
        if state not in _states:
            _make_room()
            _states[state] = _under(plain, chosen, state, shut)
        return _states[state]


def _make_room() -> None:
    while len(_states) >= MOST_STATES:
        del _states[next(iter(_states))]


def _read() -> tuple[Roads, RoadSettings] | None:
    global _files
    file, own = Path(settings.ROADS_FILE), Path(settings.ROADS_FILE).with_suffix(".toml")
    if not file.is_file():
        return None
    stamp = file, file.stat().st_mtime, own.stat().st_mtime if own.is_file() else 0.0
    with _lock:
        if _files is None or _files[0] != stamp:
            chosen = _chosen(file)
            _files = stamp, engine_roads.load(file).turned(chosen.turns), chosen
            _states.clear()
            forget_roads()
        return _files[1:]


def _chosen(file: Path) -> RoadSettings:
    """The station's settings; a fault in them is told and costs nobody the advice."""
    try:
        return engine_roads.read_settings(file)
    except engine_roads.RoadsError as fault:
        logger.error("The settings are not used: %s", fault)
        return RoadSettings()


def _under(plain: Roads, chosen: RoadSettings, state: State, shut: tuple[RoadClosure, ...]) -> Roads:
    """The plain roads themselves where nothing changes them, so that all share what is worked out for them."""
    rains, hour, _ = state
    if not rains and hour is None and not shut:
        return plain
    low = tuple(_circle(one.lon, one.lat) for one in key_points() if one.kind in _LOW) if rains else ()
    closures = tuple(closure_of(one) for one in shut)
    conditions = chosen.conditions(rain=rains, hour=hour or 0, low_lying=low, closures=closures)
    return plain.reweighted(*engine_roads.under(plain, conditions))


def _circle(lon: float, lat: float) -> Ring:
    up = math.degrees(LOW_RADIUS_M / 6_371_008.8)
    across = up / math.cos(math.radians(lat))
    turns = (math.tau * i / 12 for i in range(12))
    return tuple((lon + across * math.cos(turn), lat + up * math.sin(turn)) for turn in turns)


def _what_is_said() -> _Said:
    """The weather and the closures as somebody told them; read again after ROADS_KEPT_S."""
    global _said
    kept, now = _said, clocks.now()
    if kept is None or not 0 <= (now - kept.at).total_seconds() < ROADS_KEPT_S:
        watch = current_watch()
        rains = watch is not None and watch.weather == Watch.Weather.RAIN
        kept = _said = _Said(now, rains, standing_closures())
    return kept
