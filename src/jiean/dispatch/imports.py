"""Past calls from a table of dispatch records: one row for each unit sent, grouped by call, with everything odd named.

Columns as San Francisco publishes them ("Fire Department Calls for Service", DataSF): Call Number, Unit ID, Call Type,
Received / Entry / Dispatch / Response / On Scene / Available DtTm in local time, Final Priority, Unit Type, Address, lat, lon.
No row is dropped: a missing or backward time is kept as it is and flagged.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from jiean.design.words import listed
from jiean.kernel.errors import Invalid

NEEDED = ("Call Number", "Unit ID", "Received DtTm", "Dispatch DtTm", "On Scene DtTm", "Available DtTm")
ZONE = ZoneInfo("America/Los_Angeles")
_STAMPS = {
    "received": "Received DtTm",
    "assigned": "Dispatch DtTm",
    "en_route": "Response DtTm",
    "on_scene": "On Scene DtTm",
    "available": "Available DtTm",
}
_KINDS = (
    ("fire", "fire"),
    ("medical", "help"),
    ("traffic", "traffic"),
    ("alarm", "other"),
    ("rescue", "help"),
    ("gas", "hazard"),
)
_GRADES = {"3": 2, "2": 3}
_CLASSES = {"ENGINE": "patrol_car", "TRUCK": "patrol_car", "CHIEF": "ptu", "MEDIC": "road_patrol"}


@dataclass(frozen=True, slots=True)
class PastOrder:
    """One unit's stamps; a stamp the record lacks is None."""

    call_sign: str
    unit_class: str
    assigned_at: dt.datetime | None
    en_route_at: dt.datetime | None
    on_scene_at: dt.datetime | None
    available_at: dt.datetime | None
    flaws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastCall:
    """One call with its orders. ``place`` is None where no row of the call has coordinates."""

    number: int
    kind: str
    grade: int
    received_at: dt.datetime
    place: tuple[float, float] | None
    place_words: str
    summary: str
    orders: tuple[PastOrder, ...]
    flaws: tuple[str, ...]


@dataclass(frozen=True)
class CallPlan:
    """What an import would write, and how often each flaw was met (in rows)."""

    calls: tuple[PastCall, ...]
    rows: int
    flaws: Mapping[str, int] = field(default_factory=dict)


def read_calls(path: Path) -> CallPlan:
    """Read a table of calls, plain or gzip. Raises Invalid when it is none, or columns are missing."""
    rows = list(_rows(path))
    by_call: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        by_call.setdefault(row["Call Number"], []).append(row)
    calls = tuple(_call(number, several) for number, several in by_call.items())
    tally = Counter(flaw for call in calls for order in call.orders for flaw in order.flaws)
    tally.update(flaw for call in calls for flaw in call.flaws)
    return CallPlan(calls, len(rows), dict(sorted(tally.items())))


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    try:
        with _open(path) as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise Invalid(file=_("表头缺少：%(columns)s。") % {"columns": listed(missing)})
            yield from reader
    except (OSError, EOFError, UnicodeDecodeError, csv.Error):
        raise Invalid(file=_("文件读不出来。")) from None


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _call(number: str, rows: list[Mapping[str, str]]) -> PastCall:
    orders = tuple(_order(row) for row in rows)
    stamps = [moment for row in rows for moment in _times(row).values() if moment is not None]
    received = [moment for row in rows if (moment := _times(row)["received"]) is not None]
    flaws = [] if received else ["missing_received"]
    place = next((found for row in rows if (found := _place(row)) is not None), None)
    flaws += [] if place else ["missing_place"]
    kind = (rows[0].get("Call Type") or "").lower()
    return PastCall(
        number=int(number) if number.isdigit() else abs(hash(number)) % 10**12,
        kind=next((ours for word, ours in _KINDS if word in kind), "other"),
        grade=_GRADES.get(rows[0].get("Final Priority") or "", 3),
        received_at=min(received or stamps or [dt.datetime(1970, 1, 1, tzinfo=dt.UTC)]),
        place=place,
        place_words=(rows[0].get("Address") or "")[:120],
        summary=(rows[0].get("Call Type") or "call")[:200],
        orders=orders,
        flaws=tuple(flaws),
    )


def _order(row: Mapping[str, str]) -> PastOrder:
    times = _times(row)
    return PastOrder(
        call_sign=(row["Unit ID"] or "?")[:12],
        unit_class=_CLASSES.get((row.get("Unit Type") or "").upper(), "patrol_car"),
        assigned_at=times["assigned"],
        en_route_at=times["en_route"],
        on_scene_at=times["on_scene"],
        available_at=times["available"],
        flaws=tuple(_flaws(times)),
    )


def _flaws(times: Mapping[str, dt.datetime | None]) -> Iterable[str]:
    yield from (f"missing_{name}" for name, moment in times.items() if moment is None and name != "received")
    known = [(name, moment) for name, moment in times.items() if moment is not None]
    for (_first, before), (name, after) in pairwise(known):
        if after < before:
            yield f"backward_{name}"


def _times(row: Mapping[str, str]) -> dict[str, dt.datetime | None]:
    return {name: _moment(row.get(column) or "") for name, column in _STAMPS.items()}


def _moment(words: str) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(words)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(dt.UTC)


def _place(row: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        lon, lat = float(row.get("lon") or "x"), float(row.get("lat") or "x")
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 and (lon, lat) != (0.0, 0.0) else None
