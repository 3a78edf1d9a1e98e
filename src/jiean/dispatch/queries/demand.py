"""Where calls come from: what the coverage of the free units is weighed by."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count

from jiean.dispatch.models import Incident
from jiean.kernel import clocks

DEMAND_DAYS = 30


def calls_by_cell() -> dict[int, int]:
    """How many incidents each cell had in the past DEMAND_DAYS; cells without any are left out. One statement."""
    since = clocks.now() - dt.timedelta(days=DEMAND_DAYS)
    rows = Incident.objects.filter(received_at__gte=since, cell__isnull=False).values_list("cell_id")
    return dict(rows.annotate(number=Count("pk")).order_by())
