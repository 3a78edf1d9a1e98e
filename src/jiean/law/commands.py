"""Bringing an edition in, saying what an article answers, and keeping what articles are found and ranked by."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jiean.engine.retrieval import Ranker, terms
from jiean.engine.retrieval.keeping import save
from jiean.kernel import clocks, library
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import NotFound
from jiean.kernel.events import announce
from jiean.kernel.registry import PERIODS, Keeping
from jiean.kernel.text import clean
from jiean.law.access import Can
from jiean.law.edition import Law
from jiean.law.events import StatutesBrought
from jiean.law.finding import IN_USE, QUESTION_MOST, as_kept, folder
from jiean.law.models import COLLECTION, Article, Lesson, Statute

BATCH = 2000
KEPT = 2
"""Versions of the ranker that stay: the one in use, and the one some process may still be reading."""


@dataclass(frozen=True, slots=True)
class Brought:
    """How many statutes and articles are new, and how many statutes were there already."""

    statutes: int
    articles: int
    known: int


@command
def bring_statutes(actor: Actor, laws: Sequence[Law], *, known_on: dt.date) -> Brought:
    """Take in statutes that are not there yet; older versions of the same law give way to them, newer ones stay. Raises Forbidden."""
    allow(Can.KEEP, actor)
    have = {row.name: row for row in Statute.objects.all()}
    fresh = [law for law in laws if law.name not in have or _day(law) > _day(have[law.name])]
    _say_ended(laws, have)
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
    if articles:
        announce(StatutesBrought(len(articles)))
    return Brought(len(fresh), len(articles), len(laws) - len(fresh))


def _day(one: Law | Statute) -> dt.date:
    return one.issued_on or dt.date.min


def _say_ended(laws: Sequence[Law], have: Mapping[str, Statute]) -> None:
    """What is held already learns that it ended: that is known later than the text."""
    held = [(have[law.name], law) for law in laws if law.name in have and _day(law) == _day(have[law.name])]
    for row, law in held:
        if row.ended_on != law.ended_on:
            Statute.objects.filter(pk=row.pk).update(ended_on=law.ended_on)


def _take_out(names: Sequence[str]) -> None:
    old = Article.objects.filter(statute__name__in=names)
    library.remove(COLLECTION, list(old.values_list("pk", flat=True)))
    Statute.objects.filter(name__in=names).delete()


@dataclass(frozen=True, slots=True)
class Learnt:
    """How many questions a file brought, and how many of their articles are not held."""

    questions: int
    unknown: int


@command
def keep_lesson(actor: Actor, article_id: int, question: str) -> Lesson:
    """Say that an article answers a question; it is found sooner for such questions from the next night on.

    The question is kept masked. Said again, it is one lesson. Raises Forbidden, NotFound, Invalid.
    """
    allow(Can.TEACH, actor)
    if not Article.objects.filter(pk=article_id).exists():
        raise NotFound
    return Lesson.objects.get_or_create(question=_masked(question), article_id=article_id)[0]


@command
def keep_lessons(actor: Actor, told: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Learnt:
    """Keep questions with law and number of the articles they led to; what is not held is counted. Raises Forbidden, Invalid."""
    allow(Can.KEEP, actor)
    held = Article.objects.values_list("statute__name", "number", "pk")
    places = {(name, number): pk for name, number, pk in held.iterator()}
    rows, unknown = [], 0
    for question, articles in told:
        words = _masked(question)
        unknown += sum(one not in places for one in articles)
        rows += [Lesson(question=words, article_id=places[one]) for one in articles if one in places]
    Lesson.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return Learnt(len(told), unknown)


def _masked(question: str) -> str:
    return clean(as_kept(question), QUESTION_MOST, field="question", required=True)


@command
def take_back_lesson(actor: Actor, lesson_id: int) -> None:
    """Take one's or another's word back: the article does not answer the question. Raises Forbidden, NotFound."""
    allow(Can.TEACH, actor)
    if not Lesson.objects.filter(pk=lesson_id).delete()[0]:
        raise NotFound


@command
def keep_ranker(actor: Actor, ranker: Ranker, *, state: list[int]) -> str:
    """Keep a ranker, let it rank from now on, and throw older ones away; its version. Raises Forbidden, OSError."""
    allow(Can.KEEP, actor)
    folder().mkdir(parents=True, exist_ok=True)
    version = f"{clocks.now():%Y%m%dT%H%M%S%f}"
    save(ranker, folder() / version, state=state)
    partial = folder() / (IN_USE + ".part")
    partial.write_text(json.dumps({"version": version}) + "\n", "utf-8")
    partial.replace(folder() / IN_USE)
    for old in sorted(one for one in folder().iterdir() if one.is_dir())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return version


@command
def forget_lessons(actor: Actor) -> int:
    """Delete questions whose time is up; how many. Raises Forbidden."""
    allow(Can.KEEP, actor)
    period = PERIODS[Keeping.SECURITY]
    assert period is not None
    return Lesson.objects.filter(created_at__lt=clocks.now() - period).delete()[0]


@command
def tidy_law(actor: Actor) -> int:
    """Renew the weights the articles are found by. Raises Forbidden."""
    allow(Can.KEEP, actor)
    return library.tidy(COLLECTION)
