"""Is our search right? Random ways through a network, held against scipy's Dijkstra in the same run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from jiean.engine.roads.graph import Roads
from jiean.engine.roads.plane import Floats
from jiean.engine.roads.search import travel_times
from jiean.engine.roads.snap import Snaps
from jiean.engine.roads.times import Hierarchy, contract

TARGETS_A_TREE = 20
"""Questions put to one tree of the reference, so that a thousand questions need fifty slow trees and not a thousand."""


@dataclass(frozen=True)
class Agreement:
    """How many of the queries gave the reference's time, and what they cost in CPU milliseconds a query (median).

    agreement is a share in [0, 1]: times equal to 1e-9 of their size. `reference_tree_ms` is one whole tree of scipy's
    Dijkstra, without the choice of ends; with turns it walks both ends of every directed edge.
    """

    junctions: int
    edges: int
    states: int
    turns: bool
    queries: int
    mismatches: int
    agreement: float
    max_difference_s: float
    search_ms: float
    reference_tree_ms: float
    hierarchy_mismatches: int
    hierarchy_agreement: float
    hierarchy_build_ms: float
    hierarchy_ms: float


def check(roads: Roads, queries: int, chance: np.random.Generator) -> Agreement:
    """Ask `queries` random ways between places along random edges. Raises ValueError for less than one query."""
    if queries < 1:
        raise ValueError("at least one query is needed")
    trees = -(-queries // TARGETS_A_TREE)
    origins, targets = _places(roads, chance, trees), _places(roads, chance, trees * TARGETS_A_TREE)
    wanted, tree_ms = _reference(roads, origins, targets, queries)
    found, search_ms = np.empty(queries), np.empty(queries)
    for q in range(queries):
        began = time.process_time()
        found[q] = travel_times(roads, _one(origins, q // TARGETS_A_TREE), targets[q])[0]
        search_ms[q] = 1000 * (time.process_time() - began)
    wrong = _wrong(found, wanted)
    both = np.isfinite(wanted) & np.isfinite(found)
    away = np.abs(found[both] - wanted[both])
    return Agreement(
        roads.lon.size, roads.edge_tail.size, roads.net.states, roads.net.turned, queries, wrong, 1 - wrong / queries,
        float(away.max(initial=0.0)), round(float(np.median(search_ms)), 4), round(tree_ms, 4),
        *_hierarchy(roads, origins, targets, wanted),
    )  # fmt: skip


def _hierarchy(roads: Roads, origins: Snaps, targets: Snaps, wanted: Floats) -> tuple[int, float, float, float]:
    """Mismatches, agreement, CPU ms to build and customize, CPU ms a query."""
    queries = wanted.size
    Hierarchy(roads).matrix(_one(origins, 0), _one(targets, 0))  # the compiler's own time is not the hierarchy's
    began = time.process_time()
    hierarchy = Hierarchy(roads, order=contract(roads))
    hierarchy.matrix(_one(origins, 0), _one(targets, 0))
    build_ms = 1000 * (time.process_time() - began)
    found, spent = np.empty(queries), np.empty(queries)
    for q in range(queries):
        began = time.process_time()
        found[q] = hierarchy.matrix(_one(origins, q // TARGETS_A_TREE), _one(targets, q))[0, 0]
        spent[q] = 1000 * (time.process_time() - began)
    wrong = _wrong(found, wanted)
    return wrong, 1 - wrong / queries, round(build_ms, 1), round(float(np.median(spent)), 4)


def _wrong(found: Floats, wanted: Floats) -> int:
    """How many differ; both infinite is the same."""
    return int((~np.isclose(found, wanted, rtol=1e-9, atol=1e-9)).sum())


def _one(snaps: Snaps, i: int) -> Snaps:
    return Snaps(snaps.edge[i : i + 1], snaps.fraction[i : i + 1], snaps.distance_m[i : i + 1])


def _places(roads: Roads, chance: np.random.Generator, count: int) -> Snaps:
    edges = chance.integers(0, roads.edge_tail.size, count).astype(np.int32)
    return Snaps(edges, chance.random(count), np.zeros(count))


def graph_of(roads: Roads) -> csr_array:
    """The network as scipy's matrix of seconds between junctions (n, n); of parallel edges the quickest, loops left out."""
    start, tails, edges = roads.arcs_in
    heads = np.repeat(np.arange(roads.lon.size), np.diff(start))
    seconds = roads.driven_s(edges, tails != roads.edge_tail[edges])
    return _least(tails, heads, seconds, roads.lon.size)


def _least(tails: npt.NDArray[Any], heads: npt.NDArray[Any], seconds: Floats, size: int) -> csr_array:
    order = np.lexsort((seconds, heads, tails))
    order = order[tails[order] != heads[order]]
    first = np.unique(np.stack([tails[order], heads[order]]), axis=1, return_index=True)[1]
    kept = order[first]
    return csr_array((seconds[kept], (tails[kept], heads[kept])), shape=(size, size))


def _with_turns(roads: Roads) -> csr_array:
    """Both ends of every directed edge as scipy's matrix (4m, 4m): its begin is node 2x, its end 2x + 1; a turn joins end to begin."""
    forward = 2 * np.arange(roads.edge_tail.size)
    states = np.concatenate([forward, forward[roads.two_way] + 1])
    driven = roads.driven_s((states >> 1).astype(np.int32), (states & 1).astype(np.bool_))
    turns = roads.turns
    tails = np.concatenate([2 * states, 2 * turns.tails + 1])
    heads = np.concatenate([2 * states + 1, 2 * turns.enters])
    return _least(tails, heads, np.concatenate([driven, turns.wait_s]), 4 * roads.edge_tail.size)


def _reference(roads: Roads, origins: Snaps, targets: Snaps, queries: int) -> tuple[Floats, float]:
    """scipy's answers (queries,) by the four ways between the ends, and CPU ms of one tree."""
    turned, seconds = roads.net.turned, roads.seconds
    graph = _with_turns(roads) if turned else graph_of(roads)
    leave = np.stack([4 * origins.edge + 1, 4 * origins.edge + 3]) if turned else _ends(roads, origins.edge)[::-1]
    began = time.process_time()
    trees = dijkstra(graph, indices=leave.ravel()).reshape(2, len(origins), -1)
    tree_ms = 1000 * (time.process_time() - began) / leave.size
    q = np.arange(queries)
    o = q // TARGETS_A_TREE
    here, there = origins.edge[o], targets.edge[q]
    out = _sides(origins.fraction[o], here, seconds, roads.two_way, by_head=True)
    into = _sides(targets.fraction[q], there, seconds, roads.two_way, by_head=False)
    doors = np.stack([4 * there, 4 * there + 2]) if turned else _ends(roads, there)
    ways = [out[a] + trees[a, o, doors[b]] + into[b] for a in (0, 1) for b in (0, 1)]
    ahead = targets.fraction[q] - origins.fraction[o]
    direct = (here == there) & ((ahead >= 0) | roads.two_way[there])
    return np.minimum(np.min(ways, axis=0), np.where(direct, np.abs(ahead) * seconds[there], np.inf)), tree_ms


def _ends(roads: Roads, edges: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.stack([roads.edge_tail[edges], roads.edge_head[edges]])


def _sides(
    fraction: Floats, edge: np.ndarray, seconds: Floats, two_way: np.ndarray, *, by_head: bool
) -> tuple[Floats, Floats]:
    """Seconds to leave by head and tail, or to come in by tail and head; the second infinite against a one-way."""
    first = (1 - fraction if by_head else fraction) * seconds[edge]
    return first, np.where(two_way[edge], seconds[edge] - first, np.inf)
