"""The compiled loop of the search, apart because the compiler is slow to import.

The heap orders by key, then item, so that equal times are settled in the same order on every machine.
"""

import numba
import numpy as np

DIRECT = -2
NONE = -1


@numba.njit(cache=True)
def push(keys, items, size, key, item):  # type: ignore[no-untyped-def]
    """Add to the heap of four children kept in `keys` and `items`, ordered by key, then item; returns the new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 2
        if keys[parent] < key or (keys[parent] == key and items[parent] <= item):
            break
        keys[i] = keys[parent]
        items[i] = items[parent]
        i = parent
    keys[i] = key
    items[i] = item
    return size + 1


@numba.njit(cache=True)
def pop(keys, items, size):  # type: ignore[no-untyped-def]
    """Take the least away; returns the new size. The caller has read keys[0] and items[0]."""
    size -= 1
    key, item = keys[size], items[size]
    i = 0
    while True:
        child = 4 * i + 1
        if child >= size:
            break
        for other in range(child + 1, min(child + 4, size)):
            if keys[other] < keys[child] or (keys[other] == keys[child] and items[other] < items[child]):
                child = other
        if key < keys[child] or (key == keys[child] and item <= items[child]):
            break
        keys[i] = keys[child]
        items[i] = items[child]
        i = child
    keys[i] = key
    items[i] = item
    return size


@numba.njit(cache=True)
def line_up(first, after, edge_tail, edge_head, two_way, old_edge, origin_edge):  # type: ignore[no-untyped-def]
    """Fill linked lists of exits: first[j] is one at state j, after[x] the next one there; forget the old ones.

    `edge_tail` and `edge_head` are the states of a car that leaves an edge by its tail or head.

    Exit 2i is origin i leaving by the head of its segment, 2i + 1 by the tail.
    """
    for e in old_edge:
        first[edge_head[e]] = -1
        first[edge_tail[e]] = -1
    for i in range(origin_edge.size - 1, -1, -1):
        e = origin_edge[i]
        after[2 * i] = first[edge_head[e]]
        first[edge_head[e]] = 2 * i
        if two_way[e]:
            after[2 * i + 1] = first[edge_tail[e]]
            first[edge_tail[e]] = 2 * i + 1


@numba.njit(cache=True)
def search(  # type: ignore[no-untyped-def]  # noqa: C901 - the loop of the paper, top to bottom
    start, tails, enters, whole_s, into, into_s, into_by, seconds, two_way, origin_edge, origin_fraction, edge, fraction,
    wanted, best, first, after, touched, next_step, keys, items,
):  # fmt: skip
    """Search backwards from the target until `wanted` origins are final.

    `whole_s` is the time of every step of the net, infinite where closed; `seconds` that of every edge, used for the
    stretches at both ends. The target is entered from the states `into`, each `into_s` before it, by `into_by`. Sums are
    rounded to the nearest float in driving order from the target.

    Working arrays are lent by the caller, so that a near search in a large town pays for what it touches: `best` (n,)
    all infinite is given back so; `first` (n,) and `after` (2k,) are as `line_up` filled them; `touched`, `next_step` (n,),
    and the heap of `keys` and `items`, with room for one entry a step, three an origin, one a way in, may hold anything.

    Returns the origins in the order found (w,), seconds of all origins (k,; infinite where not final) and the first
    state of each (k,; DIRECT on the target's own segment). `next_step` holds what is entered next from every state reached.
    """
    n, count = start.size - 1, origin_edge.size
    reach_s, final = np.full(count, np.inf), np.zeros(count, np.bool_)
    exits, order = np.full(count, NONE, np.int32), np.empty(wanted, np.int32)
    size = found = touches = 0
    if seconds.size == 0 or wanted == 0:
        return order[:0], reach_s, exits
    for i in range(into.size):
        node, reach = into[i], into_s[i]
        if reach < best[node]:
            if best[node] == np.inf:
                touched[touches] = node
                touches += 1
            best[node], next_step[node] = reach, into_by[i]
            size = push(keys, items, size, reach, node)
    for i in range(count):
        ahead = fraction - origin_fraction[i]
        if origin_edge[i] == edge and (ahead >= 0 or two_way[edge]):
            reach_s[i], exits[i] = abs(ahead) * seconds[edge], DIRECT
            size = push(keys, items, size, reach_s[i], n + i)
    while size > 0 and found < wanted:
        now, node = keys[0], items[0]
        size = pop(keys, items, size)
        if node >= n:
            if now == reach_s[node - n] and not final[node - n]:
                final[node - n] = True
                order[found] = node - n
                found += 1
            continue
        if now > best[node]:
            continue
        leave = first[node]
        while leave >= 0:
            i = leave >> 1
            share = origin_fraction[i] if leave & 1 else 1.0 - origin_fraction[i]
            reach = now + share * seconds[origin_edge[i]]
            if reach < reach_s[i]:
                reach_s[i], exits[i] = reach, node
                size = push(keys, items, size, reach, n + i)
            leave = after[leave]
        for a in range(start[node], start[node + 1]):
            tail = tails[a]
            reach = now + whole_s[a]
            if reach < best[tail]:
                if best[tail] == np.inf:
                    touched[touches] = tail
                    touches += 1
                best[tail], next_step[tail] = reach, enters[a]
                size = push(keys, items, size, reach, tail)
    for i in range(count):
        if not final[i]:
            reach_s[i] = np.inf
    for i in range(touches):
        best[touched[i]] = np.inf
    return order[:found], reach_s, exits
