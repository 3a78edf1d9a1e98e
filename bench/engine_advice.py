"""The engine's part of one advice: twelve units and an incident snapped to the roads and searched, against scipy's Dijkstra."""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from bench.measures import Figure
from jiean.config.demo.town import DATA
from jiean.engine import roads as engine

QUESTIONS = 300
UNITS = 12


def engine_figure() -> Figure:
    """Median processor time of one question on the demo town's roads."""
    network = engine.load(DATA / "roads.npz")
    engine.warm_up()
    chance = np.random.default_rng(12312)
    west, east, south, north = network.lon.min(), network.lon.max(), network.lat.min(), network.lat.max()
    points = chance.uniform((west, south), (east, north), (QUESTIONS, UNITS + 1, 2))
    ours = [_cpu_ms(lambda where=where: _ask(network, where)) for where in points]
    graph = _matrix(network)
    theirs = [_cpu_ms(lambda: dijkstra(graph, indices=int(chance.integers(graph.shape[0])))) for _ in range(60)]
    mine, other = float(np.median(ours)), float(np.median(theirs))
    words = f"median {mine:.3f} ms CPU, 99 % {np.quantile(ours, 0.99):.3f} ms, {network.report.junctions} junctions"
    reference = f"scipy Dijkstra, one tree without snapping {other:.3f} ms: {mine / other:.2f} of it"
    return Figure("advice, engine, 12 units snapped", words, reference, "≤ 1 ms", mine <= 1)


def _ask(network: engine.Roads, where: np.ndarray) -> None:
    origins = engine.snap_many(network, where[:UNITS])
    engine.travel_times(network, origins, engine.snap(network, *where[UNITS]))


def _matrix(network: engine.Roads) -> csr_matrix:
    back = network.two_way
    tails = np.concatenate([network.edge_head, network.edge_tail[back]])
    heads = np.concatenate([network.edge_tail, network.edge_head[back]])
    seconds = np.concatenate([network.seconds, network.seconds[back]])
    size = network.lon.size
    return csr_matrix((seconds, (tails, heads)), shape=(size, size))


def _cpu_ms(work) -> float:  # type: ignore[no-untyped-def]
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)
