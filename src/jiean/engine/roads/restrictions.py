"""Forbidden turns: from the words of a map to the states of `turns`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jiean.engine.roads.turns import Ints

if TYPE_CHECKING:
    from jiean.engine.roads.build import Segment


@dataclass(frozen=True)
class Restriction:
    """From one way by a junction into another: forbidden, or (`only`) the one way on. Ids are the reader's own."""

    came: int
    junction: int
    went: int
    only: bool


def banned_turns(segments: Sequence[Segment], restrictions: Sequence[Restriction], counts: dict[str, int]) -> Ints:
    """States (r, 2) from and into which nobody may turn; restrictions on streets that were dropped are counted."""
    touching: dict[tuple[int, int], list[int]] = defaultdict(list)
    at: dict[int, list[int]] = defaultdict(list)
    for e, segment in enumerate(segments):
        for junction in dict.fromkeys((segment.tail, segment.head)):
            touching[segment.way, junction].append(e)
            at[junction].append(e)
    found: set[tuple[int, int]] = set()
    for one in restrictions:
        pairs = set(_pairs(segments, touching, at, one))
        word = "restrictions_kept" if pairs else "restrictions_not_placed"
        counts[word] = counts.get(word, 0) + 1
        found |= pairs
    return np.array(sorted(found), np.int32).reshape(-1, 2)


def _pairs(
    segments: Sequence[Segment], touching: Mapping[tuple[int, int], list[int]], at: Mapping[int, list[int]],
    one: Restriction,
) -> Iterator[tuple[int, int]]:  # fmt: skip
    came = [x for e in touching.get((one.came, one.junction), ()) for x in _arriving(segments[e], e, one.junction)]
    went = [x for e in touching.get((one.went, one.junction), ()) for x in _leaving(segments[e], e, one.junction)]
    if not went:
        return
    every = [x for e in at.get(one.junction, ()) for x in _leaving(segments[e], e, one.junction)]
    for x in came:
        if one.only:
            yield from ((x, y) for y in every if y not in went)
        elif one.came == one.went:  # turning round on one street; a way drawn through the junction goes on
            yield from ((x, y) for y in went if y == x ^ 1)
        else:
            yield from ((x, y) for y in went)


def _arriving(segment: Segment, edge: int, junction: int) -> Iterator[int]:
    if segment.head == junction:
        yield 2 * edge
    if segment.two_way and segment.tail == junction:
        yield 2 * edge + 1


def _leaving(segment: Segment, edge: int, junction: int) -> Iterator[int]:
    if segment.tail == junction:
        yield 2 * edge
    if segment.two_way and segment.head == junction:
        yield 2 * edge + 1
