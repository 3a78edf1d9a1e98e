"""Areas from GeoJSON, or names and codes of communities from a table of division codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jiean.grid.commands import import_areas
from jiean.grid.imports import read_areas
from jiean.grid.queries import community_names
from jiean.kernel.actor import Actor


def run(path: Path, say: Callable[[str], None]) -> int:
    """Import the file whole, or nothing of it: every fault is said, with the feature's name."""
    raw = path.read_bytes()
    is_map = path.suffix.lower() in (".geojson", ".json")
    plan = read_areas(raw if is_map else b"", b"" if is_map else raw, known=community_names())
    for finding in plan.findings:
        say(str(finding.words))
    if plan.errors:
        say(f"{len(plan.errors)} faults: nothing was imported")
        return 1
    town = import_areas(Actor.system(), plan, gaps_are_right=True)
    say(f"{town.name}: {len(plan.areas)} areas imported")
    return 0
