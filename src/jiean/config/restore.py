"""``jiean restore``: a station from its backup, into an empty place; nothing is written before the whole file was proven."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import django
import psycopg

from jiean.config import database
from jiean.config.backup import key_words, opener_of
from jiean.config.embedded import APP, OWNER, Embedded
from jiean.config.folder import UNFINISHED, Folder, StartError
from jiean.config.sealed_file import BadFile, Opener, Reader
from jiean.config.start import say

PLACES = ("media", "tiles", "anchors", "triage", "roads.npz")
_ROWS = "SELECT to_regclass(%s) IS NOT NULL"
_TELLING = ("people_account", "intake_report", "kernel_auditentry")


def words(command: argparse.ArgumentParser) -> None:
    """The words the command understands."""
    command.add_argument("file", type=Path)
    key_words(command)
    ledger = command.add_mutually_exclusive_group(required=True)
    ledger.add_argument("--ledger", type=Path, help="the erasure ledger: what was erased since is erased again")
    ledger.add_argument("--no-ledger", action="store_true", help="there is none: nothing was ever erased")
    command.add_argument("--replace", action="store_true", help="put the folder's present station aside")
    command.add_argument("--confirm", default="", help="with --replace: the data folder's name, to show it is meant")
    command.add_argument("--stop", action="store_true", help="stop the embedded database afterwards")
    command.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """Restore, verify, erase again. Raises StartError; until the file is proven nothing was touched."""
    began, folder = time.monotonic(), Folder(asked.data_dir)
    server = None if os.environ.get("DATABASE_URL") else Embedded(asked.data_dir)
    if server is not None:
        os.environ["DATABASE_URL"] = server.url(OWNER)
    os.environ["JIEAN_DATA_DIR"] = str(asked.data_dir)
    os.environ.setdefault("JIEAN_STATION_KEY_FILE", str(asked.data_dir / "station.key"))
    django.setup()
    opener = opener_of(asked.passphrase_file)
    manifest = proven(asked.file, opener)
    erased = _ledger(asked.ledger)
    _check_place(asked, server)
    folder.hold("jiean restore", 0)
    with _opened(asked, server):
        answer = _restore(asked, opener, manifest, erased)
    answer |= {
        "rpo_s": round((dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(manifest["made_at"])).total_seconds(), 1),
        "rto_s": round(time.monotonic() - began, 1),
    }
    say(json.dumps(answer) if asked.json else _told(answer))
    return 0


def proven(file: Path, opener: Opener) -> dict[str, Any]:
    """The manifest of a backup that was read to its end, every frame and member checked. Raises StartError."""
    from jiean.config import snapshot  # noqa: PLC0415 — settings load only after django.setup()

    try:
        with file.open("rb") as source:
            manifest = snapshot.walk(Reader(source, opener))
    except (OSError, BadFile) as wrong:
        raise StartError(f"{file} is refused: {wrong}") from None
    _check_version(manifest)
    return manifest


def _check_version(manifest: Mapping[str, Any]) -> None:
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415

    known = MigrationLoader(None).disk_migrations
    strange = [f"{app}.{name}" for app, name in manifest["migrations"] if (app, name) not in known]
    if strange:
        raise StartError(f"it was made by a newer version ({manifest['program']}): {strange[0]} is not known here")


def _ledger(file: Path | None) -> list[Any]:
    from jiean.kernel import erasures  # noqa: PLC0415

    try:
        return list(erasures.read(file)) if file else []
    except (OSError, erasures.BadLedger) as wrong:
        raise StartError(f"erasure ledger: {wrong}") from None


def _check_place(asked: argparse.Namespace, server: Embedded | None) -> None:
    """Raises StartError unless the place is empty, or replacing it was asked for and confirmed."""
    taken = [name for name in PLACES if (asked.data_dir / name).exists()]
    if server is None:
        if asked.replace:
            raise StartError("--replace is for a data folder; make a new, empty database and name it in DATABASE_URL")
        _check_empty(os.environ["DATABASE_URL"])
    elif server.data.exists():
        taken.insert(0, "postgres")
    if not taken or (asked.data_dir / UNFINISHED).exists():  # what an unfinished restore left is its own
        return
    if not asked.replace:
        raise StartError(f"{asked.data_dir} holds a station ({', '.join(taken)}): choose an empty folder, or --replace")
    if asked.confirm != asked.data_dir.name:
        raise StartError(f"--replace puts the station in {asked.data_dir} aside: add --confirm {asked.data_dir.name}")
    if server is not None and server.data.exists() and server.running():
        raise StartError(f"the station in {asked.data_dir} is running: stop it first")


def _check_empty(url: str) -> None:
    try:
        with database.connect(url) as db:
            for table in _TELLING:
                found = db.execute(_ROWS, [table]).fetchone()
                if found and found[0] and db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
                    raise StartError(f"the database of DATABASE_URL is not empty ({table} has rows)")
    except psycopg.OperationalError as error:
        raise StartError(f"cannot reach DATABASE_URL: {str(error).strip().splitlines()[-1]}") from None


@contextlib.contextmanager
def _opened(asked: argparse.Namespace, server: Embedded | None) -> Iterator[None]:
    """The place made ready: what is there put aside, the database started, and stopped again if that was asked for."""
    unfinished = asked.data_dir / UNFINISHED
    if unfinished.exists():
        _clear(asked.data_dir, server)
    elif asked.replace:
        _put_aside(asked.data_dir)
    unfinished.mkdir()
    if server is not None:
        server.start()
    try:
        yield
    finally:
        from django.db import connections  # noqa: PLC0415

        for one in connections.all():
            one.close()
            if getattr(one, "close_pool", None):
                one.close_pool()  # type: ignore[attr-defined]
        if server is not None and asked.stop:
            server.stop()
    unfinished.rmdir()


def _clear(folder: Path, server: Embedded | None) -> None:
    """Take away what a restore that did not end has left."""
    if server is not None and server.data.exists():
        server.stop()
        shutil.rmtree(server.data)
    for name in (*PLACES, UNFINISHED):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _put_aside(folder: Path) -> None:
    """Keep the station that is replaced, under another name: a person deletes it when the new one is proven."""
    aside = folder / f"before-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    aside.mkdir(mode=0o700)
    for name in ("postgres", *PLACES):
        if (folder / name).exists():
            (folder / name).rename(aside / name)
    say(f"the station that was here is kept in {aside}: it holds personal data, delete it when this one is proven")


def _restore(
    asked: argparse.Namespace, opener: Opener, manifest: Mapping[str, Any], erased: list[Any]
) -> dict[str, Any]:
    from jiean.config import loading  # noqa: PLC0415
    from jiean.config.snapshot import secret_mark  # noqa: PLC0415

    files = loading.load(asked.file, opener, manifest, asked.data_dir)
    migrated = loading.bring_up(manifest)
    database.give_rights(os.environ["DATABASE_URL"], _app_role(), os.environ.get("JIEAN_SCHEMA", "public"))
    audit = loading.verify(manifest)
    again, retired = loading.erase_again(erased, asked.ledger)
    rows = {name: count for name, (count, _sum) in manifest["sums"].items()}
    head = manifest["audit_head"]
    return {
        "made_at": manifest["made_at"], "tables": len(rows), "rows": sum(rows.values()), "files": files,
        "migrated": migrated, "audit": audit, "audit_link": head[0] if head else 0, "erased_again": again,
        "retired": retired, "codes_fit": manifest["secret"] == secret_mark(),
    }  # fmt: skip


def _app_role() -> str:
    return os.environ.get("JIEAN_APP_ROLE") or APP


def _told(answer: Mapping[str, Any]) -> str:
    lines = [
        f"restored {answer['rows']} rows of {answer['tables']} tables and {answer['files']} files as of {answer['made_at']}",
        f"audit {answer['audit']} up to link {answer['audit_link']}; {answer['migrated']} newer migrations applied",
        f"{answer['erased_again']} erasures repeated, {answer['retired']} retired by the clock",
        f"RTO {answer['rto_s']} s; RPO {answer['rpo_s']} s: what came in after the backup is not in it",
    ]
    if not answer["codes_fit"]:
        lines.append("JIEAN_SECRET_KEY (session.secret) is another one: residents' tracking codes of before do not fit")
    return "\n".join(lines)
