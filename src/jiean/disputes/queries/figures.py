"""Counts of disputes, each of which opens the list it counts; totals at any past moment from the history."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum, Value
from django.utils.functional import Promise

from jiean.disputes.access import Can
from jiean.disputes.models import Channel, Dispute, Kind, Tally
from jiean.disputes.queries.among import KEPT, RECURRED, agreed, called_back
from jiean.disputes.queries.lists import AGE_LABELS, AGES, stray
from jiean.kernel import clocks
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.sql import load
from jiean.people.models import Organisation

FEW = 5
"""Fewer than so many in a cell are not told by cell."""
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

    @property
    def settlement_percent(self) -> str:
        """The share for people to read, one digit after the point."""
        return f"{100 * (self.settlement_share or 0):.1f}"


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
class OpenLine:
    """How many open disputes are of a source, an age or a post, and how many of them late; ``key`` as the list's filter takes it."""

    key: str
    label: Promise | str
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell with enough open disputes to be told apart (TRUST, section 10): where its point is, how many are open and late."""

    cell_id: int
    name: str
    lon: float
    lat: float
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class ByCell:
    """Open disputes by cell: those with ``FEW`` at least, the most first; of the others only how many cells and disputes they are."""

    lines: list[CellLine]
    few_cells: int
    few: int
    nowhere: int


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
    by_cell: ByCell
    by_source: list[OpenLine]
    by_age: list[OpenLine]
    by_post: list[OpenLine]


def figures(actor: Actor) -> Figures:
    """What is open, late, where, whose, and how it ended. Raises Forbidden."""
    allow(Can.COUNT, actor)
    at = clocks.now()
    groups, odd = _groups(), _odd()
    counted = _counted(at)
    late = _late(counted)
    live = [one for one in groups if one.state in Dispute.LIVE]
    desks = _desks()
    kinds = {kind.value: str(kind.label) for kind in Kind}
    return Figures(
        as_of=at,
        totals=_now(at, groups, odd),
        live=sum(one.number for one in live),
        late=sum(late.values()),
        to_divert=sum(one.number for one in live if one.state == Dispute.State.REGISTERED),
        waiting=sum(one.number for one in live if one.state == Dispute.State.DIVERTED),
        ruling=sum(one.ruling for one in counted if one.kind),
        stray=_strays(groups, desks, odd),
        **_promises(at),
        by_kind=_lines(groups, late, lambda one: one[0], kinds),
        by_desk=_lines(groups, late, lambda one: one[1], {pk: desk.name for pk, desk in desks.items()}),
        by_cell=_by_cell(counted),
        by_source=_by_source(counted),
        by_age=_by_age(counted),
        by_post=_by_post(counted),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """How many disputes are of a kind, at a desk, in a state, with an outcome."""

    kind: str
    desk_id: int
    state: str
    outcome: str
    number: int


def _groups() -> list[_Group]:
    """Every dispute counted once, from the tally the table keeps."""
    rows = Tally.objects.order_by().values_list("kind", "desk_id", "state", "outcome").annotate(n=Sum("number"))
    return [_Group(*row) for row in rows if row[-1]]


@dataclass(frozen=True, slots=True)
class _Live:
    """So many open disputes of one part of the count."""

    part: str
    kind: str | None
    desk_id: int | None
    cell_id: int | None
    code: str | None
    name: str | None
    lon: float | None
    lat: float | None
    channel: str | None
    age: int | None
    post_id: int | None
    open: int
    late: int
    ruling: int


_live = load(__file__, "live", _Live)


def _counted(at: dt.datetime) -> list[_Live]:
    """The open ones, read once."""
    ages = dict(zip(("young", "grown", "old"), (at - age for age in AGES), strict=True))
    return _live(at=at, live=[str(state) for state in Dispute.LIVE], **ages)


def _late(found: Iterable[_Live]) -> dict[tuple[str, int], int]:
    """Late disputes by kind and desk."""
    return {(one.kind, one.desk_id): one.late for one in found if one.kind and one.desk_id and one.late}


def _by_cell(found: Iterable[_Live]) -> ByCell:
    """The most first; few only as a sum."""
    counted = sorted((one for one in found if one.part == "cell"), key=lambda one: (-one.open, one.code or ""))
    placed = [one for one in counted if one.cell_id is not None]
    told = [
        CellLine(one.cell_id or 0, f"{one.code} {one.name}", one.lon or 0.0, one.lat or 0.0, one.open, one.late)
        for one in placed
        if one.open >= FEW
    ]
    few = [one.open for one in placed if one.open < FEW]
    return ByCell(told, len(few), sum(few), sum(one.open for one in counted if one.cell_id is None))


def _by_source(found: Iterable[_Live]) -> list[OpenLine]:
    counted = sorted((one for one in found if one.part == "source"), key=lambda one: -one.open)
    return [OpenLine(str(one.channel), Channel(str(one.channel)).label, one.open, one.late) for one in counted]


def _by_age(found: Iterable[_Live]) -> list[OpenLine]:
    """The youngest first."""
    counted = sorted((one.age or 0, one) for one in found if one.part == "age")
    return [OpenLine(str(age), AGE_LABELS[age], one.open, one.late) for age, one in counted]


def _by_post(found: Iterable[_Live]) -> list[OpenLine]:
    """What was told at a post, the most first; of a post with few nothing is told here."""
    counted = [one for one in found if one.part == "post" and one.post_id is not None and one.open >= FEW]
    counted.sort(key=lambda one: -one.open)
    return [OpenLine(str(one.post_id), one.name or "", one.open, one.late) for one in counted]


@dataclass(frozen=True, slots=True)
class _Desk:
    name: str
    active: bool


def _desks() -> dict[int, _Desk]:
    return {pk: _Desk(name, active) for pk, name, active in Organisation.objects.values_list("pk", "name", "active")}


def without_desk(actor: Actor) -> int:
    """How many live disputes nobody would answer for, as ``stray`` lists them. There must be none. Raises Forbidden."""
    allow(Can.COUNT, actor)
    return _strays(_groups(), _desks(), _odd())


def _strays(groups: Iterable[_Group], desks: Mapping[int, _Desk], odd: Mapping[str, int]) -> int:
    closed = sum(one.number for one in groups if one.state in Dispute.LIVE and not desks[one.desk_id].active)
    return closed + odd["stray"]


def _odd() -> Counter[str]:
    """What the tally cannot tell, in one statement.

    By outcome, what ended before any desk had accepted it; ``again``: accepted once and on its way to another desk; ``stray``.
    """
    before = Dispute.objects.filter(accepted_at=None).exclude(outcome="").order_by()
    sent = Dispute.objects.filter(state=Dispute.State.DIVERTED).order_by()
    arms = [
        sent.filter(accepted_at__isnull=False).values_list(Value("again")),
        sent.filter(stray(), desk__active=True).values_list(Value("stray")),
    ]
    counted = before.values_list("outcome").annotate(n=Count("pk"))
    return Counter(dict(counted.union(*(arm.annotate(n=Count("pk")) for arm in arms), all=True)))


def _now(at: dt.datetime, groups: Iterable[_Group], odd: Mapping[str, int]) -> Totals:
    """The totals of this moment from the rows' own columns; the history says the same, only more slowly."""
    found: dict[str, int] = dict.fromkeys(("settled", "failed", "withdrawn", "referred", "open"), 0)
    for one in groups:
        if one.state not in (*Dispute.UNACCEPTED, Dispute.State.REJECTED, Dispute.State.JOINED):
            found[one.outcome or "open"] += one.number
    for outcome in ("settled", "failed", "withdrawn", "referred"):
        found[outcome] -= odd[outcome]
    return Totals(at, **found | {"open": found["open"] + odd["again"]})


def _promises(at: dt.datetime) -> dict[str, int]:
    """Of what was settled 30 to 120 days ago: how much is kept, and how much flared up again within 90."""
    told = called_back(at).aggregate(
        kept=Count("dispute", filter=KEPT, distinct=True), recurred=Count("dispute", filter=RECURRED, distinct=True)
    )
    return {"kept_of": Dispute.objects.filter(agreed(at)).count(), **told}


def _lines(
    groups: Iterable[_Group],
    late: Mapping[tuple[str, int], int],
    key: Callable[[tuple[str, int]], str | int],
    labels: Mapping[Any, str],
) -> list[Line]:
    counts: dict[Any, Counter[str]] = {}
    for one in groups:
        line = counts.setdefault(key((one.kind, one.desk_id)), Counter())
        line["open"] += one.number * (one.state in Dispute.LIVE and not one.outcome)
        line["settled"] += one.number * (one.outcome == "settled")
        line["over"] += one.number * bool(one.outcome)
    for pair, number in late.items():
        counts[key(pair)]["late"] += number
    made = [
        Line(str(name), labels.get(name, ""), line["open"], line["late"], line["settled"], line["over"])
        for name, line in counts.items()
    ]
    return sorted(made, key=lambda one: (-one.open, one.label))
