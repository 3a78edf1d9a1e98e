"""The roads of the engine, measured against scipy's Dijkstra in the same run. CPU time, medians."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import dijkstra

from bench.measures import Figure
from jiean.config.demo.town import DATA
from jiean.engine import roads as engine
from jiean.engine.roads.build import Segment, build
from jiean.engine.roads.check import check, graph_of
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.engine.roads.table import read_csv
from jiean.engine.roads.times import Hierarchy, Plain

UNITS = 12
NETWORKS = {
    "Auckland, main roads": ("roads_auckland/main_roads_nodes.csv.gz", "roads_auckland/main_roads_edges.csv.gz"),
    "central Shanghai, one-ways": ("roads_shanghai_center/nodes.csv.gz", "roads_shanghai_center/edges.csv.gz"),
    "Nanchang": ("roads_nanchang/nodes.csv.gz", "roads_nanchang/edges.csv.gz"),
}


def cpu_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time of one call."""
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def road_figures(data: Path) -> list[Figure]:
    """Agreement on three networks, the advice path, matrices, re-weighting, and nearest in a large grid."""
    found, networks = [], {}
    for name, (nodes, edges) in NETWORKS.items():
        began = time.process_time()
        networks[name] = read_csv(data / nodes, data / edges)
        read_s = time.process_time() - began
        found += [
            _agreement(name, networks[name], read_s),
            _agreement(f"{name}, turns", _turned(networks[name]), read_s),
        ]
    auckland = networks["Auckland, main roads"]
    return [*found, *demo_figures(), _matrix("", auckland), _matrix(", turns", _turned(auckland)), _large()]


