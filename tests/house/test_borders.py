"""Borders no import contract can draw: through which files a room is entered, whose templates a template uses, sizes, habits."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.plan import GROUND, ROOF, SOURCE, imports_of, parsed, python_files, room_of, rooms, shown

GATES = ("models", "commands", "queries", "events")
FILE_LIMIT = 400
FUNCTION_LIMIT = 25
# Main loops that follow a published method from top to bottom may be longer: ARCHITECTURE, "A room".
LONG_LOOPS = {
    "src/jiean/engine/roads/compiled.py:search",  # Dijkstra, one compiled loop
    "src/jiean/engine/siting/compiled.py:ascend",  # the volume algorithm, one compiled loop
    "src/jiean/engine/simulation/compiled.py:run",  # the event loop, from the first call to the last
}


def test_a_room_is_entered_only_through_its_models_commands_queries_and_events() -> None:
    wrong = []
    for file in python_files():
        here = room_of(file)
        if here in ROOF:
            continue
        for module, line in imports_of(file):
            parts = module.split(".")
            if parts[0] != "jiean" or len(parts) < 2 or parts[1] in (here, *GROUND):
                continue
            if parts[2:] == ["access"] and file.name == "apps.py":  # at start-up a room hands its holders to the vault
                continue
            if len(parts) < 3 or parts[2] not in GATES:
                wrong.append(f"{shown(file)}:{line} enters {module}")
    assert not wrong


@pytest.mark.parametrize("room", [*rooms(), "design"])
def test_templates_use_only_their_own_rooms_and_the_design(room: str) -> None:
    used = re.compile(r"""{%\s*(?:extends|include)\s+["']([^"']+)["']""")
    allowed = {room, "design", "account", "mfa", "allauth"}
    wrong = [
        f"{shown(file)} uses {name}"
        for file in (SOURCE / room / "templates").rglob("*.html")
        for name in used.findall(file.read_text(encoding="utf-8"))
        if name.split("/")[0] not in allowed
    ]
    assert not wrong


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring; a function nested inside counts for itself."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if not body:
        return 0
    total = (body[-1].end_lineno or 0) - body[0].lineno + 1
    inner = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not function
    ]
    return total - sum((node.end_lineno or 0) - node.lineno + 1 for node in inner)


def test_functions_and_files_stay_short() -> None:
    wrong = []
    for file in python_files():
        length = len(file.read_text(encoding="utf-8").splitlines())
        if length > FILE_LIMIT:
            wrong.append(f"{shown(file)} has {length} lines")
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > FUNCTION_LIMIT:
                name = f"{shown(file)}:{node.name}"
                if name not in LONG_LOOPS:
                    wrong.append(f"{name} has {_lines(node)} lines")
    assert not wrong


def test_no_signals_no_save_overrides_no_rooms_without_a_noun() -> None:
    wrong = []
    for file in python_files():
        if file.stem in ("utils", "services", "helpers"):
            wrong.append(shown(file))
        wrong += [
            f"{shown(file)}:{line} uses signals"
            for module, line in imports_of(file)
            if module == "django.db.models.signals"
        ]
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.ClassDef):
                wrong += [
                    f"{shown(file)}:{node.name}.save"
                    for item in node.body
                    if isinstance(item, ast.FunctionDef)
                    and item.name == "save"
                    and any(_is_model(base) for base in node.bases)
                ]
    assert not wrong


def _is_model(base: ast.expr) -> bool:
    return ast.unparse(base) in ("models.Model", "Record", "Model")


def test_every_module_opens_with_a_sentence() -> None:
    silent = [shown(file) for file in python_files() if not ast.get_docstring(parsed(file))]
    assert not silent


PLAIN = {"int", "int | None", "bool", "float", "str", "tuple[int, ...]"}
PERSONAL = re.compile(r"name|phone|text|words|address|summary|note|reason|outcome")


def _fields(event: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field in event.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            kind = ast.unparse(field.annotation)
            if "ClassVar" not in kind:
                yield field.target.id, kind


def test_events_are_documented_and_hold_plain_values_without_words_of_people() -> None:
    wrong = []
    events = [file for file in SOURCE.rglob("events.py") if room_of(file) != "kernel"]
    for node in (node for file in events for node in ast.walk(parsed(file)) if isinstance(node, ast.ClassDef)):
        wrong += [] if ast.get_docstring(node) else [f"{node.name} has no docstring"]
        wrong += [
            f"{node.name}.{name}: {kind}"
            for name, kind in _fields(node)
            if kind not in PLAIN or (kind == "str" and PERSONAL.search(name) and not name.endswith("_code"))
        ]
    assert not wrong


def test_the_planted_borders_are_seen(tmp_path: Path) -> None:
    """The reader of imports sees what it must refuse."""
    planted = tmp_path / "x.py"
    planted.write_text("from jiean.vault.keys import x\nimport jiean.people.pages\n", encoding="utf-8")
    assert [module for module, _line in imports_of(planted)] == ["jiean.vault.keys", "jiean.people.pages"]


def test_every_room_stands_in_the_contract_of_what_may_call_what_inside_it() -> None:
    contracts = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    inside = next(one for one in contracts if one["name"].startswith("Inside a room"))
    assert set(inside["containers"]) == {"jiean.kernel"} | {f"jiean.{room}" for room in rooms()}


SLOW = ("joblib", "matplotlib", "numba", "openpyxl", "ortools", "osmium", "pandas", "pymetis", "pypinyin", "pyvrp", "scipy.optimize",
        "scipy.stats", "sklearn")  # fmt: skip


def test_no_process_loads_at_its_start_what_only_some_deeds_need() -> None:
    """Every web process, worker and command waits for what is imported here, after each crash again."""
    asked = f"import django, sys; django.setup(); print([name for name in {SLOW} if name in sys.modules])"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "jiean.config.settings"}
    done = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
