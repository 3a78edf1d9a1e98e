"""``uv run bench/law.py --data DIR``: articles for lay questions out of PostgreSQL, in a throw-away database.

DIR holds ``caselib/`` (58,649 articles, development questions with gold; for measuring only). Printed: how well the likeliest hundred
hold the gold, p50 and p95 of a question, articles put in a minute, and the size of what they are found by.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.search import opened
from jiean.engine.retrieval import terms


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a gzipped file of lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measured(folder: Path) -> dict[str, float]:
    """Put every article in, ask every development question, put a thousand more."""
    from jiean.kernel import library  # noqa: PLC0415 — models load only after the server is there

    articles = rows(folder / "statutes.jsonl.gz")
    began = time.perf_counter()
    library.put("law", {place: terms(row["text"]) for place, row in enumerate(articles)})
    found = {"articles": len(articles), "a_minute": round(60 * len(articles) / (time.perf_counter() - began))}
    places = {str(row["id"]): place for place, row in enumerate(articles)}
    at_10, at_100, first, took = [], [], [], []
    for row in rows(folder / "statute_queries_dev.jsonl.gz"):
        began = time.perf_counter()
        ranked = [place for place, _score in library.search("law", terms(row["query"], 500))]
        took.append(1000 * (time.perf_counter() - began))
        best = [min(_rank(ranked, places.get(str(one))) for one in _every(needed)) for needed in row["gold"]]
        at_10.append(np.mean([rank <= 10 for rank in best]))
        at_100.append(np.mean([rank <= 100 for rank in best]))
        first.append(1 / min(best) if min(best) <= 10 else 0)
    found |= {"r_at_10": round(float(np.mean(at_10)), 3), "r_at_100": round(float(np.mean(at_100)), 3)}
    found |= {"mrr_at_10": round(float(np.mean(first)), 3)}
    found |= {name: round(float(np.quantile(took, share)), 1) for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95))}
    began = time.perf_counter()
    for place, row in enumerate(articles[:200], start=10**6):
        library.put("law", {place: terms(row["text"])})
    found["one_by_one_a_minute"] = round(60 * 200 / (time.perf_counter() - began))
    return found | {"index_mb": round(library.shelf("law").bytes / 1e6)}


def _every(needed: Any) -> list[Any]:
    return needed if isinstance(needed, list) else [needed]


def _rank(ranked: list[int], place: int | None) -> int:
    return ranked.index(place) + 1 if place in ranked else 999


def main() -> int:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--data", type=Path, required=True)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="jiean-law-") as home:
        Path(home).chmod(0o755)
        server = opened(Path(home))
        try:
            print(json.dumps(measured(asked.data / "caselib")))
            print(
                "asked: p95 ≤ 60 ms at 60,000, ≥ 1,000 a minute; anchor: .430 R@10, .380 MRR@10, 38 / 102 ms, 592 MB (308 other questions)"
            )
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
