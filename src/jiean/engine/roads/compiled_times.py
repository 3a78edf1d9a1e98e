"""From a matrix between junctions to one between places on the streets, compiled."""

import numba
import numpy as np


@numba.njit(cache=True)
def ends(edge, fraction, edge_tail, edge_head, seconds, two_way, leaving):  # type: ignore[no-untyped-def]
    """Junctions (2k,) at both ends of each place's edge, and the seconds between; infinite where one-way forbids.

    First the end that every edge allows (its head when leaving, its tail when entering), then the other.
    """
    count = edge.size
    junction, way_s = np.empty(2 * count, np.uint32), np.empty(2 * count)
    for i in range(count):
        e = edge[i]
        ahead = 1.0 - fraction[i] if leaving else fraction[i]
        junction[2 * i], junction[2 * i + 1] = edge_head[e], edge_tail[e]
        if not leaving:
            junction[2 * i], junction[2 * i + 1] = edge_tail[e], edge_head[e]
        way_s[2 * i] = ahead * seconds[e]
        way_s[2 * i + 1] = (1.0 - ahead) * seconds[e] if two_way[e] else np.inf
    return junction, way_s


@numba.njit(cache=True)
def join(  # type: ignore[no-untyped-def]
    ticks,
    cut_off,
    enter_s,
    leave_s,
    origin_edge,
    origin_fraction,
    edge,
    fraction,
    seconds,
    two_way,
    ticks_per_s,
    factor,
):
    """Seconds (k, t) from the ticks (2t, 2k) between the ends: the best of four ways, or straight on one edge."""
    found = np.empty((origin_edge.size, edge.size))
    for i in range(origin_edge.size):
        for j in range(edge.size):
            best = np.inf
            for a in range(2):
                for b in range(2):
                    count = ticks[2 * j + a, 2 * i + b]
                    if count < cut_off:
                        best = min(best, enter_s[2 * j + a] + leave_s[2 * i + b] + count / ticks_per_s)
            ahead = fraction[j] - origin_fraction[i]
            if origin_edge[i] == edge[j] and (ahead >= 0 or two_way[edge[j]]):
                best = min(best, abs(ahead) * seconds[edge[j]])
            found[i, j] = best / factor
    return found
