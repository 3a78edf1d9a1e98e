"""Intake's JSON: anybody may report; the desk lists and decides."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import Header, Query, Router, Schema, Status
from pydantic import Field

from jiean.grid.queries import premises_by_token
from jiean.intake import commands, tracking
from jiean.intake.away import kept
from jiean.intake.journal import AWAY, or_away
from jiean.intake.models import NOTE_LIMIT, PLACE_LIMIT, TEXT_LIMIT, Channel, Kind, Outcome, Report, Urgency
from jiean.intake.queries import Filter, queue, tracked
from jiean.intake.slow_lane import is_full
from jiean.intake.steps import public_steps, responsible_desk
from jiean.kernel import geo
from jiean.kernel.actor import Actor, Role
from jiean.kernel.api import gate, open_gate
from jiean.kernel.device_time import sayable
from jiean.kernel.document import then, then_both
from jiean.kernel.errors import Invalid
from jiean.kernel.guesses import one_guess
from jiean.kernel.http import actor_of, request_key
from jiean.kernel.pictures import redraw_all

router = Router(tags=["intake"])
Degrees = Annotated[float, Field(allow_inf_nan=False)]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
_DESK = (Role.COMMANDER, Role.DISPATCHER)


class ReportIn(Schema):
    """A report. Place it by ``lon`` and ``lat`` in ``datum``, by the ``place_token`` of a QR code, or in words."""

    text: Annotated[str, Field(max_length=TEXT_LIMIT)]
    lon: Degrees | None = None
    lat: Degrees | None = None
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    place_words: Annotated[str, Field(max_length=PLACE_LIMIT)] = ""
    place_token: Annotated[str, Field(max_length=20)] = ""
    name: Annotated[str, Field(max_length=40)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    device_at: dt.datetime | None = None


class ReportReceived(Schema):
    """What the reporter needs to follow the report; the code is given this once."""

    id: int
    number: str
    code: str
    state: str
    received_at: dt.datetime


class StepOut(Schema):
    at: dt.datetime
    title: str
    by: str
    note: str


class ReportTracked(Schema):
    """Where a report stands, in words."""

    number: str
    state: str
    state_words: str
    desk: str
    outcome: str
    answer: str
    received_at: dt.datetime
    steps: list[StepOut]


class QueueRowOut(Schema):
    """One line of the desk's queue."""

    id: int
    version: int
    number: str
    kind: str
    urgency: int
    state: str
    text: str
    place: str
    cell_code: str
    lon: float | None
    lat: float | None
    red_flag: bool
    needs_ruling: bool
    merged_count: int
    received_at: dt.datetime
    due_at: dt.datetime | None


class QueueOut(Schema):
    total: int
    page: int
    as_of: dt.datetime
    rows: list[QueueRowOut]


class FilterIn(Schema):
    """What the list shows; the same filter as the desk's page."""

    state: Annotated[list[Report.State], Field(default_factory=list, max_length=7)]
    kind: Kind | None = None
    urgency: Annotated[int, Field(ge=1, le=4)] | None = None
    cell: RowId | None = None
    late: bool = False
    ruling: bool = False
    q: Annotated[str, Field(max_length=60)] = ""
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class ReportState(Schema):
    """What a deed left a report as."""

    id: int
    number: str
    state: str
    version: int
    incident_id: int | None = None


class AcceptIn(Schema):
    """The version is asked for: who accepts has read the report as it stands."""

    version: Version
    kind: Kind | None = None
    urgency: Annotated[int, Field(ge=1, le=4)] | None = None


class ReferIn(Schema):
    organisation_id: RowId
    reason: Annotated[str, Field(max_length=NOTE_LIMIT)] = ""
    version: Version | None = None


class ReasonIn(Schema):
    reason: Annotated[str, Field(max_length=NOTE_LIMIT)]
    version: Version | None = None


class AnswerIn(Schema):
    outcome: Outcome
    answer: Annotated[str, Field(max_length=NOTE_LIMIT)] = ""
    version: Version | None = None


class MergeIn(Schema):
    report_ids: Annotated[list[RowId], Field(min_length=1, max_length=50)]


class ReportKept(Schema):
    """The database is away, or the caller sends very many: kept on this machine under a provisional number, which also finds it later."""

    number: str
    code: str
    state: Literal["kept"]
    detail: str


