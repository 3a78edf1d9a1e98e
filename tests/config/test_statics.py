"""Static files under hashed names: whole, compressed, following each other, gathered again only when they changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jiean.config import statics

LITERAL = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")
IMPORTED = re.compile(r"""(?:from|import)\s*["']([./][^"']+)["']""")


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set gathered as `jiean demo` does it."""
    home = tmp_path_factory.mktemp("home")
    env = os.environ | {
        "JIEAN_DATA_DIR": str(home),
        "JIEAN_GATHER": "1",
        "DJANGO_SETTINGS_MODULE": "jiean.config.settings",
    }
    command = [sys.executable, "-m", "jiean.config.manage", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=env, check=True)
    return home / "static"


def names(gathered: Path) -> dict[str, str]:
    paths: dict[str, str] = json.loads((gathered / statics.MANIFEST).read_text())["paths"]
    return paths


def test_every_file_a_template_names_is_there_hashed(gathered: Path) -> None:
    known, missing = names(gathered), []
    for template in statics.PACKAGE.rglob("templates/**/*.html"):
        for name in LITERAL.findall(template.read_text(encoding="utf-8")):
            if not (gathered / known.get(name, "no-such-file")).is_file():
                missing.append(f"{template.name}: {name}")
    assert not missing


def test_modules_import_each_other_by_hashed_names(gathered: Path) -> None:
    seen = 0
    for name, hashed in names(gathered).items():
        if not name.endswith(".js") or "vendor" in name or not name.startswith(("screens", "grid", "design", "intake")):
            continue
        file = gathered / hashed
        for target in IMPORTED.findall(file.read_text(encoding="utf-8")):
            assert (file.parent / target).resolve().is_file(), f"{name} imports {target}"
            assert re.search(r"\.[0-9a-f]{12}\.js$", target), f"{name} imports {target}"
            seen += 1
    assert seen >= 4  # board, wall, place and areas draw maps


def test_the_heavy_ones_are_compressed(gathered: Path) -> None:
    for name in ("design/vendor/maplibre-gl.mjs", "design/base.css", "screens/board.js"):
        file = gathered / names(gathered)[name]
        assert file.with_name(f"{file.name}.gz").stat().st_size < file.stat().st_size


def test_a_set_counts_only_when_it_is_whole_and_of_these_files(tmp_path: Path) -> None:
    assert not statics.is_gathered(tmp_path)
    (tmp_path / statics.MANIFEST).write_text("{}")
    assert not statics.is_gathered(tmp_path)
    statics.keep_stamp(tmp_path)
    assert statics.is_gathered(tmp_path)
    (tmp_path / statics.STAMP).write_text("of another version")
    assert not statics.is_gathered(tmp_path)
    statics.make_room(tmp_path)
    assert not tmp_path.exists()
