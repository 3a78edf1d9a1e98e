"""``jiean doctor``: what would keep a station from working, each with what to do about it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from jiean.config import database
from jiean.config.embedded import OWNER, Embedded, ServerError
from jiean.config.folder import StartError
from jiean.config.start import MANAGE, OPEN_FILES, check_port

CLOCK_SKEW_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: whether it is well, and what was seen or what to do."""

    name: str
    well: bool
    words: str
    grave: bool = True


def examine(data_dir: Path, host: str, port: int) -> Iterator[Finding]:
    """Every check in turn. A database of our own that is not running is started for the examination and stopped again."""
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield build()
    yield _port(host, port)
    yield _files()
    yield _space(data_dir)
    yield _fonts()
    yield _holidays()
    url = os.environ.get("DATABASE_URL")
    if url:
        yield from _database(url)
        return
    server = Embedded(data_dir)
    if not (server.data / "PG_VERSION").exists():
        yield Finding("database", True, f"embedded; will be made in {server.data} by `jiean demo`")
        return
    try:
        started = server.start()
    except ServerError as error:
        yield Finding("database", False, str(error))
        return
    yield from _database(server.url(), owner=server.url(OWNER))
    if started:
        server.stop()


def build() -> Finding:
    """Whether the interpreter was built with profiles; without them plain Python work takes half as long again (docs/benchmarks.md)."""
    if sys.base_prefix == "/usr":  # distributions make profiles, some by rules of their own
        return Finding("build", True, "the system's")
    well = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    words = "optimised" if well else "without --enable-optimizations: slow; take the system's Python or uv's own"
    return Finding("build", well, f"{sys.base_prefix}: {words}", grave=False)


def _database(url: str, owner: str | None = None) -> Iterator[Finding]:
    try:
        faults = database.faults(url)
        skew = _clock_skew_s(url)
    except psycopg.OperationalError as error:
        yield Finding("database", False, str(error).strip().splitlines()[-1])
        return
    yield Finding("database", not faults, "; ".join(faults) or "durable, UTF-8, Chinese trigrams work")
    yield Finding("clock", abs(skew) <= CLOCK_SKEW_S, f"{skew:+.1f} s between this machine and the database")
    check = [sys.executable, "-m", MANAGE, "migrate", "--check"]
    pending = subprocess.run(check, env={**os.environ, "DATABASE_URL": owner or url}, capture_output=True, check=False)
    yield Finding("tables", pending.returncode == 0, "up to date" if not pending.returncode else "run `jiean migrate`")


def _port(host: str, port: int) -> Finding:
    try:
        check_port(host, port)
    except StartError as error:
        return Finding("port", False, str(error))
    return Finding("port", True, f"{host}:{port} is free")


def _files() -> Finding:
    try:
        import resource  # noqa: PLC0415 — not on every platform
    except ImportError:
        return Finding("open files", True, "not limited on this platform")
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard in (resource.RLIM_INFINITY,) or hard >= OPEN_FILES
    return Finding(
        "open files", enough, f"at most {hard}; {OPEN_FILES} are enough for thousands of boards", grave=False
    )


def _space(data_dir: Path) -> Finding:
    place = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    use = shutil.disk_usage(place)
    used = 1 - use.free / use.total
    return Finding("disk", used < 0.95, f"{use.free / 2**30:.1f} GB free, {used:.0%} used", grave=used >= 0.95)


def _fonts() -> Finding:
    lister: Callable[[str], str | None] = shutil.which
    if lister("fc-list") is None:
        return Finding("fonts", True, "fc-list is not here; browsers bring their own fonts", grave=False)
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout
    words = (
        "a Chinese font is installed" if listed.strip() else "no Chinese font: screenshots on this machine show boxes"
    )
    return Finding("fonts", bool(listed.strip()), words, grave=False)


def _holidays() -> Finding:
    from jiean.kernel.holidays import known_years  # noqa: PLC0415 — kept light: no Django is set up here

    year = dt.datetime.now(dt.UTC).year
    missing = [str(y) for y in (year, year + 1) if y not in known_years()]
    words = f"no notice for {', '.join(missing)}: working days fall back to Monday–Friday" if missing else "known"
    return Finding("holidays", str(year) not in missing, words, grave=False)


def _clock_skew_s(url: str) -> float:
    with database.connect(url) as db:
        row = db.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        there = row[0]
        assert isinstance(there, dt.datetime)
        return (there - dt.datetime.now(dt.UTC)).total_seconds()
