"""Units as they are now: who is on duty, on what, and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.models import Assignment, ShiftMember, Unit
from jiean.dispatch.targets import POSITION_FRESH_S
from jiean.dispatch.words import duration_words
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.sql import load

POSITION_ROLES = (Role.COMMANDER, Role.DISPATCHER)
"""Roles whose boards get every position; crews know only their own."""

OFF_DUTY, FREE = "OFF_DUTY", "FREE"
_OWN_WORDS = {OFF_DUTY: _("下班"), FREE: _("待命")}


@dataclass(frozen=True, slots=True)
class RawUnit:
    """The columns of ``sql/units_now.sql``."""

    id: int
    call_sign: str
    unit_class: str
    skills: str
    seats: int
    base_lon: float
    base_lat: float
    version: int
    shift_id: int | None
    shift_name: str | None
    shift_starts_at: dt.datetime | None
    shift_ends_at: dt.datetime | None
    crew: str
    assignment_id: int | None
    order_state: str | None
    assigned_at: dt.datetime | None
    acknowledged_at: dt.datetime | None
    en_route_at: dt.datetime | None
    on_scene_at: dt.datetime | None
    incident_id: int | None
    incident_number: int | None
    incident_grade: int | None
    place_words: str | None
    lon: float | None
    lat: float | None
    heading: int | None
    position_at: dt.datetime | None
    last_cleared_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as the strip and the map show it.

    ``status`` is OFF_DUTY, FREE, or the state of its open order (ASSIGNED, ACKNOWLEDGED, EN_ROUTE, ON_SCENE); it is derived
    here and stored nowhere. ``age_s`` is the age of its position, None without one.
    """

    id: int
    call_sign: str
    unit_class: str
    class_words: str
    status: str
    status_words: str
    since_s: float | None
    since_words: str
    skills: tuple[str, ...]
    seats: int
    lon: float | None
    lat: float | None
    heading: int | None
    age_s: float | None
    age_words: str
    is_fresh: bool
    base_lon: float
    base_lat: float
    shift_id: int | None
    shift_name: str
    shift_ends_at: dt.datetime | None
    on_duty_s: float
    crew_names: tuple[str, ...]
    crew_account_ids: tuple[int, ...]
    assignment_id: int | None
    incident_id: int | None
    incident_number: int | None
    incident_grade: int | None
    incident_place: str
    since_cleared_s: float | None

    @property
    def on_duty(self) -> bool:
        return self.status != OFF_DUTY

    @property
    def is_free(self) -> bool:
        return self.status == FREE


_units_now = load(str(Path(__file__).parent), "units_now", RawUnit)


def units_now(actor: Actor, *, on_duty: bool | None = None) -> list[UnitRow]:
    """The units the actor may see, by call sign. Two statements."""
    allowed = None
    if actor.role not in (Role.COMMANDER, Role.DISPATCHER, Role.SYSTEM):
        allowed = list(visible(Can.SEE_UNITS, actor, Unit).values_list("pk", flat=True))
        if not allowed:
            return []
    at = clocks.now()
    rows = [_row(raw, at) for raw in _units_now(at=at, unit_ids=allowed)]
    return [row for row in rows if on_duty is None or row.on_duty == on_duty]


def unit_by_call_sign(actor: Actor, words: str) -> UnitRow | None:
    """The unit of a call sign, however it is typed: case, blanks and dashes do not count."""
    wanted = _plain(words)
    return next((row for row in units_now(actor) if _plain(row.call_sign) == wanted), None)


def _plain(words: str) -> str:
    return "".join(sign for sign in words.upper() if sign.isalnum())


_AS_STORED = (
    "id", "call_sign", "unit_class", "seats", "lon", "lat", "heading", "base_lon", "base_lat", "shift_id", "shift_ends_at",
    "assignment_id", "incident_id", "incident_number", "incident_grade",
)  # fmt: skip


def _row(raw: RawUnit, at: dt.datetime) -> UnitRow:
    status, since = _status(raw)
    crew = orjson.loads(raw.crew)
    return UnitRow(
        **{name: getattr(raw, name) for name in _AS_STORED} | _ages(_seconds(raw.position_at, at), _seconds(since, at)),
        class_words=str(Unit.Class(raw.unit_class).label),
        status=status,
        status_words=str(_OWN_WORDS.get(status) or Assignment.State(status).label),
        skills=tuple(orjson.loads(raw.skills)),
        shift_name=raw.shift_name or "",
        on_duty_s=_seconds(raw.shift_starts_at, at) or 0.0,
        crew_names=tuple(name for _account_id, name in crew),
        crew_account_ids=tuple(account_id for account_id, _name in crew),
        incident_place=raw.place_words or "",
        since_cleared_s=_seconds(raw.last_cleared_at, at),
    )


def _ages(position_s: float | None, status_s: float | None) -> dict[str, Any]:
    """How old the position is, and how long the unit has been doing what it does."""
    return {
        "since_s": status_s,
        "since_words": duration_words(status_s) if status_s is not None else "",
        "age_s": position_s,
        "age_words": duration_words(position_s) if position_s is not None else str(_("没有位置")),
        "is_fresh": position_s is not None and position_s <= POSITION_FRESH_S,
    }


def _status(raw: RawUnit) -> tuple[str, dt.datetime | None]:
    """What a unit is doing and since when. An open order shows even where the shift has just run out."""
    if raw.order_state is not None:
        stamps = (raw.on_scene_at, raw.en_route_at, raw.acknowledged_at, raw.assigned_at)
        return raw.order_state, next(stamp for stamp in stamps if stamp is not None)
    if raw.shift_id is None:
        return OFF_DUTY, None
    begun = [moment for moment in (raw.last_cleared_at, raw.shift_starts_at) if moment is not None]
    return FREE, max(begun)


def _seconds(moment: dt.datetime | None, at: dt.datetime) -> float | None:
    return None if moment is None else max(0.0, (at - moment).total_seconds())


def crew_account_ids(unit_ids: Iterable[int], at: dt.datetime | None = None) -> tuple[int, ...]:
    """Accounts on the crews of these units at a moment."""
    at = at or clocks.now()
    members = ShiftMember.objects.filter(
        shift__unit_id__in=list(unit_ids), shift__starts_at__lte=at, shift__ends_at__gt=at
    )
    return tuple(members.order_by("account_id").values_list("account_id", flat=True).distinct())


def position_snapshot() -> list[Any]:
    """Every on-duty unit's newest position for the live stream: [unit_id, lon, lat, heading, age_s]."""
    at = clocks.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.unit_id, p.lon, p.lat, p.heading, round(extract(epoch FROM %s - p.at))::int"
            " FROM dispatch_unitposition p WHERE EXISTS (SELECT FROM dispatch_shift s"
            " WHERE s.unit_id = p.unit_id AND s.starts_at <= %s AND s.ends_at > %s) ORDER BY p.unit_id",
            [at, at, at],
        )
        return [list(row) for row in cursor.fetchall()]
