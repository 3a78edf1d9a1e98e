"""Counts of disputes, each of which opens the list it counts; totals at any past moment from the history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q
from django.db.models.expressions import Exists

from jiean.disputes.access import Can
from jiean.disputes.models import CallBack, Dispute, Kind
from jiean.disputes.queries.lists import stray
from jiean.kernel import clocks
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.sql import load

KEPT_AFTER = dt.timedelta(days=30)
RECURS_WITHIN = dt.timedelta(days=90)
OVER_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Stood:
    stood: str
    number: int


_totals = load(__file__, "totals", _Stood)


@dataclass(frozen=True, slots=True)
class Totals:
    """Accepted disputes at a moment, by how they stood; joined ones count under their lead."""

    at: dt.datetime
    settled: int = 0
    failed: int = 0
    withdrawn: int = 0
    referred: int = 0
    open: int = 0

    @property
    def accepted(self) -> int:
        return self.settled + self.failed + self.withdrawn + self.referred + self.open

    @property
    def settlement_share(self) -> float | None:
        """Settled ÷ accepted and over (PRODUCT, section 3); None before the first."""
        over = self.accepted - self.open
        return self.settled / over if over else None


def totals(actor: Actor, at: dt.datetime | None = None) -> Totals:
    """How accepted disputes stood at a moment, from their history. Raises Forbidden."""
    allow(Can.COUNT, actor)
    moment = at or clocks.now()
    found = {row.stood: row.number for row in _totals(at=moment) if row.stood != "joined"}
    return Totals(moment, **found)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the overview: what is counted, how many are open, late, settled, failed."""

    key: str
    label: str
    open: int
    late: int
    settled: int
    over: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The overview."""

    as_of: dt.datetime
    totals: Totals
    live: int
    late: int
    to_divert: int
    waiting: int
    ruling: int
    stray: int
    kept: int
    kept_of: int
    recurred: int
    by_kind: list[Line]
    by_desk: list[Line]


def figures(actor: Actor) -> Figures:
    """What is open, late, where, whose, and how it ended. Raises Forbidden."""
    allow(Can.COUNT, actor)
    at = clocks.now()
    live = Q(state__in=Dispute.LIVE)
    counted = Dispute.objects.filter(live).aggregate(
        live=Count("pk"),
        late=Count("pk", filter=Q(due_at__lt=at)),
        to_divert=Count("pk", filter=Q(state=Dispute.State.REGISTERED)),
        waiting=Count("pk", filter=Q(state=Dispute.State.DIVERTED)),
        ruling=Count("pk", filter=Q(needs_ruling=True)),
    )
    return Figures(
        as_of=at, totals=_now(at), stray=without_desk(), **counted, **_promises(at),
        by_kind=_lines("kind", at, {kind.value: str(kind.label) for kind in Kind}), by_desk=_lines("desk_id", at, None),
    )  # fmt: skip


def without_desk() -> int:
    """How many live disputes nobody would answer for. There must be none."""
    return Dispute.objects.filter(stray(), state__in=Dispute.LIVE).count()


def _now(at: dt.datetime) -> Totals:
    """The totals of this moment from the rows' own columns; the history says the same, only more slowly."""
    accepted = Dispute.objects.filter(accepted_at__isnull=False).exclude(state=Dispute.State.JOINED)
    found = dict(accepted.order_by().values_list("outcome").annotate(n=Count("pk")))
    return Totals(at, **{outcome or "open": number for outcome, number in found.items()})


def _promises(at: dt.datetime) -> dict[str, int]:
    """Of what was settled 30 to 120 days ago: how much is kept, and how much flared up again within 90."""
    since = at - KEPT_AFTER - RECURS_WITHIN
    rows = Dispute.objects.filter(outcome="settled", ended_at__range=(since, at - KEPT_AFTER))
    within = {"dispute": OuterRef("pk"), "at__lte": OuterRef("ended_at") + RECURS_WITHIN}
    kept, again = (CallBack.objects.filter(**within, **more) for more in ({"kept": "whole"}, {"recurred": True}))
    return rows.annotate(is_kept=Exists(kept), again=Exists(again)).aggregate(
        kept_of=Count("pk"), kept=Count("pk", filter=Q(is_kept=True)), recurred=Count("pk", filter=Q(again=True))
    )


def _lines(by: str, at: dt.datetime, labels: dict[str, str] | None) -> list[Line]:
    rows: Any = Dispute.objects.order_by().values(key=F(by))
    if labels is None:
        rows = rows.annotate(label=F("desk__name"))
    live = Q(state__in=Dispute.LIVE, outcome="")
    counted = rows.annotate(
        open=Count("pk", filter=live), late=Count("pk", filter=Q(state__in=Dispute.LIVE, due_at__lt=at)),
        settled=Count("pk", filter=Q(outcome="settled")), over=Count("pk", filter=~Q(outcome="")),
    )  # fmt: skip
    made = [
        Line(str(row["key"]), str(labels[row["key"]] if labels else row["label"]), row["open"], row["late"],
             row["settled"], row["over"])
        for row in counted
    ]  # fmt: skip
    return sorted(made, key=lambda one: (-one.open, one.label))
