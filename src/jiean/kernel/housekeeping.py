"""What the kernel does by the clock: heads of the audit chain signed outside, and nightly tidying of what only serves for a while."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model

from jiean.kernel import anchors, audit, clocks, erasures, guesses, library, retention
from jiean.kernel.anchors import Anchor
from jiean.kernel.drafts import Draft
from jiean.kernel.jobs import periodic
from jiean.kernel.models import Event, EventReaction, Hold, IdempotencyKey
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.retention import clock

KEEP = dt.timedelta(days=35)
"""Phones may send again for 30 days; a key must outlive its last repetition."""


@periodic("kernel.retire", cron="10 19 * * *")  # 03:10 on the station's clock
def retire() -> None:
    """Run every clock of the field registry; bring the erasure ledger up to date. Raises ClocksFailed, OSError, BadLedger."""
    try:
        retention.run_all()
    finally:
        erasures.catch_up()


@clock("kernel.forget_spent_rows", Keeping.SPENT)
def forget_spent_rows() -> int:
    """Delete keys, events and parked jobs older than ``KEEP``; what they led to stays in the rooms, the history and the audit."""
    before = clocks.now() - KEEP
    gone = IdempotencyKey.objects.filter(at__lt=before).delete()[0] + _forget_parked_jobs(before)
    gone += guesses.forget()
    last = Event.objects.filter(at__lt=before).order_by("-id").values_list("id", flat=True).first()
    if last is not None:
        EventReaction.objects.filter(event_id__lte=last).delete()
        gone += Event.objects.filter(at__lt=before).delete()[0]
    return gone


def _forget_parked_jobs(before: dt.datetime) -> int:
    """Jobs that failed for good stay to be looked at, but not for ever; those that end well go at once."""
    done = "status IN ('failed', 'aborted', 'cancelled') AND (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) < %s"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM procrastinate_jobs j WHERE {done}", [before])
        return int(cursor.rowcount)


@clock("kernel.forget_drafts", Keeping.DRAFT)
def forget_drafts() -> int:
    """Delete what was read from a file and that nobody needs any more, of every room."""
    before = clocks.now() - _period(Keeping.DRAFT)
    drafts = [model for model in apps.get_models() if issubclass(model, Draft)]
    return sum(model._default_manager.filter(updated_at__lt=before).delete()[0] for model in drafts)


@clock("kernel.forget_sessions", Keeping.SESSION)
def forget_sessions() -> int:
    """Delete sessions that have expired."""
    kept: type[Model] = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()
    return kept._default_manager.filter(expire_date__lt=clocks.now()).delete()[0]


@clock("kernel.forget_sign_ins", Keeping.SECURITY)
def forget_sign_ins() -> int:
    """Delete the record of who signed in and who failed to."""
    before = clocks.now() - _period(Keeping.SECURITY)
    logs = (AccessAttempt, AccessFailureLog, AccessLog)
    return sum(model.objects.filter(attempt_time__lt=before).delete()[0] for model in logs)


@clock("kernel.forget_holds", Keeping.RIGHTS)
def forget_holds() -> int:
    """Delete holds that were lifted three years ago."""
    return Hold.objects.filter(lifted_at__lt=clocks.now() - _period(Keeping.RIGHTS)).delete()[0]


def _period(keeping: Keeping) -> dt.timedelta:
    period = PERIODS[keeping]
    assert period is not None
    return period


@periodic("kernel.tidy_library", cron="3 18 * * *")  # 02:03 on the station's clock
def tidy_library() -> None:
    """One segment a collection, without what was taken out, weighed by the lengths of now: whichever room keeps it."""
    library.tidy_all()


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
