"""Bringing an edition in, and tidying what it is searched by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from jiean.engine.retrieval import terms
from jiean.kernel import library
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.law.access import Can
from jiean.law.edition import Law
from jiean.law.models import COLLECTION, Article, Statute

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Brought:
    """How many statutes and articles are new, and how many statutes were there already."""

    statutes: int
    articles: int
    known: int


@command
def bring_statutes(actor: Actor, laws: Sequence[Law], *, known_on: dt.date) -> Brought:
    """Take in statutes that are not there yet; older versions of the same law give way to them. Raises Forbidden."""
    allow(Can.KEEP, actor)
    have = set(Statute.objects.values_list("name", "issued_on"))
    fresh = [law for law in laws if (law.name, law.issued_on) not in have]
    _take_out([law.name for law in fresh])
    rows = Statute.objects.bulk_create(
        Statute(name=law.name, category=law.category, issued_on=law.issued_on, ended_on=law.ended_on, known_on=known_on)
        for law in fresh
    )
    articles = [
        Article(statute=row, place=place, number=number[:40], text=text)
        for row, law in zip(rows, fresh, strict=True)
        for place, (number, text) in enumerate(law.articles, start=1)
    ]
    for row in Article.objects.bulk_create(articles, batch_size=BATCH):
        row.statute_id = row.statute.pk
    library.put(COLLECTION, {row.pk: terms(f"{row.statute.name} {row.text}") for row in articles})
    return Brought(len(fresh), len(articles), len(laws) - len(fresh))


def _take_out(names: Sequence[str]) -> None:
    old = Article.objects.filter(statute__name__in=names)
    library.remove(COLLECTION, list(old.values_list("pk", flat=True)))
    Statute.objects.filter(name__in=names).delete()


@command
def tidy_law(actor: Actor) -> int:
    """Renew the weights the articles are found by. Raises Forbidden."""
    allow(Can.KEEP, actor)
    return library.tidy(COLLECTION)
