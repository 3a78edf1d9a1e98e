"""``python -m jiean.engine.roads check --nodes FILE --edges FILE [--queries N] [--seed N] [--turns] [--json]``.

Exit code 0 when every answer agrees, 1 when one does not, 2 for a file or a number that cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from jiean.engine.roads.check import check
from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.search import warm_up
from jiean.engine.roads.table import read_csv
from jiean.engine.roads.turns import TurnRules


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    asked = _parser().parse_args(words)
    try:
        began = time.process_time()
        roads = read_csv(asked.nodes, asked.edges)
        roads = roads.turned(TurnRules()) if asked.turns else roads
        read_s = time.process_time() - began
        warm_up()
        found = check(roads, asked.queries, np.random.default_rng(asked.seed))
    except (RoadsError, ValueError) as error:
        print(f"roads: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    right = found.mismatches == found.hierarchy_mismatches == 0
    sheet = asdict(found) | {"read_s": round(read_s, 3), "seed": asked.seed, "counts": dict(roads.report.counts)}
    if asked.json:
        print(json.dumps(sheet, ensure_ascii=False))
    else:
        print("\n".join(f"{name:<22} {value}" for name, value in sheet.items()))
    return 0 if right else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jiean.engine.roads", description=__doc__)
    deeds = parser.add_subparsers(dest="deed", required=True)
    deed = deeds.add_parser("check", help="compare travel times with scipy's Dijkstra")
    deed.add_argument("--nodes", type=Path, required=True, help="table of junctions: node_id, lon, lat")
    deed.add_argument("--edges", type=Path, required=True, help="table of edges: u, v, and what else is known")
    deed.add_argument("--queries", type=int, default=1000)
    deed.add_argument("--seed", type=int, default=12312)
    deed.add_argument("--turns", action="store_true", help="with the time that turns cost")
    deed.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
