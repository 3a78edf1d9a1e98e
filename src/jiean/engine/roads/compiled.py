"""The compiled loop of the search, apart because the compiler is slow to import.

The binary heap orders by key, then item, so that equal times are settled in the same order on every machine.
"""

import numba
import numpy as np

DIRECT = -2
NONE = -1


@numba.njit(cache=True)
def _push(keys, items, size, key, item):  # type: ignore[no-untyped-def]
    """Add to the binary heap kept in `keys` and `items`, ordered by key, then item."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] < key or (keys[parent] == key and items[parent] <= item):
            break
        keys[i] = keys[parent]
        items[i] = items[parent]
        i = parent
    keys[i] = key
    items[i] = item
    return size + 1


@numba.njit(cache=True)
def _pop(keys, items, size):  # type: ignore[no-untyped-def]
    """Take the least away; `size` is the new size. The caller has read keys[0] and items[0]."""
    size -= 1
    key, item = keys[size], items[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (keys[right] < keys[child] or (keys[right] == keys[child] and items[right] < items[child])):
            child = right
        if key < keys[child] or (key == keys[child] and item <= items[child]):
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i = child
    keys[i] = key
    items[i] = item
    return size


@numba.njit(cache=True)
def _origins_by_junction(n, edge_tail, edge_head, two_way, origin_edge):  # type: ignore[no-untyped-def]
    """Linked lists of exits: first[j] is one at junction j, after[x] the next one there.

    Exit 2i is origin i leaving by the head of its segment, 2i + 1 by the tail.
    """
    first = np.full(n, -1, np.int64)
    after = np.full(2 * origin_edge.size, -1, np.int64)
    for i in range(origin_edge.size - 1, -1, -1):
        e = origin_edge[i]
        after[2 * i] = first[edge_head[e]]
        first[edge_head[e]] = 2 * i
        if two_way[e]:
            after[2 * i + 1] = first[edge_tail[e]]
            first[edge_tail[e]] = 2 * i + 1
    return first, after


@numba.njit(cache=True)
def search(  # type: ignore[no-untyped-def]  # noqa: C901 - the loop of the paper, top to bottom
    start, tails, edges, edge_tail, edge_head, seconds, two_way, origin_edge, origin_fraction, edge, fraction, wanted
):
    """Search backwards from the target until `wanted` origins are final.

    Returns their indices in the order found (w,), seconds of all origins (k,; infinite where not final), the first
    junction of each (k,; DIRECT on the target's own segment), and the edge driven next from every junction (n,).
    """
    n = start.size - 1
    count = origin_edge.size
    room = tails.size + 3 * count + 2
    keys, items = np.empty(room), np.empty(room, np.int64)
    size = 0
    best = np.full(n + count, np.inf)
    done = np.zeros(n + count, np.bool_)
    next_edge = np.full(n, NONE, np.int32)
    exits = np.full(count, NONE, np.int32)
    order = np.empty(wanted, np.int32)
    found = 0
    if edge_tail.size == 0 or wanted == 0:
        return order[:0], best[n:], exits, next_edge
    first, after = _origins_by_junction(n, edge_tail, edge_head, two_way, origin_edge)
    best[edge_tail[edge]] = fraction * seconds[edge]
    next_edge[edge_tail[edge]] = edge
    size = _push(keys, items, size, fraction * seconds[edge], edge_tail[edge])
    back = (1.0 - fraction) * seconds[edge]
    if two_way[edge] and back < best[edge_head[edge]]:
        best[edge_head[edge]] = back
        next_edge[edge_head[edge]] = edge
        size = _push(keys, items, size, back, edge_head[edge])
    for i in range(count):
        ahead = fraction - origin_fraction[i]
        if origin_edge[i] == edge and (ahead >= 0 or two_way[edge]):
            best[n + i] = abs(ahead) * seconds[edge]
            exits[i] = DIRECT
            size = _push(keys, items, size, best[n + i], n + i)
    while size > 0 and found < wanted:
        now, node = keys[0], items[0]
        size = _pop(keys, items, size)
        if done[node]:
            continue
        done[node] = True
        if node >= n:
            order[found] = node - n
            found += 1
            continue
        leave = first[node]
        while leave >= 0:
            i = leave >> 1
            share = origin_fraction[i] if leave & 1 else 1.0 - origin_fraction[i]
            reach = now + share * seconds[origin_edge[i]]
            if reach < best[n + i]:
                best[n + i] = reach
                exits[i] = node
                size = _push(keys, items, size, reach, n + i)
            leave = after[leave]
        for a in range(start[node], start[node + 1]):
            tail = tails[a]
            reach = now + seconds[edges[a]]
            if reach < best[tail]:
                best[tail] = reach
                next_edge[tail] = edges[a]
                size = _push(keys, items, size, reach, tail)
    for i in range(count):
        if not done[n + i]:
            best[n + i] = np.inf
    return order[:found], best[n:], exits, next_edge
