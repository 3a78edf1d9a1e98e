"""Reports that are about one thing: groups in place and time, their heat and trend, and offers to merge.

A report joins what is alike in words and place and not long ago (single link, with windows that keep chains short). Only
the surest pairs are offered for merging, and by a person: people who complain of one thing seldom copy each other, and
two who use the same words often mean two things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from scipy.sparse.csgraph import connected_components

from jiean.engine.hot_issues.likeness import Parts, Runs, runs, weigh

_BLOCK = 512
_EARTH_M = 6_371_000.0


@dataclass(frozen=True)
class Reported:
    """One report: `day` counts days from any beginning; a point in WGS 84 where there is one; who reported, as a code."""

    id: int | str
    title: str
    body: str
    day: float
    lon: float | None = None
    lat: float | None = None
    reporter: str = ""


@dataclass(frozen=True)
class Parameters:
    """Shares of title, body and place (they sum to 1), and from where on two reports are linked or offered, in [0, 1].

    window_days : no link over a longer time · near_m : points this far apart are half as near as one place
    far_m : no link over a longer way
    """

    title: float = 0.3
    body: float = 0.3
    place: float = 0.4
    link: float = 0.25
    offer: float = 0.5
    window_days: float = 45.0
    near_m: float = 250.0
    far_m: float = 1500.0

    def __post_init__(self) -> None:
        if abs(self.title + self.body + self.place - 1) > 1e-9 or min(self.title, self.body, self.place) < 0:
            raise ValueError("the shares of title, body and place must sum to 1")
        if not 0 < self.link <= self.offer <= 1 or min(self.window_days, self.near_m, self.far_m) <= 0:
            raise ValueError("0 < link <= offer <= 1, and window and distances above 0")


@dataclass(frozen=True)
class Pair:
    """Two reports by their places in the list, the likeness and its parts, each in [0, 1]."""

    first: int
    second: int
    likeness: float
    title: float
    body: float
    place: float


@dataclass(frozen=True)
class Issue:
    """A group of two reports or more.

    reporters : different people, as one who writes ten times is still one
    heat : reporters, each halved with every `window_days` since they last wrote
    trend : reports in the newer half of the window before the last report, less those in the older half
    """

    members: tuple[int, ...]
    first_day: float
    last_day: float
    reporters: int
    heat: float
    trend: int


@dataclass(frozen=True)
class Grouped:
    """labels (n,) int64: equal for one group · issues by falling heat · offers by falling likeness."""

    labels: NDArray[np.int64]
    issues: tuple[Issue, ...]
    offers: tuple[Pair, ...]
    parameters: Parameters


@dataclass(frozen=True)
class Index:
    """Reports ready to be compared; rows stand in the order given."""

    reports: tuple[Reported, ...]
    parts: Parts
    tables: tuple[csr_matrix, csr_matrix, csr_matrix]
    days: NDArray[np.float64]
    points: NDArray[np.float64]
    parameters: Parameters


def _never() -> bool:
    return False


def index(reports: Sequence[Reported], parameters: Parameters | None = None) -> Index:
    """Count and weigh the runs of every report."""
    counted = [runs(report.title, report.body) for report in reports]
    parts = weigh(counted)
    days = np.array([report.day for report in reports], dtype=np.float64)
    return Index(tuple(reports), parts, _tables(parts, counted), days, points_of(reports), parameters or Parameters())


def _tables(parts: Parts, counted: Sequence[Runs]) -> tuple[csr_matrix, csr_matrix, csr_matrix]:
    return (
        parts.title.rows([one.title for one in counted]),
        parts.body.rows([one.body for one in counted]),
        parts.named.rows([one.named for one in counted]),
    )


def points_of(reports: Sequence[Reported]) -> NDArray[np.float64]:
    """Radians (lon, lat), NaN where unknown, shape (n, 2)."""
    held = [(report.lon, report.lat) if report.lon is not None and report.lat is not None else (np.nan, np.nan)
            for report in reports]  # fmt: skip
    return np.radians(np.array(held, dtype=np.float64).reshape(-1, 2))


def group(known: Index, *, now_day: float | None = None, stop: Callable[[], bool] = _never) -> Grouped:
    """Group all reports of an index.

    Parameters
    ----------
    now_day
        From where heat is counted; the last report's day where not given.

    Raises
    ------
    InterruptedError
        `stop` answered yes between two blocks.
    """
    size = len(known.reports)
    links: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    offers: list[Pair] = []
    order = np.argsort(known.days, kind="stable")
    for start in range(0, size, _BLOCK):
        if stop():
            raise InterruptedError
        pairs = _pairs_of(known, order, start)
        links.append((pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)))
        offers += [_pair(row) for row in pairs[pairs[:, 2] >= known.parameters.offer]]
    labels = _labels(links, size)
    today = float(known.days.max(initial=0.0)) if now_day is None else now_day
    issues = sorted(_issues(known, labels, today), key=lambda issue: (-issue.heat, issue.members))
    offers.sort(key=lambda pair: (-pair.likeness, pair.first, pair.second))
    return Grouped(labels, tuple(issues), tuple(offers), known.parameters)


def place(known: Index, new: Reported, most: int = 5) -> tuple[Pair, ...]:
    """The known reports a new one may belong to, most alike first; `second` is -1, the new report itself."""
    tables = _tables(known.parts, [runs(new.title, new.body)])
    near = np.flatnonzero(np.abs(known.days - new.day) <= known.parameters.window_days)
    rows = _scores(known, near, tables, points_of([new]))
    rows = rows[np.argsort(-rows[:, 2], kind="stable")[:most]]
    return tuple(_pair((near[int(row[1])], -1, *row[2:])) for row in rows)


def _pairs_of(known: Index, order: NDArray[np.int64], start: int) -> NDArray[np.float64]:
    """Links between one block of reports in order of time and those before them within the window."""
    block = order[start : start + _BLOCK]
    oldest = known.days[block[0]] - known.parameters.window_days
    first = int(np.searchsorted(known.days[order], oldest))
    before = order[first : start + len(block)]
    rows = _scores(known, before, tuple(table[block] for table in known.tables), known.points[block])
    mine, other = rows[:, 0].astype(int), rows[:, 1].astype(int)
    in_time = np.abs(known.days[block[mine]] - known.days[before[other]]) <= known.parameters.window_days
    kept = (other < mine + (start - first)) & in_time
    return np.asarray(np.column_stack([block[mine], before[other], rows[:, 2:]])[kept], dtype=np.float64)


def _scores(
    known: Index, others: NDArray[np.int64], tables: tuple[csr_matrix, ...], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Pairs linked, shape (p, 6): row of `tables`, place in `others`, likeness, and its three parts."""
    wanted = known.parameters
    title, body, named = (mine @ table[others].T for mine, table in zip(tables, known.tables, strict=True))
    sums = (wanted.title * title + wanted.body * body + wanted.place * named).tocoo()
    hopeful = sums.data >= min(wanted.link, max(wanted.link - wanted.place, 0.05))
    mine, other = sums.row[hopeful], sums.col[hopeful]
    if not len(mine):
        return np.zeros((0, 6))
    parts = [np.asarray(table.tocsr()[mine, other]).ravel() for table in (title, body, named)]
    parts[2] = nearness(points[mine], known.points[others[other]], parts[2], wanted)[0]
    total = wanted.title * parts[0] + wanted.body * parts[1] + wanted.place * parts[2]
    kept = (total >= wanted.link) & (parts[2] >= 0)
    return np.asarray(np.column_stack([mine, other, total, *parts])[kept], dtype=np.float64)


