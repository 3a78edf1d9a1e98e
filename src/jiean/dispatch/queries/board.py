"""The board: which incidents, in which order, and everything a row of the queue shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can, own_tasks
from jiean.dispatch.models import OPEN, Assignment, Incident
from jiean.dispatch.targets import TARGETS
from jiean.dispatch.words import spans
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Invalid
from jiean.kernel.sql import counted_page, load
from jiean.vault.queries import may_look, record_export

PAGE_SIZE = 50
MOST_ROWS = 200
MOST_POINTS = 1000
EXPORT_CHUNK = 200
EXPORT_LIMIT = 100_000
_ORDER = ("grade", "received_at", "id")


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which incidents: by default every open one. The same object chooses for list, count, map and export.

    ``states``, ``kinds``, ``grades`` and ``cell_ids`` empty mean all; ``late`` None means both; ``words`` is a number or
    words of the place or the summary.
    """

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    grades: tuple[int, ...] = ()
    cell_ids: tuple[int, ...] = ()
    late: bool | None = None
    words: str = ""

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> BoardFilter:
        """Read the words of an address (``?kind=traffic,noise&late=1``). Raises Invalid naming what makes no sense."""
        late = str(given.get("late") or "")
        if late not in ("", "0", "1"):
            raise Invalid(late=_("应为 0 或 1。"))
        return cls(
            states=_among("state", given, Incident.State.values),
            kinds=_among("kind", given, Incident.Kind.values),
            grades=tuple(int(grade) for grade in _among("grade", given, ["1", "2", "3", "4"])),
            cell_ids=_numbers("cell", given),
            late={"": None, "0": False, "1": True}[late],
            words=str(given.get("q") or "").replace("\x00", "").strip()[:60],
        )

    def as_query(self) -> dict[str, str]:
        """The words of the address this filter stands for; what is left open is left out."""
        lists: dict[str, Sequence[object]] = {
            "state": self.states, "kind": self.kinds, "grade": self.grades, "cell": self.cell_ids,
        }  # fmt: skip
        said = {name: ",".join(map(str, values)) for name, values in lists.items() if values}
        if self.late is not None:
            said["late"] = str(int(self.late))
        return said | ({"q": self.words} if self.words else {})


def _among(name: str, given: Mapping[str, Any], known: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(word for word in str(given.get(name) or "").split(",") if word))
    if not set(wanted) <= set(known):
        raise Invalid(**{name: _("不在可选范围内。")})
    return wanted


def _numbers(name: str, given: Mapping[str, Any]) -> tuple[int, ...]:
    wanted = [word for word in str(given.get(name) or "").split(",") if word]
    if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in wanted):
        raise Invalid(**{name: _("应为整数。")})
    return tuple(map(int, wanted))


@dataclass(frozen=True, slots=True)
class OrderMark:
    """An open order as the queue shows it."""

    assignment_id: int
    unit_id: int
    call_sign: str
    state: str
    state_words: str
    escalation_level: int
    suggested_call_sign: str | None


