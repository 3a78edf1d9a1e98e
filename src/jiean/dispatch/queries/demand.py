"""Where calls come from: what the coverage of the free units is weighed by."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.utils import timezone

from jiean.dispatch.models import Incident
from jiean.kernel import clocks

DEMAND_DAYS = 30


def calls_by_cell() -> dict[int, int]:
    """How many incidents each cell had in the past DEMAND_DAYS; cells without any are left out. One statement."""
    since = clocks.now() - dt.timedelta(days=DEMAND_DAYS)
    rows = Incident.objects.filter(received_at__gte=since, cell__isnull=False).values_list("cell_id")
    return dict(rows.annotate(number=Count("pk")).order_by())


def calls_by_hour() -> list[int]:
    """How many incidents came in each hour of the station's day in the past DEMAND_DAYS, (24,). One statement."""
    since = clocks.now() - dt.timedelta(days=DEMAND_DAYS)
    hour = ExtractHour("received_at", tzinfo=timezone.get_default_timezone())
    rows = Incident.objects.filter(received_at__gte=since).annotate(hour=hour).values_list("hour")
    counts = dict(rows.annotate(number=Count("pk")).order_by())
    return [counts.get(one, 0) for one in range(24)]


def calls_by_kind() -> dict[str, int]:
    """How many incidents of each kind came in the past DEMAND_DAYS. One statement."""
    since = clocks.now() - dt.timedelta(days=DEMAND_DAYS)
    rows = Incident.objects.filter(received_at__gte=since).values_list("kind")
    return dict(rows.annotate(number=Count("pk")).order_by())
