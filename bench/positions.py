"""Positions: two thousand units reporting every two seconds through one web process, against the bare database."""

from __future__ import annotations

import asyncio
import time

import orjson
import psycopg

from bench.client import request_bytes
from bench.measures import Figure
from bench.station import Bench, cpu_s

UNITS = 2000
EVERY_S = 2.0
FOR_S = 20.0
PARCEL = 50
TOKEN = "bench-gateway-token-0123456789-abcdef"

FLEET = """
INSERT INTO dispatch_unit (call_sign, unit_class, base_lon, base_lat, skills, seats, active, created_at, updated_at, version)
SELECT 'X' || n, 'motorcycle', 121.45, 31.22, '[]', 1, true, now(), now(), 1 FROM generate_series(1, %s) n
ON CONFLICT DO NOTHING
"""
SHIFTS = """
INSERT INTO dispatch_shift (unit_id, name, starts_at, ends_at, created_at, updated_at, version)
SELECT id, 'bench', now() - interval '1 hour', now() + interval '8 hours', now(), now(), 1 FROM dispatch_unit u
WHERE call_sign ~ '^X[0-9]+$' AND NOT EXISTS (SELECT FROM dispatch_shift s WHERE s.unit_id = u.id AND s.ends_at > now() + interval '1 hour')
"""

GONE = "UPDATE dispatch_unit SET active = false WHERE call_sign ~ '^X[0-9]+$'"


def sustained(bench: Bench) -> list[Figure]:
    """Drive the fleet for a while and count what was kept."""
    with psycopg.connect(bench.owner_url, autocommit=True) as db:
        db.execute(FLEET, [UNITS])
        db.execute("UPDATE dispatch_unit SET active = true WHERE call_sign ~ '^X[0-9]+$'")
        db.execute(SHIFTS)
        rows = db.execute("SELECT id FROM dispatch_unit WHERE call_sign ~ '^X[0-9]+$' ORDER BY id LIMIT %s", [UNITS])
        units = [int(row[0]) for row in rows.fetchall()]
    before, cpu = _kept(bench), cpu_s(bench)
    statuses, late_s = asyncio.run(_drive(bench.port, units))
    kept = _kept(bench) - before
    spent = {name: value - cpu[name] for name, value in cpu_s(bench).items()}
    sent = int(FOR_S / EVERY_S) * UNITS
    bare = _bare(bench, units)
    with psycopg.connect(bench.owner_url, autocommit=True) as db:
        db.execute(GONE)  # the next run's dispatcher has the town's own units to choose from again
    rate = kept / FOR_S
    words = (
        f"{kept} of {sent} kept, {rate:.0f}/s; answers {statuses}; latest round {late_s:.2f} s behind;"
        f" CPU s in {FOR_S:.0f} s: web {spent['web']:.1f}, database {spent['postgres']:.1f}"
    )
    return [
        Figure(
            f"{UNITS} units every {EVERY_S:.0f} s",
            words,
            f"bare database {bare:.0f}/s: {rate / bare:.1%} of it",
            "all kept",
            kept == sent,
        )
    ]


def _kept(bench: Bench) -> int:
    return int(str(bench.query("SELECT count(*) FROM dispatch_positiontrack")[0]))


async def _drive(port: int, units: list[int]) -> tuple[dict[int, int], float]:
    statuses: dict[int, int] = {}
    parcels = [units[start : start + PARCEL] for start in range(0, len(units), PARCEL)]
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in parcels]
    late_s = 0.0
    began = time.perf_counter()
    for turn in range(int(FOR_S / EVERY_S)):
        await asyncio.sleep(max(0.0, began + turn * EVERY_S - time.perf_counter()))
        answers = await asyncio.gather(
            *(_post(line, parcel, turn) for line, parcel in zip(lines, parcels, strict=True))
        )
        for status in answers:
            statuses[status] = statuses.get(status, 0) + 1
        late_s = max(late_s, time.perf_counter() - began - turn * EVERY_S)
    for _reader, writer in lines:
        writer.close()
    return statuses, late_s


async def _post(line: tuple[asyncio.StreamReader, asyncio.StreamWriter], units: list[int], turn: int) -> int:
    reader, writer = line
    fixes = [
        {"unit": unit, "lon": 121.45 + turn * 1e-4, "lat": 31.22, "at": time.time(), "heading": 90} for unit in units
    ]
    writer.write(
        request_bytes("POST", "/positions", body=orjson.dumps({"fixes": fixes}), Authorization=f"Bearer {TOKEN}")
    )
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(part.split(b":")[1]) for part in head.lower().split(b"\r\n") if part.startswith(b"content-length:")), 0
    )
    await reader.readexactly(length)
    return int(head[9:12])


def _bare(bench: Bench, units: list[int], seconds: float = 4.0) -> float:
    """Positions a second the database takes from one connection, written in batches of the same size without any checks."""
    done, began = 0, time.perf_counter()
    with psycopg.connect(bench.owner_url, autocommit=True) as db:
        db.execute("CREATE TEMP TABLE bare (unit_id bigint, lon float8, lat float8, at timestamptz)")
        db.execute(
            "CREATE UNLOGGED TABLE IF NOT EXISTS bench_bare (unit_id bigint, lon float8, lat float8, at timestamptz)"
        )
        db.execute("ALTER TABLE bench_bare SET LOGGED")
        while time.perf_counter() - began < seconds:
            db.execute(
                "INSERT INTO bench_bare SELECT unit, 121.45, 31.22, now() FROM unnest(%s::bigint[]) unit", [units[:250]]
            )
            done += 250
        db.execute("DROP TABLE bench_bare")
    return done / (time.perf_counter() - began)
