"""``uv run python -m bench.drill [--json FILE]``: a backup of a demonstration is restored twice, as a person would.

Once into an external server (Debian's PostgreSQL, a version older than the embedded one), where `jiean serve` then takes a report;
once over the very station it came from (`--replace`), which must refuse while that runs and without its name, keep the old one aside,
and open again without what came in after the backup. Restoring itself compares every table with the backup's counts and checksums.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.cluster import server_programs
from bench.failover import MAKE
from bench.failover import Station as Served
from bench.kill import Station as Demo
from bench.ports import free_port
from jiean.config.embedded import OWNER, identity

WORDS = {"text": "楼道里有积水，请来看看。", "lon": 121.45, "lat": 31.2}


class External:
    """A server of Debian's PostgreSQL for this drill alone."""

    def __init__(self, home: Path) -> None:
        self.home, self.who, self.port = home / "external", identity(), free_port()

    def url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{password}@/{database}?host={self.home}&port={self.port}"

    @contextmanager
    def opened(self) -> Iterator[External]:
        self.home.mkdir()
        os.chown(self.home, self.who.uid, self.who.gid)
        data = str(self.home / "data")
        self._do("initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust")
        options = f"-c listen_addresses='' -c unix_socket_directories={self.home} -c port={self.port}"
        self._do("pg_ctl", "-D", data, "-w", "-l", str(self.home / "log"), "-o", options, "start")
        try:
            with psycopg.connect(self.url("postgres", "", "postgres"), autocommit=True) as db:
                for statement in MAKE:
                    db.execute(statement)
            yield self
        finally:
            self._do("pg_ctl", "-D", data, "-m", "immediate", "stop")

    def _do(self, program: str, *words: str) -> None:
        drop: dict[str, Any] = {"user": self.who.uid, "group": self.who.gid} if self.who.drops else {}
        command = [str(server_programs() / program), *words]  # type: ignore[operator]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **drop)


def jiean(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command as a person gives it, in an environment without a station's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("JIEAN_", "DATABASE_URL"))}
    command = [sys.executable, "-m", "jiean.config.cli", *words]
    return subprocess.run(command, env=clean | env, capture_output=True, text=True, check=False)


def report(port: int) -> int:
    """Send one; the status."""
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/reports", json.dumps(WORDS).encode(), headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return int(answer.status)


def into_external(home: Path, demo: Demo, file: Path) -> dict[str, Any]:
    """Restore into a server of our own, serve from it, take a report. Raises AssertionError where something is not as it must be."""
    with External(home).opened() as server:
        station = Served(home / "served", server)
        station.home.mkdir()
        shutil.copy2(demo.home / "station.key", station.home)
        env = {"DATABASE_URL": station.owner_url, "JIEAN_APP_ROLE": "jiean_app"}
        done = jiean("restore", str(file), "--data-dir", str(station.home), "--no-ledger", "--json", **env)
        assert done.returncode == 0, done.stderr[-600:]
        told = json.loads(done.stdout.splitlines()[-1])
        again = jiean("restore", str(file), "--data-dir", str(home / "other"), "--no-ledger", **env)
        assert again.returncode, "a database that holds a station is refused"
        try:
            station.serve()
            assert report(station.port) == 201
        finally:
            station.close()
        return {"rows": told["rows"], "files": told["files"], "audit": told["audit"], "rto_s": told["rto_s"]}


def over_itself(demo: Demo, file: Path) -> dict[str, Any]:
    """Put the station back to what the backup holds. Raises AssertionError."""
    words = ["restore", str(file), "--data-dir", str(demo.home), "--no-ledger", "--replace", "--json", "--stop"]
    words += ["--confirm", demo.home.name]
    env = {"JIEAN_STATION_KEY_FILE": str(demo.home / "station.key")}
    assert jiean(*words, **env).returncode, "refused while the station runs"
    demo.close()
    assert jiean(*words[:-1], "another", **env).returncode, "refused without its name"
    done = jiean(*words, **env)
    assert done.returncode == 0, done.stderr[-600:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert len(list(demo.home.glob("before-*"))) == 1, "the old one is kept aside"
    demo.open()
    demo.wait_until_it_answers()
    return {"rows": told["rows"], "rto_s": told["rto_s"], "codes_fit": told["codes_fit"]}


def reports(demo: Demo) -> int:
    with psycopg.connect(demo.server.url(OWNER)) as db:
        row = db.execute("SELECT count(*) FROM intake_report").fetchone()
    return int(str(row[0])) if row else 0


def run(home: Path) -> dict[str, Any]:
    """Both drills; their figures."""
    demo, file = Demo(home / "data", free_port()), home / "one.backup"
    demo.open()
    try:
        demo.wait_until_it_answers()
        held = reports(demo)
        made = jiean("backup", str(file), "--data-dir", str(demo.home))
        assert made.returncode == 0, made.stderr[-600:]
        assert report(demo.port) == 201, "comes in after the backup"
        told = {"megabytes": round(file.stat().st_size / 1e6, 1), "external": into_external(home, demo, file)}
        told["replace"] = over_itself(demo, file)
        assert reports(demo) == held, "what came in after the backup is not in it"
        return told
    finally:
        demo.close()


def main() -> int:
    """Run, print, and write the figures as JSON when asked."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    if server_programs() is None:
        print("this machine lacks Debian's package postgresql-15", file=sys.stderr)
        return 2
    home = Path(tempfile.mkdtemp(prefix="jiean-drill-"))
    home.chmod(0o755)
    try:
        told = json.dumps(run(home), indent=1)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(told)
    if asked.json:
        asked.json.write_text(told + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
