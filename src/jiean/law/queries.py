"""Articles for a question in plain words, and one article with its time limits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from jiean.engine.retrieval import Part, pieces, snippet
from jiean.engine.retrieval.limits import limits, marked
from jiean.kernel.access import holds, visible
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.law.access import Can
from jiean.law.finding import QUESTION_SIGNS, as_kept, in_use, likeliest
from jiean.law.models import Article, Lesson, Statute

CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """An article that may answer: which it is, and its words around those asked for."""

    id: int
    law: str
    number: str
    parts: tuple[Part, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """One article with its time limits told apart, its law, and the articles beside it."""

    article: Article
    statute: Statute
    parts: tuple[Part, ...]
    limits: tuple[str, ...]
    before: Article | None
    after: Article | None


@dataclass(frozen=True, slots=True)
class Holding:
    """How much law is held, and the day its source knew."""

    statutes: int
    known_on: dt.date | None
    ranked_by_meaning: bool
    questions: int


def answers(actor: Actor, question: str, *, on: dt.date, limit: int = 10) -> list[Answer]:
    """Articles of statutes that hold on a day, the likeliest first. Raises nothing for odd questions: they find nothing."""
    found = likeliest(question, CANDIDATES)
    holding = Q(statute__ended_on=None) | Q(statute__ended_on__gt=on)
    rows = visible(Can.READ, actor, Article).filter(holding, pk__in=found)
    known = {row.pk: row for row in rows.select_related("statute")}
    wanted = _shown(question)
    ranked = [known[pk] for pk in found if pk in known][:limit]
    return [
        Answer(row.pk, row.statute.name, row.number, snippet(row.text, wanted, 120), tuple(limits(row.text)))
        for row in ranked
    ]


def _shown(question: str) -> list[str]:
    """Pairs of signs of the question, to mark in the articles: whole sentences stand in no law."""
    return [piece[at : at + 2] for piece in pieces(question, QUESTION_SIGNS) for at in range(max(len(piece) - 1, 0))]


def article(actor: Actor, article_id: int) -> Whole:
    """One article. Raises NotFound."""
    rows = visible(Can.READ, actor, Article).select_related("statute")
    row = rows.filter(pk=article_id).first()
    if row is None:
        raise NotFound
    beside = {one.place: one for one in rows.filter(statute=row.statute, place__in=(row.place - 1, row.place + 1))}
    found = tuple(limits(row.text))
    return Whole(row, row.statute, marked(row.text), found, beside.get(row.place - 1), beside.get(row.place + 1))


def holding(actor: Actor) -> Holding:
    """What the station holds, and what ranks it."""
    rows = visible(Can.READ, actor, Statute)
    newest = rows.order_by("-known_on").values_list("known_on", flat=True).first()
    now = in_use()
    return Holding(rows.count(), newest, bool(now), int(now.get("questions", 0)))


def may_teach(actor: Actor) -> bool:
    """Whether the actor may say which article answers."""
    return holds(Can.TEACH, actor)


def lessons(actor: Actor, question: str) -> dict[int, int]:
    """The lesson of each article that was said to answer this question, for who may say so."""
    if not may_teach(actor):
        return {}
    return dict(Lesson.objects.filter(question=as_kept(question)).values_list("article_id", "pk"))
