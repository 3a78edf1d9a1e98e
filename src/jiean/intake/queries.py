"""Every read of reports: the queue, one report, what the reporter may see, and what lies near."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from jiean.dispatch.queries import holds_incident
from jiean.grid.queries import premises_near
from jiean.intake import tracking
from jiean.intake.access import Can
from jiean.intake.found import Told as Told
from jiean.intake.found import names
from jiean.intake.found import reports_named as reports_named
from jiean.intake.found import reports_of_telephone_end as reports_of_telephone_end
from jiean.intake.found import reports_telling as reports_telling
from jiean.intake.looks import is_shut, look
from jiean.intake.models import (
    Channel,
    Kind,
    Photo,
    Referral,
    Report,
    Supplement,
    ToldApart,
    Urgency,
)
from jiean.intake.rules import HOT_COUNT, SIMILAR_DAYS, SIMILAR_RADIUS_M
from jiean.intake.words import look_at_quarrel as look_at_quarrel
from jiean.kernel import clocks, geo
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.kernel.models import Transition
from jiean.kernel.workflow import timeline
from jiean.vault.commands import look_up
from jiean.vault.models import Kind as Standing
from jiean.vault.queries import record_export

PAGE_SIZE = 25
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue shows. List, count and export are all made from one of these, so they cannot differ."""

    states: tuple[str, ...] = tuple(Report.OPEN)
    kind: str = ""
    cell_id: int | None = None
    urgency: int | None = None
    channel: str = ""
    late: bool = False
    ruling: bool = False
    words: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        """Work to be done: the most urgent and oldest first. Anything else: the newest first. Each stands on an index."""
        return _ORDER if set(self.states) <= set(Report.OPEN) else _NEWEST_FIRST

    def rows(self, actor: Actor, at: dt.datetime | None = None) -> QuerySet[Report]:
        """The reports the actor may see and the filter lets through, unordered."""
        rows = visible(Can.SEE_REPORTS, actor, Report).filter(state__in=self.states)
        if self.kind in Kind.values:
            rows = rows.filter(kind=self.kind)
        if self.cell_id is not None:
            rows = rows.filter(cell=self.cell_id)
        if self.urgency in Urgency.values:
            rows = rows.filter(urgency=self.urgency)
        if self.channel in Channel.values:
            rows = rows.filter(channel=self.channel)
        if self.late:
            rows = rows.filter(due_at__lt=at or clocks.now())
        if self.ruling:
            rows = rows.filter(needs_ruling=True)
        for word in self.words.split():
            rows = rows.filter(names(word))
        return rows


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue."""

    id: int
    version: int
    number: str
    kind: str
    kind_label: str
    urgency: int
    state: str
    state_label: str
    channel_label: str
    text: str
    place: str
    cell_code: str
    lon: float | None
    lat: float | None
    red_flag: bool
    needs_ruling: bool
    merged_count: int
    reopened_count: int
    received_at: dt.datetime
    due_at: dt.datetime | None

    @property
    def is_hot(self) -> bool:
        return self.merged_count + 1 >= HOT_COUNT


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue and how many there are in all."""

    rows: list[QueueRow]
    total: int
    page: int
    as_of: dt.datetime


_ORDER = ("urgency", "received_at", "id")
_NEWEST_FIRST = ("-received_at", "-id")


def queue(actor: Actor, chosen: Filter, *, page: int = 1) -> Queue:
    """A page of reports, the most urgent and oldest first. Ids are found on the index alone, rows read for one page only."""
    at = clocks.now()
    rows = chosen.rows(actor, at)
    total = rows.count()
    last = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), last)
    first = (page - 1) * PAGE_SIZE
    ids = list(rows.order_by(*chosen.order).values_list("pk", flat=True)[first : first + PAGE_SIZE])
    return Queue(_queue_rows(actor, ids), total, page, at)


def _queue_rows(actor: Actor, ids: list[int]) -> list[QueueRow]:
    rows = Report.objects.filter(pk__in=ids).select_related("cell", "premises").defer("cell__boundary", "advice")
    counts = merged_counts(ids)
    found = {row.pk: _queue_row(row, counts.get(row.pk, 0), is_shut(actor, row)) for row in rows}
    return [found[pk] for pk in ids if pk in found]


def merged_counts(ids: Iterable[int]) -> dict[int, int]:
    """How many reports are merged into each of these."""
    merged = Report.objects.filter(merged_into__in=list(ids)).values_list("merged_into")
    return dict(merged.annotate(number=Count("pk")))


