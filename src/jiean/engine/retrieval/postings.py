"""Which documents hold a query's signs and pairs of signs: BM25 over postings whose weights are worked out beforehand.

Chinese needs no dictionary here: single characters with pairs of characters found as much as words did, and a new name
never falls out of a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jiean.engine.reading import alike, grams

K1, B = 1.2, 0.75
_SPLIT = str.maketrans(dict.fromkeys("，。、；：？！“”‘’（）()《》〈〉【】[],.;:?!\"'-—…·/|~`_*#@&+=<>{}\\", " "))


def terms(text: str, most_signs: int = 3000) -> Counter[str]:
    """Characters and pairs of characters with their counts; no pair reaches over a mark or blank."""
    found: Counter[str] = Counter()
    for part in pieces(text, most_signs):
        found.update(grams(part, 1, 2))
    return found


def pieces(text: str, most_signs: int = 3000) -> list[str]:
    """What stands between marks and blanks, each sign in the one form it is counted in; in the text's order."""
    return alike(text[:most_signs]).translate(_SPLIT).split()


@dataclass(frozen=True)
class Postings:
    """One run of (document, weight) for each term, terms one after the other.

    starts (terms + 1,) int64 · documents (postings,) int32 · weights (postings,) float32: the term's whole share of a
    document's BM25 (Robertson and Zaragoza 2009, § 3.4), so that a search only adds.
    """

    places: Mapping[str, int]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    weights: NDArray[np.float32]
    size: int

    def scores(self, query: Mapping[str, float], most_share: float = 1.0) -> NDArray[np.float32]:
        """BM25 of every document, shape (size,) float32.

        Terms in more than `most_share` of all documents are passed over: they cost most and say least.
        """
        total = np.zeros(self.size, np.float32)
        most = most_share * self.size
        for place, count in zip(places_of(self.places, list(query)), query.values(), strict=True):
            if place >= 0 and (end := self.starts[place + 1]) - (begin := self.starts[place]) <= most:
                total[self.documents[begin:end]] += np.float32(count) * self.weights[begin:end]
        return total

    @property
    def bytes(self) -> int:
        """Memory of the arrays."""
        return int(self.starts.nbytes + self.documents.nbytes + self.weights.nbytes)


def places_of(places: Mapping[str, int], terms: Sequence[str]) -> list[int]:
    """The place of each term, -1 where there is none."""
    of = getattr(places, "of", None)
    return list(of(terms).tolist()) if of else [places.get(term, -1) for term in terms]


def build(documents: Iterable[Mapping[str, float]], k1: float = K1, b: float = B) -> Postings:
    """Work out every weight. `documents` give each term's count, which may be a fraction."""
    places: dict[str, int] = {}
    columns, counts, lengths = [], [], []
    for row in documents:
        columns.append(np.fromiter((places.setdefault(term, len(places)) for term in row), np.int32, len(row)))
        counts.append(np.fromiter(row.values(), np.float32, len(row)))
        lengths.append(float(counts[-1].sum()))
    return _weigh(places, columns, counts, np.array(lengths, np.float32), (k1, b))


def _weigh(
    places: dict[str, int],
    columns: Sequence[NDArray[np.int32]],
    counts: Sequence[NDArray[np.float32]],
    lengths: NDArray[np.float32],
    shape: tuple[float, float],
) -> Postings:
    size, (k1, b) = len(lengths), shape
    term = np.concatenate([np.zeros(0, np.int32), *columns])
    document = np.repeat(np.arange(size, dtype=np.int32), [len(row) for row in columns])
    count = np.concatenate([np.zeros(0, np.float32), *counts])
    frequency = np.bincount(term, minlength=len(places))
    idf = np.log(1 + (size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    relative = lengths / (lengths.mean() or 1) if size else lengths
    weight = idf[term] * count * (k1 + 1) / (count + k1 * (1 - b + b * relative[document]))
    order = np.argsort(term, kind="stable")
    starts = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
    return Postings(places, starts, document[order], weight[order].astype(np.float32), size)
