"""What the station asks of its database: settings that keep a commit, Chinese trigrams, and rights split in two."""

from __future__ import annotations

import ipaddress

import psycopg
from psycopg import sql

from jiean.config import address

SAFE_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
    "full_page_writes": "on",
}
OLDEST_SERVER = 150000
INSERT_ONLY = ("kernel_auditentry", "kernel_auditlink", "kernel_erasure")


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect outside Django. Raises psycopg.OperationalError."""
    where = address.read(url)
    return psycopg.connect(
        dbname=where.name,
        user=where.user or None,
        password=where.password or None,
        host=where.host or None,
        port=where.port or None,
        autocommit=True,
        **{"connect_timeout": "5"} | where.options,  # type: ignore[arg-type]
    )


def faults(url: str) -> list[str]:
    """What makes this database unfit to hold a report; empty when it is fit. Raises psycopg.OperationalError."""
    with connect(url) as db:
        found = [
            f"{name} is {value}: a report we acknowledge could be lost"
            for name, wanted in SAFE_SETTINGS.items()
            if (value := _show(db, name)) not in (wanted if isinstance(wanted, tuple) else (wanted,))
        ]
        if db.info.server_version < OLDEST_SERVER:
            found.append(f"PostgreSQL {_show(db, 'server_version')} is older than 15")
        if _show(db, "server_encoding") != "UTF8":
            found.append("the database is not in UTF-8")
        if in_clear(db.info.hostaddr, db.pgconn.ssl_in_use):
            found.append("its line goes over a network in clear text: add ?sslmode=verify-full to DATABASE_URL")
        if not _splits_chinese(db):
            found.append("its character type drops Chinese from trigrams: create it with LC_CTYPE C.UTF-8")
        return found


def in_clear(server: str, sealed: bool) -> bool:
    """Whether who listens on the way to the server at an address (empty: a socket) reads along."""
    return bool(server) and not sealed and not ipaddress.ip_address(server.partition("%")[0]).is_loopback


def give_rights(owner_url: str, app_role: str, schema: str) -> None:
    """Give the application's role what it needs: every table to read and write, audit tables only to insert and read."""
    with connect(owner_url) as db:
        names = {"schema": sql.Identifier(schema), "role": sql.Identifier(app_role)}
        for statement in (
            "GRANT USAGE ON SCHEMA {schema} TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
            "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",
        ):
            db.execute(sql.SQL(statement).format(**names))
        for table in INSERT_ONLY:
            revoke = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}")
            db.execute(revoke.format(table=sql.Identifier(table), **names))


def _show(db: psycopg.Connection[tuple[object, ...]], name: str) -> str:
    row = db.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""


def _splits_chinese(db: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether trigrams see Chinese: asked of pg_trgm where it is installed, else of the character type it rests on."""
    installed = db.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'").fetchone()
    question = "cardinality(show_trgm('漏水')) > 0" if installed else "'漏' ~ '^[[:alpha:]]$'"
    row = db.execute(f"SELECT {question}").fetchone()
    return bool(row and row[0])
