"""Which articles answer a lay question: words, meaning, and what past questions led to.

People do not ask in the law's words. What helps most is every question that was asked before: its words are added to the
articles it led to, its law is likelier to be needed again, and articles beside its article too; and a bridge from questions
to the places of their answers is fitted. How much each of these counts is learnt from the same questions, each judged by an
index that has not seen it: half by a weighed sum, half by boosted trees, which see where one clue matters only beside another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiean.engine.retrieval.bridge import build_bridge
from jiean.engine.retrieval.lay_words import everyday, law_words
from jiean.engine.retrieval.meaning import axes_of
from jiean.engine.retrieval.postings import Counts, build, counted, terms, weigh
from jiean.engine.retrieval.ranker import CLUES, MOST_SIGNS, PLAIN, Corpus, Past, Ranker, clues_of
from jiean.engine.retrieval.trees import grow

_FOLDS = 5
ENOUGH = 200
"""Past questions from which weights are learnt; fewer teach noise."""


@dataclass(frozen=True)
class Article:
    """One article of one law."""

    id: str | int
    law: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A past question and the places (in the list of articles) of what it led to."""

    words: str
    led_to: tuple[int, ...]


def _never() -> bool:
    return False


def learn(
    articles: Sequence[Article],
    asked: Sequence[Asked],
    *,
    seed: int = 0,
    enough: int = ENOUGH,
    stop: Callable[[], bool] = _never,
) -> Ranker:
    """Index the articles and learn from past questions; from fewer than `enough` no weights are learnt, only what they led to.

    Raises InterruptedError when `stop` answers yes between two parts of the work.
    """
    questions = [terms(one.words, MOST_SIGNS) for one in asked]
    rows, names, told = counted(
        (terms(article.text) for article in articles), map(terms, sorted({one.law for one in articles})), questions
    )
    corpus = _index(articles, (rows, names, told), seed)
    points = corpus.axes.points(questions)
    led_to = [one.led_to for one in asked]
    known = _Known(rows, told, questions, [law_words(one.words) for one in asked], points, led_to)
    past = _remember(corpus, known, range(len(asked)))
    ids = [article.id for article in articles]
    if len(asked) < max(enough, 2 * _FOLDS):
        return Ranker(ids, corpus, past, np.zeros(len(CLUES)), np.ones(len(CLUES)), PLAIN)
    clues, needed = _held_out(corpus, known, seed, stop)
    middles, spreads, weights = _weigh(clues, needed)
    ranker = Ranker(ids, corpus, past, middles, spreads, weights)
    if not needed.any() or needed.all():
        return ranker
    trees = grow(clues, needed, seed)
    sums, own = (clues - middles) / spreads @ weights, trees.scores(clues)
    even = float(sums.mean()), float(sums.std() + 1e-9), float(own.mean()), float(own.std() + 1e-9)
    return replace(ranker, trees=trees, even=even)


@dataclass(frozen=True)
class _Known:
    """Terms of articles and questions, packed; the questions' terms as they are, what our list puts beside them, points, articles."""

    rows: Counts
    told: Counts
    questions: Sequence[Counter[str]]
    law_says: Sequence[Counter[str]]
    points: NDArray[np.float32]
    led_to: Sequence[tuple[int, ...]]


def _index(articles: Sequence[Article], counts: tuple[Counts, Counts, Counts], seed: int) -> Corpus:
    rows, names, told = counts
    named, law = np.unique([article.law for article in articles], return_inverse=True)
    axes = axes_of([rows, told], most_rows=12_000, seed=seed)
    sizes = np.bincount(law).astype(np.float64)
    titled = weigh(Counts(rows.places, rows.table + names.table[law]))
    near = np.array([everyday(name) for name in named.tolist()])
    named_by = build(map(terms, named.tolist()))
    return Corpus(law.astype(np.int64), sizes, near, weigh(rows), titled, named_by, axes, axes.points_of(rows))


def _remember(corpus: Corpus, known: _Known, which: Sequence[int]) -> Past:
    """A memory of some of the questions."""
    led_here = np.zeros(len(corpus.law), np.float32)
    law_led = np.zeros(len(corpus.law_sizes), np.float32)
    questions, led_to = [known.questions[one] for one in which], [sorted(set(known.led_to[one])) for one in which]
    for places in led_to:
        led_here[places] += 1
        law_led[np.unique(corpus.law[places])] += 1
    points = known.points[list(which)]
    bridge = build_bridge(corpus.axes.table(questions), points, corpus.points, led_to, corpus.law)
    words = weigh(_led(known, which, led_to)) if any(led_to) else corpus.words
    kept = [known.led_to[one] for one in which]
    return Past(words, build(questions), points, kept, led_here, law_led, bridge)


def _led(known: _Known, which: Sequence[int], led_to: Sequence[Sequence[int]]) -> Counts:
    """The articles with the words of the questions that led to them."""
    starts = np.cumsum([0, *map(len, led_to)])
    places = np.array([*chain(*led_to)], np.int32)
    shape = (len(led_to), known.rows.table.shape[0])
    led = csr_matrix((np.ones(len(places), np.float32), places, starts), shape=shape)
    return Counts(known.rows.places, known.rows.table + led.T @ known.told.table[list(which)])


def _held_out(
    corpus: Corpus, known: _Known, seed: int, stop: Callable[[], bool]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Clues of every question's candidates, by memories that lack the question, and which candidates were needed."""
    fold = np.random.default_rng(seed).integers(0, _FOLDS, len(known.questions))
    clues, needed = [], []
    for part in range(_FOLDS):
        if stop():
            raise InterruptedError
        past = _remember(corpus, known, np.flatnonzero(fold != part).tolist())
        for one in np.flatnonzero(fold == part).tolist():
            candidates, row = clues_of(known.questions[one], known.law_says[one], known.points[one], corpus, past)
            clues.append(row)
            needed.append(np.isin(candidates, known.led_to[one]))
    return np.concatenate(clues), np.concatenate(needed)


def _weigh(
    clues: NDArray[np.float64], needed: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Middle, spread and weight of each clue by logistic regression; `PLAIN` where nothing needed was ever found."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 — slow to load, and only learning needs it

    middles, spreads = clues.mean(axis=0), clues.std(axis=0) + 1e-6
    if not needed.any() or needed.all():
        return np.zeros(len(CLUES)), np.ones(len(CLUES)), PLAIN
    machine = LogisticRegression(C=1.0, max_iter=300).fit((clues - middles) / spreads, needed)
    return middles, spreads, machine.coef_[0].astype(np.float64)
