"""``jiean twin headline``, ``jiean twin run FILE`` and ``jiean plan sites``: the words of these commands."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(todo: Any) -> None:
    """Add the commands to the parser's sub-commands."""
    twin = todo.add_parser("twin", help="simulate the demonstration town")
    deeds = twin.add_subparsers(dest="deed", required=True)
    whole = deeds.add_parser("headline", help="one base and two forces against twelve points and one")
    run = deeds.add_parser("run", help="run a scenario file (docs/engine.md)")
    run.add_argument("file", type=Path)
    plan = todo.add_parser("plan", help="where to put posts in the demonstration town")
    sites = plan.add_subparsers(dest="deed", required=True).add_parser("sites", help="posts with their proven gap")
    sites.add_argument("--p", type=int, default=12, help="how many posts (default 12)")
    sites.add_argument("--within", type=float, help="cover calls within so many seconds of driving instead of the mean")
    for command in (whole, run):
        command.add_argument("--reps", type=int, help="replications (default: as in the file)")
    for command in (whole, run, sites):
        command.add_argument("--json", action="store_true")


def do(asked: argparse.Namespace) -> int:
    """Answer `twin` and `plan`; returns the exit code."""
    # scipy and shapely take a second to import, which `jiean doctor` and the others need not wait for
    from jiean.config import twin  # noqa: PLC0415

    return twin.do(asked)
