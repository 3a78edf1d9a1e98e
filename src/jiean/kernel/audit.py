"""The audit: entries written in the deed's own transaction, then sealed in order into one hash chain per station.

Entries are inserted by many transactions at once; a chain written by each of them would make every deed wait for the one
before it (its head is one row). So entries are written unchained, and a sealer links them in commit order, as the ordered
reader of events does; ``verify`` seals what is left and then walks the chain. See docs/adr/0003.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, models, transaction

from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.models import AuditEntry, AuditLink
from jiean.kernel.rows import insert

GENESIS = "0" * 64
SEAL_LOCK = 0x6A69616E  # advisory lock of the sealer: one chain, one writer
_SEALED_COLUMNS = (
    "id", "txid", "at", "action", "outcome", "role", "account_id", "device",
    "subject_kind", "subject_id", "purpose", "details",
)  # fmt: skip

Draft = AuditEntry


def draft(
    action: str,
    actor: Actor,
    given: Mapping[str, Any],
    *,
    answer: Any = None,
    refused: str = "",
    purpose: str = "",
    subject: tuple[str, int] | None = None,
) -> Draft:
    """An entry not yet written: numbers, states and dates by value; of anything else only that it was given."""
    if subject is None:
        subject = (answer._meta.label_lower, answer.pk) if isinstance(answer, models.Model) else ("", None)  # type: ignore[assignment]
    details: dict[str, Any] = {name: _plain(value) for name, value in given.items() if value is not None}
    if refused:
        details["refused"] = refused
    return AuditEntry(
        at=clocks.now(),
        action=action,
        outcome=AuditEntry.Outcome.REFUSED if refused else AuditEntry.Outcome.DONE,
        role=actor.role,
        account_id=actor.account_id,
        device=actor.device,
        subject_kind=subject[0] if subject else "",
        subject_id=subject[1] if subject else None,
        purpose=purpose or str(given.get("purpose") or "")[:24],
        details=details,
    )


def write(entries: Sequence[Draft]) -> None:
    """Insert entries in one statement, in the transaction that is open."""
    insert(entries)


def record_read(
    actor: Actor, action: str, *, subject: tuple[str, int], purpose: str = "", fields: Iterable[str] = ()
) -> None:
    """Write down a look at personal data. No audit, no read: call it before the data is handed out."""
    write([draft(action, actor, {"fields": sorted(fields)}, subject=subject, purpose=purpose)])


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bool | int | dt.date | dt.datetime):
        return value.isoformat() if isinstance(value, dt.date) else value
    if isinstance(value, list | tuple) and all(isinstance(item, int) for item in value):
        return list(value)
    return "…"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found: how many links were walked, and the first bad entry with the reason, if any."""

    links: int
    head: str
    bad_entry_id: int | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        return self.bad_entry_id is None and not self.reason


def seal(limit: int = 5000) -> int:
    """Link entries that are settled (no older transaction still runs) to the chain, in order; return how many.

    One sealer at a time: a second one returns 0 at once.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        head = AuditLink.objects.order_by("-seq").values_list("seq", "digest", "entry_txid", "entry_id").first()
        seq, digest, txid, entry_id = head or (0, GENESIS, 0, 0)
        links = []
        for row in _settled(cursor, txid, entry_id, limit):
            seq, digest = seq + 1, link_digest(digest, row)
            links.append(
                AuditLink(seq=seq, entry_id=row[0], entry_txid=int(row[1]), digest=digest, sealed_at=clocks.now())
            )
        AuditLink.objects.bulk_create(links)
        return len(links)


def verify() -> Verdict:
    """Seal what is settled, then walk the whole chain and name the first entry that was changed, moved or taken away."""
    while seal():
        pass
    seq, digest, walked = 0, GENESIS, 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT l.seq, l.entry_id, l.digest, {_columns('e')} FROM kernel_auditlink l"
                " LEFT JOIN kernel_auditentry e ON e.id = l.entry_id WHERE l.seq > %s ORDER BY l.seq LIMIT 5000",
                [seq],
            )
            rows = cursor.fetchall()
            if not rows:
                return _unlinked(cursor, walked, digest)
            for link_seq, entry_id, link, *entry in rows:
                reason = _fault(link_seq, seq, entry, link, link_digest(digest, tuple(entry)))
                if reason:
                    return Verdict(walked, digest, entry_id, reason)
                seq, digest, walked = link_seq, link, walked + 1


def _fault(link_seq: int, seq: int, entry: list[Any], link: str, expected: str) -> str:
    if link_seq != seq + 1:
        return "a link is missing before it"
    if entry[0] is None:
        return "the entry is gone"
    if link != expected:
        return "the entry or its link was changed"
    return ""


def _unlinked(cursor: Any, walked: int, digest: str) -> Verdict:
    """An entry older than the head that stands in no link was slipped in afterwards."""
    cursor.execute(
        "SELECT e.id FROM kernel_auditentry e LEFT JOIN kernel_auditlink l ON l.entry_id = e.id"
        " WHERE l.seq IS NULL AND (e.txid, e.id) <"
        " (SELECT entry_txid::text::xid8, entry_id FROM kernel_auditlink ORDER BY seq DESC LIMIT 1)"
        " ORDER BY e.txid, e.id LIMIT 1"
    )
    found = cursor.fetchone()
    return Verdict(walked, digest, found[0], "the entry was slipped in") if found else Verdict(walked, digest)


def link_digest(before: str, entry: tuple[Any, ...]) -> str:
    """SHA-256 over the link before and the entry's columns in a canonical form."""
    return hashlib.sha256(before.encode() + orjson.dumps([str(value) for value in entry])).hexdigest()


def _settled(cursor: Any, txid: int, entry_id: int, limit: int) -> list[tuple[Any, ...]]:
    cursor.execute(
        f"SELECT {_columns('e')} FROM kernel_auditentry e WHERE (e.txid, e.id) > (%s::text::xid8, %s)"
        " AND e.txid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY e.txid, e.id LIMIT %s",
        [str(txid), entry_id, limit],
    )
    return cursor.fetchall()  # type: ignore[no-any-return]


def _columns(alias: str) -> str:
    """Columns in a form the same on every server: times in UTC microseconds, documents as text."""
    special = {
        "at": f"to_char({alias}.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
        "txid": f"{alias}.txid::text",
        "details": f"{alias}.details::text",
    }
    return ", ".join(special.get(name, f"{alias}.{name}") for name in _SEALED_COLUMNS)
