"""A plan of cells: how it is cut, what it changes, which rules it breaks, and its outlines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _

from jiean.engine import districts
from jiean.engine.districts import Fault
from jiean.twin.cell_ground import Ground

GRID = 1e-9
"""Outlines are joined on this grid, degrees: vertices a neighbour does not share must not leave slivers."""

WORDS = {
    Fault.SPLIT: _("不连片：%(n)d 个小块和本格其余部分不相连"),
    Fault.EMPTY: _("一个小块也没有"),
    Fault.VILLAGES: _("跨了 %(n)d 个村社"),
    Fault.FIXED: _("说好不动的网格动了 %(n)d 个小块"),
    Fault.HEAVY: _("负荷比平均多 %(percent)s %%"),
    Fault.LIGHT: _("负荷比平均少 %(percent)s %%"),
}
NEVER = frozenset({Fault.SPLIT, Fault.EMPTY, Fault.VILLAGES, Fault.FIXED})
"""Rules a plan may not break; an uneven load a person may accept."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule a cell breaks, in words; ``never`` when such a plan cannot be accepted."""

    code: str
    words: str
    never: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One cell before and after: load, how far off the mean, pieces that came and went."""

    number: int
    code: str
    name: str
    before: float | None
    after: float
    away: float
    came: int
    went: int

    @property
    def percent(self) -> str:
        return f"{100 * self.away:+.1f}"

    @property
    def changed(self) -> bool:
        return bool(self.came or self.went)


@dataclass(frozen=True, slots=True)
class Side:
    """A division in four figures, per cents as they are read."""

    most: float
    mean: float
    honoured: float
    compactness: float

    @property
    def percents(self) -> dict[str, str]:
        return {name: f"{100 * getattr(self, name):.1f}" for name in ("most", "mean", "honoured")}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan as its page shows it."""

    before: Side
    after: Side
    lines: tuple[Line, ...]
    broken: tuple[Broken, ...]
    moved_share: float
    forced: float
    allowed: float
    moved: int = 0
    pieces: int = 0

    @property
    def changed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.changed)

    @property
    def refused(self) -> bool:
        return any(one.never for one in self.broken)

    @property
    def allowed_percent(self) -> str:
        return f"{100 * self.allowed:.1f}"

    @property
    def moved_percent(self) -> str:
        return f"{100 * self.moved_share:.1f}"

    @property
    def forced_percent(self) -> str:
        return f"{100 * self.forced:.1f}" if self.forced > districts.problem.TOLERANCE else ""


def rules_of(ground: Ground, asked: Mapping[str, Any]) -> districts.Rules:
    """The rules asked for; fixed cells by their codes. Raises DistrictsError."""
    numbers = {cell["code"]: i for i, cell in enumerate(ground.cells)}
    fixed = tuple(
        tuple(np.flatnonzero(ground.before == numbers[code]).tolist()) for code in asked["fixed"] if code in numbers
    )
    return districts.Rules(int(asked["cells"]), districts.Borders(asked["borders"]), fixed)


def cut(
    ground: Ground, asked: Mapping[str, Any], *, stop: Callable[[], bool] = lambda: False
) -> tuple[list[int], list[dict[str, Any]], float]:
    """The number of each piece's cell, what each number is called, and the deviation whole villages force. Raises DistrictsError.

    A cell keeps the code it shares most of its load with, so that duties and past matters stay where they are; `asked`
    may say what a piece that leaves its cell weighs. `stop` is asked between rounds.
    """
    found = districts.divide(
        ground.atoms, rules_of(ground, asked), before=ground.before, stay=float(asked.get("stay", 0.0)), stop=stop
    )
    return found.cell.tolist(), _named(ground, found.cell, int(asked["cells"])), found.forced


def _named(ground: Ground, cell: np.ndarray, count: int) -> list[dict[str, Any]]:
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 — slow to load, and only a new plan needs it

    shared = np.zeros((count, len(ground.cells)))
    np.add.at(shared, (cell, ground.before), ground.atoms.demand)
    named: list[dict[str, Any]] = [{} for _ in range(count)]
    for number, old in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        named[int(number)] = dict(ground.cells[int(old)]) | {"before": int(old)}
    fresh = 0
    for number, one in enumerate(named):
        if not one:
            fresh += 1
            home = ground.cells[int(np.argmax(shared[number]))]
            named[number] = {
                "code": f"N-{fresh:03d}",
                "name": f"{home['name']} {fresh}",
                "community": home["community"],
                "before": -1,
            }
    return named


