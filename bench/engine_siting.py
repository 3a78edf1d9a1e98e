"""Siting: gaps and times on made instances, covering against the unmerged model, and OR-Library files where there are any."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity, vstack

from bench.measures import Figure
from jiean.engine.siting import mclp, pmedian


def siting_figures(data: Path) -> list[Figure]:
    """p-median on 3000 × 300, evenly and unevenly weighted; covering; `orlib/pmed*.txt` with `orlib/pmedopt.txt`."""
    chance = np.random.default_rng(1)
    people = chance.random((3000, 2)) * 1000
    sites = people[chance.choice(3000, 300, replace=False)]
    weights = chance.lognormal(0, 1, 3000)
    metres = np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1))
    pmedian(metres[:50], 3)
    return [
        _pmedian("p-median 3000 × 300, p = 30, even demand", metres, None, 3),
        _pmedian("p-median 3000 × 300, p = 30, lognormal demand", metres, weights, 3),
        _pmedian("the same, given 20 s", metres, weights, 20),
        _covering(metres, weights, 60.0),
        _covering(metres, weights, 100.0),
        *(_library(file) for file in sorted((data / "orlib").glob("pmed[0-9]*.txt"))),
    ]


def _pmedian(name: str, metres: np.ndarray, weights: np.ndarray | None, seconds: float) -> Figure:
    end = time.process_time() + seconds
    found = pmedian(metres, 30, weights=weights, stop=lambda: time.process_time() > end)
    words = f"value {found.value:.1f}, gap {found.gap:.4%}, {found.nodes} branches, {found.cpu_s:.2f} CPU s"
    return Figure(name, words, "", "gap ≤ 0.1 % in ≤ 3 CPU s", found.gap <= 0.001 and found.cpu_s <= 3.3)


def _covering(metres: np.ndarray, weights: np.ndarray, radius: float) -> Figure:
    found = mclp(metres, weights, radius, 30, seconds=30)
    began = time.process_time()
    value = _unmerged(metres <= radius, weights, 30)
    plain_s = time.process_time() - began
    words = f"covers {found.value:.3f}, gap {found.gap:.4%}, {found.rows} rows, {found.cpu_s:.2f} CPU s"
    reference = f"HiGHS on all 3000 rows {plain_s:.2f} CPU s, covers {value:.3f}: {found.cpu_s / plain_s:.2f} of it"
    return Figure(f"MCLP 3000 × 300, p = 30, radius {radius:.0f} of 1000", words, reference, "proven", found.proven)


def _unmerged(within: np.ndarray, weights: np.ndarray, p: int) -> float:
    demand, sites = within.shape
    rows = hstack([-csr_array(within.astype(float)), identity(demand, format="csr")], format="csr")
    count = csr_array(np.concatenate([np.ones(sites), np.zeros(demand)])[None, :])
    low, high = np.r_[np.full(demand, -np.inf), p], np.r_[np.zeros(demand), p]
    answer = milp(
        np.r_[np.zeros(sites), -weights], integrality=np.r_[np.ones(sites), np.zeros(demand)], bounds=Bounds(0, 1),
        constraints=LinearConstraint(vstack([rows, count]), low, high), options={"mip_rel_gap": 0.0, "time_limit": 30},
    )  # fmt: skip
    return -float(answer.fun)


def _library(file: Path) -> Figure:
    """A p-median network of the OR-Library: edges, then shortest ways; the last of doubled edges counts."""
    numbers = np.array(file.read_text().split(), dtype=float)
    nodes, edges, p = (int(n) for n in numbers[:3])
    d = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(d, 0)
    for a, b, length in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        d[int(a) - 1, int(b) - 1] = d[int(b) - 1, int(a) - 1] = length
    for k in range(nodes):
        d = np.minimum(d, d[:, k : k + 1] + d[k : k + 1])
    end = time.process_time() + 30
    found = pmedian(d, p, stop=lambda: time.process_time() > end)
    words = f"value {found.value:.0f}, gap {found.gap:.4%}, {found.cpu_s:.2f} CPU s"
    return Figure(f"OR-Library {file.stem}, n = {nodes}, p = {p}", words, "", "gap ≤ 0.1 %", found.gap <= 0.001)
