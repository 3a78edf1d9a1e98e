"""Positions: where on-duty units are. The fast door in ``api/positions.py`` runs the same two statements in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.models import Unit
from jiean.dispatch.targets import TRACK_DAYS
from jiean.kernel import clocks, geo
from jiean.kernel.access import allow, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Forbidden, Invalid

_SQL = Path(__file__).parent.parent / "sql"
STATEMENTS = tuple((_SQL / f"{name}.sql").read_text("utf-8") for name in ("newest_positions", "track_positions"))

AHEAD = dt.timedelta(seconds=90)
"""A device's clock may run ahead by this much; its fix then counts as of now."""
BEHIND = dt.timedelta(hours=24)
"""Fixes kept on a phone without signal are taken for a day."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One position: degrees, compass degrees or None, and the device's time."""

    unit_id: int
    lon: float
    lat: float
    at: dt.datetime
    heading: int | None = None


@command
def record_positions(actor: Actor, fixes: Sequence[Fix]) -> int:
    """Take a batch of positions of units the actor crews; those of units off duty are let go. Raises Forbidden, Invalid."""
    allow(Can.SEND_POSITION, actor)
    wanted = {fix.unit_id for fix in fixes}
    own = set(visible(Can.SEND_POSITION, actor, Unit).filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - own:
        raise Forbidden
    now = clocks.now()
    kept = [sound for fix in fixes if (sound := checked(fix, now)) is not None]
    if len(kept) != len(fixes):
        raise Invalid(fixes=_("有位置超出地球范围，或时间不对。"))
    if kept:
        with connection.cursor() as cursor:
            for statement in STATEMENTS:
                cursor.execute(statement, columns(kept, now))
    return len(kept)


@command
def forget_tracks(actor: Actor) -> int:
    """Empty the days of the track that are too old. Raises Forbidden."""
    allow(Can.FORGET_TRACKS, actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT dispatch_forget_tracks(%s, %s)", [TRACK_DAYS, clocks.now()])
        return int(cursor.fetchone()[0])


def checked(fix: Fix, now: dt.datetime) -> Fix | None:
    """The fix as it may be kept; None for one that makes no sense."""
    sound_heading = fix.heading is None or 0 <= fix.heading <= 359
    if not geo.on_globe(fix.lon, fix.lat) or not sound_heading or not now - BEHIND <= fix.at <= now + AHEAD:
        return None
    return fix if fix.at <= now else Fix(fix.unit_id, fix.lon, fix.lat, now, fix.heading)


def columns(fixes: Sequence[Fix], received_at: dt.datetime) -> dict[str, Any]:
    """A batch as the arrays the statements take."""
    return {
        "unit_ids": [fix.unit_id for fix in fixes],
        "lons": [fix.lon for fix in fixes],
        "lats": [fix.lat for fix in fixes],
        "headings": [fix.heading for fix in fixes],
        "ats": [fix.at for fix in fixes],
        "received_at": received_at,
    }
