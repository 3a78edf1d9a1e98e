"""T-SUPPLY: the bill of materials names what is really loaded, by digest, and is the same every time."""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path

import pytest

from jiean.config.cli import main
from jiean.config.folder import StartError
from jiean.config.sbom import bill, missing
from tests.house.plan import ROOT

pytestmark = pytest.mark.trust
LOCK = ROOT / "uv.lock"
TOOLS = {"pytest", "mypy", "ruff", "playwright", "hypothesis", "simpy"}


def loaded() -> dict[str, str]:
    """Name and version of every library whose modules our own code has loaded or names as needed."""
    own = importlib.metadata.requires("jiean") or []
    names = {re.split(r"[\[<>=;! ]", line)[0].lower().replace("_", "-") for line in own}
    here = {
        dist.metadata["Name"].lower().replace("_", "-"): dist.version for dist in importlib.metadata.distributions()
    }
    return {name: here[name] for name in names if name in here}


def test_it_names_every_library_the_program_needs_in_the_version_installed() -> None:
    document = bill(LOCK)
    assert len(loaded()) > 20
    assert missing(document, loaded()) == []
    names = {one["name"] for one in document["components"]}
    assert {"asgiref", "sqlparse", "fido2", "psycopg-binary"} <= names, "what libraries need, and what extras bring"
    assert not names & TOOLS, "tests and builds are no part of the program"


def test_a_library_left_out_or_of_another_version_is_named() -> None:
    """The plant."""
    document = bill(LOCK)
    document["components"] = [one for one in document["components"] if one["name"] != "django"]
    assert [one.split()[0] for one in missing(document, loaded())] == ["django"]
    assert missing(bill(LOCK), {"pillow": "0.0.1"}) == ["pillow 0.0.1"]


def test_every_part_has_a_digest_and_a_name_of_its_own() -> None:
    document = bill(LOCK)
    refs = [one["bom-ref"] for one in document["components"]]
    assert len(refs) == len(set(refs)) and (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    for one in document["components"]:
        digests = one.get("hashes") or [digest for file in one["externalReferences"] for digest in file["hashes"]]
        assert digests and all(re.fullmatch("[0-9a-f]{64}|[0-9a-f]{128}", digest["content"]) for digest in digests), one
    assert any("maplibre" in one["name"] for one in document["components"] if one["type"] == "file")
    known = {*refs, document["metadata"]["component"]["bom-ref"]}
    for line in document["dependencies"]:
        assert {line["ref"], *line["dependsOn"]} <= known


def test_the_same_lock_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert main(["sbom", "--lock", str(LOCK), "--out", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["serialNumber"].startswith("urn:uuid:")


def test_what_is_no_lock_file_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stray = tmp_path / "stray.lock"
    for text in ("not toml [", "x = 1", '[[package]]\nname = "other"\nversion = "1"'):
        stray.write_text(text, encoding="utf-8")
        with pytest.raises(StartError, match=re.escape(str(stray))):
            bill(stray)
    assert main(["sbom", "--lock", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err
