"""Areas from the features of a GeoJSON file, each checked by itself and brought into WGS 84."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from jiean.grid.imports.names import kind_of
from jiean.grid.imports.plan import CELL, COMMUNITY, Area, Finding, Unreadable, decoded, text_fault
from jiean.kernel import geo

FEATURE_LIMIT = 5_000

_LEVELS = {"community": COMMUNITY, "village": COMMUNITY, "村社": COMMUNITY, "cell": CELL, "grid": CELL, "网格": CELL}
_KEYS = {
    "level": ("level", "层级"),
    "code": ("code", "编码", "代码"),
    "name": ("name", "名称"),
    "kind": ("kind", "类型"),
    "community": ("community", "村社", "所属村社"),
}
_KINDS = {"village": "village", "村": "village", "community": "community", "社区": "community"}


def read_outlines(raw: bytes, datum: str, listed: Mapping[str, Area], findings: list[Finding]) -> list[Area]:
    try:
        features = _features(decoded(raw))
    except Unreadable as unreadable:
        findings.append(unreadable.finding)
        return []
    areas = []
    for number, feature in enumerate(features, start=1):
        try:
            areas.append(_area(feature, f"#{number}", datum, listed))
        except Unreadable as unreadable:
            findings.append(unreadable.finding)
    return areas


def _features(text: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(Finding("not_geojson")) from None
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list) or whole.get("type") != "FeatureCollection":
        raise Unreadable(Finding("not_geojson"))
    if not features:
        raise Unreadable(Finding("no_features"))
    if len(features) > FEATURE_LIMIT:
        raise Unreadable(Finding("too_many"))
    return features


def _area(feature: Any, number: str, datum: str, listed: Mapping[str, Area]) -> Area:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise Unreadable(Finding("not_feature", number))
    said = {key: _said(properties, names) for key, names in _KEYS.items()}
    code = said["code"]
    name = said["name"] or (listed[code].name if code in listed else "")
    label = name or code or number
    level = _LEVELS.get(said["level"].lower(), "")
    fault = text_fault(code, name) or ("" if level else "no_level")
    if fault:
        raise Unreadable(Finding(fault, label))
    geometry = _geometry(feature.get("geometry"), label, datum)
    inner = geometry.representative_point()
    kind = _KINDS.get(said["kind"].lower(), kind_of(name))
    return Area(level, code, name, kind, said["community"], _plain(mapping(geometry)), inner.x, inner.y)


def _said(properties: Mapping[str, Any], names: Iterable[str]) -> str:
    for name in names:
        if isinstance(value := properties.get(name), str | int):
            return str(value).replace("\x00", "").strip()
    return ""


def _plain(outline: Mapping[str, Any]) -> dict[str, Any]:
    """GeoJSON with lists for tuples, as it reads back from the store."""
    plain: dict[str, Any] = json.loads(json.dumps(outline))
    return plain


def _geometry(raw: Any, label: str, datum: str) -> BaseGeometry:
    if not isinstance(raw, dict):
        raise Unreadable(Finding("no_geometry", label))
    if raw.get("type") not in ("Polygon", "MultiPolygon"):
        raise Unreadable(Finding("not_polygon", label))
    try:
        geometry = shape(raw)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError):
        raise Unreadable(Finding("bad_numbers", label)) from None
    if geometry.is_empty:
        raise Unreadable(Finding("no_geometry", label))
    points = shapely.get_coordinates(geometry)
    if not all(map(math.isfinite, points.flat)):
        raise Unreadable(Finding("bad_numbers", label))
    if (abs(points) > (180.0, 90.0)).any():
        raise Unreadable(Finding("off_globe", label))
    if not geometry.is_valid:
        raise Unreadable(Finding("bad_shape", label, shapely.is_valid_reason(geometry)))
    return _in_wgs84(shapely.force_2d(geometry), datum)


def _in_wgs84(geometry: BaseGeometry, datum: str) -> BaseGeometry:
    if datum == "wgs84":
        return geometry
    moved: BaseGeometry = shapely.transform(
        geometry, lambda points: [geo.to_wgs84(lon, lat, datum) for lon, lat in points.tolist()]
    )
    return moved
