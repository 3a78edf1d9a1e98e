"""The town in small pieces, as cells are planned of them: made once for a plan and kept with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from jiean.dispatch.queries import calls_by_cell
from jiean.engine import districts
from jiean.engine.districts.ground import atoms_of, pieces_of
from jiean.engine.roads.plane import metres_a_degree, to_plane
from jiean.grid.models import Cell, Premises

PIECES_A_CELL = 10
DIGITS = 9
"""Digits of a degree kept: a tenth of a millimetre, so that neighbours still share their border when they are read back."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Pieces with their outlines in degrees, the cell each lies in now, and those cells' codes, names and villages.

    Kept as JSON (`as_json`), because a plan is judged on the ground it was made for.
    """

    atoms: districts.Atoms
    outlines: list[Any]
    before: np.ndarray
    cells: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        atoms = self.atoms
        return {
            "outlines": [shapely.get_coordinates(one).round(DIGITS).tolist() for one in self.outlines],
            "before": self.before.tolist(), "cells": self.cells, "pairs": atoms.pairs.tolist(),
            **{name: getattr(atoms, name).round(2).tolist() for name in ("demand", "border_m", "x_m", "y_m", "area_m2", "perimeter_m")},
            "village": atoms.village.tolist(),
        }  # fmt: skip


def read(kept: dict[str, Any]) -> Ground:
    """The ground as it was kept."""
    numbers = {
        name: np.array(kept[name], np.float64)
        for name in ("demand", "border_m", "x_m", "y_m", "area_m2", "perimeter_m")
    }
    atoms = districts.Atoms(
        pairs=np.array(kept["pairs"], np.int32).reshape(-1, 2), village=np.array(kept["village"], np.int32), **numbers
    )
    outlines = [shapely.Polygon(ring) for ring in kept["outlines"]]
    return Ground(atoms, outlines, np.array(kept["before"], np.int32), kept["cells"])


def ground_now() -> Ground:
    """The station's cells cut into pieces, each with its share of the month's calls and the places in it.

    Raises DistrictsError where there are no cells, or outlines that cannot be used.
    """
    rows = list(Cell.objects.filter(active=True).select_related("community").order_by("code"))
    if not rows:
        raise districts.DistrictsError("no_cells")
    shapes = [shapely.geometry.shape(row.boundary) for row in rows]
    origin = (float(np.mean([row.lon for row in rows])), float(np.mean([row.lat for row in rows])))
    flat = [shapely.transform(one, lambda xy: to_plane(xy, origin)) for one in shapes]
    pieces, owner = pieces_of(flat, _seeds(flat))
    villages = {code: number for number, code in enumerate(sorted({row.community.code for row in rows}))}
    cells = [
        {"code": row.code, "name": row.name, "community": row.community.code, "village": villages[row.community.code], "id": row.pk}
        for row in rows
    ]  # fmt: skip
    village = np.array([cells[one]["village"] for one in owner], np.int32)
    atoms = atoms_of(pieces, _demand(pieces, owner, rows, origin), village)
    scale = metres_a_degree(origin[1])
    degrees = [shapely.transform(piece, lambda xy: xy / scale + np.array(origin)) for piece in pieces]
    return Ground(atoms, degrees, owner, cells)


def _seeds(flat: list[Any]) -> np.ndarray:
    """Points in every cell, spread by chance with a fixed seed; one where a cell is so thin that none is hit."""
    chance, found = np.random.default_rng(7), []
    for outline in flat:
        points = chance.uniform(outline.bounds[:2], outline.bounds[2:], (20 * PIECES_A_CELL, 2))
        found.append(points[shapely.contains_xy(outline, points)][:PIECES_A_CELL])
    return np.concatenate(found)


def _demand(pieces: list[Any], owner: np.ndarray, rows: list[Cell], origin: tuple[float, float]) -> np.ndarray:
    """Places in a piece, and its share by area of its cell's calls of the month; one more for every cell."""
    areas, calls = shapely.area(np.array(pieces)), calls_by_cell()
    whole = np.bincount(owner, weights=areas)
    of_cell = np.array([1.0 + calls.get(row.pk, 0) for row in rows])
    demand = of_cell[owner] * areas / whole[owner]
    places = np.array(Premises.objects.filter(active=True).values_list("lon", "lat"), np.float64).reshape(-1, 2)
    points = shapely.points(to_plane(places, origin))
    _, held = shapely.STRtree(pieces).query(points, predicate="intersects")
    return np.asarray(demand + np.bincount(held, minlength=len(pieces)), np.float64)


@lru_cache(maxsize=4)
def kept_ground(plan_id: int) -> Ground:
    """A plan's ground, which never changes: read once a process, for edits on the map must answer at once."""
    from jiean.twin.models import CellPlan  # noqa: PLC0415 — queries ask this file

    return read(CellPlan.objects.values_list("ground", flat=True).get(pk=plan_id))
