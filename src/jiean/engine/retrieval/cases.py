"""Past cases most alike to one told in words: by words, by meaning, and by what cases like it were decided on.

The case told has facts but no decision yet. The decisions of the cases nearest to it say what it is likely to turn on; cases
decided on the like are moved up (pseudo-relevance feedback, Rocchio 1971, on the axes of the decisions).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jiean.engine.retrieval.meaning import Axes, axes_of
from jiean.engine.retrieval.postings import Counts, Postings, counted, terms, weigh

_FACT_SIGNS, _REASON_SIGNS = 2000, 800
_NEIGHBOURS = 20
WORDS, FACTS, DECIDED = 0.6, 1.0, 1.2
"""What each likeness counts once brought to mean 0 and spread 1; settled on development queries (by folds of them: docs/text.md)."""


@dataclass(frozen=True)
class Case:
    """A past case: what happened, and why it was decided so (may be empty)."""

    id: str
    facts: str
    reason: str = ""


@dataclass(frozen=True)
class _Sight:
    axes: Axes
    points: NDArray[np.float32]


@dataclass(frozen=True)
class CaseLibrary:
    """Cases ready to be searched."""

    places: Mapping[str, int]
    ids: tuple[str, ...]
    words: Postings
    facts: _Sight
    decided: _Sight

    @classmethod
    def of(cls, cases: Sequence[Case], *, seed: int = 0) -> CaseLibrary:
        """Index the cases: postings of the facts, axes of facts and of reasons."""
        facts = counted(_pairs(terms(case.facts, _FACT_SIGNS)) for case in cases)[0]
        reasons = counted(_pairs(terms(case.reason, _REASON_SIGNS)) for case in cases)[0]
        sights = (_sight(facts, 256, seed), _sight(reasons, 128, seed))
        ids = tuple(case.id for case in cases)
        words = weigh(facts, b=1.0)  # what happened is told at any length
        return cls({one: place for place, one in enumerate(ids)}, ids, words, *sights)

    def rank(self, told: str, among: Sequence[str] | None = None, most: int = 100) -> list[tuple[str, float]]:
        """Ids with scores, most alike first, at most `most`.

        `among` limits the answer to some ids (all of them are ranked, unknown ones come last); otherwise the first
        candidates are those with the likeliest words and meaning.
        """
        asked = terms(told, _FACT_SIGNS)
        if not self.ids:
            return [(one, 0.0) for one in among or ()][:most]
        words = self.words.scores(dict.fromkeys(_pairs(asked), 1))
        facts = self.facts.points @ self.facts.axes.points([asked])[0]
        candidates = self._candidates(words, facts, among)
        decided = self.decided.points[candidates] @ self._expected(facts)
        scores = WORDS * _even(words[candidates]) + FACTS * _even(facts[candidates]) + DECIDED * _even(decided)
        order = np.argsort(-scores, kind="stable")[:most]
        ranked = [(self.ids[candidates[place]], float(scores[place])) for place in order]
        unknown = [one for one in among or () if one not in self.places]
        last = min((score for _, score in ranked), default=0.0) - 1
        return [*ranked, *((one, last) for one in unknown)][:most]

    def _candidates(
        self, words: NDArray[np.float32], facts: NDArray[np.float32], among: Sequence[str] | None
    ) -> NDArray[np.int64]:
        if among is not None:
            known = dict.fromkeys(self.places[one] for one in among if one in self.places)
            return np.array(list(known), dtype=np.int64)
        most = min(100, len(self.ids) - 1)
        ways = (words, facts)
        found = [np.argpartition(-scores, most)[: most + 1] for scores in ways]
        return np.unique(np.concatenate(found)).astype(np.int64)

    def _expected(self, facts: NDArray[np.float32]) -> NDArray[np.float32]:
        """Where the decision is likely to lie: the nearest cases' decisions, each by its likeness to the third power."""
        nearest = np.argsort(-facts, kind="stable")[:_NEIGHBOURS]
        weights = np.maximum(facts[nearest], 0) ** 3
        return np.asarray((self.decided.points[nearest] * weights[:, None]).sum(axis=0), dtype=np.float32)


def _pairs(row: Counter[str]) -> dict[str, int]:
    """Pairs of signs alone: in long texts nearly every single sign stands somewhere."""
    return {term: count for term, count in row.items() if len(term) > 1}


def _sight(rows: Counts, axes: int, seed: int) -> _Sight:
    found = axes_of([rows], axes=axes, most_rows=4000, seed=seed)
    return _Sight(found, found.points_of(rows))


def _even(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean 0, spread 1; all 0 where nothing differs."""
    spread = scores.std() if len(scores) else 0
    return np.asarray((scores - scores.mean()) / spread if spread > 1e-9 else np.zeros(len(scores)), dtype=np.float64)
