"""What the kernel does by the clock: heads of the audit chain signed outside, and nightly tidying of what only serves for a while."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from jiean.kernel import anchors, audit, clocks
from jiean.kernel.anchors import Anchor
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


@periodic("kernel.anchor_audit", cron="*/10 * * * *")
def anchor_audit() -> None:
    """Sign the head of the audit chain outside the database; on a new day leave a sheet of it to print.

    Raises KeyMissing where there is no key to sign with: a chain without anchors proves nothing, so the job shows as failed.
    """
    anchor = anchor_head()
    if anchor is None:
        return
    sheet = settings.ANCHOR_DIR / f"head-{clocks.local_day(clocks.now()):%Y-%m-%d}.txt"
    if not sheet.exists():
        sheet.write_text(head_sheet(anchor), encoding="utf-8")


def anchor_head() -> Anchor | None:
    """Link what is settled and sign the head; None while the chain is empty. Raises KeyMissing, OSError."""
    while audit.seal():
        pass
    head = audit.head()
    if head is None:
        return None
    key = anchors.signing_key(settings.AUDIT_KEY_FILE)
    return anchors.append(settings.ANCHOR_DIR, key, station=settings.STATION_NAME, head=head, at=clocks.now())


def head_sheet(anchor: Anchor) -> str:
    """A signed head as a sheet to print."""
    return anchors.printable(anchor, anchors.signer_words(anchors.signing_key(settings.AUDIT_KEY_FILE)))
