"""What the papers claim is tried is tried: every test they name exists."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from pathlib import Path

from tests.house.plan import SOURCE, python_files

ROOT = Path(__file__).resolve().parents[2]
PAPERS = ("asvs.md", "threats.md", "trust.md", "impact.md", "security.md")
NAMED = re.compile(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`")
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| (\S+) \| ([^|]*)\| ([^|]*)\|$", re.MULTILINE)
SUM = re.compile(r"^\| (1|2|both) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
PAGE = re.compile(r"\[[^\]]+\]\(([\w./-]+)(?:#([\w-]+))?\)")
HOLDS = ("yes", "partly", "no", "—")
STANDARD = dict(line.split() for line in (Path(__file__).parent / "asvs.txt").read_text(encoding="ascii").splitlines())
"""Every requirement of levels 1 and 2 of OWASP ASVS 5.0.0 and its level."""


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


def wrong(table: str) -> list[str]:
    """Requirements that stand in a table not once, under another level, or without what their answer needs."""
    rows = ROW.findall(table)
    times = Counter(row[0] for row in rows)
    found = [f"{name} stands {times[name]} times" for name in {*STANDARD, *times} if times[name] != (name in STANDARD)]
    for name, level, _about, holds, tried, lacks in rows:
        backed = NAMED.search(tried) or PAGE.search(tried)
        if STANDARD.get(name) != level or holds not in HOLDS:
            found.append(f"{name} level {level} {holds}")
        elif bool(backed) != (holds in ("yes", "partly")):
            found.append(f"{name} is {holds} and names {tried.strip() or 'nothing'}")
        elif holds == "partly" and not lacks.strip():
            found.append(f"{name} does not say what is missing")
    return sorted(found)


def gone(table: str) -> list[str]:
    """Pages a table leads to that are not there, or have no such heading."""
    return [f"{page}#{place}" for page, place in PAGE.findall(table) if not _leads(ROOT / "docs" / page, place)]


def _leads(page: Path, place: str) -> bool:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE) if page.is_file() else []
    return page.is_file() and (
        not place or place in {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}
    )


def sums(table: str) -> list[tuple[str, ...]]:
    """The rows of the sums as the table's own rows make them."""
    told = [(level, holds) for _name, level, _about, holds, _tried, _lacks in ROW.findall(table)]
    made = []
    for level in ("1", "2", "both"):
        counts = [sum(1 for one in told if one in ((level, holds), *([("1", holds), ("2", holds)] if level == "both" else [])))
                  for holds in HOLDS]  # fmt: skip
        made.append((level, *map(str, [*counts, sum(counts)])))
    return made


def test_every_requirement_stands_once_with_what_its_answer_needs() -> None:
    table = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    assert (len(STANDARD), Counter(STANDARD.values())) == (253, Counter({"1": 70, "2": 183}))
    assert wrong(table) == [] and gone(table) == []
    assert SUM.findall(table) == sums(table)


def test_a_requirement_left_out_doubled_or_dressed_up_is_named() -> None:
    """The plants."""
    table = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    line = ROW.search(table)
    assert line is not None and line[1] == "V1.1.1"
    assert wrong(table.replace(line[0], "")) == ["V1.1.1 stands 0 times"]
    assert wrong(f"{table}\n{line[0]}\n") == ["V1.1.1 stands 2 times"]
    assert wrong(table.replace("| V1.1.1 | 2 |", "| V1.1.1 | 1 |")) == ["V1.1.1 level 1 yes"]
    assert wrong(table.replace(line[0], "| V1.1.1 | 2 | x | yes |  |  |")) == ["V1.1.1 is yes and names nothing"]
    assert wrong(table.replace(line[0], "| V1.1.1 | 2 | x | partly | `tests/house` |  |")) == [
        "V1.1.1 does not say what is missing"
    ]
    assert gone("[a](asvs.md) [b](none.md) [c](trust.md#figures) [d](trust.md#none)") == ["none.md#", "trust.md#none"]
    assert sums(table.replace(line[0], "")) != sums(table)


LIMIT = re.compile(r"\| ([^|]+) \| `([\w.]+):([A-Z_]+)` \|$", re.MULTILINE)
CRYPTOGRAPHY = re.compile(
    r"^\s*(?:from|import) (?:cryptography|hashlib|hmac|secrets)\b|import signing\b|django\.utils\.crypto import|crypto\.subtle",
    re.MULTILINE,
)


def otherwise(page: str) -> list[str]:
    """Limits a page tells otherwise than the code has them."""
    found = [
        (said, where, name, getattr(importlib.import_module(where), name)) for said, where, name in LIMIT.findall(page)
    ]
    return [f"{where}:{name} is {held}, told as {said}" for said, where, name, held in found if said != str(held)]


def unlisted(page: str) -> list[str]:
    """Files that touch cryptography and stand in no row of the page."""
    scripts = (file for file in SOURCE.rglob("*.js") if "vendor" not in file.parts)
    files = [file for file in (*python_files(), *scripts) if CRYPTOGRAPHY.search(file.read_text(encoding="utf-8"))]
    assert len(files) > 30
    return [name for file in files if f"`{(name := str(file.relative_to(SOURCE)))}`" not in page]


def test_limits_and_cryptography_stand_on_paper_as_in_the_code() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert len(LIMIT.findall(page)) >= 25
    assert otherwise(page) == [] and unlisted(page) == []


def test_a_limit_told_otherwise_and_an_algorithm_left_out_are_named() -> None:
    """The plants."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert otherwise(page.replace("| 4 | `jiean.people", "| 5 | `jiean.people")) == [
        "jiean.people.sittings:PLACES is 4, told as 5"
    ]
    assert unlisted(page.replace("`vault/crypto.py`", "")) == ["vault/crypto.py"]
