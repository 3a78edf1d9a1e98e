"""The transparency page: how often, month by month, data was taken in, looked at, taken out, corrected, refused and erased.

Counts only, none under five (TRUST, section 10), and the digest of the very program that runs.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.intake.models import Report, RightsRequest
from jiean.kernel import clocks
from jiean.kernel.http import public_door
from jiean.kernel.models import AuditEntry, Erasure

MONTHS = 12
FEWEST = 5
LOOKS = (
    "intake.report_read",
    "intake.photo_seen",
    "vault.opened",
    "vault.looked_up",
    "vault.glass_read",
    "dispatch.incident_read",
)
EXPORTS = ("intake.exported", "dispatch.exported")
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Line:
    """One sort of deed: its name, and a count for each month; None where it lies between one and four."""

    label: str | Promise
    counts: tuple[int | None, ...]


def months(at: dt.datetime) -> list[dt.date]:
    """The first days of the last whole months, the newest first. The month that still runs is not told: it could be watched."""
    day = clocks.local_day(at).replace(day=1)
    found = []
    for _month in range(MONTHS):
        day = (day - dt.timedelta(days=1)).replace(day=1)
        found.append(day)
    return found


def small_hidden(count: int) -> int | None:
    """The count, unless it is so small that it could tell of one person."""
    return None if 0 < count < FEWEST else count


@functools.lru_cache(maxsize=2)
def lines(of: dt.date) -> tuple[Line, ...]:
    """Every line for the months before a day; counted once a day, whoever asks."""
    told = months(clocks.now())
    done = AuditEntry.objects.filter(outcome=AuditEntry.Outcome.DONE)
    asked = RightsRequest.objects.filter
    sorts: list[tuple[str | Promise, QuerySet, str]] = [  # type: ignore[type-arg]
        (_("收到的上报"), Report.objects.all(), "received_at"),
        (_("查看个人信息"), done.filter(action__in=LOOKS), "at"),
        (_("导出的表格"), done.filter(action__in=EXPORTS), "at"),
        (_("拒绝查看或操作"), AuditEntry.objects.filter(outcome=AuditEntry.Outcome.REFUSED), "at"),
        (_("照办的更正"), asked(kind=RightsRequest.Kind.CORRECT, state=RightsRequest.State.DONE), "answered_at"),
        (_("没有照办的要求"), asked(state=RightsRequest.State.REFUSED), "answered_at"),
        (_("删除"), Erasure.objects.all(), "at"),
        (_("紧急破例查看"), done.filter(action="vault.glass_broken"), "at"),
    ]
    return tuple(Line(label, tuple(_by_month(rows, when, told))) for label, rows, when in sorts)


def _by_month(rows: QuerySet, when: str, told: list[dt.date]) -> Iterable[int | None]:  # type: ignore[type-arg]
    since = Q(**{f"{when}__date__gte": told[-1]})
    counted = (
        rows.filter(since).annotate(month=TruncMonth(when)).order_by().values_list("month").annotate(n=Count("pk"))
    )
    found = {clocks.local_day(month): count for month, count in counted}
    return [small_hidden(found.get(month, 0)) for month in told]


@functools.cache
def build() -> str:
    """The digest of every source file of the running program: two stations with the same one run the same."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    whole = digest.hexdigest()
    return " ".join(whole[start : start + 8] for start in range(0, 64, 8))  # so that it breaks on a phone


@public_door
def openness(request: HttpRequest) -> HttpResponse:
    """The page, for anybody."""
    today = clocks.local_day(clocks.now())
    context = {"months": months(clocks.now()), "lines": lines(today), "build": build(), "version": version("jiean")}
    return render(request, "screens/openness.html", context)
