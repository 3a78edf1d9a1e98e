"""Is our search right? Random ways through a network, held against scipy's Dijkstra in the same run."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from jiean.engine.roads.graph import Roads
from jiean.engine.roads.plane import Floats
from jiean.engine.roads.search import travel_times
from jiean.engine.roads.snap import Snaps
from jiean.engine.roads.times import HAS_HIERARCHY, TICKS_PER_S, Hierarchy

TARGETS_A_TREE = 20
"""Questions put to one tree of the reference, so that a thousand questions need fifty slow trees and not a thousand."""


@dataclass(frozen=True)
class Agreement:
    """How many of the queries gave the reference's time, and what they cost in CPU milliseconds a query (median).

    agreement is a share in [0, 1]: times equal to 1e-9 of their size. `reference_tree_ms` is one whole tree of scipy's
    Dijkstra, without the choice of ends. The hierarchy (None where its package is missing) is compared with a
    reference on times rounded to its own ticks of 0.1 ms, to a millionth of a second.
    """

    junctions: int
    edges: int
    queries: int
    mismatches: int
    agreement: float
    max_difference_s: float
    search_ms: float
    reference_tree_ms: float
    hierarchy_mismatches: int | None
    hierarchy_agreement: float | None
    hierarchy_build_ms: float | None
    hierarchy_ms: float | None


def check(roads: Roads, queries: int, chance: np.random.Generator) -> Agreement:
    """Ask `queries` random ways between places along random edges. Raises ValueError for less than one query."""
    if queries < 1:
        raise ValueError("at least one query is needed")
    trees = -(-queries // TARGETS_A_TREE)
    origins, targets = _places(roads, chance, trees), _places(roads, chance, trees * TARGETS_A_TREE)
    wanted, tree_ms = _reference(roads, origins, targets, roads.seconds, queries)
    found, search_ms = np.empty(queries), np.empty(queries)
    for q in range(queries):
        began = time.process_time()
        found[q] = travel_times(roads, _one(origins, q // TARGETS_A_TREE), targets[q])[0]
        search_ms[q] = 1000 * (time.process_time() - began)
    away = np.abs(found - wanted)
    wrong = int((away > 1e-9 * np.maximum(wanted, 1.0)).sum())
    return Agreement(
        roads.lon.size, roads.edge_tail.size, queries, wrong, 1 - wrong / queries, float(away.max()),
        round(float(np.median(search_ms)), 4), round(tree_ms, 4), *_hierarchy(roads, origins, targets, queries),
    )  # fmt: skip


def _hierarchy(
    roads: Roads, origins: Snaps, targets: Snaps, queries: int
) -> tuple[int, float, float, float] | tuple[None, None, None, None]:
    """Mismatches, agreement, CPU ms to build, CPU ms a query; all None without the package."""
    if not HAS_HIERARCHY:
        return None, None, None, None
    rounded = roads.reweighted(np.maximum(np.round(roads.seconds * TICKS_PER_S), 1) / TICKS_PER_S)
    wanted, _ = _reference(rounded, origins, targets, rounded.seconds, queries)
    began = time.process_time()
    hierarchy = Hierarchy(rounded)
    hierarchy.matrix(_one(origins, 0), _one(targets, 0))
    build_ms = 1000 * (time.process_time() - began)
    found, spent = np.empty(queries), np.empty(queries)
    for q in range(queries):
        began = time.process_time()
        found[q] = hierarchy.matrix(_one(origins, q // TARGETS_A_TREE), _one(targets, q))[0, 0]
        spent[q] = 1000 * (time.process_time() - began)
    wrong = int((np.abs(found - wanted) > 1e-6).sum())
    return wrong, 1 - wrong / queries, round(build_ms, 1), round(float(np.median(spent)), 4)


def _one(snaps: Snaps, i: int) -> Snaps:
    return Snaps(snaps.edge[i : i + 1], snaps.fraction[i : i + 1], snaps.distance_m[i : i + 1])


def _places(roads: Roads, chance: np.random.Generator, count: int) -> Snaps:
    edges = chance.integers(0, roads.edge_tail.size, count).astype(np.int32)
    return Snaps(edges, chance.random(count), np.zeros(count))


def graph_of(roads: Roads) -> csr_array:
    """The network as scipy's matrix of seconds (n, n); of parallel edges the quickest, loops left out."""
    start, tails, _ = roads.arcs_in
    heads = np.repeat(np.arange(roads.lon.size), np.diff(start))
    order = np.lexsort((roads.arc_seconds, heads, tails))
    order = order[tails[order] != heads[order]]
    first = np.unique(np.stack([tails[order], heads[order]]), axis=1, return_index=True)[1]
    kept = order[first]
    size = roads.lon.size
    return csr_array((roads.arc_seconds[kept], (tails[kept], heads[kept])), shape=(size, size))


def _reference(roads: Roads, origins: Snaps, targets: Snaps, seconds: Floats, queries: int) -> tuple[Floats, float]:
    """scipy's answers (queries,) by the four ways between the ends, and CPU ms of one tree."""
    graph = graph_of(roads)
    ends = np.stack([roads.edge_head[origins.edge], roads.edge_tail[origins.edge]])
    began = time.process_time()
    trees = dijkstra(graph, indices=ends.ravel()).reshape(2, len(origins), -1)
    tree_ms = 1000 * (time.process_time() - began) / ends.size
    q = np.arange(queries)
    o = q // TARGETS_A_TREE
    here, there = origins.edge[o], targets.edge[q]
    out = _sides(origins.fraction[o], here, seconds, roads.two_way, by_head=True)
    into = _sides(targets.fraction[q], there, seconds, roads.two_way, by_head=False)
    doors = np.stack([roads.edge_tail[there], roads.edge_head[there]])
    ways = [out[a] + trees[a, o, doors[b]] + into[b] for a in (0, 1) for b in (0, 1)]
    ahead = targets.fraction[q] - origins.fraction[o]
    direct = (here == there) & ((ahead >= 0) | roads.two_way[there])
    return np.minimum(np.min(ways, axis=0), np.where(direct, np.abs(ahead) * seconds[there], np.inf)), tree_ms


def _sides(
    fraction: Floats, edge: np.ndarray, seconds: Floats, two_way: np.ndarray, *, by_head: bool
) -> tuple[Floats, Floats]:
    """Seconds to leave by head and tail, or to come in by tail and head; the second infinite against a one-way."""
    first = (1 - fraction if by_head else fraction) * seconds[edge]
    return first, np.where(two_way[edge], seconds[edge] - first, np.inf)
