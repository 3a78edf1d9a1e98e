"""Calls of the past by time, place and kind: what is expected of the days to come is learnt from them."""

from __future__ import annotations

import datetime as dt

from jiean.dispatch.models import Incident


def calls_since(since: dt.datetime) -> list[tuple[dt.datetime, int, str]]:
    """When each incident came in, its cell and its kind, by time; those without a cell are left out. One statement."""
    rows = Incident.objects.filter(received_at__gte=since, cell__isnull=False)
    return list(rows.order_by("received_at", "pk").values_list("received_at", "cell_id", "kind"))
