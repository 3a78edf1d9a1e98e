"""``uv run bench/power.py [--cuts N] [--control] [--json FILE]``: what is on the disk when power goes, and what the station makes of it.

A station lives on a disk of its own: ext4 on a loop device whose image lies on XFS. While residents report (and the database is killed
now and then, so that some reports only have the journal's word), the image is cloned at random moments: the clone holds what the file
system had written to its device at that instant, and nothing that was only in memory. Each clone is mounted, as after a power cut, a
station is opened on it, and everything acknowledged before the clone was begun must be there, once. ``--control`` turns the
database's fsync off first: that run must lose. Linux, as root; needs Debian's xfsprogs and e2fsprogs. Not tried by it: a device that
forgets what it said it had written.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.kill import Station
from bench.ports import free_port
from bench.residents import Residents, Result, judge, tell
from jiean.config.embedded import OWNER, Embedded, ServerError

OUTER_MB, INNER_MB = 20_000, 4_000
BETWEEN = 40
"""At least so many reports acknowledged from one cut to the next."""
DATABASE_DIES = 0.4
"""How often the database is killed just before a cut."""
LATE_COMMIT = "commit=300"
"""The file system brings nothing to its device by itself for so many seconds: what is not asked for is not there."""


class Disk:
    """A disk whose content at an instant can be taken away."""

    def __init__(self, place: Path) -> None:
        self.outer, self.home = place / "outer", place / "disk"
        self._image = place / "outer.img"

    def __enter__(self) -> Disk:
        _made(self._image, OUTER_MB, "mkfs.xfs", "-q", "-m", "reflink=1")
        _mounted(self._image, self.outer)
        _made(self.outer / "disk.img", INNER_MB, "mkfs.ext4", "-q")
        _mounted(self.outer / "disk.img", self.home, LATE_COMMIT)
        return self

    def __exit__(self, *_error: object) -> None:
        for mounted in (self.home, self.outer):
            subprocess.run(["umount", "-l", str(mounted)], check=False)

    def cut(self, number: int) -> Path:
        """What is on the device now, at once."""
        clone = self.outer / f"cut-{number}.img"
        subprocess.run(["cp", "--reflink=always", str(self.outer / "disk.img"), str(clone)], check=True)
        return clone

    @contextlib.contextmanager
    def after(self, clone: Path) -> Iterator[Path]:
        """The disk as a machine finds it when power is back; what it writes there is thrown away."""
        place = self.outer / clone.stem
        _mounted(clone, place)
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", str(place)], check=False)
            clone.unlink()


def _made(image: Path, megabytes: int, *make: str) -> None:
    with image.open("wb") as whole:
        whole.truncate(megabytes * 2**20)
    subprocess.run([*make, str(image)], check=True)


def _mounted(image: Path, place: Path, options: str = "defaults") -> None:
    place.mkdir(mode=0o755)
    subprocess.run(["mount", "-o", f"loop,{options}", str(image), str(place)], check=True)
    place.chmod(0o755)


@dataclass
class Power:
    """What the cuts showed. ``kept``: acknowledged with the journal's number; ``unopened``: disks no database came up on."""

    cuts: int = 0
    acknowledged: int = 0
    kept: int = 0
    lost: int = 0
    how_lost: dict[str, int] = field(default_factory=dict)
    doubled: int = 0
    unreacted: int = 0
    unsound: int = 0
    unopened: int = 0
    database_killed: int = 0
    took_s: float = 0.0

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.unreacted or self.unsound or self.unopened)

    def add(self, one: Result) -> None:
        """Count one cut in."""
        self.kept, self.lost = self.kept + one.kept, self.lost + one.lost
        self.doubled, self.unreacted = self.doubled + one.doubled, self.unreacted + one.unreacted
        self.unsound += not one.audit.startswith("sound")
        for how, count in one.how_lost.items():
            self.how_lost[how] = self.how_lost.get(how, 0) + count


def run(place: Path, cuts: int, *, seed: int, control: bool) -> Power:
    """Report and cut so often; then open what each cut left."""
    began, chance, seen = time.monotonic(), random.Random(seed), Power()
    with Disk(place) as disk:
        taken = _report_and_cut(disk, cuts, chance, seen, control=control)
        for number, (clone, told) in enumerate(taken, start=1):
            with disk.after(clone) as found:
                _look(found / "data", told, seen)
            print(
                f"cut {number}: {len(told)} acknowledged by then, {seen.lost} lost so far", file=sys.stderr, flush=True
            )
    seen.took_s = round(time.monotonic() - began, 1)
    return seen


def _report_and_cut(
    disk: Disk, cuts: int, chance: random.Random, seen: Power, *, control: bool
) -> list[tuple[Path, dict[str, str]]]:
    station = Station(disk.home / "data", free_port())
    residents, taken = Residents(station.port), []
    station.open()
    try:
        station.wait_until_it_answers()
        if control:
            _loosen(station)
        residents.start()
        while len(taken) < cuts:
            enough = len(residents.numbers) + BETWEEN
            while len(residents.numbers) < enough:
                time.sleep(0.02)
            if chance.random() < DATABASE_DIES:
                seen.database_killed += station.kill("postgres", chance)
            time.sleep(chance.uniform(0, 1.5))
            told = dict(residents.numbers)
            taken.append((disk.cut(len(taken)), told))
        seen.cuts, seen.acknowledged = len(taken), len(taken[-1][1])
        return taken
    finally:
        residents.give_up()
        station.close()


def _loosen(station: Station) -> None:
    with psycopg.connect(station.server.url(OWNER), autocommit=True) as db:
        db.execute("ALTER SYSTEM SET fsync = off")
        db.execute("SELECT pg_reload_conf()")


def _look(home: Path, told: dict[str, str], seen: Power) -> None:
    """Open a station on what was found and count what was acknowledged before the cut."""
    if not _comes_up(Embedded(home)):
        seen.unopened, seen.lost = seen.unopened + 1, seen.lost + len(told)
        return
    station, before, result = Station(home, free_port()), Residents(0), Result()
    before.numbers, before.acknowledged_at = told, [0.0, 0.0]
    station.open()
    try:
        station.wait_until_it_answers()
        judge(station.server.url(OWNER), home, before, result)
    finally:
        station.close()
    seen.add(result)


def _comes_up(server: Embedded) -> bool:
    try:
        server.start()
    except ServerError as error:
        print(error, file=sys.stderr)
        return False
    server.stop()
    return True


def main() -> int:
    """Run, print, and write the figures as JSON when asked. Exit code 1 when something was lost (in the control run: when nothing was)."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cuts", type=int, default=20)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--control", action="store_true", help="the database's fsync off: this run must lose")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    outside = Path(tempfile.mkdtemp(prefix="jiean-power-"))
    outside.chmod(0o755)
    try:
        seen = run(outside, asked.cuts, seed=asked.seed, control=asked.control)
    finally:
        shutil.rmtree(outside, ignore_errors=True)
    tell(seen, asked.json)
    return int(seen.sound) if asked.control else int(not seen.sound)


if __name__ == "__main__":
    raise SystemExit(main())
