"""Keeping a road graph in one .npz file, without pickle."""

import json
import zipfile
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType

import numpy as np

from jiean.engine.roads.errors import FileBroken
from jiean.engine.roads.graph import Roads, RoadsReport

FORMAT = 2
_FORMATS = (1, FORMAT)
_ARRAYS = tuple(f.name for f in fields(Roads) if f.name not in {"report", "closed", "turning", "banned"})


def save(roads: Roads, path: Path) -> None:
    """Write the graph, its forbidden turns and its report; what is read back is the same array for array.

    Closures and the rules of turning are states of a day: they are not kept.
    """
    report = vars(roads.report) | {"counts": dict(roads.report.counts), "format": FORMAT}
    header = np.frombuffer(json.dumps(report, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8)
    arrays = {name: getattr(roads, name) for name in _ARRAYS}
    with path.open("wb") as target:
        np.savez_compressed(target, header=header, banned=roads.banned, **arrays)


def load(path: Path) -> Roads:
    """Read a graph written by `save`. Raises FileBroken."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            report = json.loads(stored["header"].tobytes())
            arrays = {name: stored[name] for name in _ARRAYS}
            if "banned" in stored:  # the first format knew of no turns
                arrays["banned"] = stored["banned"]
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise FileBroken(f"{path.name}: not a road graph of this program ({error}).") from error
    if report.pop("format", None) not in _FORMATS:
        raise FileBroken(f"{path.name}: a road graph of another version; import the roads again.")
    report["counts"] = MappingProxyType(report["counts"])
    roads = Roads(**arrays, report=RoadsReport(**report))
    _check(roads, path.name)
    return roads


def _check(roads: Roads, name: str) -> None:
    """Refuse arrays that do not fit together: a wrong index would crash compiled code."""
    junctions, edges = roads.lon.size, roads.edge_tail.size
    per_edge = (
        roads.edge_head,
        roads.length_m,
        roads.seconds,
        roads.two_way,
        roads.road_class,
        roads.flags,
        roads.name,
    )
    sound = (
        junctions > 0
        and edges > 0
        and roads.lat.size == junctions
        and all(array.size == edges for array in per_edge)
        and roads.point_start.size == edges + 1
        and int(roads.point_start[-1]) == len(roads.points)
        and _within(roads.edge_tail, junctions)
        and _within(roads.edge_head, junctions)
        and _within(roads.name, roads.names.size)
        and bool((roads.seconds > 0).all())
        and _are_turns(roads.banned, 2 * edges)
    )
    if not sound:
        raise FileBroken(f"{name}: the road graph contradicts itself; import the roads again.")


def _are_turns(banned: np.ndarray, states: int) -> bool:
    return banned.shape[1:] == (2,) and (not banned.size or _within(banned, states))


def _within(index: np.ndarray, size: int) -> bool:
    return bool(index.min() >= 0 and index.max() < size)
