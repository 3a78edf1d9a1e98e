"""Which articles answer a lay question: words, meaning, and what past questions led to.

People do not ask in the law's words. What helps most is every question that was asked before: its words are added to the
articles it led to, its law is likelier to be needed again, and articles beside its article too; and a bridge from questions
to the places of their answers is fitted. How much each of these counts is learnt from the same questions, each judged by an
index that has not seen it: half by a weighed sum, half by boosted trees, which see where one clue matters only beside another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from jiean.engine.retrieval.bridge import Bridge, build_bridge
from jiean.engine.retrieval.meaning import Axes, find_axes
from jiean.engine.retrieval.postings import Postings, build, terms

_NEAREST = 40  # past questions that have a say
_FROM_WORDS, _FROM_MEANING, _FROM_BRIDGE = 300, 150, 200  # candidates by each way of looking
_FOLDS = 5

# Without past questions to learn from: the words decide, the meaning helps.
_PLAIN = np.array([1.0, 0.5, 0.5, 0.2, 0.0, 0.1, 0.5, 0.0, 0.5, 0.5, 0.3, 0, 0, 0, 0, 0, 0], dtype=np.float64)
CLUES = ("words", "with_questions", "meaning", "nearest", "led_here", "law_led", "law_near", "beside", "strength",
         "strength_with_questions", "law_share", "bridge", "law_guessed", "titled_strength", "titled", "law_named",
         "law_named_strength")  # fmt: skip


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


@dataclass(frozen=True)
class _Corpus:
    rows: Sequence[Counter[str]]
    law: NDArray[np.int64]
    law_sizes: NDArray[np.float64]
    words: Postings
    titled: Postings  # of articles with the name of their law
    names: Postings  # of laws
    axes: Axes
    points: NDArray[np.float32]


@dataclass(frozen=True)
class _Past:
    words: Postings  # of articles with the questions that led to them
    questions: Postings
    points: NDArray[np.float32]
    led_to: Sequence[tuple[int, ...]]
    led_here: NDArray[np.float32]  # questions an article
    law_led: NDArray[np.float32]  # questions a law
    bridge: Bridge


@dataclass(frozen=True)
class _Trees:
    """Boosted trees beside the weighed sum; middle and spread of both, over the clues they were fitted to."""

    machine: HistGradientBoostingClassifier
    even: tuple[float, float, float, float]

    def beside(self, clues: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Half the one and half the other, each at mean 0 and spread 1."""
        middle, spread, own_middle, own_spread = self.even
        own = np.asarray(self.machine.decision_function(clues), dtype=np.float64)
        return (sums - middle) / spread / 2 + (own - own_middle) / own_spread / 2


@dataclass(frozen=True)
class Ranker:
    """Ranks the articles of one corpus; `weights` are those of `CLUES`, for clues brought to mean 0 and spread 1."""

    articles: Sequence[Article]
    corpus: _Corpus
    past: _Past
    middles: NDArray[np.float64]
    spreads: NDArray[np.float64]
    weights: NDArray[np.float64]
    trees: _Trees | None = None

    def rank(self, question: str, most: int = 100) -> list[tuple[str | int, float]]:
        """Ids with scores, best first; at most `most`, none for a question without a known sign."""
        asked = terms(question, 500)
        if not any(term in self.past.words.places for term in asked):
            return []
        candidates, clues = _clues(asked, self.corpus.axes.points([asked])[0], self.corpus, self.past)
        scores = (clues - self.middles) / self.spreads @ self.weights
        if self.trees is not None:
            scores = self.trees.beside(clues, scores)
        order = np.argsort(-scores, kind="stable")[:most]
        return [(self.articles[candidates[place]].id, float(scores[place])) for place in order]


def _never() -> bool:
    return False


def learn(
    articles: Sequence[Article], asked: Sequence[Asked], *, seed: int = 0, stop: Callable[[], bool] = _never
) -> Ranker:
    """Index the articles and learn from past questions, if there are any.

    Raises InterruptedError when `stop` answers yes between two parts of the work.
    """
    questions = [terms(one.words, 500) for one in asked]
    corpus = _index(articles, questions, seed)
    points = corpus.axes.points(questions)
    led_to = [one.led_to for one in asked]
    past = _remember(corpus, questions, points, led_to)
    if len(asked) < 2 * _FOLDS:
        even = np.zeros(len(CLUES)), np.ones(len(CLUES))
        return Ranker(articles, corpus, past, *even, _PLAIN)
    clues, needed = _held_out(corpus, questions, points, led_to, seed, stop)
    weighed = _weigh(clues, needed)
    return Ranker(articles, corpus, past, *weighed, _grow(clues, needed, weighed, seed))


def _index(articles: Sequence[Article], questions: Sequence[Counter[str]], seed: int) -> _Corpus:
    rows = [terms(article.text) for article in articles]
    _, law = np.unique([article.law for article in articles], return_inverse=True)
    axes = find_axes([*rows, *questions], most_rows=12_000, seed=seed)
    sizes = np.bincount(law).astype(np.float64)
    names = [terms(name) for name in np.unique([article.law for article in articles]).tolist()]
    titled = build(row + names[place] for row, place in zip(rows, law.tolist(), strict=True))
    return _Corpus(rows, law.astype(np.int64), sizes, build(rows), titled, build(names), axes, axes.points(rows))