_CODE = {"number": "number", "header_X_Tracking_Code": "code"}
_FOLLOW = then_both(
    then(201, "jiean_intake_api_get_report", **_CODE),
    then(201, "jiean_intake_api_post_photos", **_CODE),
    then(201, "jiean_intake_api_accept", report_id="id"),
    then(201, "jiean_intake_api_refer", report_id="id"),
    then(201, "jiean_intake_api_reject", report_id="id"),
    then(201, "jiean_intake_api_answer", report_id="id"),
    then(201, "jiean_intake_api_merge", report_id="id"),
)


@router.post(
    "/reports",
    auth=open_gate,
    response={201: ReportReceived, 202: ReportKept},
    summary="Report something",
    openapi_extra=_FOLLOW,
)
def post_report(request: HttpRequest, body: ReportIn) -> Status[dict[str, Any]]:
    """Take a report. With the header ``Idempotency-Key`` a repeated request gives the same number.

    Written without a network: the headers ``X-Made-At`` and ``X-Sent-At`` say, in seconds since 1970 by the device's own clock, when
    it was written and when it is sent; both times are kept, a wrong clock is no reason to refuse. ``device_at`` alone is kept as said.

    202: the database is away, or a flood comes from this address: the report is kept on this machine and entered later.
    """
    if is_full(request):
        return _kept(request, body)
    try:
        return or_away(lambda: _received(request, body))
    except AWAY:
        return _kept(request, body)


def _kept(request: HttpRequest, body: ReportIn) -> Status[dict[str, Any]]:
    lon, lat = _in_wgs84(body)
    number = kept(
        text=body.text, lon=lon, lat=lat, place_words=body.place_words, token=body.place_token,
        contact=commands.Contact(body.name, body.phone), channel=Channel.API, key=request_key(request),
        device_at=_aware(body.device_at), late=actor_of(request).late,
    )  # fmt: skip
    words = _("已收下，先记在本机，系统恢复后自动转入。紧急情况请直接拨打 110。")
    return Status(202, {"number": number, "code": tracking.code_of(number), "state": "kept", "detail": words})


def _received(request: HttpRequest, body: ReportIn) -> Status[dict[str, Any]]:
    place = premises_by_token(body.place_token) if body.place_token else None
    if body.place_token and place is None:
        raise Invalid(place_token=_("没有这个场所。"))
    lon, lat = _in_wgs84(body)
    report = commands.submit_report.keyed(request_key(request))(
        actor_of(request),
        text=body.text,
        lon=lon,
        lat=lat,
        place_words=body.place_words,
        premises_id=place.pk if place else None,
        contact=commands.Contact(body.name, body.phone),
        channel=Channel.API,
        device_at=_aware(body.device_at),
    )
    received = {
        "id": report.pk,
        "number": report.number,
        "code": tracking.code_of(report.number),
        "state": report.state,
        "received_at": report.received_at,
    }
    return Status(201, received)


def _in_wgs84(body: ReportIn) -> tuple[float | None, float | None]:
    """The pin in WGS-84; a half or impossible one goes on for the command to refuse."""
    if body.lon is None or body.lat is None or not geo.on_globe(body.lon, body.lat):
        return body.lon, body.lat
    return geo.to_wgs84(body.lon, body.lat, body.datum)


def _aware(at: dt.datetime | None) -> dt.datetime | None:
    """A time without a zone, or of another age, is none at all. Raises Invalid."""
    if at is not None and not sayable(at):
        raise Invalid(device_at=_("时间要带时区，在 1970 年到 2200 年之间。"))
    return at


@router.get("/reports/{number}", auth=open_gate, response=ReportTracked, summary="Follow a report")
def get_report(
    request: HttpRequest, number: str, code: Annotated[str, Header(alias="X-Tracking-Code", max_length=40)] = ""
) -> dict[str, Any]:
    """Where a report stands, for whoever holds its code; the code travels in a header, never in the address."""
    with one_guess(request):
        detail = tracked(number[:20], code)
    report = detail.report
    return {
        "number": report.number,
        "state": report.state,
        "state_words": report.get_state_display(),
        "desk": responsible_desk(detail),
        "outcome": report.outcome,
        "answer": report.answer,
        "received_at": report.received_at,
        "steps": public_steps(detail),
    }


