"""How areas lie to each other on the ground: overlaps, gaps, holes and parts outside. Pure geometry, in square metres."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320.0
"""Length of one degree of latitude; of longitude it is this times the cosine of the latitude (sphere; error below 0.6 %)."""

OVERLAP_M2 = 1.0
"""Two hand-drawn borders that should meet differ by less than this; a real overlap is larger."""

GAP_M2 = 50.0
"""Ground left to nobody that is worth a word: half a basketball court is not, a house is."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One area's outline with the words that name it to a person."""

    label: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong between areas: ``code`` says what, ``label`` with whom, ``other`` against whom, ``area_m2`` how much."""

    code: str
    label: str
    other: str
    area_m2: float


def to_metres(geometry: BaseGeometry, latitude: float) -> BaseGeometry:
    """The geometry in metres on a plane that touches the ground at ``latitude`` (good to 1 % over a town)."""
    scale = np.array([METRES_PER_DEGREE * math.cos(math.radians(latitude)), METRES_PER_DEGREE])
    moved: BaseGeometry = shapely.transform(geometry, lambda points: points * scale)
    return moved


def overlaps(shapes: Sequence[Shape], latitude: float) -> Iterator[Fault]:
    """Every pair that shares more than OVERLAP_M2, each pair once."""
    flat = [to_metres(shape.geometry, latitude) for shape in shapes]
    if not flat:
        return
    left, right = shapely.STRtree(flat).query(flat, predicate="intersects")
    for first, second in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if first < second:
            shared = flat[first].intersection(flat[second]).area
            if shared > OVERLAP_M2:
                yield Fault("overlap", shapes[first].label, shapes[second].label, shared)


def gaps(whole: Shape, parts: Sequence[Shape], latitude: float) -> Iterator[Fault]:
    """Ground of ``whole`` no part covers, and ground of each part outside ``whole``."""
    flat = to_metres(whole.geometry, latitude)
    pieces = [to_metres(part.geometry, latitude) for part in parts]
    left = flat.difference(shapely.union_all(pieces)).area
    if left > GAP_M2:
        yield Fault("gap", whole.label, "", left)
    for part, piece in zip(parts, pieces, strict=True):
        outside = piece.difference(flat).area
        if outside > GAP_M2:
            yield Fault("outside", part.label, whole.label, outside)


def holes(shapes: Sequence[Shape], latitude: float) -> Iterator[Fault]:
    """Rings inside an area that no other area of the same level fills."""
    flat = [to_metres(shape.geometry, latitude) for shape in shapes]
    covered = shapely.union_all(flat)
    for shape, piece in zip(shapes, flat, strict=True):
        empty = sum(
            shapely.Polygon(ring).difference(covered).area
            for polygon in shapely.get_parts(piece)
            for ring in polygon.interiors
        )
        if empty > GAP_M2:
            yield Fault("hole", shape.label, "", empty)
