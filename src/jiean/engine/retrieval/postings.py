"""Which documents hold a query's signs and pairs of signs: BM25 over postings whose weights are worked out beforehand.

Chinese needs no dictionary here: single characters with pairs of characters found as much as words did, and a new name
never falls out of a list.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

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


@dataclass(frozen=True)
class Counts:
    """How often each term stands in each document, packed: a column for each place, table (documents, terms) float32."""

    places: Mapping[str, int]
    table: csr_matrix


def counted(*groups: Iterable[Mapping[str, float]]) -> tuple[Counts, ...]:
    """Pack the counts of each group of documents, all with the same columns.

    Every document is let go once it is read: as tables of words a large collection would fill gigabytes.
    """
    places: dict[str, int] = {}
    read = [_packed(documents, places) for documents in groups]
    return tuple(
        Counts(places, csr_matrix(parts, shape=(len(parts[2]) - 1, len(places)), dtype=np.float32)) for parts in read
    )


def _packed(documents: Iterable[Mapping[str, float]], places: dict[str, int]) -> tuple[NDArray[Any], ...]:
    columns, counts, starts = array("i"), array("f"), array("q", [0])
    for row in documents:
        columns.extend(places.setdefault(term, len(places)) for term in row)
        counts.extend(row.values())
        starts.append(len(columns))
    return np.frombuffer(counts, np.float32), np.frombuffer(columns, np.int32), np.frombuffer(starts, np.int64)


def build(documents: Iterable[Mapping[str, float]], k1: float = K1, b: float = B) -> Postings:
    """Work out every weight. `documents` give each term's count, which may be a fraction."""
    return weigh(counted(documents)[0], k1, b)


def weigh(documents: Counts, k1: float = K1, b: float = B) -> Postings:
    """Work out every weight of documents whose counts are packed."""
    size = documents.table.shape[0]
    by_term = documents.table.tocsc()
    frequency = np.diff(by_term.indptr)
    idf = np.log(1 + (size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    lengths = np.asarray(documents.table.sum(axis=1), dtype=np.float32).ravel()
    relative = lengths / (lengths.mean() or 1) if size else lengths
    count, document = by_term.data, by_term.indices.astype(np.int32, copy=False)
    weight = np.repeat(idf, frequency) * count * (k1 + 1) / (count + k1 * (1 - b + b * relative[document]))
    return Postings(documents.places, by_term.indptr.astype(np.int64), document, weight.astype(np.float32), size)