@dataclass(frozen=True, slots=True)
class RawIncident:
    """The columns of ``sql/board_rows.sql``."""

    id: int
    number: int
    version: int
    kind: str
    grade: int
    state: str
    lon: float
    lat: float
    cell_id: int | None
    cell_code: str | None
    cell_name: str | None
    premises_id: int | None
    premises_name: str | None
    place_words: str
    summary: str
    source: str
    contact_id: int | None
    report_id: int | None
    received_at: dt.datetime
    graded_at: dt.datetime | None
    dispatched_at: dt.datetime | None
    first_arrival_at: dt.datetime | None
    cleared_at: dt.datetime | None
    fed_back_at: dt.datetime | None
    due_at: dt.datetime | None
    due_code: str
    disposition: str
    outcome: str
    reopened_count: int
    merged_into_id: int | None
    flaws: str
    orders: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident as the board shows it, with its clock counted to ``as_of`` and everything also in words.

    ``remaining_s`` is negative when late and None when no target runs. ``masked`` rows carry no summary, outcome or contact:
    the reader answers for the cell but not for the matter.
    """

    id: int
    number: int
    version: int
    kind: str
    kind_words: str
    grade: int
    state: str
    state_words: str
    lon: float
    lat: float
    cell_id: int | None
    cell_code: str
    cell_name: str
    premises_id: int | None
    premises_name: str
    place_words: str
    summary: str
    source: str
    contact_id: int | None
    report_id: int | None
    received_at: dt.datetime
    graded_at: dt.datetime | None
    dispatched_at: dt.datetime | None
    first_arrival_at: dt.datetime | None
    cleared_at: dt.datetime | None
    fed_back_at: dt.datetime | None
    disposition: str
    disposition_words: str
    outcome: str
    reopened_count: int
    merged_into_id: int | None
    flaws: tuple[str, ...]
    orders: tuple[OrderMark, ...]
    as_of: dt.datetime
    age_s: float
    age_words: str
    due_at: dt.datetime | None
    due_code: str
    due_name: str
    remaining_s: float | None
    is_late: bool
    clock_words: str
    is_open: bool
    needs_unit: bool
    escalation_level: int
    masked: bool


_board_rows = load(str(Path(__file__).parent), "board_rows", RawIncident)


def chosen(actor: Actor, wanted: BoardFilter) -> QuerySet[Incident]:
    """The incidents a filter chooses among those the actor may see."""
    rows = visible(Can.SEE_INCIDENT, actor, Incident).filter(state__in=sorted(wanted.states or OPEN))
    for name, values in (("kind", wanted.kinds), ("grade", wanted.grades), ("cell_id", wanted.cell_ids)):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if wanted.late is not None:
        late = Q(due_at__lt=clocks.now())
        rows = rows.filter(late) if wanted.late else rows.filter(~late | Q(due_at=None))
    if wanted.words.isascii() and wanted.words.isdigit():
        rows = rows.filter(number=int(wanted.words))
    elif wanted.words:
        rows = rows.filter(Q(place_words__icontains=wanted.words) | _tells(actor, wanted.words))
    return rows


def _tells(actor: Actor, words: str) -> Q:
    """Words of the summary, where the row is not masked: what one may not read answers no question either."""
    if actor.role in (Role.VOLUNTEER, Role.GUARD):
        return Q(pk__in=())
    return Q(summary__icontains=words) & (own_tasks(actor) if actor.role == Role.OFFICER else Q())


def board_page(
    actor: Actor, wanted: BoardFilter, *, page: int = 1, size: int = PAGE_SIZE
) -> tuple[int, list[IncidentRow]]:
    """How many incidents a filter chooses, and one page of them: most urgent grade first, then who has waited longest."""
    size = min(max(size, 1), MOST_ROWS)
    total, ids = counted_page(chosen(actor, wanted), _ORDER, first=(max(page, 1) - 1) * size, size=size)
    return total, incident_rows(actor, ids)


def open_incidents(
    actor: Actor, wanted: BoardFilter | None = None, *, page: int = 1, size: int = PAGE_SIZE
) -> list[IncidentRow]:
    """One page of the board without the count. Three statements."""
    size = min(max(size, 1), MOST_ROWS)
    first = (max(page, 1) - 1) * size
    ids = chosen(actor, wanted or BoardFilter()).order_by(*_ORDER).values_list("pk", flat=True)
    return incident_rows(actor, list(ids[first : first + size]))


def incident_count(actor: Actor, wanted: BoardFilter | None = None) -> int:
    """How many incidents the same filter chooses."""
    return chosen(actor, wanted or BoardFilter()).count()


def export_rows(actor: Actor, wanted: BoardFilter | None = None) -> Iterator[IncidentRow]:
    """Every row the same filter chooses, in the same order, read in chunks; at most ``EXPORT_LIMIT``. Raises ProveYourself."""
    wanted = wanted or BoardFilter()
    record_export(actor, "dispatch.exported", asdict(wanted))
    return _rows_in_chunks(actor, wanted)


def _rows_in_chunks(actor: Actor, wanted: BoardFilter) -> Iterator[IncidentRow]:
    ids = list(chosen(actor, wanted).order_by(*_ORDER).values_list("pk", flat=True)[:EXPORT_LIMIT])
    for start in range(0, len(ids), EXPORT_CHUNK):
        yield from incident_rows(actor, ids[start : start + EXPORT_CHUNK])


def incident_by_number(actor: Actor, number: int) -> IncidentRow | None:
    """The incident of a number, if the actor may see it; closed ones too."""
    if not 0 < number < 2**63:
        return None
    found = visible(Can.SEE_INCIDENT, actor, Incident).filter(number=number).values_list("pk", flat=True)
    return next(iter(incident_rows(actor, list(found[:1]))), None)


def incident_rows(actor: Actor, ids: Sequence[int]) -> list[IncidentRow]:
    """Rows for ids the actor may see, in the order given, masked where the actor only answers for the cell.

    A closed one is masked until the actor has said what for, with a fresh second factor (TRUST, sections 5 and 6).
    """
    if not ids:
        return []
    now, open_to, words, shut = clocks.now(), _unmasked(actor, ids), _Words(), not may_look(actor)
    return [
        _row(raw, now, words, masked=raw.id not in open_to or (shut and raw.state not in OPEN))
        for raw in _board_rows(ids=list(ids))
    ]


class _Words:
    """The codes of a row in the reader's language, looked up once a page instead of once a row."""

    def __init__(self) -> None:
        self.kinds = {code: str(label) for code, label in Incident.Kind.choices}
        self.states = {code: str(label) for code, label in Incident.State.choices}
        self.dispositions = {code: str(label) for code, label in Incident.Disposition.choices} | {"": ""}
        self.orders = {code: str(label) for code, label in Assignment.State.choices}
        self.targets = {code: str(target.name) for code, target in TARGETS.items()}
        self.spans = spans()


