"""What a backup holds: every table as one repeatable-read transaction sees it, and the files that belong to it, as one stream.

The stream is a row of records, each a letter, a length and a body: ``M`` the manifest, then for every member ``B`` its name,
``D`` pieces of it and ``E`` its size and digest, at last ``Z`` how many members there were. It is written into a sealed file,
so what is read here was authenticated. Tables travel as PostgreSQL's COPY text, which every server from 15 on reads.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from jiean.config.sealed_file import BadFile, Reader, Writer
from jiean.kernel import audit

PIECE_BYTES = 128 * 1024
LEFT_OUT = ("django_session", "django_migrations")
"""Nobody stays signed in across a restore; migrations are written down by bringing the tables up themselves."""

_TABLES = """
SELECT c.oid::int, c.relname, array_agg(a.attname ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY c.oid, c.relname ORDER BY c.relname
"""
_SEQUENCES = """
SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S' ORDER BY relname
"""
_SUM = "SELECT count(*), coalesce(sum(hashtextextended(ROW({columns})::text, 0)::numeric), 0)::text FROM {table}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the station's schema with its stored columns in order."""

    name: str
    columns: tuple[str, ...]

    def put(self, words: str) -> sql.Composed:
        """A statement with ``{table}`` and ``{columns}`` filled in."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL(words).format(table=sql.Identifier(self.name), columns=columns)


def tables() -> list[Table]:
    """Every table that holds rows of the station."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        found = [Table(name, tuple(columns)) for _oid, name, columns in cursor.fetchall()]
    return [table for table in found if table.name not in LEFT_OUT]


def sums(of: list[Table]) -> dict[str, list[Any]]:
    """Rows and a checksum of their words, by table; the order of rows does not matter."""
    with connection.cursor() as cursor:
        found = {}
        for table in of:
            cursor.execute(table.put(_SUM))
            count, words = cursor.fetchone()
            found[table.name] = [count, words]
        return found


def sequences() -> dict[str, int]:
    """The last value of every sequence."""
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        found = {}
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("SELECT last_value FROM {}").format(sql.Identifier(name)))
            found[name] = cursor.fetchone()[0]
        return found


def migrations() -> list[list[str]]:
    """What was applied, as pairs of app and name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        return [list(row) for row in cursor.fetchall()]


def belonging_files() -> Iterator[tuple[str, Path]]:
    """The data folder's files that make up a station, by the name they bear in a backup. Keys and secrets are not among them."""
    for folder in ("media", "tiles", "anchors", "triage"):
        top = Path(settings.DATA_DIR) / folder
        for path in sorted(top.rglob("*")) if top.is_dir() else ():
            if path.is_file() and path.name != "lock":
                yield f"{folder}/{path.relative_to(top).as_posix()}", path
    roads = Path(settings.ROADS_FILE)
    if roads.is_file():
        yield "roads.npz", roads


def take(out: Writer) -> dict[str, Any]:
    """Write the station into a sealed file and return the manifest. The station goes on working meanwhile."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        known = tables()
        manifest = _manifest(known)
        _record(out, "M", json.dumps(manifest).encode())
        for table in known:
            _member(out, f"rows/{table.name}", _copied(table))
        members = len(known) + sum(_file(out, name, path) for name, path in belonging_files())
    _record(out, "Z", str(members).encode())
    return manifest


def _manifest(known: list[Table]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text, current_setting('server_version'), now()")
        horizon, server, at = cursor.fetchone()
    return {
        "program": version("jiean"),
        "server": server,
        "station": settings.STATION_NAME,
        "made_at": at.astimezone(dt.UTC).isoformat(),
        "horizon": int(horizon),
        "migrations": migrations(),
        "tables": {table.name: {"columns": list(table.columns)} for table in known},
        "sums": sums(known),
        "sequences": sequences(),
        "audit_head": audit.head(),
        "secret": secret_mark(),
    }


def secret_mark() -> str:
    """A mark of JIEAN_SECRET_KEY that does not give it away: with another one, residents' tracking codes would not fit."""
    return hashlib.sha256(b"jiean backup|" + str(settings.SECRET_KEY).encode()).hexdigest()[:16]


def _copied(table: Table) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        words = table.put("COPY (SELECT {columns} FROM {table}) TO STDOUT")
        with cursor.copy(words.as_string()) as rows:
            for piece in rows:
                yield bytes(piece)


def _file(out: Writer, name: str, path: Path) -> bool:
    """A file as a member; one that was erased since the tables were read is no longer there to keep."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return False
    with source:
        _member(out, f"files/{name}", iter(lambda: source.read(PIECE_BYTES), b""))
    return True


def _member(out: Writer, name: str, pieces: Iterator[bytes]) -> None:
    _record(out, "B", name.encode())
    digest, size, waiting = hashlib.sha256(), 0, bytearray()
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        waiting += piece
        if len(waiting) >= PIECE_BYTES:
            _record(out, "D", bytes(waiting))
            waiting.clear()
    if waiting:
        _record(out, "D", bytes(waiting))
    _record(out, "E", json.dumps([size, digest.hexdigest()]).encode())


def _record(out: Writer, letter: str, body: bytes) -> None:
    out.write(struct.pack(">cI", letter.encode(), len(body)) + body)


Take = Callable[[str, Iterator[bytes]], None]


def walk(source: Reader, take_member: Take | None = None) -> dict[str, Any]:
    """Read a stream to its end, handing each member's pieces on, and return the manifest. Raises BadFile."""
    letter, body = _next(source)
    if letter != "M":
        raise BadFile("it does not begin with a manifest")
    manifest: dict[str, Any] = json.loads(body)
    seen: list[str] = []
    while (step := _next(source))[0] == "B":
        name = step[1].decode()
        pieces = _pieces(source, name)
        if take_member is not None:
            take_member(name, pieces)
        for _left in pieces:  # to the member's end, where its digest is checked
            pass
        seen.append(name)
    if step != ("Z", str(len(seen)).encode()):
        raise BadFile("its end does not fit what stands before it")
    source.expect_end()
    _check_members(manifest, seen)
    return manifest


def _next(source: Reader) -> tuple[str, bytes]:
    letter, size = struct.unpack(">cI", source.read(5))
    return letter.decode("ascii", "replace"), source.read(size)


def _pieces(source: Reader, name: str) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    while (step := _next(source))[0] == "D":
        digest.update(step[1])
        size += len(step[1])
        yield step[1]
    if step[0] != "E" or json.loads(step[1]) != [size, digest.hexdigest()]:
        raise BadFile(f"{name} does not fit its digest")


def _check_members(manifest: Mapping[str, Any], seen: list[str]) -> None:
    rows = [name.removeprefix("rows/") for name in seen if name.startswith("rows/")]
    strange = [name for name in seen if name.startswith("files/") and ".." in Path(name).parts]
    if sorted(rows) != sorted(manifest["tables"]) or strange:
        raise BadFile("it does not hold what its manifest names")
