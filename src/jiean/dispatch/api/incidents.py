"""Incidents and orders for programs: the board, one incident, and every deed. An ``Idempotency-Key`` makes a repeat safe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, FiniteFloat

from jiean.dispatch import commands as do
from jiean.dispatch import queries as ask
from jiean.dispatch.access import CREW_ROLES
from jiean.dispatch.advice import advise, route
from jiean.dispatch.api.answers import answer, changed
from jiean.dispatch.queries import BoardFilter, IncidentRow
from jiean.kernel import audit
from jiean.kernel.actor import Role
from jiean.kernel.api import gate
from jiean.kernel.document import then, then_both
from jiean.kernel.errors import Invalid
from jiean.kernel.http import actor_of, request_key
from jiean.kernel.sheets import csv_lines

router = Router()
desk = gate(Role.COMMANDER, Role.DISPATCHER)
readers = gate(Role.COMMANDER, Role.DISPATCHER, *CREW_ROLES)

Id = Annotated[int, Field(ge=1, lt=2**63)]
Lon = Annotated[FiniteFloat, Field(ge=-180, le=180)]
Lat = Annotated[FiniteFloat, Field(ge=-90, le=90)]
Grade = Annotated[int, Field(ge=1, le=4)]
Words = Annotated[str, Field(max_length=1000)]


class NewIncident(Schema):
    """What the desk knows of a new incident."""

    kind: Annotated[str, Field(max_length=10)]
    grade: Grade
    lon: Lon
    lat: Lat
    place_words: Words = ""
    summary: Words
    premises_id: Id | None = None


class Deed(Schema):
    """What a deed may need; each takes what is its own. ``version`` makes a stale save a conflict."""

    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    reason: Words = ""
    grade: Grade | None = None
    kind: Annotated[str, Field(max_length=10)] | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    place_words: Words = ""
    premises_id: Id | None = None
    into_id: Id | None = None
    unit_id: Id | None = None
    advice_id: Id | None = None
    disposition: Annotated[str, Field(max_length=20)] = ""
    outcome: Words = ""
    words: Words = ""


@router.get("/incidents", auth=readers, url_name="incidents")
def board(request: HttpRequest, page: int = 1, size: int = ask.PAGE_SIZE) -> HttpResponse:
    """One page of the board and how many the same filter chooses (``state, kind, grade, cell, late, q``)."""
    actor, wanted = actor_of(request), BoardFilter.parse(request.GET)
    total, rows = ask.board_page(actor, wanted, page=min(page, 10**6), size=size)
    return answer({"total": total, "page": page, "rows": rows})


@router.get("/incidents/map", auth=readers)
def picture(request: HttpRequest, west: Lon, south: Lat, east: Lon, north: Lat) -> HttpResponse:
    """The same incidents within a box: points, or counts by hexagon where they are too many."""
    box = {"west": west, "south": south, "east": east, "north": north}
    return answer(ask.map_box(actor_of(request), BoardFilter.parse(request.GET), **box))


_CSV = {"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}}


@router.get("/incidents/export", auth=desk, openapi_extra=_CSV)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same incidents as a CSV file."""
    rows = ask.export_rows(actor_of(request), BoardFilter.parse(request.GET))
    audit.write([audit.draft("dispatch.exported", actor_of(request), {})])
    lines = csv_lines(_HEADER, map(_line, rows))
    return StreamingHttpResponse(
        _spoken(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="incidents.csv"'},
    )


@router.get("/incidents/{int:incident_id}", auth=readers)
def detail(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One incident with its orders and history."""
    return answer(ask.incident_detail(actor_of(request), incident_id))


@router.get("/incidents/{int:incident_id}/advice", auth=desk)
def advice(request: HttpRequest, incident_id: int) -> HttpResponse:
    """Which unit to send, as of now."""
    return answer(advise(actor_of(request), incident_id))


@router.post("/incidents/{int:incident_id}/advice", auth=desk)
def advice_kept(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The same, kept, so that the choice made from it can stand beside it."""
    actor = actor_of(request)
    sheet = advise(actor, incident_id)
    kept = do.keep_advice(actor, incident_id, ranked=sheet.as_json())
    return answer({"advice_id": kept.pk, "sheet": sheet})


@router.get("/incidents/{int:incident_id}/route/{int:unit_id}", auth=desk)
def way(request: HttpRequest, incident_id: int, unit_id: int) -> HttpResponse:
    """The way a unit would drive there, as a list of (lon, lat)."""
    return answer(route(actor_of(request), incident_id, unit_id))


_FOLLOW = then_both(
    *(
        then(200, f"jiean_dispatch_api_incidents_{name}", incident_id="id")
        for name in ("detail", "advice", "advice_kept", "act")
    )
)


@router.post("/incidents", auth=desk, openapi_extra=_FOLLOW)
def open_one(request: HttpRequest, body: NewIncident) -> HttpResponse:
    """Register an incident."""
    return changed(do.open_incident.keyed(request_key(request))(actor_of(request), **body.dict()))


Run = Callable[[HttpRequest, int, Deed], Any]


def _deed(command: Any, *names: str) -> Run:
    """A deed on a row: the command with the fields that are its own, under the request's key."""

    def run(request: HttpRequest, row_id: int, body: Deed) -> Any:
        given = {name: getattr(body, name) for name in names}
        absent = [name for name, value in given.items() if value is None and name in _NEEDED]
        if absent:
            raise Invalid(**{name: _("缺少这一项。") for name in absent})
        return command.keyed(request_key(request))(actor_of(request), row_id, **given)

    return run


_NEEDED = frozenset({"grade", "lon", "lat", "into_id", "unit_id"})
_INCIDENT_DEEDS: dict[str, Run] = {
    "grade": _deed(do.grade_incident, "grade", "kind", "version"),
    "relocate": _deed(do.relocate_incident, "lon", "lat", "place_words", "premises_id", "version"),
    "merge": _deed(do.merge_incidents, "into_id", "reason"),
    "assign": _deed(do.assign_unit, "unit_id", "advice_id"),
    "clear": _deed(do.clear_incident, "disposition", "outcome", "version"),
    "feed_back": _deed(do.feed_back, "outcome", "version"),
    "review": _deed(do.review_incident, "version"),
    "archive": _deed(do.archive_incident, "version"),
    "cancel": _deed(do.cancel_incident, "reason", "version"),
    "unfounded": _deed(do.mark_unfounded, "reason", "version"),
    "refer": _deed(do.refer_incident, "reason", "version"),
    "void": _deed(do.void_incident, "reason", "version"),
    "reopen": _deed(do.reopen_incident, "reason", "version"),
    "note": _deed(do.note_incident, "words"),
}
_ORDER_DEEDS: dict[str, Run] = {
    "ack": _deed(do.acknowledge_assignment, "version"),
    "go": _deed(do.en_route_assignment, "version"),
    "scene": _deed(do.arrive_assignment, "version"),
    "clear": _deed(do.clear_assignment, "disposition", "outcome", "version"),
    "decline": _deed(do.decline_assignment, "reason", "version"),
    "recall": _deed(do.recall_assignment, "reason", "version"),
}
IncidentDeed = Literal[
    "grade", "relocate", "merge", "assign", "clear", "feed_back", "review", "archive", "cancel", "unfounded", "refer",
    "void", "reopen", "note",
]  # fmt: skip
OrderDeed = Literal["ack", "go", "scene", "clear", "decline", "recall"]


@router.post("/incidents/{int:incident_id}/{deed}", auth=readers)
def act(request: HttpRequest, incident_id: int, deed: IncidentDeed, body: Deed) -> HttpResponse:
    """A deed on an incident."""
    return changed(_INCIDENT_DEEDS[deed](request, incident_id, body))


@router.get("/orders/mine", auth=gate(*CREW_ROLES))
def orders(request: HttpRequest) -> HttpResponse:
    """The open orders of the units one crews now."""
    return answer(ask.my_orders(actor_of(request)))


@router.post("/orders/{int:assignment_id}/{deed}", auth=readers)
def stamp(request: HttpRequest, assignment_id: int, deed: OrderDeed, body: Deed) -> HttpResponse:
    """A stamp on an order. One made without a network says so by the headers ``X-Made-At`` and ``X-Sent-At``: see ``POST /reports``."""
    return changed(_ORDER_DEEDS[deed](request, assignment_id, body))


# Words people wrote and the place itself are personal: a file of many matters carries neither (TRUST, 5 and 9.5).
_HEADER = (
    "number", "kind", "grade", "state", "received_at", "cell", "premises", "dispatched_at", "first_arrival_at",
    "cleared_at", "due_at", "late", "units", "disposition", "reopened",
)  # fmt: skip


def _line(row: IncidentRow) -> tuple[Any, ...]:
    units = " ".join(order.call_sign for order in row.orders)
    return (
        row.number, row.kind_words, row.grade, row.state_words, row.received_at, row.cell_code, row.premises_name,
        row.dispatched_at, row.first_arrival_at, row.cleared_at, row.due_at, int(row.is_late), units,
        row.disposition_words, row.reopened_count,
    )  # fmt: skip


def _spoken(lines: Iterator[str]) -> Iterator[bytes]:
    return (line.encode() for line in lines)