def _queue_row(row: Report, merged_count: int, shut: bool) -> QueueRow:
    return QueueRow(
        id=row.pk,
        version=row.version,
        number=row.number,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        urgency=row.urgency,
        state=row.state,
        state_label=row.get_state_display(),
        channel_label=row.get_channel_display(),
        text="" if shut else row.text,
        place=place_of(row),
        cell_code=row.cell.code if row.cell else "",
        lon=row.lon,
        lat=row.lat,
        red_flag=row.red_flag,
        needs_ruling=row.needs_ruling,
        merged_count=merged_count,
        reopened_count=row.reopened_count,
        received_at=row.received_at,
        due_at=row.due_at,
    )


def due_by(actor: Actor, until: dt.datetime, *, limit: int = 20) -> list[QueueRow]:
    """The actor's open reports whose time runs out by then, the first due first."""
    rows = Filter().rows(actor).filter(due_at__lt=until)
    return _queue_rows(actor, list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:limit]))


def queue_count(actor: Actor, chosen: Filter) -> int:
    """How many reports the filter lets through."""
    return chosen.rows(actor).count()


def exported(actor: Actor, chosen: Filter) -> Iterator[tuple[Any, ...]]:
    """The same reports as the list, without words and contacts (TRUST, 9.5), in the list's order. Raises ProveYourself.

    That a file was made, by what filter and what for, is written down before its first line.
    """
    record_export(actor, "intake.exported", asdict(chosen))
    return _lines(actor, chosen)


def _lines(actor: Actor, chosen: Filter) -> Iterator[tuple[Any, ...]]:
    rows = chosen.rows(actor).order_by(*chosen.order)
    for row in rows.values_list(
        "number", "urgency", "kind", "state", "channel", "cell__code", "premises__name", "received_at", "due_at"
    ).iterator(chunk_size=2000):
        number, urgency, kind, state, channel, cell, premises, received_at, due_at = row
        yield (
            number,
            str(Urgency(urgency).label),
            str(Kind(kind).label),
            str(Report.State(state).label),
            str(Channel(channel).label),
            cell or "",
            premises or "",
            _shown(received_at),
            _shown(due_at),
        )


def _shown(at: dt.datetime | None) -> str:
    return clocks.local(at).strftime("%Y-%m-%d %H:%M") if at else ""


