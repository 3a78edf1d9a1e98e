"""Who looked at a dispute, as its parties are told: role and body, what for and when; never a name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models import Dispute
from jiean.kernel.actor import Role
from jiean.kernel.models import AuditEntry
from jiean.people.queries import bodies_of
from jiean.vault.models import MatterKind, Purpose
from jiean.vault.queries import hidden_looks

LOOKS_SHOWN = 100
_WHAT: dict[str, Promise | str] = {
    "disputes.read": _("打开了纠纷"),
    "disputes.seen": _("看了办理进度"),
    "disputes.slip": _("打印了告知单"),
    "vault.opened": _("打开了当事人信息或者笔录"),
    "vault.glass_broken": _("因生命危险紧急打开"),
    "vault.glass_read": _("紧急打开后看了内容"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked."""

    role: str
    unit: str
    what: Promise | str
    purpose: str
    at: dt.datetime


def looks(dispute: Dispute) -> list[Look]:
    """Who looked at this dispute and what is sealed in it, newest first, from the audit."""
    hidden = hidden_looks(MatterKind.DISPUTE, dispute.pk)
    entries = AuditEntry.objects.filter(
        subject_kind=str(MatterKind.DISPUTE), subject_id=dispute.pk, action__in=_WHAT,
        outcome=AuditEntry.Outcome.DONE,
    )  # fmt: skip
    rows = list(entries.order_by("-id").values_list("role", "account_id", "action", "purpose", "at")[:LOOKS_SHOWN])
    bodies = bodies_of(account_id for _role, account_id, *_rest in rows if account_id)
    return [
        Look(
            str(Role(role).label), bodies.get(account_id or 0, settings.STATION_NAME), _WHAT[action],
            str(Purpose(purpose).label) if purpose in Purpose.values else "", at,
        )
        for role, account_id, action, purpose, at in rows
        if not any(account_id == who and since <= at <= until for who, since, until in hidden)
    ]  # fmt: skip
