"""Ranks articles for a lay question by clues: words, meaning, names of laws, our list of lay words, and past questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jiean.engine.retrieval.bridge import Bridge
from jiean.engine.retrieval.lay_words import law_words
from jiean.engine.retrieval.meaning import Axes
from jiean.engine.retrieval.postings import Postings, terms
from jiean.engine.retrieval.trees import Trees

MOST_SIGNS = 500
_NEAREST = 40  # past questions that have a say
_FROM_WORDS, _FROM_MEANING, _FROM_BRIDGE = 300, 150, 200  # candidates by each way of looking
_BY_TREES = 200  # of the candidates, those the trees look at: what they lift into the first hundred counts too

CLUES = ("words", "with_questions", "meaning", "nearest", "led_here", "law_led", "law_near", "beside", "strength",
         "strength_with_questions", "law_share", "bridge", "law_guessed", "titled_strength", "titled", "law_named",
         "law_named_strength", "lay", "lay_strength", "everyday")  # fmt: skip
_BY_HAND = {"strength_with_questions": 0.5, "titled_strength": 0.5, "meaning": 0.5, "lay_strength": 0.3, "everyday": 1.3,
            "nearest": 0.5, "law_near": 0.3}  # fmt: skip
PLAIN = np.array([_BY_HAND.get(clue, 0.0) for clue in CLUES], dtype=np.float64)
"""Round weights for where there are too few past questions to learn any from."""


@dataclass(frozen=True)
class Corpus:
    """The articles: places of their laws (n,), what is known of the laws (laws,), postings, and points (n, k) on the axes."""

    law: NDArray[np.int64]
    law_sizes: NDArray[np.float64]
    everyday: NDArray[np.float64]  # how near each law lies to daily life, 0 to 1
    words: Postings
    titled: Postings  # of articles with the name of their law
    names: Postings  # of laws
    axes: Axes
    points: NDArray[np.float32]


@dataclass(frozen=True)
class Past:
    """Past questions and what they led to: places of articles by question."""

    words: Postings  # of articles with the questions that led to them
    questions: Postings
    points: NDArray[np.float32]
    led_to: Sequence[tuple[int, ...]]
    led_here: NDArray[np.float32]  # questions an article
    law_led: NDArray[np.float32]  # questions a law
    bridge: Bridge


@dataclass(frozen=True)
class Ranker:
    """Ranks the articles of one corpus by their ids.

    `weights` are those of `CLUES`, for clues brought to mean 0 and spread 1 by `middles` and `spreads`. With trees, the
    likeliest two hundred are ranked half by the weighed sum and half by the trees, each at mean 0 and spread 1 by `even`.
    """

    ids: Sequence[str | int]
    corpus: Corpus
    past: Past
    middles: NDArray[np.float64]
    spreads: NDArray[np.float64]
    weights: NDArray[np.float64]
    trees: Trees | None = None
    even: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    def rank(self, question: str, most: int = 100) -> list[tuple[str | int, float]]:
        """Ids with scores, best first; at most `most`, none for a question without a known sign."""
        asked, law_says = terms(question, MOST_SIGNS), law_words(question)
        if not any(term in self.past.words.places for term in (*asked, *law_says)):
            return []
        point = self.corpus.axes.points([asked])[0]
        candidates, clues = clues_of(asked, law_says, point, self.corpus, self.past)
        scores = (clues - self.middles) / self.spreads @ self.weights
        order = np.argsort(-scores, kind="stable")
        if self.trees is not None:
            order, scores = self._regrown(order, scores, clues)
        return [(self.ids[candidates[place]], float(scores[place])) for place in order[:most]]

    def _regrown(
        self, order: NDArray[np.int64], sums: NDArray[np.float64], clues: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The order with its head ranked anew, and scores that fall along it."""
        assert self.trees is not None
        head = order[:_BY_TREES]
        middle, spread, own_middle, own_spread = self.even
        scores = (sums - middle) / spread
        scores[head] = (scores[head] + (self.trees.scores(clues[head]) - own_middle) / own_spread) / 2
        rest = order[_BY_TREES:]
        if len(rest):
            scores[rest] += scores[head].min() - scores[rest].max() - 1
        return np.concatenate([head[np.argsort(-scores[head], kind="stable")], rest]), scores


def clues_of(
    asked: Counter[str], law_says: Counter[str], point: NDArray[np.float32], corpus: Corpus, past: Past
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Candidates, shape (c,), and their clues, shape (c, len(CLUES)), for the terms asked and those our list puts beside them."""
    words = corpus.words.scores(asked)
    with_questions = past.words.scores(asked) if past.led_to else words
    nearest, law_near, beside = _votes(asked, point, corpus, past)
    guessed, law_guessed = past.bridge.guess(corpus.axes.table([asked]), point)
    meaning, bridge = (corpus.points @ np.column_stack([point, guessed])).T
    titled, named, lay = corpus.titled.scores(asked), corpus.names.scores(asked), corpus.titled.scores(law_says)
    share, share_with = words / (words.max() + 1e-6), with_questions / (with_questions.max() + 1e-6)
    by_law = share_with + 0.5 * law_near[corpus.law]
    everyday = np.asarray(titled / 20 + corpus.everyday[corpus.law], dtype=np.float32)
    ways = ((words, _FROM_WORDS), (with_questions, _FROM_WORDS), (meaning, _FROM_MEANING), (by_law, _FROM_WORDS),
            (bridge, _FROM_BRIDGE), (titled, _FROM_MEANING), (lay, _FROM_MEANING), (everyday, _FROM_WORDS))  # fmt: skip
    found = np.unique(np.concatenate([*(_best(scores, most) for scores, most in ways), np.flatnonzero(nearest)]))
    law = corpus.law[found]
    led = np.log1p(past.law_led[law])
    clues = [
        share[found], share_with[found], meaning[found], nearest[found], np.log1p(past.led_here[found]), led,
        law_near[law], beside[found], words[found] / 20, with_questions[found] / 20,
        led / np.log(10 + corpus.law_sizes[law]), bridge[found], law_guessed[law], titled[found] / 20,
        titled[found] / (titled.max() + 1e-6), named[law] / (named.max(initial=0) + 1e-6), named[law] / 10,
        lay[found] / (lay.max() + 1e-6), lay[found] / 20, corpus.everyday[law],
    ]  # fmt: skip
    return found, np.column_stack(clues).astype(np.float64)


def _best(scores: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.argpartition(-scores, most)[:most].astype(np.int64)


def _votes(
    asked: Counter[str], point: NDArray[np.float32], corpus: Corpus, past: Past
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """What the nearest past questions say: likeness by article, share by law, and by articles beside theirs."""
    nearest, beside = np.zeros(len(corpus.law), np.float32), np.zeros(len(corpus.law), np.float32)
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
