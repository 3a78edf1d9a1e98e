"""``uv run bench/kill.py [--kills N] [--acknowledged N] [--minutes N]``: kill -9 at random under load; nothing acknowledged may be lost.

A demonstration station is started as a person starts it; residents report without pause, each with a key of its own, sending
again until they have a number; every second one is content with the provisional number of the journal (202), which must have
become a report by the end. Meanwhile web, worker, single backends, all of PostgreSQL and the supervisor are killed, one
after the other, whenever reports flow again. ``--control`` turns synchronous_commit off first: that run must lose, or the
harness could not see a loss. After ``--minutes`` the run stops where it is and judges what it reached.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.residents import PATIENCE_S, Residents, Result, judge, tell
from jiean.config.embedded import OWNER, Embedded

VICTIMS = {"backend": 12, "postgres": 5, "web": 2, "worker": 4, "supervisor": 1}
"""What is killed, and how often in relation."""
FLOWS_AGAIN = 5
"""At least so many reports acknowledged since the last kill, then the next."""
NOTICED_S = 0.1
"""What was sent so soon after a kill may still be answered by what is about to be stopped: it is no sign of recovery."""
TOLD_EVERY = 50


class Station:
    """`jiean demo` in a process of its own, and its processes by what they do."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.server = Embedded(home)
        self.process: subprocess.Popen[bytes] | None = None
        self._log = home.parent / f"{home.name}.log"

    def open(self) -> None:
        """Start it, or start it again; returns before it answers."""
        known = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "JIEAN_DATA_DIR")}
        words = ["demo", "--quiet", "--port", str(self.port), "--data-dir", str(self.home)]
        with self._log.open("ab") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jiean.config.cli", *words], env=known, stdout=lines, stderr=subprocess.STDOUT
            )

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)

    def answers(self) -> bool:
        """Whether the web process and its database answer."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3)
            door.request("GET", "/healthz")
            return door.getresponse().status == 200
        return False

    def told(self) -> str:
        """What it and its database said last, and how the machine stands: for whoever must find out why it does not come back."""
        lines = [f"free {shutil.disk_usage(self.home.parent).free // 2**20} MB, load {os.getloadavg()[0]:.1f}"]
        lines += [f"{pid} {words[:90]}" for pid, words in self._processes()]
        for file, most in ((self._log, 12), (self.server.log, 8)):
            if file.exists():
                lines += [f"-- {file.name}", *file.read_text(encoding="utf-8", errors="replace").splitlines()[-most:]]
        return "\n".join(lines)

    def wait_until_it_answers(self) -> None:
        """Raises TimeoutError."""
        until = time.monotonic() + PATIENCE_S
        while not self.answers():
            if time.monotonic() > until:
                raise TimeoutError("the station does not come back")
            if self.process and self.process.poll() is not None:
                self.open()  # what the person at the keyboard does when the window is gone
            time.sleep(0.2)

    def kill(self, victim: str, chance: random.Random) -> bool:
        """SIGKILL one sort of process; false when none of it runs just now."""
        pids = self._pids(victim)
        if victim == "backend":
            pids = chance.sample(pids, min(1, len(pids)))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if victim == "supervisor" and self.process:
            self.process.wait()
            self.open()
        return bool(pids)

    def _pids(self, victim: str) -> list[int]:
        if victim == "supervisor":
            return [self.process.pid] if self.process and self.process.poll() is None else []
        found = dict(self._processes())
        postmaster = [pid for pid, words in found.items() if "postgres -D" in words]
        if victim in ("postgres", "backend"):
            mine = _children(postmaster)
            return postmaster + mine if victim == "postgres" else mine
        mark = {"web": "jiean.config.web", "worker": "jiean.config.worker"}[victim]
        return [pid for pid, words in found.items() if mark in words]

    def _processes(self) -> Iterator[tuple[int, str]]:
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit():
                    words = (entry / "cmdline").read_bytes()
                    if words and str(self.home).encode() in words + (entry / "environ").read_bytes():
                        yield int(entry.name), words.replace(b"\0", b" ").decode(errors="replace")


def _children(parents: Sequence[int]) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if entry.name.isdigit() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) in parents:
                found.append(int(entry.name))
    return found


@dataclass(frozen=True)
class Aim:
    """How far a run goes: so many kills and reports acknowledged, but no longer than so many minutes."""

    kills: int
    acknowledged: int = 0
    minutes: float = 24 * 60.0
    began: float = field(default_factory=time.monotonic)

    @property
    def between(self) -> int:
        """So many reports acknowledged from one kill to the next."""
        return max(FLOWS_AGAIN, -(-self.acknowledged // self.kills))

    @property
    def late(self) -> bool:
        return time.monotonic() - self.began > self.minutes * 60


def run(home: Path, port: int, aim: Aim, *, seed: int = 1, control: bool = False) -> Result:
    """Kill and take reports as far as aimed; then count what is there."""
    chance, result = random.Random(seed), Result()
    station, residents = Station(home, port), Residents(port)
    station.open()
    try:
        station.wait_until_it_answers()
        if control:
            _loosen(station)
        residents.start()
        seen = _kill_on(station, residents, chance, aim, ["postgres"] if control else list(VICTIMS), result)
        while len(residents.numbers) < aim.acknowledged and not aim.late:
            time.sleep(0.2)
        residents.stop()
        station.wait_until_it_answers()
        judge(station.server.url(OWNER), station.home, residents, result)
        _tell_times(seen, result)
        result.took_s = round(time.monotonic() - aim.began, 1)
        return result
    except TimeoutError as error:
        error.add_note(station.told())
        raise
    finally:
        residents.give_up()
        station.close()


@dataclass
class Seen:
    """Seconds after kills, by victim: until somebody was told "received", and until one went straight into the database."""

    gaps: dict[str, list[float]] = field(default_factory=dict)
    recoveries: dict[str, list[float]] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)


def _kill_on(
    station: Station, residents: Residents, chance: random.Random, aim: Aim, names: list[str], result: Result
) -> Seen:
    seen = Seen()
    counted: Counter[str] = Counter()
    while counted.total() < aim.kills and not aim.late:
        _wait_for_flow(station, residents, after=aim.between)
        victim = chance.choices(names, [VICTIMS[name] for name in names])[0]
        time.sleep(chance.uniform(0, 0.3))
        killed_at = time.monotonic()
        if station.kill(victim, chance):
            counted[victim] += 1
            _wait_for_flow(station, residents, after=1)
            seen.gaps.setdefault(victim, []).append(residents.acknowledged_at[-1] - killed_at)
            _wait_until(station, lambda since=killed_at + NOTICED_S: residents.straight[0] > since)
            seen.recoveries.setdefault(victim, []).append(residents.straight[1] - killed_at)
            seen.loads.append(os.getloadavg()[0])
            if not counted.total() % TOLD_EVERY:
                print(f"{counted.total()} kills, {len(residents.numbers)} acknowledged", file=sys.stderr, flush=True)
    result.kills, result.by_victim = counted.total(), dict(counted)
    return seen


def _tell_times(seen: Seen, result: Result) -> None:
    result.median_gap_after_kill_s = {name: round(sorted(g)[len(g) // 2], 2) for name, g in seen.gaps.items()}
    result.median_recovery_s = {name: round(sorted(g)[len(g) // 2], 2) for name, g in seen.recoveries.items()}
    result.worst_recovery_s = {name: round(max(g), 2) for name, g in seen.recoveries.items()}
    result.load = (round(min(seen.loads, default=0.0), 1), round(max(seen.loads, default=0.0), 1))


def _wait_for_flow(station: Station, residents: Residents, after: int) -> None:
    """Until so many more reports are taken. Raises TimeoutError."""
    enough = len(residents.numbers) + after
    _wait_until(station, lambda: len(residents.numbers) >= enough)


def _wait_until(station: Station, reached: Callable[[], bool]) -> None:
    """Until it is so, doing what the person at the keyboard does when the window is gone. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_S
    while not reached():
        if time.monotonic() > until:
            raise TimeoutError("no report was taken for minutes")
        if station.process and station.process.poll() is not None:
            station.open()
        time.sleep(0.02)


