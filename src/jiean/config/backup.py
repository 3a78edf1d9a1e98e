"""``jiean backup``: the whole station in one sealed file, checked before it counts, and tried by restoring it elsewhere."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django

from jiean.config.folder import StartError
from jiean.config.sealed_file import BadFile, Opener, Reader, Writer, with_passphrases
from jiean.config.start import say

SUFFIX = ".backup"
KEPT_DAYS = 35
"""TRUST, section 9.2: what was erased must be gone from backups too."""
_NAME = re.compile(r"jiean-(\d{8}T\d{6})Z\.backup")


def words(command: argparse.ArgumentParser) -> None:
    """The words the command understands."""
    command.add_argument("place", type=Path, nargs="?", help="a folder, or the file to write")
    key_words(command)
    command.add_argument("--drill", action="store_true", help="restore it into a throw-away folder and compare")
    command.add_argument("--keep-days", type=int, default=KEPT_DAYS, help="older ones in the folder go (default 35)")
    command.add_argument("--json", action="store_true")


def key_words(command: argparse.ArgumentParser) -> None:
    """What seals and opens a backup."""
    told = "a file with a passphrase instead of the station key; twice, for two people"
    command.add_argument("--passphrase-file", type=Path, action="append", default=[], help=told)


def opener_of(files: list[Path]) -> Opener:
    """The opener asked for: passphrases, else the station key. Raises StartError."""
    from jiean.vault.keys import KeyUnavailable, station_keys  # noqa: PLC0415 — settings load only after django.setup()

    try:
        if files:
            return with_passphrases([file.read_bytes() for file in files[:2]])
        keys = station_keys()
    except (BadFile, KeyUnavailable, OSError) as wrong:
        raise StartError(f"backup: {wrong}") from None
    return Opener(keys.wrapping, keys.current)


def run(asked: argparse.Namespace) -> int:
    """Make a backup, prove that it can be read, and if asked restore it elsewhere. Raises StartError."""
    django.setup()
    if asked.place is None and not asked.drill:
        raise StartError("say where to: `jiean backup FOLDER`, or `jiean backup --drill` to try one and keep nothing")
    opener = opener_of(asked.passphrase_file)
    with tempfile.TemporaryDirectory(prefix="jiean-drill-") as scratch:
        made = make(_file(asked.place or Path(scratch)), opener)
        if asked.drill:
            made["drill"] = drill(Path(made["file"]), made, asked.passphrase_file)
    if asked.place is not None and asked.place.is_dir():
        made["gone"] = forget_old(asked.place, asked.keep_days)
    say(json.dumps(made) if asked.json else _told(made))
    return 0


def _file(place: Path) -> Path:
    if not place.is_dir():
        return place
    return place / f"jiean-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}Z{SUFFIX}"


def make(file: Path, opener: Opener) -> dict[str, Any]:
    """Write a backup and read it back; the file bears its name only once it is whole. Raises StartError."""
    from jiean.kernel import audit  # noqa: PLC0415

    began = time.monotonic()
    if file.exists():
        raise StartError(f"{file} is there already: a backup is never written over")
    while audit.seal():  # so that the head in the backup speaks for all that is in it
        pass
    manifest = _written(file, opener)
    _note(file.stat().st_size, opener)
    return _summary(file, manifest, time.monotonic() - began)


def _written(file: Path, opener: Opener) -> dict[str, Any]:
    from jiean.config import snapshot  # noqa: PLC0415

    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            sealed = Writer(out, opener, {"made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")})
            manifest = snapshot.take(sealed)
            sealed.close()
            out.flush()
            os.fsync(out.fileno())
        with beside.open("rb") as source:
            snapshot.walk(Reader(source, opener))
        beside.rename(file)
    except (OSError, BadFile) as wrong:
        raise StartError(f"backup: {file}: {wrong}") from None
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def _summary(file: Path, manifest: Mapping[str, Any], took_s: float) -> dict[str, Any]:
    rows = {name: count for name, (count, _sum) in manifest["sums"].items()}
    head = manifest["audit_head"]
    return {
        "file": str(file), "bytes": file.stat().st_size, "made_at": manifest["made_at"], "tables": len(rows),
        "rows": sum(rows.values()), "audit_link": head[0] if head else 0, "seconds": round(took_s, 1),
    }  # fmt: skip


def _note(size: int, opener: Opener) -> None:
    """That a backup was made stands in the audit: who guards the data may ask when it was copied."""
    from jiean.kernel import audit  # noqa: PLC0415
    from jiean.kernel.actor import Actor  # noqa: PLC0415

    given = {"bytes": size, "passphrases": len(opener.passphrases)}
    audit.write([audit.draft("station.backed_up", Actor.system(), given)])


def forget_old(folder: Path, days: int) -> int:
    """Delete backups of ours in the folder that are older than so many days; return how many."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    gone = 0
    for file in folder.glob(f"jiean-*{SUFFIX}"):
        if (found := _NAME.fullmatch(file.name)) is None:
            continue
        if dt.datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=dt.UTC) < before:
            file.unlink()
            gone += 1
    return gone


def drill(file: Path, made: Mapping[str, Any], passphrases: list[Path]) -> dict[str, Any]:
    """Restore a backup into a throw-away folder with a database of its own, and compare. Raises StartError."""
    home = Path(tempfile.mkdtemp(prefix="jiean-drill-"))
    home.chmod(0o755)  # the database's user must be able to enter it
    command, env = _drill_words(file, home / "data", passphrases)
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StartError(f"the drill failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
        restored: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    finally:
        _clear_away(home)
    differ = [name for name in ("tables", "rows", "audit_link") if restored[name] != made[name]]
    if differ:
        raise StartError(f"the drill found a difference in {', '.join(differ)}")
    return restored


def _clear_away(home: Path) -> None:
    """Delete the drill's folder; where that fails a person must, and is told."""
    try:
        shutil.rmtree(home)
    except OSError as wrong:
        say(f"{home} could not be deleted ({wrong}): it holds personal data, delete it")


def _drill_words(file: Path, data: Path, passphrases: list[Path]) -> tuple[list[str], dict[str, str]]:
    """The restore's command line and environment: this station's keys and ledger, and nothing of its database."""
    from django.conf import settings  # noqa: PLC0415

    ledger = Path(settings.ERASURE_LEDGER)
    command = [sys.executable, "-m", "jiean.config.cli", "restore", str(file.resolve()), "--data-dir", str(data)]
    command += ["--json", *(["--ledger", str(ledger)] if ledger.exists() else ["--no-ledger"]), "--stop"]
    command += [word for path in passphrases for word in ("--passphrase-file", str(path.resolve()))]
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "JIEAN_ERASURE_LEDGER")}
    env |= {
        "JIEAN_STATION_KEY_FILE": str(settings.STATION_KEY_FILE), "JIEAN_SECRET_KEY": str(settings.SECRET_KEY),
        "JIEAN_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "jiean.config.settings",
    }  # fmt: skip
    return command, env


def _told(made: Mapping[str, Any]) -> str:
    lines = [
        f"{made['file']}: {made['rows']} rows of {made['tables']} tables, {made['bytes'] / 2**20:.1f} MB, "
        f"audit link {made['audit_link']}, {made['seconds']} s"
    ]
    if made.get("gone"):
        lines.append(f"{made['gone']} backups older than their keeping are deleted")
    if tried := made.get("drill"):
        lines.append(
            f"drill: restored and equal; RTO {tried['rto_s']} s, RPO {tried['rpo_s']} s (all that came after the backup), "
            f"audit {tried['audit']}, {tried['erased_again']} erased again"
        )
    return "\n".join(lines)
