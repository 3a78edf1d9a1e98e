"""The ends of a way: by which states a place is left and entered, compiled."""

import numba
import numpy as np


@numba.njit(cache=True)
def ways_out(edge, fraction, by_head, by_tail, seconds, two_way):  # type: ignore[no-untyped-def]
    """States a car may leave each place by, and the seconds to there: start (k + 1,), states and seconds (w,)."""
    start = np.zeros(edge.size + 1, np.int64)
    states, away_s = np.empty(2 * edge.size, np.int32), np.empty(2 * edge.size)
    size = 0
    for i in range(edge.size):
        e = edge[i]
        states[size], away_s[size] = by_head[e], (1.0 - fraction[i]) * seconds[e]
        size += 1
        if two_way[e]:
            states[size], away_s[size] = by_tail[e], fraction[i] * seconds[e]
            size += 1
        start[i + 1] = size
    return start, states[:size], away_s[:size]


@numba.njit(cache=True)
def ways_in(edge, fraction, first, tails, wait_s, at_tail, at_head, seconds, two_way, turned):  # type: ignore[no-untyped-def]
    """States each place is entered from, the seconds from there, and what is entered: start (k + 1,), then three of (w,).

    With turns, steps first[x]:first[x + 1] enter the directed edge x; without, an edge is entered at the states of its ends.
    """
    room = 0
    for e in edge:
        room += first[2 * e + 2] - first[2 * e] if turned else 2
    start, size = np.zeros(edge.size + 1, np.int64), 0
    states, away_s, enters = np.empty(room, np.int32), np.empty(room), np.empty(room, np.int32)
    for i in range(edge.size):
        e = edge[i]
        for back in range(2 if two_way[e] else 1):
            part_s = (1.0 - fraction[i] if back else fraction[i]) * seconds[e]
            if not turned:
                states[size], away_s[size], enters[size] = at_head[e] if back else at_tail[e], part_s, e
                size += 1
                continue
            for a in range(first[2 * e + back], first[2 * e + back + 1]):
                states[size], away_s[size], enters[size] = tails[a], part_s + wait_s[a], 2 * e + back
                size += 1
        start[i + 1] = size
    return start, states[:size], away_s[:size], enters[:size]


@numba.njit(cache=True)
def straight(found, origin_edge, origin_fraction, edge, fraction, seconds, two_way, factor):  # type: ignore[no-untyped-def]
    """Let ways (k, t) on one edge be driven straight, then divide all by the factor; changes `found`."""
    for i in range(origin_edge.size):
        for j in range(edge.size):
            ahead = fraction[j] - origin_fraction[i]
            if origin_edge[i] == edge[j] and (ahead >= 0 or two_way[edge[j]]):
                found[i, j] = min(found[i, j], abs(ahead) * seconds[edge[j]])
            found[i, j] /= factor
