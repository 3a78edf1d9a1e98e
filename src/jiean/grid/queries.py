"""Every read of the ground: which cell holds a point, what lies near it, and the map itself."""

from __future__ import annotations

import math
import threading
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db import connection
from django.db.models import Q
from shapely.geometry import shape

from jiean.grid import topology
from jiean.grid.access import Can
from jiean.grid.models import AreaDraft, Cell, Community, KeyPoint, Premises, Town
from jiean.kernel import geo
from jiean.kernel.access import allow, fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.kernel.text import has_case, holding

HAIR_M = 0.5
"""Rounding can leave a sliver between two cells that share a border; a point this near to one belongs to it."""


@dataclass(frozen=True, slots=True)
class _Map:
    """The active cells' outlines, ordered by code, prepared for look-ups; ``stamp`` says of which version of the map."""

    stamp: uuid.UUID
    town: Town
    cells: tuple[Cell, ...]
    outlines: Any
    tree: shapely.STRtree

    def cell_at(self, lon: float, lat: float) -> Cell | None:
        """One thread at a time, some hundredths of a millisecond: tree and prepared outlines build parts of themselves when they
        are first asked, without holding Python's own lock, and two threads at that have brought a web process down."""
        with _asking:
            return self._cell_at(lon, lat)

    def _cell_at(self, lon: float, lat: float) -> Cell | None:
        near = np.sort(self.tree.query(shapely.box(lon - _HAIR, lat - _HAIR, lon + _HAIR, lat + _HAIR)))
        if not near.size:
            return None
        inside = near[shapely.intersects_xy(self.outlines[near], lon, lat)]
        if not inside.size:
            inside = near[shapely.dwithin(self.outlines[near], shapely.Point(lon, lat), _HAIR)]
        return self.cells[inside[0]] if inside.size else None


_HAIR = HAIR_M / topology.METRES_PER_DEGREE
_kept: _Map | None = None
_lock = threading.Lock()
_asking = threading.Lock()


def town() -> Town | None:
    """The station's jurisdiction; None before the first map was imported."""
    return Town.objects.first()


MAP_VERSION = "SELECT areas_stamp FROM grid_town ORDER BY id LIMIT 1"
"""The stamp of the map that stands, for who asks it in a statement of their own and hands it to ``cell_at``."""


def cell_at(lon: float, lat: float, *, version: uuid.UUID | None = None) -> Cell | None:
    """The cell that holds the point; on a shared border the one with the lowest code, every time. Treat the row as read-only."""
    ground = _ground(version)
    return ground.cell_at(lon, lat) if ground else None


def in_town(lon: float, lat: float) -> bool:
    """Whether the point lies within the box of the jurisdiction; always true while there is no map."""
    ground = _ground()
    if ground is None:
        return True
    here = ground.town
    return here.south <= lat <= here.north and here.west <= lon <= here.east


def bounds() -> str:
    """The jurisdiction's box as maps take it, ``west,south,east,north``; China while there is no map."""
    here = town()
    box = (here.west, here.south, here.east, here.north) if here else (73.0, 18.0, 135.0, 54.0)
    return ",".join(map(str, box))


def _ground(version: uuid.UUID | None = None) -> _Map | None:
    """The prepared map, read again when it was made from another version than the one that stands."""
    global _kept
    stamp = version or _stamp()
    if stamp is None:
        return None
    kept = _kept
    if kept is None or kept.stamp != stamp:
        with _lock:
            kept = _kept
            if kept is None or kept.stamp != stamp:  # nobody else has read it meanwhile
                _kept = kept = _read_map()
    return kept


def _stamp() -> uuid.UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(MAP_VERSION)
        found = cursor.fetchone()
        return found[0] if found else None


def _read_map() -> _Map:
    here = Town.objects.order_by("pk")[0]
    cells = tuple(Cell.objects.filter(active=True).order_by("code"))
    outlines = np.array([shape(cell.boundary) for cell in cells], dtype=object)
    shapely.prepare(outlines)
    return _Map(here.areas_stamp, here, cells, outlines, shapely.STRtree(outlines))


