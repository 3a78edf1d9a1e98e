"""One box for everything: a number jumps, words and pinyin initials list what the actor may see."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from jiean.dispatch.queries import BoardFilter, incident_by_number, incidents_telling, open_incidents
from jiean.dispatch.queries import Told as ToldIncident
from jiean.disputes.queries import dispute_by_number
from jiean.engine.retrieval import Part
from jiean.grid.queries import premises_named
from jiean.intake.queries import Told, report_by_number, reports_named, reports_of_telephone_end, reports_telling
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.http import actor_of, staff_door
from jiean.law.queries import answers
from jiean.people.queries import staff
from jiean.screens.board.picture import queue_rows
from jiean.screens.shell import COMMAND
from jiean.vault.queries import may_look, may_look_up

MOST_WORDS = 60
END_SIGNS = 4
MOST_ROWS = 10
MOST_ARTICLES = 3
_HAN = re.compile("[\u4e00-\u9fff]{2}")


@dataclass(frozen=True)
class Found:
    """One line of the answer."""

    title: str | Promise
    note: str | Promise
    url: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Section:
    """What was found of one sort."""

    title: str | Promise
    icon: str
    rows: list[Found]


def places(actor: Actor, words: str) -> Section:
    rows = [
        Found(row.name, row.address or str(row.cell or ""), reverse("screens:place", args=[row.pk]))
        for row in premises_named(actor, words, limit=MOST_ROWS)
    ]
    return Section(_("地点和场所"), "building", rows)


def incidents(actor: Actor, words: str) -> Section:
    """Newest first those that tell of it, then open ones at a place of that name."""
    told = incidents_telling(actor, words, limit=MOST_ROWS)
    rows = [Found(f"{row.number} · {row.kind_label}", _when(row), _page_of(actor, row.id), row.parts) for row in told]
    known = {row.id for row in told}
    rows += [
        Found(f"{row.incident.number} · {row.incident.kind_words}", row.place, _page_of(actor, row.incident.id))
        for row in queue_rows(open_incidents(actor, BoardFilter(words=words), size=MOST_ROWS))
        if row.incident.id not in known
    ]
    return Section(_("相关警情"), "alert-circle", rows[:MOST_ROWS])


def reports(actor: Actor, words: str) -> Section:
    """Newest first those that tell of it, then open ones of that number or place."""
    told = reports_telling(actor, words, limit=MOST_ROWS)
    rows = [
        Found(f"{row.number} · {row.kind_label}", _when(row), reverse("intake:report-page", args=[row.id]), row.parts)
        for row in told
    ]
    known = {row.id for row in told}
    rows += [
        Found(f"{row.number} · {row.kind_label}", row.place, reverse("intake:report-page", args=[row.id]))
        for row in reports_named(actor, words, limit=MOST_ROWS)
        if row.id not in known
    ]
    return Section(_("相关上报"), "inbox", rows[:MOST_ROWS])


def callers(actor: Actor, words: str) -> Section:
    """Reports whose reporter's telephone ends with exactly these four digits."""
    rows = [
        Found(f"{row.number} · {row.kind_label}", _when(row), reverse("intake:report-page", args=[row.id]), row.parts)
        for row in (reports_of_telephone_end(actor, words) if _may_be_end(actor, words) else [])
    ]
    return Section(_("电话尾号相同的上报"), "phone", rows)


def _may_be_end(actor: Actor, words: str) -> bool:
    """Whether the words could be the end of a telephone, for somebody who may look telephones up."""
    return len(words) == END_SIGNS and words.isdecimal() and may_look_up(actor)


def proof_first(actor: Actor, words: str) -> Section:
    """Where a number could be the end of a telephone and nothing was proved yet: the way to look by it."""
    asks = _may_be_end(actor, words) and not may_look(actor)
    way = f"{settings.PROVE_URL}?next={reverse('screens:search')}"
    rows = [Found(_("先验证身份，再按尾号查"), "", way)] if asks else []
    return Section(_("电话尾号相同的上报"), "phone", rows)


