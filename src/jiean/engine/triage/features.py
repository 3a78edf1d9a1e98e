"""A report as numbers: runs of one to three signs of title and body, weighed by how seldom they are (TF-IDF)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from jiean.engine.reading import alike, grams, placeless, unmarked

TITLE_SHARE = 0.6
"""Weight of the title's own runs beside those of title and body together; chosen by cross-validation on training rows."""

_SHORTEST, _LONGEST = 1, 3
_TITLE_SIGNS = 120  # a title longer than this is a body in the wrong field


@dataclass(frozen=True)
class Field:
    """The runs counted in one part of a report, with their inverse document frequency, shape (columns,) float32."""

    names: tuple[str, ...]
    idf: NDArray[np.float32]

    @cached_property
    def places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def vectors(self, counted: Sequence[Mapping[str, int]]) -> csr_matrix:
        """Rows of length 1 (or 0 where no run is known): (1 + ln count) · idf, shape (len(counted), columns) float32."""
        starts, columns, counts = [0], [], []
        for row in counted:
            known = sorted((place, row[name]) for name in row if (place := self.places.get(name)) is not None)
            columns += [place for place, _ in known]
            counts += [count for _, count in known]
            starts.append(len(columns))
        values = (1 + np.log(np.array(counts, dtype=np.float32))) * self.idf[np.array(columns, dtype=np.int64)]
        shape = (len(counted), len(self.names))
        table = csr_matrix((values, np.array(columns, dtype=np.int32), np.array(starts, dtype=np.int32)), shape=shape)
        return _unit_rows(table)


@dataclass(frozen=True)
class Features:
    """How a report becomes one row: the whole text's field, then the title's, times `TITLE_SHARE`."""

    whole: Field
    title: Field

    @property
    def names(self) -> tuple[str, ...]:
        return self.whole.names + self.title.names

    def vectors(self, counted: Sequence[Counted]) -> csr_matrix:
        """Shape (len(counted), columns of both fields) float32."""
        whole = self.whole.vectors([one.whole for one in counted])
        title = self.title.vectors([one.title for one in counted])
        return csr_matrix(hstack([whole, title * np.float32(TITLE_SHARE)]))


@dataclass(frozen=True)
class Counted:
    """How often each run of signs stands in the whole report and in its title."""

    whole: Mapping[str, int]
    title: Mapping[str, int]


def counted(title: str, body: str) -> Counted:
    """Count the runs of one report; names of places count as their kind, numbers as 0."""
    head, rest = placeless(unmarked(alike(title[:_TITLE_SIGNS]))), placeless(unmarked(alike(body)))
    both = f"{head} {rest}".strip()
    return Counted(Counter(grams(both, _SHORTEST, _LONGEST)), Counter(grams(head, _SHORTEST, _LONGEST)))


def choose(rows: Sequence[Counted], *, most_whole: int, most_title: int) -> Features:
    """The runs that stand in two reports at least, the most frequent first, up to so many a field."""
    return Features(
        _field([row.whole for row in rows], most_whole),
        _field([row.title for row in rows], most_title),
    )


def _field(rows: Sequence[Mapping[str, int]], most: int) -> Field:
    frequency: Counter[str] = Counter()
    for row in rows:
        frequency.update(row.keys())
    kept = sorted(_most_frequent(frequency, most))
    standing = np.array([frequency[name] for name in kept], dtype=np.float64)
    idf = np.log((1 + len(rows)) / (1 + standing)) + 1  # smooth idf: no division by nothing, no weight of nothing
    return Field(tuple(kept), idf.astype(np.float32))


def _most_frequent(frequency: Counter[str], most: int) -> Iterable[str]:
    often = [(-count, name) for name, count in frequency.items() if count > 1]
    return [name for _, name in sorted(often)[:most]]


def _unit_rows(table: Any) -> csr_matrix:
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    table.data /= np.repeat(lengths, np.diff(table.indptr)).astype(np.float32)
    return table
