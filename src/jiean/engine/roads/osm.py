"""Reading OpenStreetMap extracts (.osm, .osm.gz, .osm.bz2, .osm.pbf) into a road graph."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import osmium

from jiean.engine.roads.build import Segment, build
from jiean.engine.roads.errors import FileBroken
from jiean.engine.roads.graph import BRIDGE, CLASSES, ROUNDABOUT, TUNNEL, Roads
from jiean.engine.roads.restrictions import Restriction
from jiean.engine.roads.speeds import DrivingSpeeds

ATTRIBUTION = "© OpenStreetMap contributors, Open Database Licence (ODbL) 1.0"

_CARS = frozenset({"motorcar", "motor_vehicle", "emergency"})
_NOT_DRIVABLE = frozenset({"no", "agricultural", "forestry"})
_LIMIT = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(mph|knots|km/h|kmh|kph)?\s*$")
_KMH_PER_UNIT = {"mph": 1.609344, "knots": 1.852}


def read_osm(path: Path, *, speeds: DrivingSpeeds | None = None) -> Roads:
    """Read an extract; `Roads.report` tells what was kept, guessed and dropped.

    Rules (OpenStreetMap wiki, "Key:oneway" and "Key:access"): a one-way holds for motor vehicles if
    `oneway:motor_vehicle`, `oneway:motorcar`, `oneway:vehicle` or `oneway` says so, in that order; roundabouts and
    motorways are one-way unless they say otherwise. Ways closed to vehicles are dropped; private ones are kept,
    because a patrol car may enter them. Streets are cut at shared nodes. Relations `type=restriction` ("Relation:restriction"):
    `no_*` and `only_*` at one node, for vehicles or motor cars, at every hour; those over a way, by the hour, or excepting
    motor cars are counted and left out.

    Raises
    ------
    FileBroken, NoWays, WrongDatum
    """
    counts: Counter[str] = Counter()
    restrictions: list[Restriction] = []
    ways = list(_ways(path, counts, restrictions))
    junctions = _junctions(ways)
    segments = [segment for way in ways for segment in _cut(way, junctions)]
    speeds = speeds or DrivingSpeeds()
    return build(
        segments, source=path.name, attribution=ATTRIBUTION, counts=counts, speeds=speeds, restrictions=restrictions
    )


@dataclass(frozen=True)
class _Way:
    nodes: tuple[tuple[int, float, float], ...]
    road_class: str
    name: str
    limit_kmh: float | None
    two_way: bool
    flags: int
    ref: int


def _ways(path: Path, counts: Counter[str], restrictions: list[Restriction]) -> Iterator[_Way]:
    """The ways a car may use, one by one; restrictions found on the way are added to the list."""
    if not path.is_file():
        raise FileBroken(f"{path.name}: no such file.")
    try:
        for item in osmium.FileProcessor(str(path)).with_locations():
            if isinstance(item, osmium.osm.Way) and "highway" in item.tags:
                counts["ways_read"] += 1
                found = _read_way(item, counts)
                if found is not None:
                    yield found
            elif isinstance(item, osmium.osm.Relation) and item.tags.get("type") == "restriction":
                restrictions.extend(_read_restriction(item, counts))
    except (RuntimeError, ValueError) as error:
        raise FileBroken(f"{path.name}: not a readable OpenStreetMap file ({error}).") from error


def _read_way(way: osmium.osm.Way, counts: Counter[str]) -> _Way | None:
    tags = {tag.k: tag.v for tag in way.tags}
    if tags["highway"] not in CLASSES or not _drivable(tags):
        counts["ways_not_for_cars"] += 1
        return None
    nodes: list[tuple[int, float, float]] = []
    for node in way.nodes:
        if not node.location.valid():
            counts["nodes_missing"] += 1
        elif not nodes or nodes[-1][0] != node.ref:
            nodes.append((node.ref, node.lon, node.lat))
    if len(nodes) < 2:
        counts["ways_without_nodes"] += 1
        return None
    direction = _direction(tags, counts)
    return _Way(
        nodes=tuple(reversed(nodes)) if direction < 0 else tuple(nodes),
        road_class=tags["highway"],
        name=tags.get("name:zh") or tags.get("name") or tags.get("ref") or "",
        limit_kmh=limit_kmh(tags.get("maxspeed", ""), counts),
        two_way=direction == 0,
        flags=_flags(tags),
        ref=way.id,
    )


def _read_restriction(relation: osmium.osm.Relation, counts: Counter[str]) -> list[Restriction]:
    """Of several streets it comes from (`no_entry`) or goes into (`no_exit`), one restriction each."""
    tags = {tag.k: tag.v for tag in relation.tags}
    counts["restrictions_read"] += 1
    word = next(
        (tags[key] for key in ("restriction:motorcar", "restriction:motor_vehicle", "restriction") if key in tags), ""
    )
    kind, _, _turn = word.partition("_")
    if kind not in {"no", "only"} or not _CARS.isdisjoint(tags.get("except", "").split(";")):
        counts["restrictions_not_for_cars"] += 1
        return []
    came, via, went = ([m for m in relation.members if m.role == role] for role in ("from", "via", "to"))
    if len(via) != 1 or via[0].type != "n" or any(m.type != "w" for m in (*came, *went)):
        counts["restrictions_over_a_way"] += 1
        return []
    return [Restriction(a.ref, via[0].ref, b.ref, kind == "only") for a in came for b in went]


def _drivable(tags: Mapping[str, str]) -> bool:
    for key in ("motorcar", "motor_vehicle", "vehicle", "access"):
        if key in tags:
            return tags[key] not in _NOT_DRIVABLE
    return True


def _direction(tags: Mapping[str, str], counts: Counter[str]) -> int:
    """0 both ways, 1 along the nodes, -1 against them."""
    for key in ("oneway:motor_vehicle", "oneway:motorcar", "oneway:vehicle", "oneway"):
        value = tags.get(key, "")
        if value in {"yes", "true", "1"}:
            return 1
        if value in {"-1", "reverse"}:
            return -1
        if value in {"no", "false", "0"}:
            return 0
        if value:
            counts["oneway_not_understood"] += 1
    implied = tags.get("junction") in {"roundabout", "circular"} or tags["highway"] in {"motorway", "motorway_link"}
    return 1 if implied else 0


def _flags(tags: Mapping[str, str]) -> int:
    bridge = BRIDGE if tags.get("bridge", "no") != "no" else 0
    tunnel = TUNNEL if tags.get("tunnel", "no") != "no" else 0
    return bridge | tunnel | (ROUNDABOUT if tags.get("junction") in {"roundabout", "circular"} else 0)


def limit_kmh(text: str, counts: Counter[str]) -> float | None:
    """Posted limit in km/h from a `maxspeed` value; of several the lowest; None where it names no number."""
    if not text.strip():
        return None
    found = [match for part in text.split(";") if (match := _LIMIT.match(part))]
    values = [float(m[1]) * _KMH_PER_UNIT.get(m[2] or "", 1.0) for m in found]
    values = [value for value in values if 1 <= value <= 200]
    if not values:
        counts["maxspeed_not_understood"] += 1
        return None
    return min(values)


def _junctions(ways: list[_Way]) -> frozenset[int]:
    """Nodes where streets end, meet or cross themselves."""
    uses: Counter[int] = Counter()
    for way in ways:
        uses.update(node for node, _, _ in way.nodes)
        uses.update((way.nodes[0][0], way.nodes[-1][0]))
    return frozenset(node for node, count in uses.items() if count > 1)


def _cut(way: _Way, junctions: frozenset[int]) -> Iterator[Segment]:
    start = 0
    for i in range(1, len(way.nodes)):
        if way.nodes[i][0] in junctions:
            yield Segment(
                tail=way.nodes[start][0],
                head=way.nodes[i][0],
                points=[(lon, lat) for _, lon, lat in way.nodes[start : i + 1]],
                length_m=None,
                seconds=None,
                road_class=way.road_class,
                limit_kmh=way.limit_kmh,
                name=way.name,
                two_way=way.two_way,
                flags=way.flags,
                way=way.ref,
            )
            start = i
