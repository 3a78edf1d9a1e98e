"""Figures of the day, counted from the incidents themselves."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from jiean.dispatch.access import Can
from jiean.dispatch.models import OPEN, Assignment, Incident
from jiean.dispatch.queries.board import MOST_ROWS, IncidentRow, incident_rows
from jiean.dispatch.targets import ARRIVE
from jiean.kernel import clocks
from jiean.kernel.access import allow, visible
from jiean.kernel.actor import Actor
from jiean.kernel.device_time import late
from jiean.kernel.models import Transition
from jiean.kernel.workflow import kind_of

_OUT_OF_SCOPE = (Incident.State.CANCELLED, Incident.State.VOIDED, Incident.State.MERGED)


@dataclass(frozen=True, slots=True)
class ShareInTime:
    """How many met a target, of how many. The share is left to the reader's eye below no count at all.

    ``late`` of them were stamped without a network, ``late_in_time`` of these within the target by the devices' own time, where that
    is believed: told beside the share, never counted in it (docs/adr/0019).
    """

    met: int
    total: int
    late: int = 0
    late_in_time: int = 0

    @property
    def percent(self) -> int | None:
        return round(100 * self.met / self.total) if self.total else None


def five_minutes_today(actor: Actor) -> ShareInTime:
    """Incidents sent out since midnight whose first unit arrived within five minutes of the order; a missing stamp is a miss.

    One whose five minutes still run is not counted yet. Cancelled, voided and merged ones are out of scope. The figure is the
    station's whoever reads it: a dispatcher's own rows would leave out what others have closed. Raises Forbidden. Two statements, one
    more where something was stamped without a network.
    """
    allow(Can.SEE_WATCH, actor)
    now, limit = clocks.now(), dt.timedelta(seconds=ARRIVE.seconds)
    midnight = clocks.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    arrived_in_time = Q(first_arrival_at__lte=F("dispatched_at") + limit)
    counted = (
        Incident.objects.filter(dispatched_at__gte=midnight)
        .exclude(state__in=_OUT_OF_SCOPE)
        .filter(Q(dispatched_at__lt=now - limit) | Q(first_arrival_at__isnull=False))
    )
    counts = counted.aggregate(total=Count("pk"), met=Count("pk", filter=arrived_in_time))
    came_late = _late_arrivals(counted, midnight)
    in_time = [made_at <= sent_at + limit for sent_at, made_at in came_late if made_at is not None]
    return ShareInTime(counts["met"], counts["total"], len(came_late), sum(in_time))


def _late_arrivals(counted: QuerySet[Incident], since: dt.datetime) -> list[tuple[dt.datetime, dt.datetime | None]]:
    """First arrivals stamped without a network: when the incident was sent out, and the device's time where it is believed."""
    scene = Transition.objects.filter(kind=kind_of(Assignment), code="scene", at__gte=since, device_at__isnull=False)
    lines = {line.subject_id: line for line in scene}
    if not lines:
        return []
    first = Assignment.objects.filter(
        pk__in=lines, incident__in=counted, on_scene_at=F("incident__first_arrival_at")
    ).select_related("incident")
    told = [(order, late(lines[order.pk], lines[order.pk].at, order.assigned_at)) for order in first]
    return [
        (order.incident.dispatched_at or order.assigned_at, None if one is None or one.doubt else one.made_at)
        for order, one in told
    ]


FEWEST = 5
"""A count below this is not shown: it could point at persons (TRUST, section 10, heat map)."""
YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class KindCount:
    """How often a kind occurred at one place; ``count`` and ``busiest_hour`` are None below FEWEST."""

    kind_words: str
    count: int | None
    busiest_hour: int | None


def open_at(actor: Actor, premises_id: int) -> list[IncidentRow]:
    """Open incidents at a place among those the actor may see, the most urgent first."""
    rows = visible(Can.SEE_INCIDENT, actor, Incident).filter(premises_id=premises_id, state__in=sorted(OPEN))
    return incident_rows(actor, list(rows.order_by("grade", "received_at").values_list("pk", flat=True)[:MOST_ROWS]))


def past_year_at(actor: Actor, premises_id: int) -> list[KindCount]:
    """Counts by kind of the past year at a place, the most frequent first. Raises Forbidden. One statement."""
    allow(Can.SEE_INCIDENT, actor)
    rows = Incident.objects.filter(premises_id=premises_id, received_at__gte=clocks.now() - YEAR)
    hours: dict[str, Counter[int]] = {}
    for kind, received_at in rows.exclude(state__in=_OUT_OF_SCOPE).values_list("kind", "received_at"):
        hours.setdefault(kind, Counter())[clocks.local(received_at).hour] += 1
    ordered = sorted(hours.items(), key=lambda item: -item[1].total())
    return [_kind_count(kind, counts) for kind, counts in ordered]


def _kind_count(kind: str, hours: Counter[int]) -> KindCount:
    words, enough = str(Incident.Kind(kind).label), hours.total() >= FEWEST
    return KindCount(words, hours.total() if enough else None, hours.most_common(1)[0][0] if enough else None)
