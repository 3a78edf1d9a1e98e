"""The road network: an OpenStreetMap extract, or a table of edges with its table of nodes beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from jiean.engine.roads import Roads, RoadsError, read_settings, save
from jiean.engine.roads.osm import read_osm
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.engine.roads.table import read_csv
from jiean.grid.commands import import_areas
from jiean.grid.imports import read_areas
from jiean.grid.queries import town
from jiean.kernel.actor import Actor

MARGIN_DEG = 0.002


def run(path: Path, say: Callable[[str], None], *, country: str = "") -> int:
    """Read the network and keep it for the station; running processes take it up by themselves. Nothing changes on a fault.

    `country` gives the legal limits where none is posted; without it `roads.toml` does, else the general speeds.
    """
    try:
        speeds = read_settings(settings.ROADS_FILE).speeds
        if country:
            speeds = replace(DrivingSpeeds.of_country(country), share_of_limit=speeds.share_of_limit)
        is_table = ".csv" in path.suffixes
        roads = read_csv(_nodes_beside(path), path, speeds=speeds) if is_table else read_osm(path, speeds=speeds)
    except RoadsError as fault:
        say(f"nothing was imported: {fault}")
        return 1
    partial = settings.ROADS_FILE.with_suffix(".part")
    settings.ROADS_FILE.parent.mkdir(parents=True, exist_ok=True)
    save(roads, partial)
    partial.replace(settings.ROADS_FILE)
    _tell(roads, say)
    if town() is None:
        _one_cell(roads)
        say("no areas were here yet: the network's box is one cell until `jiean import areas`")
    return 0


def _nodes_beside(edges: Path) -> Path:
    """edges.csv.gz goes with nodes.csv.gz in the same folder."""
    return edges.with_name(edges.name.replace("edges", "nodes").replace("arcs_travel_times", "nodes"))


def _tell(roads: Roads, say: Callable[[str], None]) -> None:
    report = roads.report
    say(f"{report.junctions} junctions, {report.edges} street segments, {report.length_km:.0f} km")
    for what, count in sorted(report.counts.items()):
        if count:
            say(f"  {what.replace('_', ' ')}: {count}")
    if report.attribution:
        say(report.attribution)


def _one_cell(roads: Roads) -> None:
    west, south = float(roads.lon.min()) - MARGIN_DEG, float(roads.lat.min()) - MARGIN_DEG
    east, north = float(roads.lon.max()) + MARGIN_DEG, float(roads.lat.max()) + MARGIN_DEG
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    box = {"type": "Polygon", "coordinates": [ring]}
    features = [
        _feature(box, level="community", code="C01", name="辖区"),
        _feature(box, level="cell", code="SJ-001", name="全辖区", community="C01"),
    ]
    plan = read_areas(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    import_areas(Actor.system(), plan, gaps_are_right=True)


def _feature(geometry: dict[str, Any], **properties: str) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
