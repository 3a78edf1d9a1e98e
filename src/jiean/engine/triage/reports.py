"""Labelled reports as they come from a file, and which of them are near copies of each other."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from jiean.engine.reading import alike, grams

_TWIN_GRAM = 4
_KEPT_OF_GRAMS = 4  # one gram in four is looked at: a sample by hash keeps the shares and a quarter of the cost
_COMMON = 60  # grams in more reports than this are phrases of politeness, not copies
_LIKE, _WITHIN = 0.4, 0.7


class BadReports(ValueError):
    """A file of reports that cannot be read; the words name file and line."""


@dataclass(frozen=True)
class Report:
    """One report: `label` is empty where unknown, `group` where nobody grouped near copies beforehand."""

    id: str | int
    title: str
    body: str
    label: str = ""
    group: str = ""


def read_reports(paths: Iterable[Path]) -> list[Report]:
    """Reports of JSON lines, packed with gzip or not.

    Each line is an object with `id`, `title` and `text` (or `tokens`, words with blanks between), perhaps `label` and
    `group`. Whatever a line lacks is empty. Raises BadReports where a line is no such object.
    """
    return [report for path in paths for report in _of_file(path)]


def _of_file(path: Path) -> Iterator[Report]:
    opener = gzip.open if path.suffix == ".gz" else Path.open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _of_line(line, f"{path}:{number}")
    except (OSError, EOFError, UnicodeDecodeError) as problem:
        raise BadReports(f"{path}: {problem}") from problem


def _of_line(line: str, where: str) -> Report:
    try:
        entry = json.loads(line)
    except ValueError as problem:
        raise BadReports(f"{where}: no JSON: {problem}") from problem
    if not isinstance(entry, dict):
        raise BadReports(f"{where}: an object is needed, with id, title and text")
    body = _words(entry.get("text")) or "".join(_words(entry.get("tokens")).split())
    group = entry.get("group")
    named = "" if group is None else str(group)
    known_as = entry.get("id")
    report_id = known_as if isinstance(known_as, int) else _words(known_as)
    return Report(report_id, _words(entry.get("title")), body, _words(entry.get("label")), named)


def _words(value: Any) -> str:
    return "" if value is None else str(value)


def fingerprint(reports: Iterable[Report]) -> str:
    """SHA-256 over ids, words and labels in the order given: says later what a model was fitted on."""
    total = hashlib.sha256()
    for report in reports:
        line = json.dumps([report.id, report.title, report.body, report.label], ensure_ascii=True)
        total.update(line.encode())
    return total.hexdigest()


def twin_groups(reports: Sequence[Report]) -> NDArray[np.int64]:
    """A number for each report, equal for near copies, shape (n,) int64.

    Near copies share 40 % of their runs of four signs (Jaccard), or 70 % of the shorter one's, or the title, or carry the
    same `group`. The shares are estimated on a quarter of the runs, chosen by hash.
    """
    size = len(reports)
    pairs = [*_sharing(reports), *_copies(reports)]
    rows = np.array([first for first, _ in pairs], dtype=np.int64)
    columns = np.array([second for _, second in pairs], dtype=np.int64)
    graph = csr_matrix((np.ones(len(pairs), dtype=np.int8), (rows, columns)), shape=(size, size))
    _, groups = connected_components(graph, directed=False)
    return np.asarray(groups, dtype=np.int64)


def _sharing(reports: Sequence[Report]) -> Iterator[tuple[int, int]]:
    """Each report with the first of the same title, and with the first of the same group."""
    first: dict[tuple[str, str], int] = {}
    for place, report in enumerate(reports):
        for kind, name in (("group", report.group), ("title", report.title.strip())):
            if name:
                yield place, first.setdefault((kind, name), place)


def _copies(reports: Sequence[Report]) -> Iterator[tuple[int, int]]:
    held = _sampled(reports)
    sizes = np.asarray(held.sum(axis=1)).ravel()
    shared = (held @ held.T).tocoo()
    least = np.minimum(sizes[shared.row], sizes[shared.col])
    together = sizes[shared.row] + sizes[shared.col] - shared.data
    near = (shared.data >= _LIKE * together) | ((shared.data >= _WITHIN * least) & (least >= 4))
    near &= shared.row < shared.col
    yield from zip(shared.row[near].tolist(), shared.col[near].tolist(), strict=True)


def _sampled(reports: Sequence[Report]) -> Any:
    """Which sampled grams each report has, as counts of 0 and 1, grams in too many reports left out."""
    rows, columns = [], []
    for place, report in enumerate(reports):
        held = {crc32(gram.encode()) for gram in grams(alike(report.title + report.body), _TWIN_GRAM, _TWIN_GRAM)}
        kept = [value // _KEPT_OF_GRAMS for value in held if value % _KEPT_OF_GRAMS == 0]
        rows += [place] * len(kept)
        columns += kept
    names, columns_used = np.unique(np.array(columns, dtype=np.int64), return_inverse=True)
    shape = (len(reports), max(len(names), 1))
    table = csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns_used)), shape=shape)
    seldom = np.asarray(table.sum(axis=0)).ravel() <= _COMMON
    return table[:, seldom]
