"""A whole matrix from places to places in one compiled call: each call costs more than the arithmetic of a dozen units."""

import numba

from jiean.engine.roads.compiled_hierarchy import matrix
from jiean.engine.roads.compiled_times import straight, ways_in, ways_out


@numba.njit(cache=True)
def between(  # type: ignore[no-untyped-def]
    edge, fraction, to_edge, to_fraction, seconds, two_way, by_head, by_tail, first, tails, wait_s, at_tail, at_head, turned,
    up_start, up_head, up_s, down_s, parent, factor,
):  # fmt: skip
    """Seconds (k, t) from places on edges to places on edges, as `matrix` and `straight` have them."""
    out = ways_out(edge, fraction, by_head, by_tail, seconds, two_way)
    into = ways_in(to_edge, to_fraction, first, tails, wait_s, at_tail, at_head, seconds, two_way, turned)
    found = matrix(out[0], out[1], out[2], into[0], into[1], into[2], up_start, up_head, up_s, down_s, parent)
    straight(found, edge, fraction, to_edge, to_fraction, seconds, two_way, factor)
    return found
