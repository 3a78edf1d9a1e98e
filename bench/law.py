"""``uv run bench/law.py --data DIR``: articles for lay questions out of PostgreSQL, in a throw-away database.

DIR holds ``caselib/`` (58,649 articles, development questions with gold; for measuring only). Printed: how well the likeliest hundred
hold the gold by words alone, by what is shipped, and trained on the train part by the station's own door; p50 and p95 of a question,
articles put in a minute, and the size of what they are found by.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
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


def measured(folder: Path, *, held_out: bool) -> Iterator[dict[str, Any]]:
    """Put every article in, ask every development question of the page's own query, by words, by hand and trained."""
    from jiean.kernel.actor import Actor  # noqa: PLC0415 — models load only after the server is there
    from jiean.law import finding  # noqa: PLC0415
    from jiean.law.commands import keep_lessons, keep_ranker  # noqa: PLC0415

    articles = rows(folder / "statutes.jsonl.gz")
    yield brought(articles)
    ids = held(articles)
    taught = rows(folder / "statute_queries_train.jsonl.gz")
    questions = taught[::5] if held_out else rows(folder / "statute_queries_dev.jsonl.gz")
    taught = [row for place, row in enumerate(taught) if place % 5] if held_out else taught
    yield {"ranked by": "words alone (BM25)"} | asked(questions, ids)
    yield made(lambda: keep_ranker(Actor.system(), finding.fitted(), state=finding.state()))
    yield {"ranked by": "what is shipped: words, meaning, our lists; nothing learnt"} | asked(questions, ids)
    of = {str(row["id"]): (str(row["law"]), str(row["article"])) for row in articles}
    told = [
        (str(row["query"]), [of[str(one)] for needed in row["gold"] for one in _every(needed) if str(one) in of])
        for row in taught
    ]
    keep_lessons(Actor.system(), told)
    yield made(lambda: keep_ranker(Actor.system(), finding.fitted(), state=finding.state()))
    yield {"ranked by": "trained on the train part, as `jiean law train FILE` does"} | asked(questions, ids)
    yield one_by_one(articles[:200])


def brought(articles: list[dict[str, Any]]) -> dict[str, Any]:
    """Bring the laws in by the deed that does it; articles a minute."""
    from jiean.kernel.actor import Actor  # noqa: PLC0415
    from jiean.law.commands import bring_statutes  # noqa: PLC0415
    from jiean.law.edition import Law  # noqa: PLC0415

    by_law: dict[str, list[tuple[str, str]]] = {}
    for row in articles:
        by_law.setdefault(str(row["law"]), []).append((str(row["article"]), str(row["text"])))
    laws = [Law(name, "法律", None, None, tuple(found)) for name, found in by_law.items()]
    began = time.perf_counter()
    bring_statutes(Actor.system(), laws, known_on=dt.date(2025, 4, 19))
    return {"articles": len(articles), "a_minute": round(60 * len(articles) / (time.perf_counter() - began))}


def held(articles: list[dict[str, Any]]) -> dict[str, int]:
    """Our id of each article of the collection."""
    from jiean.law.models import Article  # noqa: PLC0415

    names = {(name, number): pk for pk, name, number in Article.objects.values_list("pk", "statute__name", "number")}
    return {str(row["id"]): names[str(row["law"]), str(row["article"])] for row in articles}


def made(make: Callable[[], object]) -> dict[str, Any]:
    """Make a ranker; seconds, peak memory of this process, megabytes on disk."""
    from jiean.law import finding  # noqa: PLC0415

    began = time.perf_counter()
    make()
    took = time.perf_counter() - began
    newest = max(one for one in finding.folder().iterdir() if one.is_dir())
    size = sum(one.stat().st_size for one in newest.iterdir()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"ranker made in s": round(took), "peak GB": round(peak, 1), "on disk MB": round(size)}


def asked(questions: list[dict[str, Any]], ids: dict[str, int]) -> dict[str, Any]:
    """What the page's query finds, and how long the whole query takes (rows and snippets of ten too)."""
    from jiean.kernel.actor import Actor  # noqa: PLC0415
    from jiean.law.finding import likeliest  # noqa: PLC0415
    from jiean.law.queries import answers  # noqa: PLC0415

    at_10, at_100, first, took, shown = [], [], [], [], []
    for row in questions:
        began = time.perf_counter()
        ranked = likeliest(str(row["query"]), 100)
        took.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        answers(Actor.public(), str(row["query"]), on=dt.date(2025, 4, 19))
        shown.append(1000 * (time.perf_counter() - began))
        best = [min(_rank(ranked, ids.get(str(one))) for one in _every(needed)) for needed in row["gold"]]
        at_10.append(np.mean([rank <= 10 for rank in best]))
        at_100.append(np.mean([rank <= 100 for rank in best]))
        first.append(1 / min(best) if min(best) <= 10 else 0)
    found = {"r_at_10": np.mean(at_10), "r_at_100": np.mean(at_100), "mrr_at_10": np.mean(first)}
    times = {f"{name}_ms": np.quantile(of, share) for name, of, share in _times(took, shown)}
    return {name: round(float(value), 3 if "_at_" in name else 1) for name, value in (found | times).items()}


def _times(took: list[float], shown: list[float]) -> list[tuple[str, list[float], float]]:
    return [("p50", took, 0.5), ("p95", took, 0.95), ("page_p50", shown, 0.5), ("page_p95", shown, 0.95)]


def one_by_one(articles: list[dict[str, Any]]) -> dict[str, Any]:
    """Articles a minute put in singly, and the size of what words find."""
    from jiean.kernel import library  # noqa: PLC0415

    began = time.perf_counter()
    for place, row in enumerate(articles, start=10**6):
        library.put("law", {place: terms(row["text"])})
    rate = round(60 * len(articles) / (time.perf_counter() - began))
    return {"one_by_one_a_minute": rate, "index_mb": round(library.shelf("law").bytes / 1e6)}


def _every(needed: Any) -> list[Any]:
    return needed if isinstance(needed, list) else [needed]


def _rank(ranked: list[int], place: int | None) -> int:
    return ranked.index(place) + 1 if place in ranked else 999


def main() -> int:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--data", type=Path, required=True)
    words.add_argument(
        "--held-out",
        action="store_true",
        help="ask every fifth question of the train part, to choose by; not the development part",
    )
    options = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="jiean-law-") as home:
        Path(home).chmod(0o755)
        server = opened(Path(home))
        try:
            for line in measured(options.data / "caselib", held_out=options.held_out):
                print(json.dumps(line, ensure_ascii=False), flush=True)
            print(
                "asked: p95 ≤ 60 ms, ≥ 1,000 a minute, R@10 ≥ .66, R@100 ≥ .87 (learnt); anchors, 308 other questions: words alone"
                " .430 R@10, .380 MRR@10, 38 / 102 ms, 592 MB; learnt .667, .853–.864 R@100, .535"
            )
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