class PhotosTaken(Schema):
    """How many pictures came in with this call, and how many the report has now."""

    number: str
    taken: int
    total: int


@router.post("/reports/{number}/photos", auth=open_gate, response={201: PhotosTaken}, summary="Add pictures")
def post_photos(
    request: HttpRequest, number: str, code: Annotated[str, Header(alias="X-Tracking-Code", max_length=40)] = ""
) -> Status[dict[str, Any]]:
    """Add pictures to a report one holds the code of: multipart/form-data, field ``photos``, once or several times.

    The limits are those of the form: JPEG, PNG or WebP, at most 6 a report, 10 MB and 25 megapixels each. They are drawn
    anew, without metadata. With the header ``Idempotency-Key`` a repeated request adds nothing.
    """
    with one_guess(request):
        report = tracked(number[:20], code).report
    pictures = redraw_all(_files(request))
    if not pictures:
        raise Invalid(photos=_("请用 multipart/form-data 的 photos 字段发照片。"))
    commands.add_supplement.keyed(request_key(request))(Actor.public(), report.pk, photos=pictures, code=code)
    total = len(tracked(report.number, code).photos)
    return Status(201, {"number": report.number, "taken": len(pictures), "total": total})


def _files(request: HttpRequest) -> list[Any]:
    """The files of a multipart body. Raises Invalid for one that cannot be read."""
    try:
        return request.FILES.getlist("photos")
    except (MultiPartParserError, TooManyFilesSent, RequestDataTooBig, UnreadablePostError) as broken:
        raise Invalid(photos=_("照片没有收全，请重新发送；一次最多 6 张。")) from broken


@router.get("/desk/reports", auth=gate(*_DESK, Role.OFFICER, Role.SOCIAL_WORKER), response=QueueOut)
def list_reports(request: HttpRequest, wanted: Query[FilterIn]) -> Any:
    """The desk's queue, the most urgent and oldest first, 25 a page."""
    chosen = Filter(
        states=tuple(wanted.state) or tuple(Report.OPEN),
        kind=wanted.kind or "",
        cell_id=wanted.cell,
        urgency=wanted.urgency,
        late=wanted.late,
        ruling=wanted.ruling,
        words=wanted.q.replace("\x00", ""),
    )
    return queue(actor_of(request), chosen, page=wanted.page)


@router.post("/desk/reports/{int:report_id}/accept", auth=gate(*_DESK), response=ReportState)
def accept(request: HttpRequest, report_id: int, body: AcceptIn) -> Report:
    """Take a report on as an incident."""
    return commands.accept_as_incident.keyed(request_key(request))(
        actor_of(request),
        report_id,
        kind=body.kind,
        urgency=Urgency(body.urgency) if body.urgency else None,
        version=body.version,
    )


@router.post("/desk/reports/{int:report_id}/refer", auth=gate(*_DESK), response=ReportState)
def refer(request: HttpRequest, report_id: int, body: ReferIn) -> Report:
    """Send a report to another body."""
    referral = commands.refer_report.keyed(request_key(request))(
        actor_of(request), report_id, body.organisation_id, reason=body.reason, version=body.version
    )
    return referral.report


@router.post("/desk/reports/{int:report_id}/reject", auth=gate(*_DESK), response=ReportState)
def reject(request: HttpRequest, report_id: int, body: ReasonIn) -> Report:
    """Take a report on no further."""
    return commands.reject_report.keyed(request_key(request))(
        actor_of(request), report_id, reason=body.reason, version=body.version
    )


@router.post("/desk/reports/{int:report_id}/answer", auth=gate(*_DESK, Role.OFFICER), response=ReportState)
def answer(request: HttpRequest, report_id: int, body: AnswerIn) -> Report:
    """Tell the reporter what came of it."""
    return commands.answer_report.keyed(request_key(request))(
        actor_of(request), report_id, outcome=body.outcome, answer=body.answer, version=body.version
    )


@router.post("/desk/reports/{int:report_id}/merge", auth=gate(*_DESK), response=ReportState)
def merge(request: HttpRequest, report_id: int, body: MergeIn) -> Report:
    """Link reports on the same thing into this one."""
    return commands.merge_reports.keyed(request_key(request))(actor_of(request), report_id, body.report_ids)
