"""``uv run bench/engine.py --data DIR [--json FILE] [--only WORD]``: the figures of the engine, each beside its reference.

DIR holds the road tables (`roads_auckland` and the others). CPU time is what counts: a loaded machine spoils wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.engine_plan import plan_figures
from bench.engine_public import public_figures
from bench.engine_roads import road_figures
from bench.engine_routino import routino_figures
from bench.engine_siting import siting_figures
from bench.engine_twin import twin_figures
from bench.measures import Figure

SECTIONS: dict[str, Callable[[Path], list[Figure]]] = {
    "roads": road_figures,
    "routino": routino_figures,
    "siting": siting_figures,
    "plan": plan_figures,
    "twin": twin_figures,
    "public": public_figures,
}


def main() -> int:
    """Measure, print the table, and write it as JSON when asked."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--data", type=Path, required=True)
    words.add_argument("--json", type=Path)
    words.add_argument("--only", choices=SECTIONS)
    asked = words.parse_args()
    began, found = time.process_time(), []
    for name, measure in SECTIONS.items():
        if asked.only in (None, name):
            found += measure(asked.data)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f};"
          f" {time.process_time() - began:.0f} CPU s in all, {memory:.0f} MB at most\n")  # fmt: skip
    for figure in found:
        mark = {True: "✓", False: "✗", None: " "}[figure.reached]
        print(f"{mark} {figure.name:<44} {figure.seen}")
        for word, text in (("reference", figure.reference), ("asked", figure.asked)):
            if text:
                print(f"{'':46} {word}: {text}")
    if asked.json:
        asked.json.write_text(
            json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