def _when(row: Told | ToldIncident) -> str:
    return f"{row.state_label} · {date_format(clocks.local(row.received_at), 'Y-m-d H:i')}"


def _page_of(actor: Actor, incident_id: int) -> str:
    """Where the actor reads an incident: the desk on the board, a crew on its day's page."""
    return f"{reverse('screens:board')}?incident={incident_id}" if actor.role in COMMAND else reverse("screens:my")


def jump(actor: Actor, words: str) -> str | None:
    """The one page a number stands for, closed incidents too."""
    if words.isascii() and words.isdecimal() and actor.role in COMMAND:
        incident = incident_by_number(actor, int(words))
        return _page_of(actor, incident.id) if incident else None
    dispute = dispute_by_number(actor, words) if words[:1] in ("M", "m") else None
    if dispute is not None:
        return reverse("disputes:dispute", args=[dispute.pk])
    report = report_by_number(actor, words) if words else None
    return reverse("intake:report-page", args=[report.pk]) if report else None


def people(actor: Actor, words: str) -> Section:
    rows = [
        Found(row.name, " ".join(row.cells), reverse("people:person", args=[row.id]))
        for row in staff(actor, words, limit=MOST_ROWS)
    ]
    return Section(_("工作人员"), "users", rows)


def statutes(actor: Actor, words: str) -> Section:
    """Articles of the law in force for a question in plain words; a number or initials ask for none."""
    found = answers(actor, words, on=clocks.local_day(clocks.now()), limit=MOST_ARTICLES) if _HAN.search(words) else []
    rows = [Found(f"《{row.law}》{row.number}", "", reverse("law:article", args=[row.id]), row.parts) for row in found]
    return Section(_("法条"), "note", rows)


def typed(words: str) -> str:
    """What somebody typed, without control characters and doubled blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())[:MOST_WORDS]


ASKED = "asked"
LOOKED = "!"
"""After the words in the cookie: a look-up found nobody, and the page counts none for the same words again. No quoted word holds it."""


def keep_asked(answer: HttpResponseBase, words: str, *, looked: bool = False) -> HttpResponseBase:
    """Hand the words to the page that answers them. Words may be a name, a telephone or what somebody told: never in an address.

    They stand in a cookie of the asker's own browser, for that page alone and until the browser is closed, so that going
    back to what was found asks nobody to send a form again.
    """
    answer.set_cookie(
        ASKED, quote(words) + (LOOKED if looked else ""), path=reverse("screens:search"), httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


@staff_door
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponseBase:
    """Posted: on to the page of the number, or to the answer. Fetched: what the words find."""
    actor = actor_of(request)
    if request.method != "POST":
        asked = request.COOKIES.get(ASKED, "")
        words = typed(unquote(asked.removesuffix(LOOKED)))
        return _found(request, words, callers(actor, "" if asked.endswith(LOOKED) else words))
    words = typed(request.POST.get("q", ""))
    by_end = callers(actor, words)
    if by_end.rows:  # answered here and now: going on to the page would look the number up a second time
        return _found(request, words, by_end)
    target = jump(actor, words)
    if target:
        return HttpResponseRedirect(target)
    looked = _may_be_end(actor, words) and may_look(actor)
    return keep_asked(HttpResponseRedirect(reverse("screens:search")), words, looked=looked)


def _found(request: HttpRequest, words: str, by_end: Section) -> HttpResponseBase:
    """What the words find, by sort; only what the actor may see."""
    actor = actor_of(request)
    sections = (
        [by_end, *(find(actor, words) for find in (proof_first, incidents, reports, places, people, statutes))]
        if words
        else []
    )
    context = {"words": words, "asked": words, "sections": [section for section in sections if section.rows]}
    return render(request, "screens/search.html", context)
