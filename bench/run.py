"""``uv run bench/run.py [--json FILE]``: the figures of the main loop, each beside its reference of the same run.

A station with 1,000,000 past reports and incidents is made in ``--data-dir`` (kept for the next run, about 4 GB).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import load, measures, positions
from bench.client import sign_in
from bench.engine_advice import engine_figure
from bench.live import fan_out
from bench.measures import Figure
from bench.station import Bench, opened
from jiean.config.demo.accounts import DEMO_PASSWORD
from jiean.config.doctor import build


def figures(bench: Bench, rows: int) -> list[Figure]:
    """Everything, in an order that lets the quiet measures go before the loud ones."""
    found = [Figure("Python", f"{platform.python_version()}, {build().words}")]
    found.append(Figure("start, first time" if bench.steps_s["town"] > 2 else "start, again", _steps(bench)))
    found.append(Figure("memory after start (proportional, MB)", _memory(bench)))
    load.fill(bench.owner_url, print, rows=rows, still_open=rows * load.OPEN // load.ROWS)
    bench.stop_worker()
    login = sign_in(bench.url, "diaodu", DEMO_PASSWORD)
    found += measures.lists(bench, login)
    found += [
        measures.agreement(bench, login),
        measures.changes(bench, login),
        measures.advice(bench, login),
        engine_figure(),
    ]
    found += measures.reports(bench)
    fan = fan_out(bench, login, "dispatch.IncidentChanged", clients=1000)
    words = f"first {fan.first_ms:.0f} ms, median {fan.median_ms:.0f} ms, last {fan.last_ms:.0f} ms; {fan.kb_per_client:.0f} kB a client"
    found.append(Figure("1,000 boards hear one event", words, "", "median ≤ 200 ms", fan.median_ms <= 200))
    found += positions.sustained(bench)
    bench.restart_web(2)
    found += measures.reports(bench, web_processes=2)
    found.append(Figure("memory at the end (proportional, MB)", _memory(bench)))
    return found


def _steps(bench: Bench) -> str:
    return (
        ", ".join(f"{name} {took:.1f} s" for name, took in bench.steps_s.items())
        + f"; in all {sum(bench.steps_s.values()):.1f} s"
    )


def _memory(bench: Bench) -> str:
    return ", ".join(f"{name} {mb:.0f}" for name, mb in bench.memory_mb().items())


def main() -> int:
    """Measure, print the table, and write it as JSON when asked."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--json", type=Path)
    words.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "jiean-bench")
    words.add_argument("--port", type=int, default=8690)
    words.add_argument("--rows", type=int, default=load.ROWS)
    asked = words.parse_args()
    os.environ["JIEAN_POSITION_GATEWAY_TOKEN"] = positions.TOKEN
    began = time.monotonic()
    with opened(asked.data_dir, asked.port) as bench:
        found = figures(bench, asked.rows)
    print(
        f"\n{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.monotonic() - began:.0f} s in all\n"
    )
    for figure in found:
        mark = {True: "✓", False: "✗", None: " "}[figure.reached]
        print(f"{mark} {figure.name:<38} {figure.seen}" + (f"\n{'':40} reference: {figure.reference}" if figure.reference else "")
              + (f"\n{'':40} asked: {figure.asked}" if figure.asked else ""))  # fmt: skip
    if asked.json:
        asked.json.write_text(
            json.dumps([asdict(figure) for figure in found], ensure_ascii=False, indent=1), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
