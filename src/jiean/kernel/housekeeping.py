"""Nightly tidying of what only serves for a while: spent idempotency keys, old events and the marks of their reactions."""

from __future__ import annotations

import datetime as dt

from jiean.kernel import clocks
from jiean.kernel.jobs import periodic
from jiean.kernel.models import Event, EventReaction, IdempotencyKey

KEEP = dt.timedelta(days=35)
"""Phones may send again for 30 days; a key must outlive its last repetition."""


@periodic("kernel.forget_spent_rows", cron="10 19 * * *")  # 03:10 on the station's clock
def forget_spent_rows() -> None:
    """Delete keys and events older than ``KEEP``; what they led to stays in the rooms, the history and the audit."""
    before = clocks.now() - KEEP
    IdempotencyKey.objects.filter(at__lt=before).delete()
    last = Event.objects.filter(at__lt=before).order_by("-id").values_list("id", flat=True).first()
    if last is not None:
        EventReaction.objects.filter(event_id__lte=last).delete()
        Event.objects.filter(at__lt=before).delete()
