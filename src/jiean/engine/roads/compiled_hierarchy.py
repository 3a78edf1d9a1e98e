"""The compiled loops of the contraction hierarchy, apart because the compiler is slow to import.

States are numbered by rank here: the lowest is contracted first. An up-arc i of state v goes to `up_head[i]` > v and has two
times: `up_s[i]` from v to it and `down_s[i]` from it to v.
"""

import numba
import numpy as np


@numba.njit(cache=True)
def _take(others, v, seen, up_head, end):  # type: ignore[no-untyped-def]
    """Write the states above v that it has not taken yet; returns where the next one goes."""
    for other in others:
        if other > v and seen[other] != v:
            seen[other], up_head[end] = v, other
            end += 1
    return end


@numba.njit(cache=True)
def fill(start, near):  # type: ignore[no-untyped-def]
    """Up-arcs when states are contracted one after another: up_start (n + 1,), up_head (u,) sorted, parent (n,; -1 at a root).

    `near[start[v]:start[v + 1]]` are the neighbours of v of whatever rank.
    """
    n = start.size - 1
    parent, seen = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    child, sibling = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    up_start, up_head = np.zeros(n + 1, np.int64), np.empty(max(4 * near.size, 16), np.int32)
    for v in range(n):
        begin = end = up_start[v]
        if end + n - v > up_head.size:
            grown = np.empty(2 * up_head.size + n, np.int32)
            grown[:end] = up_head[:end]
            up_head = grown
        end = _take(near[start[v] : start[v + 1]], v, seen, up_head, end)
        below = child[v]
        while below >= 0:
            end = _take(up_head[up_start[below] : up_start[below + 1]], v, seen, up_head, end)
            below = sibling[below]
        up_head[begin:end].sort()
        up_start[v + 1] = end
        if end > begin:
            parent[v] = up_head[begin]
            sibling[v], child[parent[v]] = child[parent[v]], v
    return up_start, up_head[: up_start[n]].copy(), parent


@numba.njit(cache=True)
def locate(up_start, up_head, tail, head):  # type: ignore[no-untyped-def]
    """The up-arc that carries each arc from `tail` to `head` (a,), -1 for a loop."""
    found = np.full(tail.size, -1, np.int64)
    for a in range(tail.size):
        low, high = min(tail[a], head[a]), max(tail[a], head[a])
        if low < high:
            i = up_start[low]
            found[a] = i + np.searchsorted(up_head[i : up_start[low + 1]], high)
    return found


@numba.njit(cache=True)
def lower(up_start, up_head):  # type: ignore[no-untyped-def]
    """The up-arcs by the state they go to, and where the arcs of the state they come from end: start (n + 1,), arcs and ends (u,)."""
    n = up_start.size - 1
    start, arcs, ends = np.zeros(n + 1, np.int64), np.empty(up_head.size, np.int32), np.empty(up_head.size, np.int32)
    for head in up_head:
        start[head + 1] += 1
    start[:] = np.cumsum(start)
    free = start[:-1].copy()
    for v in range(n):
        for i in range(up_start[v], up_start[v + 1]):
            x = free[up_head[i]]
            arcs[x], ends[x], free[up_head[i]] = i, up_start[v + 1], x + 1
    return start, arcs, ends


@numba.njit(cache=True)
def _own(carrier, tail, head, seconds, both):  # type: ignore[no-untyped-def]
    """The times of the arcs themselves: both[i] is up-arc i from its lower state and back to it."""
    for a in range(carrier.size):
        i = carrier[a]
        if i >= 0:
            way = 0 if tail[a] < head[a] else 1
            both[i, way] = min(both[i, way], seconds[a])


@numba.njit(cache=True)
def _below(low, high, arcs, ends, up_head, both, best):  # type: ignore[no-untyped-def]
    """By the lower states arcs[low:high]: what the ways down into each and up again make of `best`, by state above."""
    for x in range(low, high):
        i = arcs[x]
        out_s, back_s = both[i, 1], both[i, 0]
        for j in range(i + 1, ends[x]):
            above = up_head[j]
            up, down = out_s + both[j, 0], both[j, 1] + back_s
            best[above, 0] = up if up < best[above, 0] else best[above, 0]
            best[above, 1] = down if down < best[above, 1] else best[above, 1]


