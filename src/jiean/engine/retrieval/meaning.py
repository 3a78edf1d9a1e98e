"""Documents as points whose nearness follows the company words keep: latent semantic analysis of one's own texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from jiean.engine.retrieval.postings import Counts, counted, places_of

_TOO_COMMON = 0.5  # a pair of signs in more than half of the documents tells none from another

_FEW = 200  # documents whose products are turned at once
_AT_ONCE = 8_000  # documents turned into points at once
_NOTHING = 1e-9  # of a direction's strength: the same document twice adds none


@dataclass(frozen=True)
class Axes:
    """The axes of a truncated SVD of TF-IDF (Deerwester et al. 1990).

    places : column of each term · idf (columns,) float32 · axes (columns, k) float32
    """

    places: Mapping[str, int]
    idf: NDArray[np.float32]
    axes: NDArray[np.float32]

    def points(self, rows: Sequence[Mapping[str, float]]) -> NDArray[np.float32]:
        """Points of length 1 (0 for a text without a known term), shape (len(rows), k) float32."""
        return self._turned(self.table(rows))

    def points_of(self, documents: Counts) -> NDArray[np.float32]:
        """The points of documents whose counts are packed: a block after the other, as the table of all would be copied whole."""
        columns = _columns(documents, self.places)
        parts = [
            self._turned(_tfidf(documents.table[start : start + _AT_ONCE][:, columns], self.idf))
            for start in range(0, documents.table.shape[0], _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.axes.shape[1]), np.float32)

    def _turned(self, table: csr_matrix) -> NDArray[np.float32]:
        found = np.asarray(table @ self.axes)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def table(self, rows: Sequence[Mapping[str, float]]) -> csr_matrix:
        """TF-IDF over the same terms, rows of length 1, shape (len(rows), columns)."""
        return _table(rows, self.places, self.idf)


def find_axes(
    documents: Iterable[Mapping[str, float]],
    *,
    axes: int = 256,
    most_terms: int = 40_000,
    most_rows: int = 6_000,
    seed: int = 0,
) -> Axes:
    """Axes of the pairs of signs of the documents, found on `most_rows` of them drawn by `seed`.

    Single signs are left out: they mean too many things. With fewer documents than axes there are fewer axes.
    """
    return axes_of(counted(documents), axes=axes, most_terms=most_terms, most_rows=most_rows, seed=seed)


def axes_of(
    groups: Sequence[Counts], *, axes: int = 256, most_terms: int = 40_000, most_rows: int = 6_000, seed: int = 0
) -> Axes:
    """The same for documents whose counts are packed, in groups that share their columns."""
    tables = [one.table for one in groups]
    size = sum(table.shape[0] for table in tables)
    frequency = np.sum([np.bincount(table.indices, minlength=table.shape[1]) for table in tables], axis=0)
    kept = _telling(groups[0].places, frequency, max(_TOO_COMMON * max(size, 1), 1), most_terms)
    places = {term: place for place, term in enumerate(kept)}
    columns = _columns(groups[0], places)
    idf = (np.log(max(size, 1) / np.maximum(frequency[columns], 1)) + 1).astype(np.float32)
    drawn = np.random.default_rng(seed).permutation(size)[:most_rows]
    return Axes(places, idf, _directions(_tfidf(_rows(tables, drawn)[:, columns], idf), axes, seed))


def _telling(places: Mapping[str, int], frequency: NDArray[np.int64], most: float, wanted: int) -> list[str]:
    """The pairs of signs that stand in the most documents, but in no more than `most`; equals by their signs."""
    least = max(int(np.partition(frequency, -2 * wanted)[-2 * wanted]), 1) if len(frequency) > 2 * wanted else 1
    while True:
        often = {term: int(frequency[place]) for term, place in places.items() if frequency[place] >= least}
        found = [term for term, count in often.items() if len(term) > 1 and count <= most]
        if len(found) >= wanted or least <= 1:
            return sorted(found, key=lambda term: (-often[term], term))[:wanted]
        least //= 2


def _rows(tables: Sequence[csr_matrix], drawn: NDArray[np.int64]) -> csr_matrix:
    """The rows drawn of tables that stand one below the other."""
    whole = tables[0] if len(tables) == 1 else vstack(tables, format="csr")
    return csr_matrix(whole[drawn])


def _columns(documents: Counts, places: Mapping[str, int]) -> list[int]:
    return [documents.places[term] for term in places]


def _directions(table: csr_matrix, wanted: int, seed: int) -> NDArray[np.float32]:
    most = min(wanted, min(table.shape) - 1)
    if most < 1:
        return np.zeros((table.shape[1], 1), np.float32)
    if table.shape[0] <= _FEW:
        return _exactly(table, most)
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 — slow to load, and only learning needs it

    svd = TruncatedSVD(most, n_iter=2, random_state=seed).fit(table)
    return np.ascontiguousarray(svd.components_.T.astype(np.float32))


def _exactly(table: csr_matrix, most: int) -> NDArray[np.float32]:
    """The same directions from the documents' own products, without the library: what a page waits for is fitted to a handful."""
    strengths, turns = np.linalg.eigh((table @ table.T).toarray().astype(np.float64))
    kept = [place for place in np.argsort(-strengths)[:most] if strengths[place] > _NOTHING]
    directions = table.T @ (turns[:, kept] / np.sqrt(strengths[kept]))
    return np.ascontiguousarray(directions.astype(np.float32))


def _table(rows: Iterable[Mapping[str, float]], places: Mapping[str, int], idf: NDArray[np.float32]) -> csr_matrix:
    starts, columns, counts = [0], [], []
    for row in rows:
        every = zip(places_of(places, list(row)), row.values(), strict=True)
        known = [(place, count) for place, count in every if place >= 0]
        columns += [place for place, _count in known]
        counts += [count for _place, count in known]
        starts.append(len(columns))
    parts = np.array(counts, np.float32), np.array(columns, np.int32), np.array(starts)
    return _tfidf(csr_matrix(parts, shape=(len(starts) - 1, len(places))), idf)


def _tfidf(counts: csr_matrix, idf: NDArray[np.float32]) -> csr_matrix:
    """TF-IDF with 1 + ln count, rows of length 1."""
    weights = (1 + np.log(np.maximum(counts.data, 1))) * idf[counts.indices]
    table = csr_matrix((weights, counts.indices, counts.indptr), shape=counts.shape)
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1), dtype=np.float32)).ravel()
    table.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(table.indptr))
    return table
