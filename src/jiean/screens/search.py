"""One box for everything: a number jumps, words and pinyin initials list what the actor may see."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.grid.queries import premises_named
from jiean.kernel.actor import Actor
from jiean.kernel.http import actor_of, staff_door
from jiean.people.queries import staff

MOST_WORDS = 60
MOST_ROWS = 10


@dataclass(frozen=True)
class Found:
    """One line of the answer."""

    title: str | Promise
    note: str | Promise
    url: str


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
    return Section(_("场所"), "building", rows)


def people(actor: Actor, words: str) -> Section:
    rows = [Found(row.name, " ".join(row.cells), f"/staff/{row.id}") for row in staff(actor, words, limit=MOST_ROWS)]
    return Section(_("工作人员"), "users", rows)


@staff_door
def search(request: HttpRequest) -> HttpResponse:
    """What the words find, by sort; only what the actor may see."""
    actor, words = actor_of(request), " ".join(request.GET.get("q", "").split())[:MOST_WORDS]
    sections = [find(actor, words) for find in (places, people)] if words else []
    context = {"words": words, "sections": [section for section in sections if section.rows]}
    return render(request, "screens/search.html", context)
