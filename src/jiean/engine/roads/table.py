"""Reading road tables: two CSV files (plain or gzip), one of junctions and one of edges."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path

from jiean.engine.roads.build import Segment, build
from jiean.engine.roads.errors import FileBroken
from jiean.engine.roads.graph import BRIDGE, CLASSES, ROUNDABOUT, TUNNEL, Roads
from jiean.engine.roads.osm import limit_kmh
from jiean.engine.roads.speeds import DrivingSpeeds

CITY_CLASS_CODES = {
    "1": "motorway", "2": "trunk", "3": "primary", "4": "tertiary", "5": "residential", "6": "primary_link",
    "0": "service",
}  # fmt: skip
"""Class codes of the San Francisco street centrelines (1 freeway, 2 highway, 3 arterial, 4 collector, …)."""

Row = Mapping[str, str]


def read_csv(
    nodes: Path, edges: Path, *, attribution: str = "", two_way: bool | None = None, speeds: DrivingSpeeds | None = None
) -> Roads:
    """Read a network from tables.

    Junctions need `node_id, lon, lat`. Edges need `u, v` and may have: `length_m`; `t_regular_s` (seconds without a
    siren); `speed_limit_kmh` or `maxspeed`; `highway` (OpenStreetMap class) or `class_code`; `name`;
    `oneway` (0 both ways, 1 u to v, -1 v to u); `junction, bridge, tunnel`; `geometry` ("lon lat;lon lat;…").

    Parameters
    ----------
    two_way
        Whether rows without a `oneway` column may be driven both ways. Left out, the table decides: if most pairs
        appear in both orders, every row is one direction.

    Raises
    ------
    FileBroken, NoWays, WrongDatum
    """
    counts: Counter[str] = Counter()
    places = _places(nodes, counts)
    rows = list(_rows(edges, {"u", "v"}))
    if two_way is None:
        two_way = not _listed_both_ways(rows)
    numbered = enumerate(rows, start=2)  # the first line holds the columns
    segments = [found for n, row in numbered if (found := _segment(row, n, places, two_way, counts)) is not None]
    counts["rows_read"] = len(rows)
    return build(segments, source=edges.name, attribution=attribution, counts=counts, speeds=speeds or DrivingSpeeds())


def _rows(path: Path, needed: set[str]) -> Iterator[Row]:
    try:
        with _open(path) as lines:
            reader = csv.DictReader(lines)
            missing = needed - set(reader.fieldnames or ())
            if missing:
                raise FileBroken(f"{path.name}: columns missing: {', '.join(sorted(missing))}.")
            yield from reader
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise FileBroken(f"{path.name}: not a readable table ({error}).") from error


def _open(path: Path):  # type: ignore[no-untyped-def]
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _places(path: Path, counts: Counter[str]) -> dict[str, tuple[float, float]]:
    places: dict[str, tuple[float, float]] = {}
    for line, row in enumerate(_rows(path, {"node_id", "lon", "lat"}), start=2):
        lon, lat, name = _number(row["lon"]), _number(row["lat"]), row["node_id"]
        if lon is None or lat is None:
            counts["nodes_without_place"] += 1
            continue
        if not (isfinite(lon) and isfinite(lat)):
            raise FileBroken(
                f"Line {line} of the junctions: the place of {name!r} is {lon}, {lat}; numbers are needed."
            )
        if places.setdefault(name, (lon, lat)) != (lon, lat):
            raise FileBroken(f"Line {line} of the junctions: {name!r} stands at two places.")
    return places


def _listed_both_ways(rows: list[Row]) -> bool:
    pairs = {(row["u"], row["v"]) for row in rows}
    return bool(pairs) and 2 * sum((v, u) in pairs for u, v in pairs) > len(pairs)


def _segment(
    row: Row, line: int, places: Mapping[str, tuple[float, float]], two_way: bool, counts: Counter[str]
) -> Segment | None:
    tail, head = row["u"], row["v"]
    if tail not in places or head not in places:
        counts["edges_without_junction"] += 1
        return None
    points = _line(row.get("geometry") or "", counts) or [places[tail], places[head]]
    oneway = row.get("oneway")
    if oneway == "-1":
        tail, head, points = head, tail, points[::-1]
    return Segment(
        tail=_id(tail),
        head=_id(head),
        points=points,
        length_m=_number(row.get("length_m")),
        seconds=_seconds(row, line),
        road_class=_class(row, counts),
        limit_kmh=_number(row.get("speed_limit_kmh")) or limit_kmh(row.get("maxspeed") or "", counts),
        name=(row.get("name") or "").strip(),
        two_way=two_way if oneway is None else oneway not in {"1", "-1"},
        flags=_flags(row),
    )


def _id(text: str) -> int:
    """Junction ids need only be distinct numbers; words become their hash."""
    return int(text) if text.lstrip("-").isdigit() else hash(text)


def _line(text: str, counts: Counter[str]) -> list[tuple[float, float]]:
    """Points of "lon lat;lon lat;…"; empty where there is none or it is broken."""
    points = []
    for pair in filter(None, text.split(";")):
        lon, _, lat = pair.strip().partition(" ")
        x, y = _number(lon), _number(lat)
        if x is None or y is None:
            counts["lines_not_understood"] += 1
            return []
        points.append((x, y))
    return points if len(points) > 1 else []


def _class(row: Row, counts: Counter[str]) -> str:
    found = row.get("highway") or CITY_CLASS_CODES.get(row.get("class_code") or "", "")
    if found in CLASSES:
        return found
    counts["class_not_understood"] += 1
    return "road"


def _flags(row: Row) -> int:
    bridge = BRIDGE if (row.get("bridge") or "no") != "no" else 0
    tunnel = TUNNEL if (row.get("tunnel") or "no") != "no" else 0
    return bridge | tunnel | (ROUNDABOUT if row.get("junction") in {"roundabout", "circular"} else 0)


def _seconds(row: Row, line: int) -> float | None:
    """A driving time; None where the field is empty. A length can be measured again, a time cannot: a bad one is refused."""
    text = (row.get("t_regular_s") or "").strip()
    value = _number(text)
    if text and (value is None or not isfinite(value) or value < 0):
        raise FileBroken(f"Line {line} of the edges: t_regular_s is {text!r}; seconds of zero or more are needed.")
    return value


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
