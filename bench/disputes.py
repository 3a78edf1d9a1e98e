"""``uv run bench/disputes.py [--rows 200000]``: the desk, the overview and the search of disputes, in a throw-away database.

Rows are written straight into the table (no deed could make so many in an hour); what is measured are the room's own queries, each
of them after one warming call, for a mediator with 60 cases and for the commander. Printed: statements, p50 and p99 in
milliseconds, and each p99 as a ratio to one empty statement of the same run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.search import opened

REPEATS = 60

FILL = """
INSERT INTO disputes_dispute (created_at, updated_at, version, number, kind, level, manner, police_ground, state, channel, facts,
    place_words, desk_id, mediator_id, is_open, address_hidden, joined_from_state, refusals, needs_ruling, outcome, way, reopened_count,
    registered_at, accepted_at, ended_at, due_at, due_code, reminded, before_call)
SELECT at, at, 1, 'X' || n, (ARRAY['neighbours','labour','rental','consumer','debt','family'])[1 + n %% 6], 'cell', 'people', '',
    s.state, 'phone', repeat('两家为楼道堆物吵了几回，', 8) || n, '', %(desk)s,
    CASE WHEN n %% 3300 = 0 THEN %(mediator)s ELSE 1000000 + n %% 40 END,
    false, false, '', 0, false, s.outcome, '', 0, at, at, CASE WHEN s.outcome = '' THEN NULL ELSE at + interval '9 days' END,
    CASE WHEN s.live THEN at + interval '30 days' END, CASE WHEN s.live THEN 'disputes.mediate' ELSE '' END, '', false
FROM generate_series(1, %(rows)s) n
CROSS JOIN LATERAL (SELECT now() - make_interval(mins => (n * 5)::int) AS at) moment
JOIN LATERAL (SELECT * FROM (VALUES (0, 'MEDIATING', '', true), (1, 'SETTLED', 'settled', true), (2, 'CLOSED', 'settled', false),
    (3, 'CLOSED', 'failed', false), (4, 'WITHDRAWN', 'withdrawn', false)) v (k, state, outcome, live)
    WHERE k = CASE WHEN n %% 40 = 0 THEN 0 WHEN n %% 40 = 1 THEN 1 ELSE 2 + n %% 3 END) s ON true
"""


def timed(run: Callable[[], Any]) -> dict[str, float]:
    """Statements of one call, and its p50 and p99 over ``REPEATS`` calls."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    run()
    with CaptureQueriesContext(connection) as statements:
        run()
    spent = []
    for _call in range(REPEATS):
        began = time.perf_counter()
        run()
        spent.append(1000 * (time.perf_counter() - began))
    return {"statements": len(statements), "p50_ms": round(float(np.percentile(spent, 50)), 2),
            "p99_ms": round(float(np.percentile(spent, 99)), 2)}  # fmt: skip


def measured(rows: int) -> list[dict[str, Any]]:
    """Fill the table and ask."""
    from django.db import connection  # noqa: PLC0415

    from jiean.disputes import queries  # noqa: PLC0415
    from jiean.disputes.queries import Filter  # noqa: PLC0415
    from jiean.kernel.actor import Actor, Role  # noqa: PLC0415
    from jiean.people.models import Organisation  # noqa: PLC0415

    desk = Organisation.objects.get(code="mediation").pk
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"rows": rows, "desk": desk, "mediator": 77})
        cursor.execute("VACUUM ANALYZE disputes_dispute")
        cursor.execute("VACUUM ANALYZE disputes_tally")
    mediator, commander = Actor(Role.MEDIATOR, account_id=77), Actor(Role.COMMANDER, account_id=78)

    def nothing() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    asked: dict[str, Callable[[], Any]] = {
        "one empty statement (the reference)": nothing,
        "mediator's desk, own cases by clock": lambda: queries.listed(mediator, Filter()),
        "commander's list, all open": lambda: queries.listed(commander, Filter()),
        "commander's list, late labour disputes": lambda: queries.listed(commander, Filter(kind="labour", late=True)),
        "commander's list, closed, page 50": lambda: queries.listed(commander, Filter(states=("CLOSED",)), page=50),
        "overview": lambda: queries.figures(commander),
    }
    told = [{"asked": name} | timed(run) for name, run in asked.items()]
    for line in told:
        line["times_reference"] = round(line["p99_ms"] / max(told[0]["p99_ms"], 1e-6), 1)
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = opened(Path(folder))
        try:
            for line in measured(asked.rows):
                print(json.dumps({"rows": asked.rows} | line, ensure_ascii=False), flush=True)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
