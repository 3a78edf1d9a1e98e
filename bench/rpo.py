"""``uv run bench/rpo.py [--rounds N] [--json FILE]``: what is lost when the machine goes, with a base backup and WAL kept as it is written.

Each round: a throw-away server, ``pg_basebackup``, ``pg_receivewal`` into a folder that stands for another machine, a writer that
notes what was acknowledged; then the server and everything on its disk is gone at a random moment (SIGKILL, data folder not
looked at again), and a second server is made from base and WAL. RPO: the time between the newest row that came back and the end. The
receiver is killed at the same instant, so what it had not written yet is lost with the rest.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jiean.config.embedded import OWNER, Embedded, _binaries, _environment

PACE_S = 0.002
PATIENCE_S = 120.0
HEAR = "local replication all peer map=jiean\n"


@dataclass
class Round:
    """One loss: rows acknowledged and gone, the age of the newest row that came back (seconds), and how long coming back took."""

    acknowledged: int
    lost: int
    rpo_s: float
    rto_s: float


def one_round(home: Path, seconds: float) -> Round:
    """Write for so long, lose the machine, come back from base and WAL."""
    first = Embedded(home / "first")
    first.start()
    _open_up(first)
    base, wal = (first._own(home / "away" / name) for name in ("base", "wal"))
    receiver = _receive(first, wal)
    try:
        _backed_up(first, base, wal)
        times = _write(first, seconds)
    finally:
        _lose(first, receiver)
    ended = time.time()
    second = _back(home / "second", base, wal)
    try:
        came = _came_back(second)
    finally:
        second.stop()
    lost = sum(number > came for number in range(1, len(times) + 1))
    return Round(len(times), lost, round(ended - times[came - 1], 3), round(time.time() - ended, 1))


def _open_up(server: Embedded) -> None:
    """Let the backup programs in, and make the table that is written to."""
    with (server.data / "pg_hba.conf").open("a", encoding="ascii") as access:
        access.write(HEAR)
    with psycopg.connect(server.url(OWNER), autocommit=True) as db:
        db.execute("SELECT pg_reload_conf()")
        db.execute("CREATE TABLE said (number bigint PRIMARY KEY)")
    time.sleep(1)


def _backed_up(server: Embedded, base: Path, wal: Path) -> None:
    """A base backup, made while WAL is received already: what it needs of WAL lies there. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_S
    while not list(wal.glob("*.partial")):
        if time.monotonic() > until:
            raise TimeoutError("no WAL is received")
        time.sleep(0.1)
    server._run("pg_basebackup", "-h", str(server.sockets), "-U", OWNER, "-D", str(base), "-X", "none", "-c", "fast")


def _receive(server: Embedded, wal: Path) -> subprocess.Popen[bytes]:
    words = [str(_binaries(server.who) / "pg_receivewal"), "-h", str(server.sockets), "-U", OWNER, "-D", str(wal)]
    drop: dict[str, Any] = {"user": server.who.uid, "group": server.who.gid} if server.who.drops else {}
    slot = ["--slot", "away"]
    subprocess.run([*words, *slot, "--create-slot"], check=True, env=_environment(), cwd="/", **drop)
    return subprocess.Popen([*words, *slot, "--synchronous"], env=_environment(), cwd="/", **drop)


def _write(server: Embedded, seconds: float) -> list[float]:
    """The time each row was acknowledged, in order of its number."""
    times: list[float] = []
    until = time.monotonic() + seconds
    with psycopg.connect(server.url(OWNER), autocommit=True) as db:
        while time.monotonic() < until:
            db.execute("INSERT INTO said VALUES (%s)", [len(times) + 1])
            times.append(time.time())
            time.sleep(PACE_S)
    return times


def _lose(server: Embedded, receiver: subprocess.Popen[bytes]) -> None:
    postmaster = int((server.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
    for pid in (receiver.pid, postmaster):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    receiver.wait()


def _back(home: Path, base: Path, wal: Path) -> Embedded:
    """A server of its own from what lay away."""
    server = Embedded(home)
    server._own(home)
    base.rename(server.data)
    for part in wal.glob("*.partial"):
        shutil.copy2(part, part.with_suffix(""))
        server._give(part.with_suffix(""))
    with (server.data / "postgresql.conf").open("a", encoding="ascii") as conf:
        conf.write(f'restore_command = \'cp "{wal}/%f" "%p"\'\n')
    (server.data / "recovery.signal").touch()
    server._give(server.data / "recovery.signal")
    server.start()
    return server


def _came_back(server: Embedded) -> int:
    """The highest number of an unbroken row of them. Raises TimeoutError, ValueError."""
    until = time.monotonic() + PATIENCE_S
    with psycopg.connect(server.url(OWNER), autocommit=True) as db:
        while db.execute("SELECT pg_is_in_recovery()").fetchone() != (False,):
            if time.monotonic() > until:
                raise TimeoutError("the second server does not open")
            time.sleep(0.1)
        row = db.execute("SELECT count(*), max(number) FROM said").fetchone()
    if row is None or row[0] != row[1]:
        raise ValueError(f"not an unbroken row: {row}")
    return int(row[0])


def main() -> int:
    """Run, print, write as JSON when asked. Exit code 1 where more than a minute was lost."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=10)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    chance, rounds = random.Random(asked.seed), []
    for _number in range(asked.rounds):
        outside = Path(tempfile.mkdtemp(prefix="jiean-rpo-"))
        outside.chmod(0o755)
        try:
            rounds.append(one_round(outside, chance.uniform(2, 8)))
            print(rounds[-1], flush=True)
        finally:
            shutil.rmtree(outside, ignore_errors=True)
    told = {"rounds": [asdict(one) for one in rounds], "worst_rpo_s": max(one.rpo_s for one in rounds)}
    told |= {"lost": sum(one.lost for one in rounds), "acknowledged": sum(one.acknowledged for one in rounds)}
    print({name: value for name, value in told.items() if name != "rounds"})
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return int(told["worst_rpo_s"] > 60)


if __name__ == "__main__":
    raise SystemExit(main())