def sheet_of(
    ground: Ground, asked: Mapping[str, Any], cell: Sequence[int], cells: Sequence[Mapping[str, Any]]
) -> Sheet:
    """What a plan changes and which rules it breaks; only counted, so that it can be asked after every edit."""
    after, rules = np.array(cell, np.int32), rules_of(ground, asked)
    found = districts.check(ground.atoms, rules, after)
    as_before = np.array([one["before"] for one in cells])[after]
    moved = as_before != ground.before
    total = float(ground.atoms.demand.sum())
    return Sheet(
        _side(ground, ground.before, len(ground.cells)), _side(ground, after, rules.cells),
        _lines(ground, after, cells, moved), tuple(_said(one, cells) for one in found),
        float(ground.atoms.demand[moved].sum()) / total, float(asked.get("forced", 0.0)),
        districts.allowed(ground.atoms, rules.cells), int(moved.sum()), int(moved.size),
    )  # fmt: skip


def _side(ground: Ground, cell: np.ndarray, count: int) -> Side:
    load = np.bincount(cell, weights=ground.atoms.demand, minlength=count)
    away = np.abs(load / load.mean() - 1)
    shape = districts.compactness(ground.atoms, cell)
    return Side(float(away.max()), float(away.mean()), districts.honoured(ground.atoms, cell), shape or 0.0)


def _lines(
    ground: Ground, after: np.ndarray, cells: Sequence[Mapping[str, Any]], moved: np.ndarray
) -> tuple[Line, ...]:
    demand = ground.atoms.demand
    was = np.bincount(ground.before, weights=demand, minlength=len(ground.cells))
    now = np.bincount(after, weights=demand, minlength=len(cells))
    came = np.bincount(after[moved], minlength=len(cells))
    went = np.bincount(ground.before[moved], minlength=len(ground.cells))
    lines = []
    for number, one in enumerate(cells):
        old = int(one["before"])
        before, gone = (float(was[old]), int(went[old])) if old >= 0 else (None, 0)
        away = float(now[number] / now.mean() - 1)
        lines.append(Line(number, one["code"], one["name"], before, float(now[number]), away, int(came[number]), gone))
    return tuple(sorted(lines, key=lambda line: line.code))


def _said(finding: districts.Finding, cells: Sequence[Mapping[str, Any]]) -> Broken:
    words = WORDS[finding.code] % {"n": round(finding.value), "percent": f"{100 * finding.value:.1f}"}
    return Broken(cells[finding.cell]["code"], words, finding.code in NEVER)


def piece_at(ground: Ground, lon: float, lat: float) -> int | None:
    """The piece that holds a point, None outside the town."""
    found = shapely.STRtree(ground.outlines).query(shapely.Point(lon, lat), predicate="intersects")
    return int(found[0]) if found.size else None


def piece_between(ground: Ground, cell: Sequence[int], start: int, goal: int) -> int | None:
    """The piece of one cell that another would take best: along their longest common border, leaving nothing apart."""
    one, two = ground.atoms.pairs.T
    held = np.array(cell, np.int32)
    shared = np.zeros(held.size)
    for a, b in ((one, two), (two, one)):
        meet = (held[a] == start) & (held[b] == goal)
        np.add.at(shared, a[meet], ground.atoms.border_m[meet])
    for piece in np.argsort(-shared, kind="stable")[: int((shared > 0).sum())]:
        tried = held.copy()
        tried[piece] = goal
        lost = districts.problem.stranded(ground.atoms, np.where(tried == start, 0, -1).astype(np.int32))
        if not lost.size and (tried == start).any():
            return int(piece)
    return None


def outlines(ground: Ground, cell: Sequence[int]) -> dict[int, Any]:
    """The outline of every cell, by number."""
    held, pieces = np.array(cell), np.array(ground.outlines, dtype=object)
    return {int(one): shapely.union_all(pieces[held == one], grid_size=GRID) for one in np.unique(held)}


def drawn(
    ground: Ground, cell: Sequence[int], cells: Sequence[Mapping[str, Any]], changed: frozenset[int]
) -> dict[str, Any]:
    """Cells for the map; what changes is darker."""
    features = [
        _feature(shape, {"code": cells[number]["code"], "share": 0.35 if number in changed else 0.06}, number)
        for number, shape in outlines(ground, cell).items()
    ]
    return {"type": "FeatureCollection", "features": features}


def pieces_drawn(ground: Ground, cell: Sequence[int], cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Pieces for the map, each with its cell's code; those that go elsewhere are darker."""
    features = [
        _feature(shape, {"code": cells[own]["code"], "share": 0.45 if cells[own]["before"] != was else 0.06}, number)
        for number, (shape, own, was) in enumerate(zip(ground.outlines, cell, ground.before.tolist(), strict=True))
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(shape: Any, properties: dict[str, Any], number: int) -> dict[str, Any]:
    return {"type": "Feature", "id": number, "properties": properties, "geometry": shapely.geometry.mapping(shape)}


def as_areas(ground: Ground, cell: Sequence[int], cells: Sequence[Mapping[str, Any]]) -> bytes:
    """The plan as the GeoJSON that `jiean import areas` and the administrator's import read."""
    features = []
    for number, shape in outlines(ground, cell).items():
        named = {name: cells[number][name] for name in ("code", "name", "community")}
        features.append(_feature(shape, {"level": "cell"} | named, number))
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()
