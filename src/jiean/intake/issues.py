"""Every read of hot issues, and what the grouping reads."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from jiean.intake.access import Can
from jiean.intake.models import HotIssue, HotIssueReport, Report
from jiean.intake.rules import FEWEST_SHOWN, ISSUE_DAYS
from jiean.kernel import clocks
from jiean.kernel.access import holds, visible
from jiean.kernel.actor import Actor
from jiean.kernel.holds import held_ids
from jiean.vault.models import MatterKind

DAYS_SHOWN = 14
MOST_ISSUES = 60
MOST_GROUPED = 50_000


@dataclass(frozen=True, slots=True)
class DayCount:
    """Reports of one day on the station's clock."""

    day: dt.date
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Left edge, top and height."""

    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Member:
    """One report of an issue, as far as the page shows it."""

    id: int
    number: str
    state: str
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A hot issue for one actor. Without ``whole`` the actor may not open every report counted, so small counts stay hidden."""

    issue: HotIssue
    members: Sequence[Member]
    days: Sequence[DayCount]
    total: int
    rise: int
    whole: bool

    @property
    def few(self) -> bool:
        """The count is too small to be shown to this actor."""
        return not self.whole and self.total < FEWEST_SHOWN

    @property
    def most_a_day(self) -> int:
        return max((one.count for one in self.days), default=0)

    @property
    def bars(self) -> list[Bar]:
        """The days as bars of a picture 140 wide and 40 high, on a zero baseline."""
        unit = 40 / max(self.most_a_day, 1)
        return [Bar(place * 10 + 1, 40 - one.count * unit, one.count * unit) for place, one in enumerate(self.days)]

    @property
    def first_at(self) -> dt.datetime | None:
        return min((one.received_at for one in self.members), default=None)

    @property
    def last_at(self) -> dt.datetime | None:
        return max((one.received_at for one in self.members), default=None)


def hot_issues(actor: Actor, *, dismissed: bool = False) -> list[Shown]:
    """Issues whose last report is not older than ``ISSUE_DAYS``: those waiting for a judgement first, then the newest."""
    since = clocks.now() - dt.timedelta(days=ISSUE_DAYS)
    rows = visible(Can.SEE_ISSUES, actor, HotIssue).select_related("cell").defer("cell__boundary")
    chosen = Q(state=HotIssue.State.DISMISSED)
    rows = rows.filter(chosen if dismissed else ~chosen).annotate(last=Max("reports__received_at"))
    found = list(rows.filter(last__gte=since).order_by("-last", "-pk")[:MOST_ISSUES])
    found.sort(key=lambda issue: issue.state != HotIssue.State.PROPOSED)
    members = _members([issue.pk for issue in found])
    whole = holds(Can.JUDGE_ISSUES, actor)
    return [_shown(issue, members[issue.pk], whole) for issue in found]


def _members(ids: Sequence[int]) -> dict[int, list[Member]]:
    held: dict[int, list[Member]] = defaultdict(list)
    rows = HotIssueReport.objects.filter(issue__in=ids).order_by("-report__received_at", "-report_id")
    wanted = rows.values_list("issue_id", "report_id", "report__number", "report__state", "report__received_at")
    for issue_id, pk, number, state, at in wanted:
        held[issue_id].append(Member(pk, number, str(Report.State(state).label), at))
    return held


def _shown(issue: HotIssue, members: list[Member], whole: bool) -> Shown:
    today = clocks.local_day(clocks.now())
    often = Counter(clocks.local_day(one.received_at) for one in members)
    span = [today - dt.timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    days = [DayCount(day, often[day]) for day in span]
    half = DAYS_SHOWN // 2
    rise = sum(one.count for one in days[half:]) - sum(one.count for one in days[:half])
    return Shown(issue, members if whole else (), days if whole else (), len(members), rise, whole)


@dataclass(frozen=True, slots=True)
class ToGroup:
    """What the grouping reads of a report: words, place, time. No contact: who reported is not compared."""

    id: int
    text: str
    place_words: str
    lon: float | None
    lat: float | None
    received_at: dt.datetime


def to_group(at: dt.datetime) -> Iterable[ToGroup]:
    """Reports of the last ``ISSUE_DAYS``, newest first; rejected ones and those under a legal hold do not count."""
    rows = Report.objects.filter(received_at__gte=at - dt.timedelta(days=ISSUE_DAYS), received_at__lte=at)
    rows = (
        rows.exclude(pk__in=held_ids(MatterKind.REPORT))
        .exclude(state=Report.State.REJECTED)
        .order_by("-received_at", "-id")
    )
    wanted = rows.values_list("pk", "text", "place_words", "lon", "lat", "received_at")[:MOST_GROUPED]
    return (ToGroup(*row) for row in wanted.iterator(chunk_size=2000))