def _unmasked(actor: Actor, ids: Sequence[int]) -> frozenset[int]:
    if actor.role in (Role.VOLUNTEER, Role.GUARD):
        return frozenset()
    if actor.role != Role.OFFICER:
        return frozenset(ids)
    return frozenset(Incident.objects.filter(own_tasks(actor), pk__in=ids).values_list("pk", flat=True))


_SAME = tuple(field.name for field in fields(RawIncident))
_same = attrgetter(*_SAME)


def _row(raw: RawIncident, now: dt.datetime, words: _Words, *, masked: bool) -> IncidentRow:
    orders = tuple(_mark(words, *values) for values in orjson.loads(raw.orders)) if raw.orders != "[]" else ()
    age_s = (now - raw.received_at).total_seconds()
    row = IncidentRow(
        **dict(zip(_SAME, _same(raw), strict=True))
        | {"cell_code": raw.cell_code or "", "cell_name": raw.cell_name or "", "premises_name": raw.premises_name or ""}
        | {"flaws": tuple(orjson.loads(raw.flaws)), "orders": orders}
        | _clock(raw, now, words),
        kind_words=words.kinds[raw.kind],
        state_words=words.states[raw.state],
        disposition_words=words.dispositions[raw.disposition],
        as_of=now,
        age_s=age_s,
        age_words=words.spans.span(age_s),
        is_open=raw.state in OPEN,
        needs_unit=raw.state in (Incident.State.RECEIVED, Incident.State.GRADED) and not orders,
        escalation_level=max((order.escalation_level for order in orders), default=0),
        masked=masked,
    )
    return replace(row, summary="", outcome="", contact_id=None) if masked else row


def _clock(raw: RawIncident, now: dt.datetime, words: _Words) -> dict[str, Any]:
    """The running target counted to now."""
    name = words.targets.get(raw.due_code, "")
    remaining_s = (raw.due_at - now).total_seconds() if raw.due_at else None
    return {
        "due_name": name,
        "remaining_s": remaining_s,
        "is_late": remaining_s is not None and remaining_s < 0,
        "clock_words": words.spans.clock(name, remaining_s),
    }


def _mark(
    words: _Words, assignment_id: int, unit_id: int, call_sign: str, state: str, level: int, suggested: str | None
) -> OrderMark:
    return OrderMark(assignment_id, unit_id, call_sign, state, words.orders[state], level, suggested)


@dataclass(frozen=True, slots=True)
class MapPicture:
    """What the map draws for a box: single incidents, or, where they are too many, counts by H3 cell.

    ``points`` are (id, number, lon, lat, grade, kind, state, is_late); ``groups`` are (h3 as text, count, worst grade, late).
    ``total`` is the number of incidents in the box either way.
    """

    total: int
    points: tuple[tuple[int, int, float, float, int, str, str, bool], ...]
    groups: tuple[tuple[str, int, int, int], ...]


def map_box(actor: Actor, wanted: BoardFilter, *, west: float, south: float, east: float, north: float) -> MapPicture:
    """The same incidents as the list, within a box in degrees. Two statements, both answered from one index."""
    inside = chosen(actor, wanted).filter(lon__range=(west, east), lat__range=(south, north))
    columns = ("id", "number", "lon", "lat", "grade", "kind", "state", "due_at")
    if inside.order_by()[: MOST_POINTS + 1].count() > MOST_POINTS:
        groups = _groups(inside, _resolution(east - west))
        return MapPicture(sum(group[1] for group in groups), (), groups)
    now = clocks.now()
    found = list(inside.order_by().values_list(*columns))
    points = tuple((*row[:7], row[7] is not None and row[7] < now) for row in found)
    return MapPicture(len(points), points, ())


def _resolution(width: float) -> int:
    """Coarser hexagons for wider boxes: at most forty across, where the box is narrower than a degree."""
    return next((resolution for limit, resolution in ((0.4, 7), (0.15, 8), (0.06, 9)) if width > limit), 10)


def _groups(rows: QuerySet[Incident], resolution: int) -> tuple[tuple[str, int, int, int], ...]:
    """Counts by coarser H3 cell: a cell's finer digits are its last bits, so that one shift a row is all the server counts by."""
    fine = 3 * (15 - resolution)
    statement, parameters = rows.order_by().values_list("h3", "grade", "due_at").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h3 >> %s, count(*), min(grade), count(*) FILTER (WHERE due_at < %s)"
            f" FROM ({statement}) chosen (h3, grade, due_at) GROUP BY 1",
            [fine, clocks.now(), *parameters],
        )
        return tuple((_parent(place, resolution, fine), *counted) for place, *counted in cursor.fetchall())


def _parent(place: int, resolution: int, fine: int) -> str:
    """The coarser cell as H3 writes it: its own resolution in bits 52 to 55, and ones for the finer digits."""
    whole = (place << fine) | ((1 << fine) - 1)
    return f"{(whole & ~(15 << 52)) | (resolution << 52):x}"
