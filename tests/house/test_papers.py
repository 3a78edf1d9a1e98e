"""What the papers claim is tried is tried: every test they name exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAPERS = ("asvs.md", "threats.md", "trust.md", "impact.md")
NAMED = re.compile(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`")
ROWS = re.compile(r"^\| (V[\d., V–]+?) [^|]*\| (\S+) \| ([^|]*)\| ([^|]*)\|$", re.MULTILINE)


def missing(words: str) -> list[str]:
    """What a paper names and is not there: a file, a folder, a test in its file."""
    return [f"{path}::{name}" for path, name in NAMED.findall(words) if not _is_there(ROOT / path, name)]


def _is_there(file: Path, name: str) -> bool:
    if not name or not file.is_file():
        return file.exists() and not name
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in nodes)


def test_every_test_the_papers_name_exists() -> None:
    for paper in PAPERS:
        assert missing((ROOT / "docs" / paper).read_text(encoding="utf-8")) == [], paper


def test_a_test_that_is_not_there_is_named() -> None:
    here = "tests/house/test_papers.py"
    words = f"`{here}::test_nobody_wrote`, `tests/house/test_gone.py`, `{here}::test_a_test_that_is_not_there_is_named`"
    assert missing(words) == [f"{here}::test_nobody_wrote", "tests/house/test_gone.py::"]


def test_what_holds_names_a_test_and_what_does_not_says_why() -> None:
    rows = ROWS.findall((ROOT / "docs" / "asvs.md").read_text(encoding="utf-8"))
    assert {section.split(".")[0].split(",")[0] for section, *_rest in rows} == {f"V{n}" for n in range(1, 18)}
    for section, holds, tests, lacks in rows:
        assert holds in ("yes", "partly", "no", "—"), section
        assert NAMED.search(tests) if holds in ("yes", "partly") else not tests.strip(), section
        assert holds in ("yes", "—") or lacks.strip(), section