def _remember(
    corpus: _Corpus, questions: Sequence[Counter[str]], points: NDArray[np.float32], led_to: Sequence[tuple[int, ...]]
) -> _Past:
    more: dict[int, Counter[str]] = {}
    led_here = np.zeros(len(corpus.rows), np.float32)
    law_led = np.zeros(len(corpus.law_sizes), np.float32)
    for words, places in zip(questions, led_to, strict=True):
        for place in set(places):
            more.setdefault(place, Counter()).update(words)
            led_here[place] += 1
        for law in {corpus.law[place] for place in places}:
            law_led[law] += 1
    rows = [row + more[place] if place in more else row for place, row in enumerate(corpus.rows)]
    bridge = build_bridge(corpus.axes.table(questions), points, corpus.points, led_to, corpus.law)
    return _Past(build(rows), build(questions), points, led_to, led_here, law_led, bridge)


def _clues(
    asked: Counter[str], point: NDArray[np.float32], corpus: _Corpus, past: _Past
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Candidates, shape (c,), and their clues, shape (c, len(CLUES))."""
    words, with_questions = corpus.words.scores(asked), past.words.scores(asked)
    meaning = corpus.points @ point
    nearest, law_near, beside = _votes(asked, point, corpus, past)
    guessed, law_guessed = past.bridge.guess(corpus.axes.table([asked]), point)
    bridge, titled, named = corpus.points @ guessed, corpus.titled.scores(asked), corpus.names.scores(asked)
    share, share_with = words / (words.max() + 1e-6), with_questions / (with_questions.max() + 1e-6)
    by_law = share_with + 0.5 * law_near[corpus.law]
    ways = ((words, _FROM_WORDS), (with_questions, _FROM_WORDS), (meaning, _FROM_MEANING), (by_law, _FROM_WORDS),
            (bridge, _FROM_BRIDGE), (titled, _FROM_MEANING))  # fmt: skip
    found = np.unique(np.concatenate([*(_best(scores, most) for scores, most in ways), np.flatnonzero(nearest)]))
    law = corpus.law[found]
    led = np.log1p(past.law_led[law])
    clues = [
        share[found], share_with[found], meaning[found], nearest[found], np.log1p(past.led_here[found]), led,
        law_near[law], beside[found], words[found] / 20, with_questions[found] / 20,
        led / np.log(10 + corpus.law_sizes[law]), bridge[found], law_guessed[law], titled[found] / 20,
        titled[found] / (titled.max() + 1e-6), named[law] / (named.max(initial=0) + 1e-6), named[law] / 10,
    ]  # fmt: skip
    return found, np.column_stack(clues).astype(np.float64)


def _best(scores: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.argpartition(-scores, most)[:most].astype(np.int64)


def _votes(
    asked: Counter[str], point: NDArray[np.float32], corpus: _Corpus, past: _Past
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """What the nearest past questions say: likeness by article, share by law, and by articles beside theirs."""
    nearest, beside = np.zeros(len(corpus.rows), np.float32), np.zeros(len(corpus.rows), np.float32)
    by_law = np.zeros(len(corpus.law_sizes), np.float32)
    if not past.led_to:
        return nearest, by_law, beside
    words = past.questions.scores(asked)
    like = 0.5 * words / (words.max() + 1e-6) + 0.5 * np.maximum(past.points @ point, 0)
    for place in np.argsort(-like, kind="stable")[:_NEAREST]:
        weight = float(like[place]) ** 3
        for led in past.led_to[place]:
            nearest[led] = max(nearest[led], like[place])
            for aside in (-2, -1, 1, 2):
                if 0 <= led + aside < len(nearest) and corpus.law[led + aside] == corpus.law[led]:
                    beside[led + aside] += weight / abs(aside)
        for law in {corpus.law[led] for led in past.led_to[place]}:
            by_law[law] += weight
    return nearest, by_law / (by_law.sum() + 1e-6), beside


def _held_out(
    corpus: _Corpus,
    questions: Sequence[Counter[str]],
    points: NDArray[np.float32],
    led_to: Sequence[tuple[int, ...]],
    seed: int,
    stop: Callable[[], bool],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Clues of every question's candidates, by memories that lack the question, and which candidates were needed."""
    fold = np.random.default_rng(seed).integers(0, _FOLDS, len(questions))
    clues, needed = [], []
    for part in range(_FOLDS):
        if stop():
            raise InterruptedError
        known = np.flatnonzero(fold != part).tolist()
        past = _remember(corpus, [questions[one] for one in known], points[known], [led_to[one] for one in known])
        for one in np.flatnonzero(fold == part).tolist():
            candidates, row = _clues(questions[one], points[one], corpus, past)
            clues.append(row)
            needed.append(np.isin(candidates, led_to[one]))
    return np.concatenate(clues), np.concatenate(needed)


def _weigh(
    clues: NDArray[np.float64], needed: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Middle, spread and weight of each clue by logistic regression; `_PLAIN` where nothing needed was ever found."""
    middles, spreads = clues.mean(axis=0), clues.std(axis=0) + 1e-6
    if not needed.any() or needed.all():
        return np.zeros(len(CLUES)), np.ones(len(CLUES)), _PLAIN
    machine = LogisticRegression(C=1.0, max_iter=300).fit((clues - middles) / spreads, needed)
    return middles, spreads, machine.coef_[0].astype(np.float64)


def _grow(
    clues: NDArray[np.float64],
    needed: NDArray[np.bool_],
    weighed: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    seed: int,
) -> _Trees | None:
    """Trees on the same clues; None where nothing needed was ever found. Sizes by cross-validation on past questions."""
    if not needed.any() or needed.all():
        return None
    machine = HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, max_leaf_nodes=31, min_samples_leaf=40, l2_regularization=5.0,
        random_state=seed,
    ).fit(clues, needed)  # fmt: skip
    middles, spreads, weights = weighed
    sums, own = (clues - middles) / spreads @ weights, machine.decision_function(clues)
    even = (sums.mean(), sums.std() + 1e-9, own.mean(), own.std() + 1e-9)
    return _Trees(machine, (float(even[0]), float(even[1]), float(even[2]), float(even[3])))
