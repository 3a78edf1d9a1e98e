"""``jiean sbom``: what the program is made of, as a CycloneDX 1.6 document, from the lock file and the files we ship of others.

The same sources give the same bytes: no time, no random number; the serial number is made from the lock file's digest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tomllib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jiean.config.folder import StartError
from jiean.config.start import say

ROOT_NAME = "jiean"
SHIPPED = Path(__file__).resolve().parents[1]
Package = Mapping[str, Any]


def words(parser: argparse.ArgumentParser) -> None:
    """The command's own words."""
    parser.add_argument("--lock", type=Path, default=Path("uv.lock"), help="the lock file (default: uv.lock here)")
    parser.add_argument("--out", type=Path, help="write it to a file instead of printing it")


def run(asked: argparse.Namespace) -> int:
    """Print or write the document. Raises StartError for a file that is no lock file."""
    text = json.dumps(bill(asked.lock), ensure_ascii=False, indent=1)
    if asked.out is None:
        say(text)
    else:
        asked.out.write_text(text + "\n", encoding="utf-8")
        say(f"{asked.out}: {len(json.loads(text)['components'])} components")
    return 0


def bill(lock: Path) -> dict[str, Any]:
    """The document. Raises StartError, naming the file."""
    packages = _packages(lock)
    own = packages[ROOT_NAME][0]
    needed = _closure(own, packages)
    seed = hashlib.sha256(lock.read_bytes()).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, seed)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": _ref(own), "name": ROOT_NAME, "version": own["version"]}},
        "components": [*(_component(needed[ref]) for ref in sorted(needed) if ref != _ref(own)), *_shipped()],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted({_ref(one) for one in _direct(package, packages)})}
            for ref, package in sorted(needed.items())
        ],
    }  # fmt: skip


def locked(lock: Path) -> list[tuple[str, str]]:
    """Name and version of every library the running program may load. Raises StartError, naming the file."""
    packages = _packages(lock)
    needed = _closure(packages[ROOT_NAME][0], packages)
    return [(one["name"], one["version"]) for one in needed.values() if one["name"] != ROOT_NAME]


def _packages(lock: Path) -> dict[str, list[Package]]:
    """Every locked package by name; one may be locked in two versions, for different Pythons."""
    found: dict[str, list[Package]] = {}
    try:
        for one in tomllib.loads(lock.read_text(encoding="utf-8"))["package"]:
            found.setdefault(one["name"], []).append(one)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(f"{lock} is no lock file ({type(error).__name__})") from None
    if ROOT_NAME not in found:
        raise StartError(f"{lock} does not lock {ROOT_NAME}")
    return found


def _direct(package: Package, packages: Mapping[str, Sequence[Package]]) -> Iterator[Package]:
    """What a package needs itself, with what the extras it asks for bring; of our own every extra, since a station may have it."""
    own = package.get("optional-dependencies", {}) if package["name"] == ROOT_NAME else {}
    for one in (*package.get("dependencies", ()), *(more for extra in own.values() for more in extra)):
        for chosen in _chosen(one, packages):
            yield chosen
            for extra in one.get("extra", ()):
                for more in chosen.get("optional-dependencies", {}).get(extra, ()):
                    yield from _chosen(more, packages)


def _chosen(wanted: Mapping[str, Any], packages: Mapping[str, Sequence[Package]]) -> Iterator[Package]:
    """The locked versions a line asks for: the one it names, else all there are."""
    for one in packages.get(wanted["name"], ()):
        if wanted.get("version", one["version"]) == one["version"]:
            yield one


def _closure(own: Package, packages: Mapping[str, Sequence[Package]]) -> dict[str, Package]:
    """Everything the running program may load, by reference: no test or build tool, on any platform."""
    found, waiting = {_ref(own): own}, [own]
    while waiting:
        for one in _direct(waiting.pop(), packages):
            if _ref(one) not in found:
                found[_ref(one)] = one
                waiting.append(one)
    return found


def _ref(package: Package) -> str:
    return f"pkg:pypi/{package['name']}@{package['version']}"


def _component(package: Package) -> dict[str, Any]:
    """A library with every file of it the lock allows, each with its digest."""
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
    allowed = [
        {"type": "distribution", "url": one["url"], "hashes": [_hash(one["hash"])]} for one in files if "hash" in one
    ]
    ref = _ref(package)
    known = {"type": "library", "bom-ref": ref, "name": package["name"], "version": package["version"], "purl": ref}
    return known | {"externalReferences": sorted(allowed, key=lambda one: str(one["url"]))}


def _hash(words: str) -> dict[str, str]:
    algorithm, _colon, digest = words.partition(":")
    return {"alg": {"sha256": "SHA-256", "sha512": "SHA-512"}[algorithm], "content": digest}


def _shipped() -> Iterator[dict[str, Any]]:
    """Files of others that lie in the package itself: each with its path and digest."""
    for file in sorted((*SHIPPED.rglob("static/*/vendor/**/*"), *SHIPPED.rglob("fonts/*"))):
        if file.is_file() and file.suffix in (".js", ".mjs", ".css", ".ttf"):
            path = file.relative_to(SHIPPED).as_posix()
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            yield {"type": "file", "bom-ref": path, "name": path, "hashes": [{"alg": "SHA-256", "content": digest}]}


def missing(document: Mapping[str, Any], installed: Mapping[str, str]) -> list[str]:
    """Which of the installed libraries (name → version) the document does not name in that version."""
    named = {(one["name"], one.get("version")) for one in document["components"]}
    return sorted(f"{name} {version}" for name, version in installed.items() if (name, version) not in named)