def _loosen(station: Station) -> None:
    """Durability off, for the control run."""
    with psycopg.connect(station.server.url(OWNER), autocommit=True) as db:
        db.execute("ALTER SYSTEM SET synchronous_commit = off")
        db.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        db.execute("SELECT pg_reload_conf()")


def main() -> int:
    """Run, print, and write the figures as JSON when asked. Exit code 1 when something was lost (in the control run: when nothing was)."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=1000)
    words.add_argument("--acknowledged", type=int, default=0, help="go on until so many reports are acknowledged")
    words.add_argument("--minutes", type=float, default=24 * 60.0, help="stop there, whatever is reached")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--control", action="store_true", help="durability off: this run must lose")
    words.add_argument("--port", type=int, default=8692)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    outside = Path(tempfile.mkdtemp(prefix="jiean-kill-"))
    outside.chmod(0o755)
    sound = False
    try:
        result = run(
            outside / "data",
            asked.port,
            Aim(asked.kills, asked.acknowledged, asked.minutes),
            seed=asked.seed,
            control=asked.control,
        )
        sound = result.sound is not asked.control
    finally:
        if sound:
            shutil.rmtree(outside, ignore_errors=True)
        else:
            print(f"the station and what it said are kept in {outside}", file=sys.stderr)
    tell(result, asked.json)
    return int(result.sound) if asked.control else int(not result.sound)


if __name__ == "__main__":
    raise SystemExit(main())
