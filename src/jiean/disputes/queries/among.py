"""What the overview's figures count, as conditions its lists take as well: one rule for the number and for what it opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.disputes.models import CallBack, Dispute

KEPT_AFTER = dt.timedelta(days=30)
RECURS_WITHIN = dt.timedelta(days=90)
KEPT, RECURRED = Q(kept=CallBack.Kept.WHOLE), Q(recurred=True)
_State = Dispute.State


def agreed(at: dt.datetime) -> Q:
    """Disputes settled so long ago that the promise is due, and not so long that ninety days more have passed."""
    return Q(outcome="settled", ended_at__range=(at - KEPT_AFTER - RECURS_WITHIN, at - KEPT_AFTER))


def called_back(at: dt.datetime) -> QuerySet[CallBack]:
    """What was said of them within ninety days of the agreement."""
    of_agreed = CallBack.objects.filter(dispute__in=Dispute.objects.filter(agreed(at)))
    return of_agreed.filter(at__lte=F("dispute__ended_at") + RECURS_WITHIN)


def _told(words: Q) -> Callable[[dt.datetime], Q]:
    return lambda at: agreed(at) & Q(pk__in=called_back(at).filter(words).order_by().values("dispute_id"))


def _accepted(_at: dt.datetime) -> Q:
    return Q(accepted_at__isnull=False) & ~Q(state__in=(_State.REGISTERED, _State.REJECTED, _State.JOINED))


@dataclass(frozen=True, slots=True)
class Among:
    """Some disputes, whatever their state, as of a moment, and what they are called."""

    rows: Callable[[dt.datetime], Q]
    label: Promise | str


AMONG = {
    "accepted": Among(_accepted, _("受理过的")),
    "over": Among(lambda _at: ~Q(outcome=""), _("已结束的")),
    "agreed": Among(agreed, _("30 到 120 天前达成协议的")),
    "kept": Among(_told(KEPT), _("回访确认已履行的")),
    "recurred": Among(_told(RECURRED), _("90 天内又起纠纷的")),
}
"""By their name in the address. Accepted: once, and neither joined to another nor turned away; joined ones count in their lead."""
