"""Atoms from outlines: who borders whom, and pieces of ground around points where there are no outlines finer than a village."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from jiean.engine.districts.errors import DistrictsError
from jiean.engine.districts.problem import Atoms, Floats

NEAR_M = 0.5
"""Borders drawn twice by hand or cut by a machine lie this near each other, metres."""

Shapes = npt.NDArray[np.object_]


def atoms_of(outlines: Sequence[shapely.Geometry], demand: Floats, village: npt.NDArray[np.int32]) -> Atoms:
    """Atoms from their outlines in metres on a plane; two border each other along more than two metres.

    Parameters
    ----------
    outlines : n polygons that do not overlap
    demand : float64 (n,); village : int32 (n,), -1 for none

    Raises
    ------
    DistrictsError
        For an outline that is empty or crosses itself, naming it.
    """
    shapes: Shapes = np.array(outlines, dtype=object)
    if not shapes.size:
        raise DistrictsError("There are no atoms.")
    wrong = shapely.is_empty(shapes) | ~shapely.is_valid(shapes) | ~(shapely.area(shapes) > 0)
    if wrong.any():
        raise DistrictsError(f"The outline of atom {int(np.flatnonzero(wrong)[0])} is empty or crosses itself.")
    tree = shapely.STRtree(shapes)
    a, b = tree.query(shapes, predicate="dwithin", distance=NEAR_M)
    a, b = a[a < b], b[a < b]
    near = shapely.buffer(shapes, NEAR_M, quad_segs=2)
    border = shapely.length(shapely.intersection(near[a], shapely.boundary(shapes)[b]))
    kept = border > 2 + 2 * NEAR_M
    middle = shapely.centroid(shapes)
    return Atoms(
        np.asarray(demand, np.float64), np.stack([a, b], axis=1)[kept].astype(np.int32), border[kept], shapely.get_x(middle),
        shapely.get_y(middle), np.asarray(village, np.int32), shapely.area(shapes), shapely.length(shapes),
    )  # fmt: skip


def pieces_of(
    villages: Sequence[shapely.Geometry], points: Floats
) -> tuple[list[shapely.Geometry], npt.NDArray[np.int32]]:
    """Ground nearest to each point, cut at village borders: polygons in metres, and the village of each, int32 (n,).

    Parameters
    ----------
    villages : polygons in metres that do not overlap; each gets at least one piece
    points : float64 (p, 2) metres; those outside every village are left out
    """
    found: list[shapely.Geometry] = []
    owner: list[int] = []
    for number, village in enumerate(villages):
        inside = points[shapely.contains_xy(village, points)]
        for piece in _pieces(village, inside):
            found.append(piece)
            owner.append(number)
    return found, np.array(owner, np.int32)


def _pieces(village: shapely.Geometry, points: Floats) -> list[shapely.Geometry]:
    if len(points) < 2:
        return [village]
    cut = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=village)
    parts = shapely.get_parts(shapely.intersection(shapely.get_parts(cut), village))
    return [part for part in parts.tolist() if part.geom_type == "Polygon" and part.area > 1]