@numba.njit(cache=True)
def customize(up_start, up_head, low_start, low_arcs, low_ends, carrier, tail, head, seconds):  # type: ignore[no-untyped-def]
    """Times of all up-arcs under the times of the arcs (a,): up_s (u,) and down_s (u,), by all lower triangles.

    Every state gathers from those below it; what it gathers stands at the state above, so no arc is looked for.
    """
    both, best = np.full((up_head.size, 2), np.inf), np.empty((up_start.size - 1, 2))
    _own(carrier, tail, head, seconds, both)
    for v in range(up_start.size - 1):
        begin, end = up_start[v], up_start[v + 1]
        for i in range(begin, end):
            best[up_head[i], 0], best[up_head[i], 1] = both[i, 0], both[i, 1]
        _below(low_start[v], low_start[v + 1], low_arcs, low_ends, up_head, both, best)
        for i in range(begin, end):
            both[i, 0], both[i, 1] = best[up_head[i], 0], best[up_head[i], 1]
    return both[:, 0].copy(), both[:, 1].copy()


@numba.njit(cache=True)
def _above(seeds, parent, row_of):  # type: ignore[no-untyped-def]
    """All states on the chains above the seeds, highest first; row_of[state] becomes their place in that order."""
    found, size = np.empty(row_of.size, np.int32), 0
    for v in seeds:
        while v >= 0 and row_of[v] < 0:
            row_of[v], found[size] = 0, v
            size += 1
            v = parent[v]
    found = np.sort(found[:size])[::-1].copy()
    for i in range(size):
        row_of[found[i]] = i
    return found


@numba.njit(cache=True)
def _climb(seeds, seconds, j, up_start, up_head, down_s, parent, best, row_of, table):  # type: ignore[no-untyped-def]
    """Write into column j of the table the times by down-arcs alone from the states above the seeds; `best` is given back all infinite."""
    for i in range(seeds.size):
        v = seeds[i]
        best[v] = min(best[v], seconds[i])
        while v >= 0:  # states above several seeds are climbed again; the last climb has all that is below
            now = best[v]
            if now < np.inf:
                for a in range(up_start[v], up_start[v + 1]):
                    best[up_head[a]] = min(best[up_head[a]], now + down_s[a])
            v = parent[v]
    for v in seeds:
        while v >= 0:
            if row_of[v] >= 0 and best[v] < table[row_of[v], j]:
                table[row_of[v], j] = best[v]
            best[v] = np.inf
            v = parent[v]


@numba.njit(cache=True)
def _sweep(rows, up_start, up_head, up_s, row_of, table):  # type: ignore[no-untyped-def]
    """From the highest state down: going up first may be quicker than any way down. Rows hold one time a target."""
    for i in range(rows.size):
        for a in range(up_start[rows[i]], up_start[rows[i] + 1]):
            way_s = up_s[a]
            if way_s < np.inf:
                here, above = table[i], table[row_of[up_head[a]]]
                for j in range(here.size):
                    other = way_s + above[j]
                    here[j] = other if other < here[j] else here[j]


@numba.njit(cache=True)
def _sweep_one(rows, up_start, up_head, up_s, row_of, column):  # type: ignore[no-untyped-def]
    """`_sweep` for a single target, whose times stand in one column: no rows to be sliced."""
    for i in range(rows.size):
        least = column[i]
        for a in range(up_start[rows[i]], up_start[rows[i] + 1]):
            other = up_s[a] + column[row_of[up_head[a]]]
            least = other if other < least else least
        column[i] = least


@numba.njit(cache=True)
def matrix(out_start, outs, out_s, in_start, ins, in_s, up_start, up_head, up_s, down_s, parent):  # type: ignore[no-untyped-def]
    """Seconds (k, t) from k origins to t targets, infinite where there is no way.

    Origin i leaves by the states outs[out_start[i]:out_start[i + 1]], each `out_s` from it; target j is entered from
    `ins`, each `in_s` before it. Down-arcs are climbed once a target, up-arcs swept once for all of them.
    """
    k, t, n = out_start.size - 1, in_start.size - 1, parent.size
    row_of, best = np.full(n, -1, np.int32), np.full(n, np.inf)
    rows = _above(outs, parent, row_of)
    table = np.full((rows.size, t), np.inf)
    for j in range(t):
        a, b = in_start[j], in_start[j + 1]
        _climb(ins[a:b], in_s[a:b], j, up_start, up_head, down_s, parent, best, row_of, table)
    if t == 1:
        _sweep_one(rows, up_start, up_head, up_s, row_of, table[:, 0])
    else:
        _sweep(rows, up_start, up_head, up_s, row_of, table)
    found = np.full((k, t), np.inf)
    for i in range(k):
        for x in range(out_start[i], out_start[i + 1]):
            row = table[row_of[outs[x]]]
            for j in range(t):
                found[i, j] = min(found[i, j], out_s[x] + row[j])
    return found
