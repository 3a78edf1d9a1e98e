"""The return by kind and size: on the screen, and as a file."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jiean.disputes import queries
from jiean.disputes.queries.returns import UNSAID
from jiean.disputes.rules import STATION
from jiean.kernel import audit, clocks
from jiean.kernel.actor import Role
from jiean.kernel.http import actor_of, door
from jiean.kernel.sheets import xlsx_bytes

COUNTERS = (Role.COMMANDER, Role.DISPATCHER)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_DAYS = 3660


def days_of(request: HttpRequest) -> tuple[dt.date, dt.date]:
    """The span in the address; what is none is this year to this day."""
    today = clocks.local_day(clocks.now())
    since, until = (day_in(request.GET.get(name, "")) for name in ("from", "to"))
    start, end = since or today.replace(month=1, day=1), until or today
    fits = start <= end and (end - start).days <= MOST_DAYS
    return (start, end) if fits else (today.replace(month=1, day=1), today)


def day_in(words: str) -> dt.date | None:
    """A day as addresses write it; None for what is none."""
    try:
        day = dt.date.fromisoformat(words)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2200 else None


def band_words(band: queries.Band, *, money: bool) -> str:
    """A band in words."""
    if band.place == UNSAID:
        return _("没写金额") if money else _("没写人数")
    said = {"from": f"{band.floor:,}", "below": f"{band.below or 0:,}"}
    if band.below is None:
        return (_("%(from)s 元以上") if money else _("%(from)s 人以上")) % said
    return (_("%(from)s 元到不足 %(below)s 元") if money else _("%(from)s 人到不足 %(below)s 人")) % said


@door(*COUNTERS)
@require_GET
def table(request: HttpRequest) -> HttpResponseBase:
    """By kind, outcome and size; each number opens its list."""
    told = queries.the_return(actor_of(request), *days_of(request))
    span = urlencode({"every": 1, "since": told.since.isoformat(), "until": told.until.isoformat()})
    context = {
        "told": told, "span": span, "source": STATION,
        "amounts": [band_words(one, money=True) for one in queries.AMOUNTS],
        "people": [band_words(one, money=False) for one in queries.PEOPLE],
    }  # fmt: skip
    return render(request, "disputes/returns.html", context)


@door(*COUNTERS)
@require_GET
def file(request: HttpRequest) -> HttpResponseBase:
    """The same as a spreadsheet: counts alone, nothing of anybody."""
    actor = actor_of(request)
    told = queries.the_return(actor, *days_of(request))
    audit.write([audit.draft("disputes.return_exported", actor, {})])
    head = [_("类型"), _("登记"), _("还在办"), _("调解成功"), _("调解不成"), _("当事人撤回"), _("已引导其他途径")]
    head += [band_words(one, money=True) for one in queries.AMOUNTS]
    head += [band_words(one, money=False) for one in queries.PEOPLE]
    rows = [[line[0] or _("合计"), *line[1:]] for line in queries.flat(told)]
    answer = HttpResponse(xlsx_bytes(_("矛盾调解统计表"), head, rows), content_type=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="disputes-{told.since}-{told.until}.xlsx"'
    return answer
