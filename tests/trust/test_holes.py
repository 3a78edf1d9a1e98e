"""T-SUPPLY: a library with a known hole is named, by advisories somebody brought; and the release is the same bytes whoever builds it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jiean.config.cli import main
from jiean.config.holes import holes
from jiean.config.sbom import locked
from tests.house.plan import ROOT

pytestmark = pytest.mark.trust
LOCK = ROOT / "uv.lock"


def advisory(name: str, *events: dict[str, str], **more: object) -> dict[str, object]:
    """One as osv.dev writes it."""
    span = {"type": "ECOSYSTEM", "events": list(events)}
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [span]}
    return {"id": "PYSEC-2026-1", "modified": "2026-11-01T00:00:00Z", "summary": "opens", "affected": [affected]} | more


@pytest.mark.parametrize(
    ("version", "events", "held"),
    [
        ("5.2.8", [{"introduced": "0"}, {"fixed": "5.2.9"}], True),
        ("5.2.9", [{"introduced": "0"}, {"fixed": "5.2.9"}], False),
        ("5.2.10", [{"introduced": "0"}, {"fixed": "5.2.9"}], False),
        ("5.2.9", [{"introduced": "5.2.9"}], True),
        ("5.2.8", [{"introduced": "5.2.9"}], False),
        ("4.2.1", [{"introduced": "0"}, {"fixed": "4.2"}, {"introduced": "5.0"}, {"fixed": "5.1"}], False),
        ("5.0.3", [{"introduced": "0"}, {"fixed": "4.2"}, {"introduced": "5.0"}, {"fixed": "5.1"}], True),
        ("5.1", [{"introduced": "0"}, {"last_affected": "5.1"}], True),
        ("5.1.1", [{"introduced": "0"}, {"last_affected": "5.1"}], False),
        ("5.1", [{"introduced": "some day"}], True),
    ],
)
def test_a_version_is_held_from_where_the_hole_came_to_where_it_was_mended(version, events, held) -> None:
    assert bool(holes([("django", version)], [advisory("Django", *events)])) is held


def test_what_is_withdrawn_or_of_another_library_holds_nothing() -> None:
    every = {"introduced": "0"}
    told = [advisory("django", every, withdrawn="2026-11-02T00:00:00Z"), advisory("flask", every)]
    elsewhere = advisory("django", every)
    elsewhere["affected"][0]["package"]["ecosystem"] = "npm"  # type: ignore[index]
    assert holes([("django", "5.2.8")], [*told, elsewhere]) == []
    listed = advisory("Typing_Extensions")
    listed["affected"][0]["versions"] = ["4.1"]  # type: ignore[index]
    assert [one.version for one in holes([("typing-extensions", "4.1"), ("typing-extensions", "4.2")], [listed])] == [
        "4.1"
    ]


def test_the_command_names_a_locked_library_with_a_hole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The plant: an advisory against the very version that is locked, and one that was mended before."""
    version = dict(locked(LOCK))["pillow"]
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as kept:
        kept.writestr("a.json", json.dumps(advisory("Pillow", {"introduced": "0"}, {"last_affected": version})))
        kept.writestr("b.json", json.dumps(advisory("django", {"introduced": "0"}, {"fixed": "1.0"})))
    assert main(["holes", str(tmp_path / "all.zip"), "--lock", str(LOCK)]) == 1
    said = capsys.readouterr().out
    assert f"pillow {version}: PYSEC-2026-1 (not mended) opens" in said
    assert said.splitlines()[-1].startswith("1 holes in ") and "the newest of 2026-11-01" in said
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "b.json").write_text(json.dumps(advisory("django", {"introduced": "0"}, {"fixed": "1.0"})))
    assert main(["holes", str(tmp_path / "few"), "--lock", str(LOCK)]) == 0


@pytest.mark.parametrize("broken", ["", "PK nothing", "[]"])
def test_a_file_that_is_no_advisories_is_refused_by_name(
    tmp_path: Path, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "told.zip"
    file.write_text(broken)
    assert main(["holes", str(file), "--lock", str(LOCK)]) == 1
    assert "told.zip" in capsys.readouterr().err


BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


def test_the_wheel_is_the_same_bytes_wherever_and_whenever_it_is_built(tmp_path: Path) -> None:
    digests = set()
    for name, mode, at in (("one", 0o755, 1_700_000_000), ("two/deeper", 0o700, 1_790_000_000)):
        copy = tmp_path / name
        for part in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
            copy.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, copy / part)
        shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
        for file in copy.rglob("*"):
            os.utime(file, (at, at))
            file.chmod(mode if file.is_dir() else mode & 0o644)
        made = subprocess.run(
            [sys.executable, "-c", BUILD, str(copy)], cwd=copy, capture_output=True, text=True, check=True
        )
        wheel = copy / made.stdout.split()[-1]
        digests.add(hashlib.sha256(wheel.read_bytes()).hexdigest())
        held = set(zipfile.ZipFile(wheel).namelist())
    assert len(digests) == 1
    shipped = {file.relative_to(ROOT / "src").as_posix() for file in (ROOT / "src" / "jiean").rglob("*.html")}
    assert shipped and shipped <= held
