"""The project's own files as the house tests read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "jiean"
GROUND = ("kernel", "design", "engine")
ROOF = ("config",)


def rooms() -> list[str]:
    """The rooms that have a floor of their own, without ground and roof."""
    return sorted(
        folder.name for folder in SOURCE.iterdir() if (folder / "apps.py").exists() and folder.name not in GROUND
    )


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def python_files(*, migrations: bool = False) -> Iterator[Path]:
    for file in sorted(SOURCE.rglob("*.py")):
        if migrations or "migrations" not in file.parts:
            yield file


def room_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0]


def shown(file: Path) -> str:
    return str(file.relative_to(ROOT))


def imports_of(file: Path) -> Iterator[tuple[str, int]]:
    """Every absolute module a file imports, with the line."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            from_a_room = node.module.startswith("jiean.") and node.module.count(".") == 1
            for name in node.names if from_a_room else ():
                yield f"{node.module}.{name.name}", node.lineno
            if not from_a_room:
                yield node.module, node.lineno
