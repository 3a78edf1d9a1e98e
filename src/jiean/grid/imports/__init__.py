"""Areas from files: GeoJSON outlines and official lists of names and codes, read into a plan that is checked as a whole.

Nothing is written here. Every fault is reported beside the name of the feature it concerns; a plan with errors cannot be adopted.

GeoJSON: a FeatureCollection of Polygon or MultiPolygon features. Properties (English or Chinese key): ``level`` (community | cell),
``code``, ``name``, ``kind`` (village | community) and, for a cell, ``community`` (code or name of the one it lies in).
Names: the csv of statistical division codes (``code,name,street_code,…``); one street at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from shapely.geometry import shape

from jiean.grid import topology
from jiean.grid.imports.names import read_names
from jiean.grid.imports.outlines import read_outlines
from jiean.grid.imports.plan import CELL, COMMUNITY, Area, Finding, ImportPlan

__all__ = ["Area", "Finding", "ImportPlan", "read_areas"]


def read_areas(
    outlines: bytes = b"",
    names: bytes = b"",
    *,
    datum: str = "wgs84",
    street_code: str = "",
    known: Mapping[str, str] | None = None,
) -> ImportPlan:
    """Read outlines, names or both into one plan. ``known`` maps the codes of communities already stored to their names."""
    findings: list[Finding] = []
    listed = read_names(names, street_code, findings) if names else {}
    drawn = read_outlines(outlines, datum, listed, findings) if outlines else []
    if not names and not outlines:
        findings.append(Finding("no_features"))
    areas = _merged(listed, drawn)
    areas = _with_parents(areas, known or {}, findings)
    findings += _doubles(areas)
    if not any(finding.is_error for finding in findings):
        findings += _lie(areas)
    return ImportPlan(tuple(areas), tuple(findings))


def _merged(listed: Mapping[str, Area], drawn: list[Area]) -> list[Area]:
    """Names from the official list win for a community the map draws too."""
    outlined = {area.code for area in drawn if area.level == COMMUNITY}
    return [area for code, area in listed.items() if code not in outlined] + [
        replace(area, name=listed[area.code].name, kind=listed[area.code].kind)
        if area.level == COMMUNITY and area.code in listed
        else area
        for area in drawn
    ]


def _with_parents(areas: list[Area], known: Mapping[str, str], findings: list[Finding]) -> list[Area]:
    """Cells with their community's code, whether the file named it by code or by name."""
    codes = dict(known) | {area.code: area.name for area in areas if area.level == COMMUNITY}
    by_name = {name: code for code, name in codes.items()}
    settled = []
    for area in areas:
        if area.level == CELL:
            parent = area.community if area.community in codes else by_name.get(area.community, "")
            if not parent:
                fault = "unknown_community" if area.community else "no_community"
                findings.append(Finding(fault, area.name, area.community))
            area = replace(area, community=parent)
        settled.append(area)
    return settled


def _doubles(areas: Iterable[Area]) -> list[Finding]:
    codes: dict[tuple[str, str], Area] = {}
    names: dict[tuple[str, str, str], Area] = {}
    found = []
    for area in areas:
        if (twin := codes.setdefault((area.level, area.code), area)) is not area:
            found.append(Finding("double_code", area.name, twin.name))
        elif (twin := names.setdefault((area.level, area.community, area.name), area)) is not area:
            found.append(Finding("double_name", area.name, twin.code))
    return found


def _lie(areas: list[Area]) -> list[Finding]:
    """How the outlines lie to each other, level by level and within each community."""
    drawn = {area.code: area for area in areas if area.boundary}
    shapes = {
        (area.level, area.code): topology.Shape(area.name, shape(area.boundary)) for area in areas if area.boundary
    }
    latitude = sum(area.lat for area in drawn.values()) / len(drawn) if drawn else 0.0
    faults: list[topology.Fault] = []
    for level in (COMMUNITY, CELL):
        level_shapes = [one for (at, _code), one in shapes.items() if at == level]
        faults += topology.overlaps(level_shapes, latitude)
        faults += topology.holes(level_shapes, latitude)
    for community in (area for area in areas if area.level == COMMUNITY and area.boundary):
        parts = [shapes[CELL, area.code] for area in areas if area.level == CELL and area.community == community.code]
        if parts:
            faults += topology.gaps(shapes[COMMUNITY, community.code], parts, latitude)
    return [Finding(fault.code, fault.label, fault.other, fault.area_m2) for fault in faults]
