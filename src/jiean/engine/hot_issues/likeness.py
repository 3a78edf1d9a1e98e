"""How alike two reports are: runs of signs of title and body, and the places they name or come from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jiean.engine.reading import alike

_SIGN_BITS = np.uint64(21)  # of a code point, so that three signs make one number of 64 bits
_MOST_OF_BODY = 60  # the heaviest runs of a body: the rest costs time and tells little
_BODY_SIGNS, _PLACE_SIGNS = 1500, 400
_TOO_COMMON = 0.05  # runs in more reports than this are phrases
_PLACE_COMMON = 0.03
_ALWAYS_FEW = 50  # among few reports no share is telling

_KINDS = (
    "小区|花园|花苑|家园|公寓|大厦|广场|社区|街道|大道|公路|路口|公园|中学|小学|幼儿园|学院|大学|医院|工业园|市场|学校|新城|新村|佳园|国际|"
    "华府|公馆|山庄|地铁站|火车站|搅拌站|路|街|巷|村|镇|苑|园|城|府|湾|桥|湖|站|厂|公司|山|里|郡|居|号线|期"
)
_CODED = re.compile(r"[a-z]\d*(?:市|区|县)?")
_PLACE = re.compile(rf"[\u4e00-\u9fff]{{2,5}}?(?:{_KINDS})")


@dataclass(frozen=True)
class Tally:
    """The different runs of one text as codes, rising, (r,) uint64, and how often each stands there, (r,) float32."""

    codes: NDArray[np.uint64]
    counts: NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """One kind of runs: their codes, rising, (columns,) uint64; inverse document frequency, (columns,) float32; and how
    many of a report's heaviest runs count.
    """

    codes: NDArray[np.uint64]
    idf: NDArray[np.float32]
    most: int | None = None

    def rows(self, counted: Sequence[Tally]) -> csr_matrix:
        """Rows of length 1, or shorter where only the heaviest runs were kept; shape (n, columns) float32."""
        starts, columns, values = [0], [], []
        for tally in counted:
            column, weight = self._row(tally)
            columns.append(column)
            values.append(weight)
            starts.append(starts[-1] + len(column))
        parts = np.concatenate([np.zeros(0, np.float32), *values]), np.concatenate([np.zeros(0, np.int64), *columns])
        return csr_matrix((*parts, np.array(starts)), shape=(len(starts) - 1, len(self.codes)))

    def _row(self, tally: Tally) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if not len(self.codes):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        column = np.minimum(np.searchsorted(self.codes, tally.codes), len(self.codes) - 1)
        known = self.codes[column] == tally.codes
        column = column[known]
        weight = (1 + np.log(tally.counts[known])) * self.idf[column]
        weight = weight / (np.sqrt(weight @ weight) or 1)
        if self.most is not None and len(column) > self.most:
            heaviest = np.argpartition(-weight, self.most)[: self.most]
            column, weight = column[heaviest], weight[heaviest]
        return column, weight.astype(np.float32)


@dataclass(frozen=True)
class Parts:
    """Title, body and named places."""

    title: Part
    body: Part
    named: Part


@dataclass(frozen=True)
class Runs:
    """The runs of one report."""

    title: Tally
    body: Tally
    named: Tally


def runs(title: str, body: str) -> Runs:
    """Count one report; letter codes that stand for names of towns are no names of places."""
    head, rest = alike(title[:200]), alike(body[:_BODY_SIGNS])
    named = [*_named(head), *_named(head), *_named(rest[:_PLACE_SIGNS])]
    codes = np.array([crc32(name.encode()) for name in named], dtype=np.uint64)
    return Runs(_tally(_codes(head)), _tally(_codes(rest)), _tally(codes))


def _tally(codes: NDArray[np.uint64]) -> Tally:
    different, counts = np.unique(codes, return_counts=True)
    return Tally(different, counts.astype(np.float32))


def _codes(text: str) -> NDArray[np.uint64]:
    """A number for every run of two and of three signs."""
    signs = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    two = (signs[:-1] << _SIGN_BITS) | signs[1:]
    three = (two[:-1] << _SIGN_BITS) | signs[2:]
    return np.concatenate([two, three])


def _named(text: str) -> list[str]:
    """The last three to five signs of whatever reads like a place: where a name begins no dictionary says."""
    found = [match[0] for match in _PLACE.finditer(_CODED.sub(" ", text))]
    return [name[-length:] for name in found for length in (3, 4, 5)]


def weigh(counted: Sequence[Runs]) -> Parts:
    """Codes and weights of the runs that stand in two reports at least and not in too many."""
    size = len(counted)
    return Parts(
        _part([one.title for one in counted], _TOO_COMMON * size),
        _part([one.body for one in counted], _TOO_COMMON * size, _MOST_OF_BODY),
        _part([one.named for one in counted], _PLACE_COMMON * size),
    )


def _part(counted: Sequence[Tally], most_often: float, most: int | None = None) -> Part:
    standing = np.concatenate([np.zeros(0, np.uint64), *(tally.codes for tally in counted)])
    codes, frequency = np.unique(standing, return_counts=True)
    kept = (frequency >= 2) & (frequency <= max(most_often, _ALWAYS_FEW))
    idf = np.log(max(len(counted), 1) / frequency[kept]) + 1
    return Part(codes[kept], idf.astype(np.float32), most)
