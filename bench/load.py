"""Fills a station with three years of matters: 1,000,000 reports and as many incidents, 58,000 of each open.

Everything is made inside the database from row numbers (no chance, so two runs are alike): places over the town's own cells,
hours and kinds spread unevenly, texts from a handful of sentences.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from jiean.kernel.geo import h3_cell

ROWS = 1_000_000
OPEN = 58_000
YEARS = 3

CELLS = """
CREATE TEMP TABLE bench_cell AS
SELECT id, lon, lat, row_number() OVER (ORDER BY id) - 1 AS place FROM grid_cell
"""

# A number between 0 and 1 from a row number and a salt: the same on every server.
FUNCTION = """
CREATE OR REPLACE FUNCTION pg_temp.part(n bigint, salt int) RETURNS double precision IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashint8extended(n, salt) & 4294967295)::double precision / 4294967296 $$
"""

TEXTS = (
    "楼下烧烤店半夜还在放音乐，家里有孩子要上学，请来看看。",
    "两个人因为停车位吵起来了，堵在路口谁也不让。",
    "隔壁装修把楼道堆满了杂物，消防通道过不去。",
    "房东不退押金，说好的三天变成半个月了。",
    "路口的井盖松了，车一压就响，怕有人摔。",
    "快递放在门口不见了，想请你们帮忙看一下。",
)
KINDS = ("dispute", "traffic", "noise", "hazard", "housing", "theft", "help", "other")

SAMPLE = f"""
SELECT n,
       c.id AS cell_id,
       c.lon + (pg_temp.part(n, 1) - 0.5) * 0.004 AS lon,
       c.lat + (pg_temp.part(n, 2) - 0.5) * 0.004 AS lat,
       (ARRAY[{", ".join(f"'{kind}'" for kind in KINDS)}])[1 + floor(power(pg_temp.part(n, 3), 1.6) * {len(KINDS)})::int] AS kind,
       (ARRAY[{", ".join(f"'{text}'" for text in TEXTS)}])[1 + (n %% {len(TEXTS)})] AS words,
       2 + floor(pg_temp.part(n, 4) * 3)::int AS grade,
       now() - make_interval(secs => (1 - n::double precision / %(rows)s) * {YEARS} * 31557600) AS at,
       pg_temp.part(n, 5) < %(open)s::double precision / %(rows)s AS is_open,
       1 + floor(pg_temp.part(n, 6) * 3)::int AS which
FROM generate_series(1, %(rows)s) n
JOIN bench_cell c ON c.place = floor(pg_temp.part(n, 7) * (SELECT count(*) FROM bench_cell))::bigint
"""

REPORTS = f"""
INSERT INTO intake_report (number, kind, urgency, state, channel, text, lon, lat, hexagon, place_words, cell_id, advice, red_flag,
    merged_from_state, refusals, needs_ruling, outcome, answer, satisfaction_note, reopened_count, unstudied, received_at, due_at,
    created_at, updated_at, version)
SELECT 'L' || n, kind, grade, CASE WHEN is_open THEN (ARRAY['NEW', 'ACCEPTED', 'REFERRED'])[which] ELSE 'CLOSED' END,
    'web', words, lon, lat, 0, '幸福路 ' || n %% 400 || ' 号', cell_id, '{{}}', false, '', 0, false,
    CASE WHEN is_open THEN '' ELSE 'handled' END, '', '', 0, false, at, at + interval '30 minutes', at, at, 1
FROM ({SAMPLE}) sample
"""

INCIDENTS = f"""
INSERT INTO dispatch_incident (kind, grade, state, lon, lat, h3, cell_id, place_words, summary, source, received_at,
    graded_at, dispatched_at, first_arrival_at, cleared_at, fed_back_at, due_at, due_code, disposition, outcome, reopened_count,
    flaws, created_at, updated_at, version)
SELECT kind, grade, CASE WHEN is_open THEN (ARRAY['RECEIVED', 'GRADED', 'HANDLED'])[which] ELSE 'ARCHIVED' END, lon, lat,
    0, cell_id, '幸福路 ' || n %% 400 || ' 号', words, 'import', at,
    at + interval '20 seconds', at + interval '50 seconds',
    CASE WHEN is_open THEN NULL ELSE at + interval '280 seconds' END,
    CASE WHEN is_open THEN NULL ELSE at + interval '25 minutes' END,
    CASE WHEN is_open THEN NULL ELSE at + interval '40 minutes' END,
    CASE WHEN is_open THEN at + interval '60 seconds' END, CASE WHEN is_open THEN 'assign' ELSE '' END,
    CASE WHEN is_open THEN '' ELSE 'settled_on_spot' END, '', 0, '[]', at, at, 1
FROM ({SAMPLE}) sample
"""

HISTORY = """
INSERT INTO kernel_transition (kind, subject_id, from_state, to_state, code, at, role, reason, detail)
SELECT 'dispatch.incident', id, step.from_state, step.to_state, '', received_at, 'DSP', '', '{}'
FROM dispatch_incident CROSS JOIN (VALUES ('', 'RECEIVED'), ('RECEIVED', 'GRADED')) step (from_state, to_state)
WHERE source = 'import'
"""


def fill(owner_url: str, say: Callable[[str], None], *, rows: int = ROWS, still_open: int = OPEN) -> None:
    """Load the past once; a station that has it already is left alone."""
    numbers = {"rows": rows, "open": still_open}
    with psycopg.connect(owner_url, autocommit=True) as db:
        found = db.execute("SELECT count(*) FROM intake_report WHERE number LIKE 'L%'").fetchone()
        if found and found[0] >= rows:
            return
        db.execute(CELLS)
        db.execute(FUNCTION)
        for name, statement in (("reports", REPORTS), ("incidents", INCIDENTS), ("history", HISTORY)):
            began = time.monotonic()
            db.execute(statement, numbers if statement is not HISTORY else None)
            say(f"  loaded {name} in {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        place_open(db)
        say(f"  placed the open ones in {time.monotonic() - began:.0f} s")
        db.execute("VACUUM (ANALYZE)")


def place_open(db: psycopg.Connection) -> None:
    """Give open incidents the H3 cell they lie in: the map counts by it. The closed are on no map."""
    rows = db.execute("SELECT id, lon, lat FROM dispatch_incident WHERE source = 'import' AND state <> 'ARCHIVED'")
    db.execute("CREATE TEMP TABLE bench_place (id bigint, h3 bigint)")
    with db.cursor().copy("COPY bench_place FROM STDIN") as copy:
        for row_id, lon, lat in rows.fetchall():
            copy.write_row((row_id, h3_cell(lon, lat)))
    db.execute("UPDATE dispatch_incident i SET h3 = p.h3 FROM bench_place p WHERE i.id = p.id")
