"""What a drawn line or a street's name would close, and how the map shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from jiean.design.words import listed
from jiean.dispatch.advice.roads_now import plain_roads
from jiean.dispatch.models import RoadClosure
from jiean.dispatch.queries.closures import closure_of
from jiean.engine.roads import Closure, Heading, Roads, stretches
from jiean.kernel.errors import Conflict, Invalid

MOST_NAMED = 4
"""So many streets are named; of more it is said how many."""
MOST_ALIKE = 20
MOST_STRETCHES = 400
"""A closure that takes more was drawn by mistake."""


@dataclass(frozen=True, slots=True)
class Shut:
    """What would be closed: the streets in words, how many stretches and metres of them, and their lines (lon, lat)."""

    named: str
    count: int
    length_m: float
    lines: tuple[tuple[tuple[float, float], ...], ...]

    @property
    def words(self) -> str:
        shown = {"named": self.named, "n": self.count, "metres": round(self.length_m)}
        return _("将封闭 %(named)s：%(n)d 段，共 %(metres)d 米") % shown


def suggest_closure(line: Sequence[Sequence[float]], street: str, heading: str) -> Shut:
    """What these words and this line close. Raises Conflict without roads, Invalid where they close nothing or too much."""
    roads = plain_roads()
    if roads is None:
        raise Conflict(_("没有导入路网，封路不起作用。"))
    street = street.strip()
    if street and street not in roads.names:
        raise Invalid(street=_no_such(roads, street))
    ring = tuple((float(point[0]), float(point[1])) for point in line)
    if not ring and not street:
        raise Invalid(street=_("请在地图上画一条线，或写路名。"))
    found = stretches(roads, Closure(ring, street, Heading(heading) if heading else None))
    taken = np.asarray(found.any(axis=1), np.bool_)
    if not taken.any():
        raise Invalid(_("没有道路被封：线要横跨道路；选了方向的，那条路要有这个方向。"))
    if taken.sum() > MOST_STRETCHES:
        raise Invalid(_("这会封掉 %(n)d 段路，太多了；请画短一些。") % {"n": int(taken.sum())})
    return _shut(roads, taken)


def streets_like(words: str) -> list[str]:
    """Names of streets that hold these words, the shortest first."""
    roads, words = plain_roads(), words.strip()
    if roads is None or not words:
        return []
    found = [str(name) for name in roads.names if words in name]
    return sorted(found, key=lambda name: (len(name), name))[:MOST_ALIKE]


def closed_lines(rows: Iterable[RoadClosure]) -> dict[str, Any]:
    """The closed stretches for the map, as a FeatureCollection; one feature a closure, by its id."""
    roads = plain_roads()
    shown = [] if roads is None else [(row, _lines(roads, _taken(roads, row))) for row in rows]
    return {"type": "FeatureCollection", "features": [feature(lines, row.pk, row.named) for row, lines in shown]}


def feature(lines: Sequence[Any], row_id: int, named: str) -> dict[str, Any]:
    """Some stretches as one feature of a map."""
    geometry = {"type": "MultiLineString", "coordinates": lines}
    return {"type": "Feature", "id": row_id, "properties": {"named": named}, "geometry": geometry}


def _taken(roads: Roads, row: RoadClosure) -> npt.NDArray[np.bool_]:
    return np.asarray(stretches(roads, closure_of(row)).any(axis=1), np.bool_)


def _no_such(roads: Roads, street: str) -> str:
    alike = streets_like(street) or streets_like(street[:-1])
    if not alike:
        return _("路网里没有叫“%(street)s”的路。") % {"street": street}
    return _("路网里没有叫“%(street)s”的路；相近的有：%(names)s。") % {"street": street, "names": listed(alike[:5])}


def _shut(roads: Roads, taken: npt.NDArray[np.bool_]) -> Shut:
    edges = np.flatnonzero(taken)
    names = [name for name in dict.fromkeys(roads.edge_name(int(edge)) for edge in edges) if name]
    named = listed(names[:MOST_NAMED]) if names else _("无名路")
    if len(names) > MOST_NAMED:
        named = _("%(names)s 等 %(n)d 条路") % {"names": named, "n": len(names)}
    return Shut(named, int(edges.size), float(roads.length_m[edges].sum()), _lines(roads, taken))


def _lines(roads: Roads, taken: npt.NDArray[np.bool_]) -> tuple[tuple[tuple[float, float], ...], ...]:
    return tuple(
        tuple((round(float(lon), 6), round(float(lat), 6)) for lon, lat in roads.edge_points(int(edge)))
        for edge in np.flatnonzero(taken)
    )
