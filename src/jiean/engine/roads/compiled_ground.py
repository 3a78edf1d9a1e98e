"""The compiled search of the grid over the streets, apart because the compiler is slow to import."""

import numba
import numpy as np


@numba.njit(cache=True)
def _try_square(square, x, y, pieces, edge, start, items, best, which, along):  # type: ignore[no-untyped-def]
    """Look at the pieces of one square; returns the least squared distance, its piece, and metres along that piece."""
    for i in range(start[square], start[square + 1]):
        piece = items[i]
        x0, y0, x1, y1 = pieces[piece]
        dx, dy = x1 - x0, y1 - y0
        long2 = dx * dx + dy * dy
        t = 0.0
        if long2 > 0.0:
            t = ((x - x0) * dx + (y - y0) * dy) / long2
        if t <= 0.0:
            t, px, py = 0.0, x0, y0
        elif t >= 1.0:
            t, px, py = 1.0, x1, y1
        else:
            px, py = x0 + t * dx, y0 + t * dy
        away = (x - px) ** 2 + (y - py) ** 2
        if away < best or (away == best and which >= 0 and (edge[piece], piece) < (edge[which], which)):
            best, which, along = away, piece, t * np.sqrt(long2)
    return best, which, along


@numba.njit(cache=True)
def _free_m(x, y, left, low, square_m, columns, rows, column, row, ring):  # type: ignore[no-untyped-def]
    """How far from (x, y) everything lies that the rings up to `ring` have not shown."""
    free = np.inf
    if column - ring > 0:
        free = min(free, x - (left + (column - ring) * square_m))
    if row - ring > 0:
        free = min(free, y - (low + (row - ring) * square_m))
    if column + ring < columns - 1:
        free = min(free, left + (column + ring + 1) * square_m - x)
    if row + ring < rows - 1:
        free = min(free, low + (row + ring + 1) * square_m - y)
    return free


@numba.njit(cache=True)
def _ring(x, y, left, low, square_m, pieces, edge, columns, rows, start, items, column, row, ring, best, which, along):  # type: ignore[no-untyped-def]
    """Look at the squares whose larger distance in squares from (column, row) is `ring`, unless all in them is too far."""
    for j in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
        step = 1 if abs(j - row) == ring else max(2 * ring, 1)
        off_y = max(low + j * square_m - y, y - (low + (j + 1) * square_m), 0.0)
        i = column - ring
        while i <= column + ring:
            off_x = max(left + i * square_m - x, x - (left + (i + 1) * square_m), 0.0)
            if 0 <= i < columns and (off_x * off_x + off_y * off_y) * 0.999999 <= best:
                best, which, along = _try_square(j * columns + i, x, y, pieces, edge, start, items, best, which, along)
            i += step
    return best, which, along


@numba.njit(cache=True)
def nearest_pieces(places, middle, scale, pieces, begin, edge, total, left, low, square_m, columns, rows, start, items):  # type: ignore[no-untyped-def]
    """Nearest edge (k,), fraction along it (k,) and distance in metres (k,) of every place (k, 2) in degrees.

    `middle` and `scale` (2,) put the places into the plane.
    """
    count = places.shape[0]
    edges, fractions, metres = np.empty(count, np.int32), np.empty(count), np.empty(count)
    for k in range(count):
        x, y = (places[k, 0] - middle[0]) * scale[0], (places[k, 1] - middle[1]) * scale[1]
        column = int(min(max((x - left) // square_m, 0), columns - 1))
        row = int(min(max((y - low) // square_m, 0), rows - 1))
        best, which, along, ring = np.inf, -1, 0.0, 0
        while True:
            best, which, along = _ring(
                x, y, left, low, square_m, pieces, edge, columns, rows, start, items, column, row, ring, best, which, along
            )  # fmt: skip
            free = _free_m(x, y, left, low, square_m, columns, rows, column, row, ring)
            if free == np.inf or (free > 0 and best < free * free):
                break
            ring += 1
        e = edge[which]
        edges[k], metres[k] = e, np.sqrt(best)
        fractions[k] = min(max((begin[which] + along) / total[e], 0.0), 1.0) if total[e] > 0 else 0.0
    return edges, fractions, metres
