"""Siting: gaps and times on made instances, covering beside spopt, OR-Library files where there are any."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.measures import Figure
from jiean.engine.siting import mclp, pmedian


def siting_figures(data: Path) -> list[Figure]:
    """p-median on 3000 × 300, evenly and unevenly weighted; covering; `orlib/pmed*.txt` with `orlib/pmedopt.txt`."""
    chance = np.random.default_rng(1)
    people = chance.random((3000, 2)) * 1000
    sites = people[chance.choice(3000, 300, replace=False)]
    weights = chance.lognormal(0, 1, 3000)
    metres = np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1))
    prices = chance.integers(5, 20, 300).astype(float)
    pmedian(metres[:50], 3)
    return [
        _pmedian("p-median 3000 × 300, p = 30, even demand", metres, None, 3),
        _pmedian("p-median 3000 × 300, p = 30, lognormal demand", metres, weights, 3),
        _pmedian("the same, given 20 s", metres, weights, 20),
        _pmedian("the same, sites of 5 to 20 within 250", metres, weights, 20, site_costs=prices, budget=250.0),
        _full(metres[:500, :60], weights[:500]),
        *(_made(n, p) for n, p in ((100, 5), (200, 67), (400, 80), (600, 60), (900, 90))),
        *(_covering(metres, weights, *asked) for asked in ((60.0, 30), (80.0, 30), (100.0, 30), (200.0, 8))),
        _covering(metres, np.ones(3000), 100.0, 30, "even demand"),
        _covering(metres, chance.integers(1, 100, 3000).astype(float), 100.0, 30, "whole demand"),
        _covering(metres[:500, :100], weights[:500], 100.0, 10, "the first 500 × 100"),
        *(_library(file) for file in sorted((data / "orlib").glob("pmed[0-9]*.txt"))),
    ]


def _pmedian(name: str, metres: np.ndarray, weights: np.ndarray | None, seconds: float, **limits: Any) -> Figure:
    end = time.process_time() + seconds
    found = pmedian(metres, 30, weights=weights, stop=lambda: time.process_time() > end, **limits)
    words = f"value {found.value:.1f}, gap {found.gap:.4%}, {found.nodes} branches, {found.cpu_s:.2f} CPU s"
    return Figure(name, words, "", "gap ≤ 0.1 % in ≤ 3 CPU s", found.gap <= 0.001 and found.cpu_s <= 3.3)


def _full(metres: np.ndarray, weights: np.ndarray) -> Figure:
    """Ten sites that together can serve a quarter more than there is."""
    found = pmedian(metres, 10, weights=weights, capacities=np.full(60, 0.125 * weights.sum()), seconds=30)
    words = f"value {found.value:.1f}, gap {found.gap:.3%}, fullest {max(found.loads) / weights.sum() * 8:.1%},"
    words += f" {found.cpu_s:.2f} CPU s"
    return Figure("p-median 500 × 60, p = 10, capacities", words, "", "gap printed", None)


def _covering(metres: np.ndarray, weights: np.ndarray, radius: float, p: int, kind: str = "lognormal demand") -> Figure:
    found = mclp(metres, weights, radius, p, seconds=120)
    outside, outside_s, done = _spopt(metres, weights, radius, p)
    words = f"covers {found.value:.3f}, gap {found.gap:.4%}, {found.rows} rows, {found.cpu_s:.2f} CPU s"
    reference = f"spopt with CBC {outside_s:.2f} CPU s, {'proven' if done else 'not proven'}, covers {outside:.3f}:"
    reference += f" {found.cpu_s / outside_s:.3f} of it"
    good = found.proven and found.cpu_s <= outside_s / 5 and found.value >= outside - 1e-6 * outside
    name = f"MCLP {len(metres)} × {metres.shape[1]}, p = {p}, radius {radius:.0f} of 1000, {kind}"
    return Figure(name, words, reference, "proven, ≤ 1/5 of spopt", good)


def _spopt(metres: np.ndarray, weights: np.ndarray, radius: float, p: int) -> tuple[float, float, bool]:
    """What spopt covers, the CPU seconds it takes, its solver's process with it, and whether it is proven, in a quarter of an hour."""
    import pulp  # noqa: PLC0415 — the bench's reference alone, and slow to load
    from spopt.locate import MCLP  # noqa: PLC0415 — as above

    before = os.times()
    model = MCLP.from_cost_matrix(metres, weights, radius, p_facilities=p)
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=900))
    after = os.times()
    spent = sum(
        getattr(after, word) - getattr(before, word) for word in ("user", "system", "children_user", "children_system")
    )
    return float(pulp.value(model.problem.objective)), spent, model.problem.sol_status == pulp.LpSolutionOptimal


def _made(nodes: int, p: int) -> Figure:
    """A network of the OR-Library's sizes: n² / 50 edges of 1 to 100, a ring among them, so that it is connected."""
    chance = np.random.default_rng(nodes + p)
    ring = np.stack([np.arange(nodes), (np.arange(nodes) + 1) % nodes], axis=1)
    rest = chance.integers(0, nodes, (max(nodes * nodes // 50 - nodes, 0), 2))
    ends = np.concatenate([ring, rest[rest[:, 0] != rest[:, 1]]])
    found = _solved(_ways(nodes, np.column_stack([ends, chance.integers(1, 101, len(ends))])), p)
    return Figure(f"made network, n = {nodes}, p = {p}", found[0], "", "gap ≤ 0.1 %", found[1])


def _library(file: Path) -> Figure:
    """A p-median network of the OR-Library, beside its published optimum where `pmedopt.txt` has it."""
    numbers = np.array(file.read_text().split(), dtype=float)
    nodes, edges, p = (int(n) for n in numbers[:3])
    lines = numbers[3 : 3 + 3 * edges].reshape(-1, 3) - [1, 1, 0]
    words, good = _solved(_ways(nodes, lines), p)
    return Figure(f"OR-Library {file.stem}, n = {nodes}, p = {p}", words, _optimum(file), "gap ≤ 0.1 %", good)


def _optimum(file: Path) -> str:
    listed = file.with_name("pmedopt.txt")
    rows = [line.split() for line in listed.read_text().splitlines()] if listed.is_file() else []
    return next((f"published {row[1]}" for row in rows if row and row[0] == file.stem), "")


def _ways(nodes: int, lines: np.ndarray) -> np.ndarray:
    """Shortest ways; the last of doubled edges counts."""
    d = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(d, 0)
    for a, b, length in lines:
        d[int(a), int(b)] = d[int(b), int(a)] = length
    for k in range(nodes):
        d = np.minimum(d, d[:, k : k + 1] + d[k : k + 1])
    return d


def _solved(d: np.ndarray, p: int) -> tuple[str, bool]:
    end = time.process_time() + 30
    found = pmedian(d, p, stop=lambda: time.process_time() > end)
    return f"value {found.value:.0f}, gap {found.gap:.4%}, {found.cpu_s:.2f} CPU s", found.gap <= 0.001
