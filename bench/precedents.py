"""``uv run bench/precedents.py [--rows 5000]``: precedents like a dispute, found in a throw-away database.

The texts are put together by chance of sentences of the demonstration's quarrels, each with a place of its own, so that they share
words as a station's do. Measured is the room's own ``similar``: candidates by words from the kept postings, then likeness by words
and meaning, kind and use. Printed: p50 and p95 in milliseconds over 60 questions after five warming ones, each also as a ratio to
one empty statement of the same run; and how often the precedent a question was cut from stands among the first eight.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.search import opened, phrases

QUESTIONS, WARMING = 60, 5


def texts(rows: int, chance: np.random.Generator) -> list[tuple[str, str, str]]:
    """Kind, facts and what worked of so many cases."""
    from jiean.config.demo.disputes import quarrels  # noqa: PLC0415
    from jiean.config.demo.precedents import WORKED, closed  # noqa: PLC0415

    told = [*quarrels(), *closed()]
    pieces = [part for one in told for part in one.facts.replace("。", "，").split("，") if len(part) > 3]
    places = phrases(chance)
    made = []
    for number in range(rows):
        one = told[number % len(told)]
        more = [pieces[int(at)] for at in chance.integers(0, len(pieces), 5)]
        facts = (
            f"{places[int(chance.integers(0, len(places)))]}，" + "，".join([*one.facts.split("，")[:2], *more]) + "。"
        )
        made.append((one.kind, facts, WORKED.get(one.kind, WORKED["neighbours"])))
    return made


def fill(rows: int) -> list[tuple[int, str]]:
    """Released precedents and their postings; ids and facts."""
    from jiean.disputes.models import Precedent  # noqa: PLC0415
    from jiean.disputes.models.precedents import COLLECTION  # noqa: PLC0415
    from jiean.engine.retrieval import terms  # noqa: PLC0415
    from jiean.kernel import clocks, library  # noqa: PLC0415

    chance = np.random.default_rng(20261122)
    at = clocks.now()
    made = Precedent.objects.bulk_create(
        Precedent(kind=kind, state="RELEASED", outcome="settled", days=9, facts=facts, worked=worked, written_by_id=1,
                  checked_by_id=2, written_at=at, checked_at=at)
        for kind, facts, worked in texts(rows, chance)
    )  # fmt: skip
    for first in range(0, len(made), 500):
        library.put(COLLECTION, {row.pk: terms(f"{row.facts}\n{row.worked}") for row in made[first : first + 500]})
    library.tidy(COLLECTION)
    return [(row.pk, row.facts) for row in made]


def measured(rows: int) -> dict[str, Any]:
    """Ask with the last half of a case's facts, as somebody else would tell it in part."""
    from django.db import connection  # noqa: PLC0415

    from jiean.disputes.queries import similar  # noqa: PLC0415
    from jiean.kernel.actor import Actor, Role  # noqa: PLC0415

    known = fill(rows)
    actor, spent, empty, hits = Actor(Role.MEDIATOR, account_id=77), [], [], 0
    chance = np.random.default_rng(7)
    for number, at in enumerate(chance.integers(0, len(known), QUESTIONS + WARMING)):
        pk, facts = known[int(at)]
        began = time.perf_counter()
        found = similar(actor, facts[len(facts) // 2 :])
        spent.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        empty.append(1000 * (time.perf_counter() - began))
        hits += number >= WARMING and pk in [one.pk for one in found]
    p50, p95 = (float(np.percentile(spent[WARMING:], share)) for share in (50, 95))
    nothing = float(np.percentile(empty[WARMING:], 50))
    return {"precedents": rows, "first_ms": round(spent[0], 1), "p50_ms": round(p50, 1), "p95_ms": round(p95, 1),
            "p95_to_empty": round(p95 / nothing, 1), "found_in_first_eight": f"{hits}/{QUESTIONS}"}  # fmt: skip


def main() -> int:
    """Run and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = opened(Path(folder))
        try:
            print(json.dumps(measured(asked.rows), ensure_ascii=False), flush=True)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