def place_of(row: Report) -> str:
    """The place in words: the premises, else what was said, else the cell."""
    named = row.premises.name if row.premises else ""
    return " · ".join(dict.fromkeys(word for word in (named, row.place_words) if word)) or (
        row.cell.name if row.cell else ""
    )


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that hangs on one report. Photos and merged reports are plain values: id and size, id, number and words."""

    report: Report
    photos: list[dict[str, Any]]
    supplements: list[Supplement]
    referrals: list[Referral]
    merged: list[dict[str, Any]]
    history: list[Transition]

    @property
    def running_referral(self) -> Referral | None:
        return next((one for one in self.referrals if one.state in Referral.RUNNING), None)

    @property
    def is_hot(self) -> bool:
        return len(self.merged) + 1 >= HOT_COUNT


def _whole(rows: QuerySet[Report]) -> Any:
    """Reports with what a page of one always shows, in one statement; what most do not have is only asked after."""
    own = {"report": OuterRef("pk")}
    photos = Photo.objects.filter(**own).order_by("pk").values(one=JSONObject(id="id", width="width", height="height"))
    merged = Report.objects.filter(merged_into=OuterRef("pk")).order_by("pk")
    return (
        rows.select_related("cell", "premises", "merged_into")
        .defer("cell__boundary")
        .annotate(
            photo_rows=ArraySubquery(photos),
            merged_rows=ArraySubquery(merged.values(one=JSONObject(id="id", number="number", text="text"))),
            has_supplements=Exists(Supplement.objects.filter(**own)),
            has_referrals=Exists(Referral.objects.filter(**own)),
        )
    )


def report_detail(actor: Actor, report_id: int) -> Detail:
    """One report with all that hangs on it. The look is written down. Raises NotFound, ProveYourself for a finished one."""
    detail = _detail(_whole(visible(Can.SEE_REPORTS, actor, Report)).filter(pk=report_id).first())
    look(actor, "intake.report_read", detail.report, "text", "place_words", "answer", "supplements")
    return detail


def _detail(report: Any) -> Detail:
    if report is None:
        raise NotFound
    referrals = report.referrals.select_related("organisation").order_by("pk") if report.has_referrals else ()
    return Detail(
        report=report,
        photos=report.photo_rows,
        supplements=list(report.supplements.order_by("pk")) if report.has_supplements else [],
        referrals=list(referrals),
        merged=report.merged_rows,
        history=timeline(report),
    )


def report_by_number(actor: Actor, number: str) -> Report | None:
    """The report of a number, if the actor may see it."""
    return visible(Can.SEE_REPORTS, actor, Report).filter(number=number.strip().upper()).first()


def photo(actor: Actor, report_id: int, photo_id: int) -> Photo:
    """A photo of a report the actor may see. Raises NotFound, ProveYourself for a finished one."""
    report = fetch(Can.SEE_REPORTS, actor, Report, report_id, lock=False)
    found = _photo_of(report_id, photo_id)
    look(actor, "intake.photo_seen", report, "photo")
    return found


def tracked(number: str, code: str) -> Detail:
    """A report for the one who holds its number and code. Raises NotFound, whichever of the two is wrong."""
    number = number.strip().upper()
    if not tracking.fits(number, code):
        raise NotFound
    return _detail(_whole(Report.objects.filter(number=number)).first())


def tracked_photo(number: str, code: str, photo_id: int) -> Photo:
    """A photo for the one who holds number and code. Raises NotFound."""
    return _photo_of(tracked(number, code).report.pk, photo_id)


def _photo_of(report_id: int, photo_id: int) -> Photo:
    found = Photo.objects.filter(report=report_id, pk=photo_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Near:
    """An open report near a point: for the public without its words, for the desk with them.

    told_apart : a person said it is another thing than the one looked from · leads : others were merged into it
    """

    report: Report
    distance_m: float
    told_apart: bool = False
    leads: bool = False


def _told_apart_from(report_id: int) -> QuerySet[ToldApart]:
    """Whether the outer report was called another thing than this one."""
    outer = OuterRef("pk")
    return ToldApart.objects.filter(Q(first=report_id, second=outer) | Q(second=report_id, first=outer))


def similar_open(lon: float, lat: float, *, but: int | None = None, limit: int = 5) -> list[Near]:
    """Open reports of the last days within SIMILAR_RADIUS_M, nearest first."""
    reach = SIMILAR_RADIUS_M / METRES_PER_DEGREE
    since = clocks.now() - dt.timedelta(days=SIMILAR_DAYS)
    rows = (
        Report.objects.filter(
            state__in=Report.OPEN,
            lat__range=(lat - reach, lat + reach),
            lon__range=(lon - 2 * reach, lon + 2 * reach),
            received_at__gte=since,
        )
        .exclude(pk=but or 0)
        .annotate(
            told_apart=Exists(_told_apart_from(but or 0)),
            leads=Exists(Report.objects.filter(merged_into=OuterRef("pk"))),
        )
        .only("pk", "number", "kind", "state", "text", "lon", "lat", "received_at")[:200]
    )
    found = [
        Near(row, geo.distance_m(lon, lat, row.lon or 0.0, row.lat or 0.0), row.told_apart, row.leads) for row in rows
    ]
    near = [one for one in found if one.distance_m <= SIMILAR_RADIUS_M]
    return sorted(near, key=lambda one: (one.distance_m, one.report.pk))[:limit]


def open_of_caller(actor: Actor, phone: str) -> list[Report]:
    """Open reports of whoever left exactly this number, as far as the actor may see them. Raises Forbidden."""
    matters = [found.matter_id for found in look_up(actor, Standing.REPORTER, "phone", phone)]
    rows = visible(Can.SEE_REPORTS, actor, Report).filter(pk__in=matters, state__in=Report.OPEN)
    return list(rows.order_by("-pk"))


def referrals_to_own_body(actor: Actor) -> list[Referral]:
    """Referrals that wait for the actor's body or run there, oldest first."""
    rows = visible(Can.ANSWER_REFERRAL, actor, Referral).filter(state__in=Referral.RUNNING)
    return list(rows.select_related("organisation", "report").order_by("sent_at")[:200])


def holds_report(actor: Actor, report_id: int) -> bool:
    """Whether the actor handles the report, or is on the way to its incident: what the vault asks before it opens a contact."""
    if visible(Can.SEE_REPORTS, actor, Report).filter(pk=report_id).exists():
        return True
    incident_id = Report.objects.filter(pk=report_id).values_list("incident_id", flat=True).first()
    return incident_id is not None and holds_incident(actor, incident_id)


def places_near(lon: float, lat: float) -> list[str]:
    """Names of places near a point, for the words of a place."""
    return [place.name for place in premises_near(lon, lat, SIMILAR_RADIUS_M)[:5]]
