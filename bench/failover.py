"""``uv run python -m bench.failover [--kills N] [--json FILE]``: the database's leader dies under load; nothing acknowledged may be lost.

Three PostgreSQL servers under Patroni and etcd, synchronous replication as docs/availability.md recommends, and ``jiean serve`` in
front with one address that names all three. Residents report without pause. At each kill the leader's server and its Patroni get
SIGKILL together; reports must flow again with another leader before the killed one may come back, and the cluster must be whole
again before the next kill. Long (a minute a kill), needs Debian's packages, is not part of the tests.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psycopg

from bench.cluster import PASSWORDS, Cluster, missing
from bench.ports import free_port
from bench.residents import PATIENCE_S, Residents, Result, judge, tell

PAUSE_S = 0.25
"""Of each resident between two reports: the load of a busy town, and processor left for the cluster."""
STEADY_S = (2.0, 6.0)
USERS = {"jiean_owner": "only-for-this-run", "jiean_app": "only-for-this-run"}
MAKE = (
    "CREATE ROLE jiean_owner LOGIN PASSWORD 'only-for-this-run'",
    "CREATE ROLE jiean_app LOGIN PASSWORD 'only-for-this-run'",
    "CREATE DATABASE jiean OWNER jiean_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
)


class HasAddress(Protocol):
    """Whatever knows where a database is."""

    def url(self, user: str, password: str, database: str) -> str: ...


class Station:
    """`jiean serve` as docs/production.md says, on the cluster."""

    def __init__(self, home: Path, cluster: HasAddress) -> None:
        self.home, self.port = home, free_port()
        self.owner_url, self.url = (cluster.url(user, password, "jiean") for user, password in USERS.items())
        self.process: subprocess.Popen[bytes] | None = None
        self.env = os.environ | {
            "JIEAN_DATA_DIR": str(home),
            "JIEAN_STATION_KEY_FILE": str(home / "station.key"),
            "JIEAN_SECRET_KEY": secrets.token_hex(32),
            "JIEAN_ALLOWED_HOSTS": "127.0.0.1",
        }

    def open(self) -> None:
        """Make tables and keys, and serve. Raises CalledProcessError, TimeoutError."""
        self.home.mkdir()
        self._do(self.owner_url, "migrate", "--grant-to", "jiean_app")
        self._do(self.url, "createkey", str(self.home / "station.key"))
        self._do(self.url, "audit", "key", "--data-dir", str(self.home))
        self.serve()

    def serve(self) -> None:
        """Start it, and wait until it answers. Raises TimeoutError."""
        words = ["serve", "--port", str(self.port), "--workers", "2", "--data-dir", str(self.home)]
        with (self.home.parent / "serve.log").open("ab") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jiean.config.cli", *words], env=self.env | {"DATABASE_URL": self.url},
                stdout=lines, stderr=lines,
            )  # fmt: skip
        self._wait()

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)

    def _do(self, url: str, *words: str) -> None:
        command = [sys.executable, "-m", "jiean.config.cli", *words]
        subprocess.run(command, env=self.env | {"DATABASE_URL": url}, check=True, stdout=subprocess.DEVNULL)

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError("the station does not open")


def run(home: Path, kills: int, *, minutes: float, seed: int) -> Result:
    """Kill leaders while reports come in, then count what is there. ``longest_gap_s`` counts the journal's answers too."""
    began, chance, result = time.monotonic(), random.Random(seed), Result()
    cluster = Cluster(home)
    station = Station(home / "station", cluster)
    try:
        cluster.open()
        _make_database(cluster)
        station.open()
        residents = Residents(station.port, PAUSE_S)
        residents.start()
        _until(lambda: residents.straight[0] > 0)
        recoveries: list[float] = []
        while len(recoveries) < kills and time.monotonic() - began < minutes * 60:
            cluster.wait(cluster.whole)
            time.sleep(chance.uniform(*STEADY_S))
            recoveries.append(_fail_over(cluster, residents))
            print(f"{len(recoveries)}: {recoveries[-1]:.1f} s, {len(residents.numbers)} acknowledged", flush=True)
        residents.stop()
        result.kills, result.by_victim = len(recoveries), {"leader": len(recoveries)}
        result.median_recovery_s = {"leader": round(sorted(recoveries)[len(recoveries) // 2], 1)}
        result.worst_recovery_s = {"leader": round(max(recoveries), 1)}
        judge(station.owner_url, station.home, residents, result)
        result.took_s = round(time.monotonic() - began, 1)
        return result
    finally:
        station.close()
        cluster.close()


def _make_database(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres", PASSWORDS["postgres"], "postgres"), autocommit=True) as db:
        for statement in MAKE:
            db.execute(statement)


def _fail_over(cluster: Cluster, residents: Residents) -> float:
    """Kill the leader; seconds until a report sent after that went straight into the database. Leaves a whole cluster, another leading."""
    leader = cluster.leader()
    killed_at = time.monotonic()
    leader.kill()
    dead_at = time.monotonic()  # what was sent before may still have been answered
    _until(lambda: residents.straight[0] > dead_at)
    took = residents.straight[1] - killed_at
    cluster.start(leader)
    cluster.wait(cluster.whole)
    if cluster.leader() is leader:
        raise RuntimeError("the one that was killed leads on: that was no change of leaders")
    return took


def _until(reached: Callable[[], bool]) -> None:
    """Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_S
    while not reached():
        if time.monotonic() > until:
            raise TimeoutError("no report was taken for minutes")
        time.sleep(0.02)


def main() -> int:
    """Run, print, and write the figures as JSON when asked. Exit code 1 when something was lost, 2 when packages are missing."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=20)
    words.add_argument("--minutes", type=float, default=120.0, help="stop there, whatever is reached")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    if lacking := missing():
        print(
            f"this machine lacks Debian's packages {', '.join(lacking)}: apt-get install {' '.join(lacking)}",
            file=sys.stderr,
        )
        return 2
    home = Path(tempfile.mkdtemp(prefix="jiean-failover-"))
    home.chmod(0o755)
    try:
        result = run(home, asked.kills, minutes=asked.minutes, seed=asked.seed)
    except (RuntimeError, TimeoutError):
        print(f"the logs of what went wrong lie in {home}", file=sys.stderr)
        raise
    shutil.rmtree(home, ignore_errors=True)
    result.load = (0.0, round(os.getloadavg()[1], 1))
    tell(result, asked.json)
    return int(not result.sound)


if __name__ == "__main__":
    raise SystemExit(main())
