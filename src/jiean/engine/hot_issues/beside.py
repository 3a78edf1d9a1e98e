"""One report beside a few others: how alike each is, in which words, how far and how long apart, and whether to offer a merge.

For a page, where a handful of open reports near by are at hand and no index of a station's weeks. How common a run of signs is
cannot be told from a handful, so texts of no concern (``background``) are counted with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jiean.engine.hot_issues.grouping import Parameters, Reported, nearness, points_of
from jiean.engine.hot_issues.likeness import Runs, runs, weigh
from jiean.engine.reading import alike

OPENING = 24
"""Signs of a text without a title that stand for one."""

_IDLE = frozenset("的了是我在有和就不也都很到说要去来把被吗呢啊吧这那个们一里着过还又没给让")
_SPLIT = str.maketrans(dict.fromkeys("，。、；：？！“”‘’（）()《》,.;:?!\"' \n\t", "\0"))


@dataclass(frozen=True)
class Beside:
    """One of the others: its place in the list, the likeness and its parts in [0, 1], the way in metres and the time in days.

    away_m : NaN where a point is unknown · words : what both say, longest first · offered : sure enough to offer a merge
    """

    place: int
    likeness: float
    words_alike: float
    away_m: float
    days: float
    words: tuple[str, ...]
    offered: bool


def counted(texts: Sequence[str]) -> tuple[Runs, ...]:
    """The background, counted once."""
    return tuple(runs(text[:OPENING], text) for text in texts)


def beside(
    new: Reported,
    others: Sequence[Reported],
    background: Sequence[Runs],
    *,
    parameters: Parameters | None = None,
) -> tuple[Beside, ...]:
    """Every other report, the likeliest first. A text without a title is read by its opening instead."""
    if not others:
        return ()
    chosen = parameters or Parameters()
    rows = [runs(one.title or one.body[:OPENING], one.body) for one in (*others, new)]
    parts = weigh([*background, *rows])
    pairs = [(part.rows(tallies) @ part.rows(tallies[-1:]).T).toarray()[:-1, 0]
             for part, tallies in ((parts.title, [row.title for row in rows]), (parts.body, [row.body for row in rows]),
                                   (parts.named, [row.named for row in rows]))]  # fmt: skip
    points = points_of([*others, new])
    near, away_m = nearness(points[:-1], points[-1:], pairs[2], chosen)
    words = (chosen.title * pairs[0] + chosen.body * pairs[1]) / (chosen.title + chosen.body)
    total = chosen.title * pairs[0] + chosen.body * pairs[1] + chosen.place * np.maximum(near, 0)
    days = np.array([new.day - one.day for one in others])
    offered = (total >= chosen.offer) & (near >= 0) & (np.abs(days) <= chosen.window_days)
    made = [
        Beside(place, float(total[place]), float(words[place]), float(away_m[place]), float(days[place]),
               shared_words(new.body, one.body), bool(offered[place]))
        for place, one in enumerate(others)
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: (-one.likeness, one.place)))


def shared_words(first: str, second: str, most: int = 4) -> tuple[str, ...]:
    """The longest runs of two signs or more that stand in both texts, none within another, as they are read (``alike``)."""
    ours, theirs = (alike(text[:500]).translate(_SPLIT) for text in (first, second))
    runs_ = (part for run in _common(ours, theirs) for part in run.split("\0"))
    found = {run for run in runs_ if sum(sign not in _IDLE for sign in run) >= 2}
    kept: list[str] = []
    for run in sorted(found, key=lambda one: (-len(one), ours.find(one))):
        if len(kept) < most and not any(run in longer for longer in kept):
            kept.append(run)
    return tuple(kept)


def _common(ours: str, theirs: str) -> set[str]:
    """For every place of ours the longest run that also stands in theirs."""
    found, start = set(), 0
    while start < len(ours) - 1:
        length = 1
        while start + length < len(ours) and ours[start : start + length + 1] in theirs:
            length += 1
        if length > 1:
            found.add(ours[start : start + length])
        start += max(1, length - 1)
    return found
