"""Documents as points whose nearness follows the company words keep: latent semantic analysis of one's own texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiean.engine.retrieval.postings import places_of

_TOO_COMMON = 0.5  # a pair of signs in more than half of the documents tells none from another

_FEW = 200  # documents whose products are turned at once
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
        found = np.asarray(self.table(rows) @ self.axes)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def table(self, rows: Sequence[Mapping[str, float]]) -> csr_matrix:
        """TF-IDF over the same terms, rows of length 1, shape (len(rows), columns)."""
        return _table(rows, self.places, self.idf)


def find_axes(
    documents: Sequence[Mapping[str, float]],
    *,
    axes: int = 256,
    most_terms: int = 40_000,
    most_rows: int = 6_000,
    seed: int = 0,
) -> Axes:
    """Axes of the pairs of signs of the documents, found on `most_rows` of them drawn by `seed`.

    Single signs are left out: they mean too many things. With fewer documents than axes there are fewer axes.
    """
    frequency: Counter[str] = Counter()
    for row in documents:
        frequency.update(term for term in row if len(term) > 1)
    size = max(len(documents), 1)
    kept = [(term, count) for term, count in sorted(frequency.items(), key=lambda one: (-one[1], one[0]))]
    kept = [one for one in kept if one[1] <= max(_TOO_COMMON * size, 1)][:most_terms]
    places = {term: place for place, (term, _) in enumerate(kept)}
    idf = np.array([np.log(size / count) + 1 for _, count in kept], dtype=np.float32)
    drawn = np.random.default_rng(seed).permutation(len(documents))[:most_rows]
    table = _table([documents[place] for place in drawn], places, idf)
    return Axes(places, idf, _directions(table, axes, seed))


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
    """TF-IDF with 1 + ln count, rows of length 1."""
    starts, columns, values = [0], [], []
    for row in rows:
        every = zip(places_of(places, list(row)), row.values(), strict=True)
        known = [(place, count) for place, count in every if place >= 0]
        place = np.array([one[0] for one in known], dtype=np.int32)
        weight = (1 + np.log(np.array([max(one[1], 1) for one in known], dtype=np.float32))) * idf[place]
        columns.append(place)
        values.append(weight / (np.linalg.norm(weight) or 1))
        starts.append(starts[-1] + len(place))
    shape = (len(starts) - 1, len(places))
    parts = np.concatenate([np.zeros(0, np.float32), *values]), np.concatenate([np.zeros(0, np.int32), *columns])
    return csr_matrix((*parts, np.array(starts)), shape=shape)