def nearness(
    first: NDArray[np.float64], second: NDArray[np.float64], named: NDArray[np.float64], wanted: Parameters
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where both points are known, how near they are, and -1 beyond `far_m`, else how alike the named places; and the way in metres.

    Points are radians (lon, lat), shape (n, 2); the way is NaN where a point is unknown.
    """
    across = (first[:, 0] - second[:, 0]) * np.cos((first[:, 1] + second[:, 1]) / 2)
    away_m = _EARTH_M * np.hypot(across, first[:, 1] - second[:, 1])
    by_way = np.where(away_m > wanted.far_m, -1.0, 0.5 ** (away_m / wanted.near_m))
    near = np.where(np.isnan(away_m), named, np.where(by_way < 0, by_way, np.maximum(by_way, named)))
    return near, away_m


def _pair(row: Sequence[float] | NDArray[np.float64]) -> Pair:
    return Pair(int(row[0]), int(row[1]), *(float(value) for value in row[2:6]))


def _labels(links: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], size: int) -> NDArray[np.int64]:
    if not size:
        return np.zeros(0, np.int64)
    rows = np.concatenate([pair[0] for pair in links])
    columns = np.concatenate([pair[1] for pair in links])
    graph = csr_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _issues(known: Index, labels: NDArray[np.int64], today: float) -> Iterator[Issue]:
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        if len(members) > 1:
            yield _issue(known, members, today)


def _issue(known: Index, members: NDArray[np.int64], today: float) -> Issue:
    days = known.days[members]
    latest: dict[str, float] = {}
    for member, day in zip(members.tolist(), days.tolist(), strict=True):
        who = known.reports[member].reporter or f"\0{member}"
        latest[who] = max(latest.get(who, day), day)
    window = known.parameters.window_days
    heat = sum(0.5 ** (max(today - day, 0) / window) for day in latest.values())
    age = days.max() - days
    trend = int((age <= window / 2).sum() - ((age > window / 2) & (age <= window)).sum())
    return Issue(tuple(members.tolist()), float(days.min()), float(days.max()), len(latest), heat, trend)


def joined(known: Index, new: Sequence[Reported]) -> Index:
    """The index with more reports, weighed as the old ones were; weigh afresh with `index` each night."""
    tables = _tables(known.parts, [runs(report.title, report.body) for report in new])
    both = tuple(csr_matrix(vstack([old, more])) for old, more in zip(known.tables, tables, strict=True))
    days = np.concatenate([known.days, [report.day for report in new]])
    points = np.concatenate([known.points, points_of(new)])
    return Index((*known.reports, *new), known.parts, (both[0], both[1], both[2]), days, points, known.parameters)
