"""From street segments to a graph: lengths, driving times, and the part that hangs together."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from jiean.engine.roads.errors import NoWays
from jiean.engine.roads.graph import CLASSES, Roads, RoadsReport
from jiean.engine.roads.plane import check_degrees, great_circle_m
from jiean.engine.roads.restrictions import Restriction, banned_turns
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.engine.roads.turns import Ints


@dataclass
class Segment:
    """A stretch of street between two junctions, as a reader found it; drivable from `tail` to `head`.

    `way` is what the reader's restrictions call the street it was cut from.
    """

    tail: int
    head: int
    points: Sequence[tuple[float, float]]
    length_m: float | None
    seconds: float | None
    road_class: str
    limit_kmh: float | None
    name: str
    two_way: bool
    flags: int = 0
    way: int = 0


def build(
    segments: Sequence[Segment], *, source: str, attribution: str, counts: dict[str, int], speeds: DrivingSpeeds,
    restrictions: Sequence[Restriction] = (),
) -> Roads:  # fmt: skip
    """Make the graph of the largest strongly connected part.

    Parameters
    ----------
    segments
        Stretches between junctions with the reader's own junction ids.
    counts
        The reader's tally; what is dropped here is added to it.
    restrictions
        Forbidden turns by the reader's ids; `Roads.turned` makes them hold.

    Raises
    ------
    NoWays
        When nothing drivable is left.
    WrongDatum
        When the coordinates are not degrees.
    """
    usable = [segment for segment in segments if len(segment.points) >= 2]
    counts["segments_without_line"] = len(segments) - len(usable)
    if not usable:
        raise NoWays("No road for vehicles was found in the file.")
    flat = np.array([point for segment in usable for point in segment.points], dtype=np.float64)
    check_degrees(flat[:, 0], flat[:, 1])
    kept = _largest_strong_part(usable, counts)
    banned = banned_turns(kept, restrictions, counts)
    return _freeze(kept, banned, source=source, attribution=attribution, counts=counts, speeds=speeds)


def _largest_strong_part(segments: Sequence[Segment], counts: dict[str, int]) -> list[Segment]:
    """Keep what can be reached from, and can reach, everything else that is kept."""
    ids = {junction: i for i, junction in enumerate(dict.fromkeys(j for s in segments for j in (s.tail, s.head)))}
    tails = [ids[s.tail] for s in segments] + [ids[s.head] for s in segments if s.two_way]
    heads = [ids[s.head] for s in segments] + [ids[s.tail] for s in segments if s.two_way]
    matrix = csr_array((np.ones(len(tails), dtype=np.int8), (tails, heads)), shape=(len(ids), len(ids)))
    _, label = connected_components(matrix, directed=True, connection="strong")
    largest = np.bincount(label).argmax()
    kept = [s for s in segments if label[ids[s.tail]] == largest and label[ids[s.head]] == largest]
    counts["junctions_not_connected"] = int((label != largest).sum())
    counts["segments_not_connected"] = len(segments) - len(kept)
    if not kept:
        raise NoWays("The roads of the file do not connect to one another.")
    return kept


def _freeze(
    segments: list[Segment],
    banned: Ints,
    *,
    source: str,
    attribution: str,
    counts: dict[str, int],
    speeds: DrivingSpeeds,
) -> Roads:
    ends = {s.head: s.points[-1] for s in segments} | {s.tail: s.points[0] for s in segments}
    ids = {junction: i for i, junction in enumerate(ends)}
    names = {name: i for i, name in enumerate(dict.fromkeys(["", *(s.name for s in segments)]))}
    lengths = [_length_m(segment, counts) for segment in segments]
    seconds = [_seconds(segment, m, speeds, counts) for segment, m in zip(segments, lengths, strict=True)]
    place = np.array(list(ends.values()), dtype=np.float64)
    total_km, dropped = round(sum(lengths) / 1000, 3), MappingProxyType(dict(counts))
    report = RoadsReport(source, attribution, len(ids), len(segments), total_km, dropped)
    return Roads(
        lon=place[:, 0].copy(),
        lat=place[:, 1].copy(),
        edge_tail=np.array([ids[s.tail] for s in segments], dtype=np.int32),
        edge_head=np.array([ids[s.head] for s in segments], dtype=np.int32),
        length_m=np.array(lengths),
        seconds=np.array(seconds),
        two_way=np.array([s.two_way for s in segments]),
        road_class=np.array([CLASSES.index(s.road_class) for s in segments], dtype=np.int8),
        flags=np.array([s.flags for s in segments], dtype=np.uint8),
        name=np.array([names[s.name] for s in segments], dtype=np.int32),
        names=np.array(list(names), dtype=np.str_),
        point_start=np.concatenate([[0], np.cumsum([len(s.points) for s in segments])]).astype(np.int64),
        points=np.array([p for s in segments for p in s.points], dtype=np.float64),
        report=report,
        banned=banned,
    )


def _length_m(segment: Segment, counts: dict[str, int]) -> float:
    """Length as given, else along the great circles of its line; at least a centimetre."""
    if segment.length_m is not None and np.isfinite(segment.length_m) and segment.length_m > 0:
        return float(segment.length_m)
    points = np.array(segment.points)
    counts["length_from_line"] = counts.get("length_from_line", 0) + 1
    return max(float(great_circle_m(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]).sum()), 0.01)


def _seconds(segment: Segment, length_m: float, speeds: DrivingSpeeds, counts: dict[str, int]) -> float:
    if segment.seconds is not None and np.isfinite(segment.seconds) and segment.seconds > 0:
        return float(segment.seconds)
    word = "speed_from_limit" if segment.limit_kmh else "speed_from_class"
    counts[word] = counts.get(word, 0) + 1
    return speeds.seconds(length_m, segment.road_class, segment.limit_kmh)
