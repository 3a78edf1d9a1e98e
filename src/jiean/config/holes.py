"""``jiean holes FILE``: which of the locked libraries have a known hole, by a file of advisories somebody brought; nothing is fetched.

The file is what osv.dev gives away for PyPI: advisories in the OSV schema (https://ossf.github.io/osv-schema/), each a JSON file, in a
folder or in one zip. A machine with a network fetches it, the station's own machine reads it.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from jiean.config.folder import StartError
from jiean.config.sbom import locked
from jiean.config.start import say

ECOSYSTEM = "PyPI"
MOST_BYTES = 4 * 1024 * 1024
"""No advisory is longer."""
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hole:
    """An advisory a locked library falls under; ``fixed``: in which versions it is mended, none where nobody has."""

    library: str
    version: str
    advisory: str
    fixed: tuple[str, ...]
    summary: str

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.fixed)}" if self.fixed else "not mended"
        return f"{self.library} {self.version}: {self.advisory} ({mended}) {self.summary}".rstrip()


def words(parser: argparse.ArgumentParser) -> None:
    """The command's own words."""
    parser.add_argument(
        "advisories", type=Path, help="OSV advisories of PyPI: a folder of JSON files, or a zip of them"
    )
    parser.add_argument("--lock", type=Path, default=Path("uv.lock"), help="the lock file (default: uv.lock here)")


def run(asked: argparse.Namespace) -> int:
    """Print every hole; exit code 1 when there is one. Raises StartError for a file that cannot be read."""
    told = list(advisories(asked.advisories))
    if not told:
        raise StartError(f"{asked.advisories} holds no advisory")
    libraries = locked(asked.lock)
    found = holes(libraries, told)
    for one in found:
        say(str(one))
    newest = max(str(one.get("modified", "")) for one in told)[:10]
    say(
        f"{len(found)} holes in {len(libraries)} libraries; {len(told)} advisories, the newest of {newest or 'no date'}"
    )
    return int(bool(found))


def advisories(source: Path) -> Iterator[Told]:
    """Every advisory of a folder or a zip. Raises StartError, naming the file."""
    try:
        for name, text in _texts(source):
            told = json.loads(text)
            if not isinstance(told, dict) or "id" not in told:
                raise StartError(f"{name} is no advisory")
            yield told
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise StartError(f"{source} cannot be read ({type(error).__name__})") from None


def _texts(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_dir():
        for file in sorted(source.glob("**/*.json")):
            yield str(file), file.read_bytes()
        return
    with zipfile.ZipFile(source) as kept:
        for one in kept.infolist():
            if one.filename.endswith(".json"):
                if one.file_size > MOST_BYTES:
                    raise StartError(f"{one.filename} is longer than any advisory")
                yield one.filename, kept.read(one)


def holes(libraries: Iterable[tuple[str, str]], told: Iterable[Told]) -> list[Hole]:
    """The advisories, not withdrawn, that a library (name, version) falls under; by library."""
    versions: dict[str, list[str]] = {}
    for name, version in libraries:
        versions.setdefault(canonicalize_name(name), []).append(version)
    found = {
        Hole(name, version, str(one["id"]), _mended(part), str(one.get("summary", "")))
        for one in told
        for part in (() if one.get("withdrawn") else one.get("affected", ()))
        if (name := _named(part)) in versions
        for version in versions[name]
        if version in part.get("versions", ()) or any(_within(events, version) for events in _spans(part))
    }
    return sorted(found, key=lambda one: (one.library, one.version, one.advisory))


def _named(part: Told) -> str:
    """The library an advisory speaks of; nothing where it is none of PyPI."""
    package = part.get("package", {})
    return canonicalize_name(package["name"]) if package.get("ecosystem") == ECOSYSTEM else ""


def _spans(part: Told) -> Iterator[list[Told]]:
    for span in part.get("ranges", ()):
        if span.get("type") == "ECOSYSTEM":
            yield span.get("events", [])


def _mended(part: Told) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event["fixed"] for events in _spans(part) for event in events if "fixed" in event))


def _within(events: Iterable[Told], version: str) -> bool:
    """The schema's own rule: events in the order of their versions open and close the hole; what cannot be ordered counts as open."""
    try:
        dated = sorted((Version(at), kind) for event in events for kind, at in event.items())
    except InvalidVersion:
        return True
    is_open, here = False, Version(version)
    for at, kind in dated:
        if kind == "introduced":
            is_open = is_open or here >= at
        elif here > at or (kind == "fixed" and here == at):
            is_open = False
    return is_open
