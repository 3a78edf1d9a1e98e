"""A grid over the street lines, so that the nearest piece of street is found by looking at a few squares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.plane import Floats

Ints = npt.NDArray[np.int32]

SQUARES_PER_PIECE = 0.5
"""How many squares the grid has for each straight piece of street; with one, places off the streets walk twice as long."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Straight pieces of street in the local plane, and which of them touch each square of a grid.

    pieces : float64 (q, 4) metres x0, y0, x1, y1; begin : float64 (q,) metres along the edge where the piece begins
    edge : int32 (q,); total : float64 (m,) metres of each edge in the plane
    start : int64 (rows * columns + 1,) and items : int32: the pieces of square s are items[start[s]:start[s + 1]]
    """

    pieces: Floats
    begin: Floats
    edge: Ints
    total: Floats
    corner: tuple[float, float]
    square_m: float
    columns: int
    rows: int
    start: npt.NDArray[np.int64]
    items: Ints

    def nearest(self, places: Floats, middle: Floats, scale: Floats) -> tuple[Ints, Floats, Floats]:
        """Edge, fraction along it and distance in metres for places (k, 2) in degrees; equally near: lowest edge.

        `middle` (2,) degrees and `scale` (2,) metres a degree put them into the plane.
        """
        found: tuple[Ints, Floats, Floats] = _compiled()(
            places, middle, scale, self.pieces, self.begin, self.edge, self.total, *self.corner, self.square_m, self.columns,
            self.rows, self.start, self.items,
        )  # fmt: skip
        return found


def survey(points: Floats, point_start: npt.NDArray[np.int64]) -> Ground:
    """Lay the grid over edges whose points (p, 2), in metres, are points[point_start[e]:point_start[e + 1]]."""
    first = np.delete(np.arange(len(points) - 1), point_start[1:-1] - 1)
    edge = (np.searchsorted(point_start, first, side="right") - 1).astype(np.int32)
    pieces = np.hstack([points[first], points[first + 1]])
    long_m = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    total = np.bincount(edge, weights=long_m, minlength=point_start.size - 1).astype(np.float64)
    ends = np.cumsum(long_m)
    before_edge = np.concatenate([[0.0], np.cumsum(total)])[edge]
    low = np.minimum(pieces[:, :2], pieces[:, 2:])
    high = np.maximum(pieces[:, :2], pieces[:, 2:])
    corner, size = low.min(axis=0), high.max(axis=0) - low.min(axis=0)
    square_m = max(float(np.sqrt(max(size[0], 1.0) * max(size[1], 1.0) / (SQUARES_PER_PIECE * len(pieces)))), 20.0)
    columns, rows = (int(n) for n in size // square_m + 1)
    start, items = _touching((low - corner) // square_m, (high - corner) // square_m, columns, rows)
    begin = np.asarray(np.maximum(ends - long_m - before_edge, 0.0), np.float64)
    return Ground(
        pieces, begin, edge, total, (float(corner[0]), float(corner[1])), square_m, columns, rows, start, items
    )


def _touching(low: Floats, high: Floats, columns: int, rows: int) -> tuple[npt.NDArray[np.int64], Ints]:
    """Every square under the box of every piece, sorted by square."""
    a, b = low.astype(np.int64), high.astype(np.int64)
    wide, tall = b[:, 0] - a[:, 0] + 1, b[:, 1] - a[:, 1] + 1
    count = wide * tall
    piece = np.repeat(np.arange(len(a)), count)
    step = np.arange(piece.size) - np.repeat(np.cumsum(count) - count, count)
    square = (a[piece, 1] + step // wide[piece]) * columns + a[piece, 0] + step % wide[piece]
    order = np.argsort(square, kind="stable")
    start = np.zeros(rows * columns + 1, np.int64)
    np.cumsum(np.bincount(square, minlength=rows * columns), out=start[1:])
    return start, piece[order].astype(np.int32)


@cache
def _compiled() -> Any:
    """The compiled loop. The compiler takes a second to import, and most processes never search."""
    from jiean.engine.roads.compiled_ground import nearest_pieces  # noqa: PLC0415

    return nearest_pieces