def cells_geojson() -> dict[str, Any]:
    """The active cells as a FeatureCollection for the map; each feature's id is the cell's."""
    rows = Cell.objects.filter(active=True).values_list(
        "pk", "code", "name", "community__name", "boundary", "lon", "lat"
    )
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": pk,
                "properties": {"code": code, "name": name, "community": community, "lon": lon, "lat": lat},
                "geometry": boundary,
            }
            for pk, code, name, community, boundary, lon, lat in rows
        ],
    }


def cells() -> list[Cell]:
    """The active cells with their communities, by code, without outlines."""
    rows = Cell.objects.filter(active=True).select_related("community").defer("boundary", "community__boundary")
    return list(rows.order_by("code"))


def communities() -> list[Community]:
    """The active communities by code, without outlines."""
    return list(Community.objects.filter(active=True).defer("boundary").order_by("code"))


def community_names() -> dict[str, str]:
    """Names of the active communities by code."""
    return dict(Community.objects.filter(active=True).values_list("code", "name"))


def cell_ids_by_code() -> dict[str, int]:
    """Ids of the active cells by code."""
    return dict(Cell.objects.filter(active=True).values_list("code", "pk"))


def premises_by_token(token: str) -> Premises | None:
    """The place whose QR code carries the token."""
    if not token.isalnum():
        return None
    return Premises.objects.filter(token=token, active=True).select_related("cell").defer("cell__boundary").first()


def premises_of(actor: Actor, premises_id: int) -> Premises:
    """One place with its cell, for its page. Raises NotFound."""
    rows = visible(Can.SEE_GROUND, actor, Premises).select_related("cell").defer("cell__boundary")
    row = rows.filter(pk=premises_id, active=True).first()
    if row is None:
        raise NotFound
    return row


def premises_named(actor: Actor, words: str, *, limit: int = 10) -> list[Premises]:
    """Places whose name, pinyin, initials, code or address holds every one of the words, sorted by pinyin."""
    rows = visible(Can.SEE_GROUND, actor, Premises).filter(active=True).select_related("cell").defer("cell__boundary")
    for word in words.lower().split():
        code = Q(code__iexact=word) if has_case(word) else Q(code=word)
        spelt = Q(pinyin__contains=word) if word.isascii() else Q()
        rows = rows.filter(spelt | code | holding(word, "name", "address"))
    return list(rows.order_by("pinyin", "pk")[:limit])


def premises_near(lon: float, lat: float, radius_m: float) -> list[Premises]:
    """Active places within the radius, nearest first."""
    reach_lat = radius_m / topology.METRES_PER_DEGREE
    reach_lon = reach_lat / max(math.cos(math.radians(lat)), 0.01)
    box = Q(lat__range=(lat - reach_lat, lat + reach_lat), lon__range=(lon - reach_lon, lon + reach_lon))
    found = [
        (geo.distance_m(lon, lat, row.lon, row.lat), row.pk, row) for row in Premises.objects.filter(box, active=True)
    ]
    return [row for distance, _pk, row in sorted(found, key=lambda one: one[:2]) if distance <= radius_m]


def key_points() -> list[KeyPoint]:
    """The active key points by name."""
    return list(KeyPoint.objects.filter(active=True).select_related("cell").defer("cell__boundary"))


def area_draft(actor: Actor, draft_id: int) -> AreaDraft:
    """A map the actor brought and has not yet confirmed. Raises NotFound."""
    return fetch(Can.DRAW_AREAS, actor, AreaDraft, draft_id, lock=False)


def areas_overview(actor: Actor) -> list[Community]:
    """Communities with their cells in ``cell_rows``, for the office page. Raises Forbidden."""
    allow(Can.SEE_GROUND, actor)
    rows = communities()
    by_community: dict[int, list[Cell]] = {}
    for cell in cells():
        by_community.setdefault(cell.community_id, []).append(cell)
    for row in rows:
        row.cell_rows = by_community.get(row.pk, [])  # type: ignore[attr-defined]
    return rows
