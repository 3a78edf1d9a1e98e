"""Closures written as ``[[closures]]`` tables of a TOML file; what is wrong is named by line and field."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from jiean.engine.roads.closures import Closure, Heading, stretches
from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.graph import Roads

FIELDS = ("line", "street", "heading")


def read(path: Path) -> tuple[Closure, ...]:
    """The closures of a file, which may hold other tables as well. Raises RoadsError."""
    try:
        text = path.read_text("utf-8")
        tables = tomllib.loads(text).get("closures", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RoadsError(f"{path.name} cannot be read ({error}).") from error
    return closures_in(tables, text, path.name)


def closures_in(tables: Any, text: str, name: str) -> tuple[Closure, ...]:
    """Closures from the value of ``closures`` in `text`, the content of the file `name`. Raises RoadsError."""
    if not isinstance(tables, list):
        raise RoadsError(f"{name}: closures are written as tables, each beginning with [[closures]].")
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if line.strip().startswith("[[closures]]")]
    lines += [0] * (len(tables) - len(lines))
    found = []
    for line, table in zip(lines, tables, strict=True):
        try:
            found.append(_closure(table))
        except RoadsError as fault:
            raise RoadsError(f"{name}, line {line}: closures: {fault}") from fault
    return tuple(found)


def _closure(table: Any) -> Closure:
    strange = sorted(set(table) - set(FIELDS)) if isinstance(table, dict) else ["a value"]
    if strange:
        raise RoadsError(f"{strange[0]} is unknown; known are {', '.join(FIELDS)}.")
    street, heading, line = table.get("street", ""), table.get("heading"), table.get("line", [])
    if not isinstance(street, str):
        raise RoadsError(f"street is {street!r}; it must be the name of a street.")
    if heading is not None and heading not in set(Heading):
        raise RoadsError(f"heading is {heading!r}; it must be one of {', '.join(Heading)}.")
    try:
        points = tuple((float(lon), float(lat)) for lon, lat in line)
    except (TypeError, ValueError) as error:
        raise RoadsError("line must be points [lon, lat] in degrees.") from error
    return Closure(points, street, None if heading is None else Heading(heading))


def check_closes(roads: Roads, closures: tuple[Closure, ...]) -> None:
    """Refuse a closure that takes no street of this network: it was written for another one. Raises RoadsError."""
    for number, closure in enumerate(closures, start=1):
        if not stretches(roads, closure).any():
            where = closure.street or "its line"
            raise RoadsError(f"Closure {number} ({where}) closes no street of this network.")