def _turned(roads: engine.Roads) -> engine.Roads:
    """The network with turns that cost time and one in fifty of them forbidden: the tables hold no restrictions."""
    free = roads.turned(engine.TurnRules())
    turns, chance = free.turns, np.random.default_rng(7)
    some = chance.choice(turns.tails.size, turns.tails.size // 50, replace=False)
    banned = np.stack([turns.tails[some], turns.enters[some]], axis=1)
    return replace(free, banned=banned[(banned[:, 0] ^ 1) != banned[:, 1]])


def _agreement(name: str, roads: engine.Roads, read_s: float) -> Figure:
    seen = check(roads, 10_000, np.random.default_rng(12312))
    words = f"search {seen.agreement:.2%}, hierarchy {seen.hierarchy_agreement:.2%} of 10,000; {seen.search_ms:.3f} and"
    words += f" {seen.hierarchy_ms:.3f} ms a way; {seen.states} states, read in {read_s:.2f} s"
    words += f", contracted in {seen.hierarchy_build_ms / 1000:.2f} s"
    reached = seen.mismatches == 0 and seen.hierarchy_mismatches == 0
    reference = (
        f"scipy Dijkstra, one tree {seen.reference_tree_ms:.3f} ms: {seen.search_ms / seen.reference_tree_ms:.2f} of it"
    )
    return Figure(f"same times as scipy, {name}", words, reference, "100 %", reached)


def demo_figures(questions: int = 400) -> list[Figure]:
    """Twelve units and an incident, from degrees to seconds, on the demo town with turns and without; and it under rain."""
    network = engine.load(DATA / "roads.npz")
    return [*_demo("", network, questions), *_demo(", turns", network.turned(engine.TurnRules()), questions)]


def _demo(kind: str, network: engine.Roads, questions: int) -> list[Figure]:
    engine.warm_up()
    chance = np.random.default_rng(12312)
    low, high = (network.lon.min(), network.lat.min()), (network.lon.max(), network.lat.max())
    points = chance.uniform(low, high, (questions, UNITS + 1, 2))
    quick, plain = Hierarchy(network), Plain(network)
    _ask(quick, points[0]), _ask(plain, points[0])
    ours = float(np.median([cpu_ms(lambda where=where: _ask(quick, where)) for where in points]))
    search = float(np.median([cpu_ms(lambda where=where: _ask(plain, where)) for where in points]))
    graph = graph_of(network)
    tree = float(
        np.median([cpu_ms(lambda: dijkstra(graph, indices=int(chance.integers(graph.shape[0])))) for _ in range(60)])
    )
    reference = (
        f"scipy Dijkstra, one tree without snapping {tree:.3f} ms: {ours / tree:.2f} and {search / tree:.2f} of it"
    )
    wet = engine.under(network, engine.Conditions(rain=0.7, hour=8))
    rain = float(np.median([cpu_ms(lambda: _rain(quick, wet, points[0])) for _ in range(20)]))
    asked = f"re-weighted, customized and asked again {rain:.2f} ms"
    return [
        Figure(f"12 units snapped, hierarchy{kind}", f"{ours:.3f} ms", reference, "≤ 0.2 ms", ours <= 0.2),
        Figure(
            f"12 units snapped, search alone{kind}",
            f"{search:.3f} ms",
            reference,
            "" if kind else "≤ 1 ms",
            None if kind else search <= 1,
        ),
        Figure(f"rain on the demo town{kind}", asked, "", "≤ 10 ms", rain <= 10),
    ]


def _ask(times: engine.Times, where: np.ndarray) -> np.ndarray:
    origins = engine.snap_many(times.roads, where[:UNITS])
    return times.matrix(origins, engine.snap_many(times.roads, where[UNITS:]))


def _rain(times: engine.Times, wet: tuple[np.ndarray, np.ndarray], where: np.ndarray) -> None:
    _ask(times.reweight(*wet), where)


def _matrix(kind: str, roads: engine.Roads) -> Figure:
    chance = np.random.default_rng(1)
    places = engine.Snaps(
        chance.integers(0, roads.edge_tail.size, 100).astype(np.int32), chance.random(100), np.zeros(100)
    )
    quick, plain = Hierarchy(roads), Plain(roads)
    quick.matrix(places, places), plain.matrix(places, places)
    ours = float(np.median([cpu_ms(lambda: quick.matrix(places, places)) for _ in range(20)]))
    search = cpu_ms(lambda: plain.matrix(places, places))
    words = f"{ours:.1f} ms by the hierarchy, {search:.0f} ms by the search: {ours / search:.2f}"
    other = "" if kind else _routingkit(roads, places, ours)
    return Figure(f"100 × 100 snapped, Auckland main roads{kind}", words, other, "≤ 5 ms", ours <= 5)


def _routingkit(roads: engine.Roads, places: engine.Snaps, ours_ms: float) -> str:
    """The same ways between both ends of every place's street by RoutingKit's hierarchy, which counts whole units."""
    try:
        import pyroutingkit  # noqa: PLC0415 — a package of the bench alone
    except ImportError:
        return "pyroutingkit is not installed"
    start, tails, edges = roads.arcs_in
    heads = np.repeat(np.arange(roads.lon.size), np.diff(start))
    other = pyroutingkit.CCH()
    where = roads.lat.astype(np.float32), roads.lon.astype(np.float32)
    other.build_topology(tails.astype(np.uint32), heads.astype(np.uint32), *where, node_count=roads.lon.size)
    other.customize_weights(np.maximum(np.round(roads.seconds[edges] * 10_000), 1).astype(np.uint32))
    ends = np.concatenate([roads.edge_tail[places.edge], roads.edge_head[places.edge]]).astype(np.uint32)
    other.distances_many_to_many(ends, ends)
    spent = float(np.median([cpu_ms(lambda: other.distances_many_to_many(ends, ends)) for _ in range(20)]))
    return f"pyroutingkit, between the ends {spent:.1f} ms: {ours_ms / spent:.2f} of it"


def _large(side: int = 450, units: int = 50_000) -> Figure:
    """A perturbed grid of 200,000 junctions with one-ways: the worst shape for a hierarchy, easy for a near search."""
    chance = np.random.default_rng(3)
    place = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2)
    place = (place + chance.uniform(-0.3, 0.3, place.shape)) * 0.001 + (121.0, 31.0)
    junction = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate([np.stack([junction[:-1].ravel(), junction[1:].ravel()], 1),
                            np.stack([junction[:, :-1].ravel(), junction[:, 1:].ravel()], 1)])  # fmt: skip
    both, speed = chance.random(len(pairs)) < 0.7, chance.choice([20.0, 40.0, 60.0], len(pairs))
    streets = [
        Segment(int(a), int(b), (tuple(place[a]), tuple(place[b])), None, None, "residential", float(v), "", bool(two))
        for (a, b), v, two in zip(pairs, speed, both, strict=True)
    ]
    began = time.process_time()
    roads = build(streets, source="grid", attribution="", counts={}, speeds=DrivingSpeeds())
    build_s = time.process_time() - began
    edges = chance.integers(0, roads.edge_tail.size, units).astype(np.int32)
    origins = engine.Snaps(edges, chance.random(units), np.zeros(units))
    targets = [engine.Snap(int(e), 0.5, 0.0) for e in chance.integers(0, roads.edge_tail.size, 50)]
    engine.nearest(roads, origins, targets[0], 3)
    spent = float(np.median([cpu_ms(lambda t=t: engine.nearest(roads, origins, t, 3)) for t in targets]))
    words = f"{spent:.2f} ms; {roads.lon.size} junctions, built in {build_s:.1f} s"
    return Figure("nearest 3 of 50,000 units", words, "", "≤ 1 ms", spent <= 1)
