"""From street segments to a graph: lengths, driving times, and the part that hangs together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from jiean.engine.roads.errors import NoWays
from jiean.engine.roads.graph import CLASSES, Roads, RoadsReport
from jiean.engine.roads.plane import check_degrees, great_circle_m


@dataclass(frozen=True)
class DrivingSpeeds:
    """Free-flow speeds a patrol car drives without a siren.

    The class table is that of the OSRM project's car profile (profiles/car.lua, `speeds`, version 5), which also
    drives 0.8 of a posted limit (`maxspeed` factor). Speeds are km/h in (0, 200]; `share_of_limit` is in (0, 1].
    """

    by_class_kmh: MappingProxyType[str, float] = field(
        default_factory=lambda: MappingProxyType({
            "motorway": 90, "motorway_link": 45, "trunk": 85, "trunk_link": 40, "primary": 65, "primary_link": 30,
            "secondary": 55, "secondary_link": 25, "tertiary": 40, "tertiary_link": 20, "unclassified": 25,
            "residential": 25, "living_street": 10, "service": 15, "road": 25,
        })
    )  # fmt: skip
    share_of_limit: float = 0.8

    def __post_init__(self) -> None:
        if set(self.by_class_kmh) != set(CLASSES):
            raise ValueError("a speed is needed for every road class")
        if not all(0 < speed <= 200 for speed in self.by_class_kmh.values()):
            raise ValueError("speeds must lie in (0, 200] km/h")
        if not 0 < self.share_of_limit <= 1:
            raise ValueError("share_of_limit must lie in (0, 1]")

    def seconds(self, length_m: float, road_class: str, limit_kmh: float | None) -> float:
        """Time to drive `length_m` metres; the posted limit decides where there is one."""
        kmh = limit_kmh * self.share_of_limit if limit_kmh else self.by_class_kmh[road_class]
        return length_m / (kmh / 3.6)


@dataclass
class Segment:
    """A stretch of street between two junctions, as a reader found it; drivable from `tail` to `head`."""

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


def build(
    segments: Sequence[Segment], *, source: str, attribution: str, counts: dict[str, int], speeds: DrivingSpeeds
) -> Roads:
    """Make the graph of the largest strongly connected part.

    Parameters
    ----------
    segments
        Stretches between junctions with the reader's own junction ids.
    counts
        The reader's tally; what is dropped here is added to it.

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
    return _freeze(kept, source=source, attribution=attribution, counts=counts, speeds=speeds)


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
    segments: list[Segment], *, source: str, attribution: str, counts: dict[str, int], speeds: DrivingSpeeds
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
