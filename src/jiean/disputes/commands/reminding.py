"""Reminders: a day before a clock runs out and when it has, to the mediator, else to the desk; once each."""

from __future__ import annotations

import datetime as dt

from jiean.disputes.access import Can
from jiean.disputes.commands.telling import holders
from jiean.disputes.models import Dispute
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.people.commands import send_message

AHEAD = dt.timedelta(hours=24)
MOST = 500


@command
def remind_due(actor: Actor) -> int:
    """Leave a notice for whoever holds a dispute whose clock runs out within a day, or has; return how many notices."""
    at = clocks.now()
    rows = visible(Can.FORGET, actor, Dispute).filter(state__in=Dispute.LIVE, due_at__lt=at + AHEAD)
    sent = 0
    for dispute in rows.order_by("due_at", "pk")[:MOST]:
        late = dispute.due_at is not None and dispute.due_at <= at
        mark = f"{dispute.due_code.removeprefix('disputes.')} {dispute.due_at:%y%m%d%H%M} {'late' if late else 'soon'}"
        if mark == dispute.reminded:
            continue
        Dispute.objects.filter(pk=dispute.pk).update(reminded=mark)
        code = "disputes.late" if late else "disputes.due_soon"
        for account_id in holders(dispute):
            send_message(actor, account_id, code, subject_kind="disputes.dispute", subject_id=dispute.pk)
            sent += 1
    return sent
