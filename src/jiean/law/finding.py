"""Which articles answer a question: the ranker made last, and the words alone where there is none, or an article is newer than it.

The ranker (`engine.retrieval`) is made by `jiean law train`, after statutes were brought in, and at night, of the station's own
articles and of the questions its own people have said an article answers. It lies in ``DATA_DIR/law``, a folder a version.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from django.conf import settings

from jiean.engine.masking import mask
from jiean.engine.once import once
from jiean.engine.retrieval import Article as Told
from jiean.engine.retrieval import Asked, Ranker, learn, terms
from jiean.engine.retrieval.keeping import BadRanker, card, load
from jiean.kernel import library
from jiean.law.models import COLLECTION, Article, Lesson

log = logging.getLogger(__name__)

QUESTION_SIGNS, QUESTION_MOST = 500, 200
IN_USE = "in_use.json"


def folder() -> Path:
    """Where rankers are kept: one folder a version, and a file that names the one in use."""
    return Path(settings.DATA_DIR) / "law"


def as_kept(question: str) -> str:
    """A question as it is kept: names, numbers and addresses masked, cut at what a question may hold."""
    return mask(question[:QUESTION_MOST])[:QUESTION_MOST].strip()


def likeliest(question: str, most: int) -> list[int]:
    """Ids of articles, the likeliest first, without repetition; none where nothing of the question stands in any."""
    ranker = ranker_in_use()
    if ranker is None:
        return _by_words(question, most)
    ranked = [int(pk) for pk, _score in ranker.rank(question, most)]
    newest = _newest(ranker)
    if Article.objects.filter(pk__gt=newest).exists():
        for place, pk in enumerate(_by_words(question, most)):
            if pk > newest:
                ranked.insert(place, pk)
    return ranked[:most]


def _by_words(question: str, most: int) -> list[int]:
    return [pk for pk, _score in library.search(COLLECTION, terms(question, QUESTION_SIGNS), most=most)]


def _newest(ranker: Ranker) -> int:
    return int(ranker.ids[-1]) if ranker.ids else 0


def fitted() -> Ranker:
    """A ranker of the articles held and the questions they answered. It takes from seconds to minutes: never within a deed."""
    rows = Article.objects.order_by("pk").values_list("pk", "statute__name", "text")
    articles = [Told(*row) for row in rows.iterator()]
    places = {article.id: place for place, article in enumerate(articles)}
    led_to: dict[str, list[int]] = {}
    for question, pk in Lesson.objects.order_by("pk").values_list("question", "article_id").iterator():
        if pk in places:
            led_to.setdefault(question, []).append(places[pk])
    return learn(articles, [Asked(question, tuple(found)) for question, found in led_to.items()])


def in_use() -> dict[str, Any]:
    """What is written beside the ranker in use, with its version; empty where words alone rank."""
    try:
        version = str(json.loads((folder() / IN_USE).read_text("utf-8"))["version"])
        return card(folder() / version) | {"version": version}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def stale() -> bool:
    """Whether articles or questions came or went since the ranker was made."""
    now = in_use()
    return bool(now.get("state") != state() if now else Article.objects.exists())


def state() -> list[int]:
    """Four numbers that change with what is to be learnt: of articles and of questions, how many and the newest."""
    found: list[int] = []
    for model in (Article, Lesson):
        rows = model._default_manager.order_by("-pk").values_list("pk", flat=True)
        found += [rows.count(), rows.first() or 0]
    return found


def ranker_in_use() -> Ranker | None:
    """The ranker made last; None where there is none, or it cannot be read (which is logged)."""
    named = folder() / IN_USE
    try:
        changed = named.stat().st_mtime_ns
    except OSError:
        return None
    return _loaded(str(named), changed)


@once
def _loaded(named: str, changed: int) -> Ranker | None:
    """Mapped once for each change of the file that names it."""
    try:
        return load(Path(named).parent / str(json.loads(Path(named).read_text("utf-8"))["version"]))
    except (OSError, ValueError, KeyError, TypeError, BadRanker):
        log.exception("the law's ranker cannot be read; words alone rank")
        return None
