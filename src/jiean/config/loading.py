"""Putting a proven backup into an empty database: tables as they were then, rows, numbers, then forward to this version."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from jiean.config import snapshot
from jiean.config.folder import UNFINISHED, StartError
from jiean.config.sealed_file import BadFile, Opener, Reader
from jiean.config.snapshot import Table

NUMBERS_SKIPPED = 100_000
"""Numbers given out after the backup are with people: none may be given twice, since a number's code would open the new matter."""
BURNT_AT_ONCE = 200_000

_PARENTS = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conrelid <> confrelid AND NOT condeferrable
"""
_BURN = """
DO $$ BEGIN FOR n IN 1..{count} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$
"""


def load(file: Path, opener: Opener, manifest: Mapping[str, Any], folder: Path) -> int:
    """Make the tables as the backup knew them and fill them, in one transaction; then the files. Returns how many files."""
    wanted = [tuple(one) for one in manifest["migrations"]]
    MigrationExecutor(connection).migrate(_leaves(wanted))
    burn_transactions(int(manifest["horizon"]))
    known = [Table(name, tuple(told["columns"])) for name, told in manifest["tables"].items()]
    staging = folder / UNFINISHED
    with transaction.atomic():
        _ready(known)
        _fill(file, opener, {table.name: table for table in known}, staging)
        _settled(known)
        _check_sums(manifest, known)
        _numbers(manifest)
    return _move_in(staging, folder)


def _leaves(applied: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The newest migration of each app: Django brings up everything they rest on."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    kept = set(applied)
    return [node for node in applied if not any(child.key in kept for child in graph.node_map[node].children)]


def burn_transactions(horizon: int) -> int:
    """Use up transaction numbers until the server is past the backup's: readers that go by them would wait for ever."""
    burnt = 0
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        while True:
            cursor.execute("SELECT pg_current_xact_id()::text")
            missing = horizon - int(cursor.fetchone()[0])
            if missing <= 0:
                break
            step = min(missing, BURNT_AT_ONCE)
            cursor.execute(_BURN.format(count=step))
            burnt += step
        cursor.execute("RESET synchronous_commit")
    return burnt


def _ready(known: list[Table]) -> None:
    """Nothing of what migrations put in stays; no trigger of ours speaks while rows come back."""
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in known)
    with connection.cursor() as cursor:
        for table in known:
            cursor.execute(table.put("ALTER TABLE {table} DISABLE TRIGGER USER"))
        cursor.execute(sql.SQL("TRUNCATE {}").format(names))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _fill(file: Path, opener: Opener, known: Mapping[str, Table], staging: Path) -> None:
    """Rows into their tables, files beside; tables that others must find at once are loaded first."""
    first = _parents_first(list(known))
    waiting: dict[str, Path] = {}

    def take(name: str, pieces: Iterator[bytes]) -> None:
        kind, _slash, rest = name.partition("/")
        if kind == "files":
            _keep(staging / "files" / rest, pieces)
        elif rest in first:
            waiting[rest] = _keep(staging / "rows" / rest, pieces)
        else:
            _copy(known[rest], pieces)

    try:
        with file.open("rb") as source:
            snapshot.walk(Reader(source, opener), take)
    except BadFile as wrong:
        raise StartError(f"{file} changed while it was read: {wrong}") from None
    for name in first:
        with waiting[name].open("rb") as kept:
            _copy(known[name], iter(lambda kept=kept: kept.read(snapshot.PIECE_BYTES), b""))  # type: ignore[misc]


def _parents_first(names: list[str]) -> list[str]:
    """Tables with foreign keys that do not wait for the transaction's end, and those they name, parents first."""
    with connection.cursor() as cursor:
        cursor.execute(_PARENTS)
        pairs = [(child, parent) for child, parent in cursor.fetchall() if {child, parent} <= set(names)]
    left = {name for pair in pairs for name in pair}
    ordered: list[str] = []
    while left:
        free = sorted(name for name in left if not any(c == name and p in left for c, p in pairs))
        ordered += free or sorted(left)
        left -= set(free or left)
    return ordered


def _keep(path: Path, pieces: Iterator[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        for piece in pieces:
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return path


def _copy(table: Table, pieces: Iterator[bytes]) -> None:
    words = table.put("COPY {table} ({columns}) FROM STDIN")
    with connection.cursor() as cursor, cursor.copy(words.as_string()) as rows:
        for piece in pieces:
            rows.write(piece)


def _settled(known: list[Table]) -> None:
    """Check every foreign key, and let triggers speak again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in known:
            cursor.execute(table.put("ALTER TABLE {table} ENABLE TRIGGER USER"))


def _check_sums(manifest: Mapping[str, Any], known: list[Table]) -> None:
    found = snapshot.sums(known)
    wrong = [name for name in found if found[name] != manifest["sums"][name]]
    if wrong:
        raise StartError(f"rows differ from the backup's own count in {', '.join(wrong)}: nothing was kept")


def _numbers(manifest: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        for name, last in manifest["sequences"].items():
            cursor.execute("SELECT setval(%s::regclass, %s)", [name, last + NUMBERS_SKIPPED])


def _move_in(staging: Path, folder: Path) -> int:
    count = sum(1 for path in (staging / "files").rglob("*") if path.is_file()) if (staging / "files").exists() else 0
    for entry in sorted((staging / "files").iterdir()) if count else ():
        entry.rename(folder / entry.name)
    for name in ("files", "rows"):
        shutil.rmtree(staging / name, ignore_errors=True)
    return count


def bring_up(manifest: Mapping[str, Any]) -> int:
    """Bring the tables forward to this version; returns how many migrations that took."""
    call_command("migrate", interactive=False, verbosity=0)
    return len(snapshot.migrations()) - len(manifest["migrations"])


def verify(manifest: Mapping[str, Any]) -> str:
    """Walk the audit chain against the head in the manifest. Raises StartError when it is not sound."""
    from jiean.kernel import audit  # noqa: PLC0415 — models load only after django.setup()

    head = manifest["audit_head"]
    verdict = audit.verify({head[0]: head[2]} if head else {})
    if not verdict.sound:
        raise StartError(f"the audit chain of this backup is broken: entry {verdict.bad_entry_id}, {verdict.reason}")
    return f"sound, {verdict.links} links"


def erase_again(erased: list[Any], ledger: Path | None) -> tuple[int, int]:
    """Repeat what the ledger knows, run every clock, write the restore down; returns how much either took away."""
    from django.conf import settings  # noqa: PLC0415

    from jiean.kernel import audit, erasures, retention  # noqa: PLC0415
    from jiean.kernel.actor import Actor  # noqa: PLC0415

    own = Path(settings.ERASURE_LEDGER)
    if ledger is not None and ledger.resolve() != own.resolve() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ledger, own)
        own.chmod(0o600)
    again = erasures.replay(erased)
    retired = sum(retention.run_all().values())
    erasures.catch_up()
    audit.write([audit.draft("station.restored", Actor.system(), {"erased_again": again, "retired": retired})])
    return again, retired
