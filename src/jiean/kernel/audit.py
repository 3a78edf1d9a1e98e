"""The audit: entries written in the deed's own transaction, then sealed in order into one hash chain per station.

Entries are inserted by many transactions at once; a chain written by each of them would make every deed wait for the one
before it (its head is one row). So entries are written unchained, and a sealer links them in commit order, as the ordered
reader of events does; ``verify`` seals what is left and then walks the chain. See docs/adr/0003.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models, transaction

from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.chain import GENESIS, Link, Verdict, link_digest, walk
from jiean.kernel.models import AuditEntry, AuditLink
from jiean.kernel.rows import Change, listed, together

SEAL_LOCK = 0x6A69616E  # advisory lock of the sealer: one chain, one writer
_SEALED_COLUMNS = (
    "id", "txid", "at", "action", "outcome", "role", "account_id", "device",
    "subject_kind", "subject_id", "purpose", "details",
)  # fmt: skip

LOOK_SPAN = dt.timedelta(minutes=10)

_WIDE = 2**63
"""A number this wide is no row's: it came from outside, and it is enough to say that it was given."""

_COLUMNS = {
    "at": "timestamptz",
    "action": "text",
    "outcome": "text",
    "role": "text",
    "account_id": "bigint",
    "device": "text",
    "subject_kind": "text",
    "subject_id": "bigint",
    "purpose": "text",
    "details": "jsonb",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry not yet written; the fields are the columns of `AuditEntry`."""

    at: dt.datetime
    action: str
    outcome: AuditEntry.Outcome
    role: Role
    account_id: int | None
    device: str
    subject_kind: str
    subject_id: int | None
    purpose: str
    details: Mapping[str, Any]


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
    if actor.late is not None:  # beside ``at``, which is the receipt
        told = {"device_at": actor.late.device_at, "made_at": actor.late.made_at}
        details |= {name: _plain(at) for name, at in told.items() if at is not None}
    return Draft(
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


def writing(entries: Sequence[Draft]) -> Change:
    """The statement that inserts entries."""
    return listed("kernel_auditentry", _COLUMNS, entries)


def write(entries: Sequence[Draft]) -> None:
    """Insert entries, in the transaction that is open."""
    together({"audit": writing(entries)})


def record_read(
    actor: Actor, action: str, *, subject: tuple[str, int], purpose: str = "", fields: Iterable[str] = ()
) -> None:
    """Write down a look at personal data. No audit, no read: call it before the data is handed out."""
    write([draft(action, actor, {"fields": sorted(fields)}, subject=subject, purpose=purpose)])


def record_look(
    actor: Actor, action: str, *, subject: tuple[str, int], purpose: str = "", fields: Iterable[str] = ()
) -> None:
    """Write down that somebody read the words of a matter: once for each person, role and ``LOOK_SPAN``.

    A page that stands open asks for its parts again with every piece of news; that is one look, not a hundred.
    """
    if not actor.is_signed_in:
        return
    seen = AuditEntry.objects.filter(
        subject_kind=subject[0],
        subject_id=subject[1],
        action=action,
        account_id=actor.account_id,
        role=actor.role,
        at__gte=clocks.now() - LOOK_SPAN,
    )
    if not seen.exists():
        record_read(actor, action, subject=subject, purpose=purpose, fields=fields)


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int):
        return value if abs(value) < _WIDE else "…"
    if isinstance(value, list | tuple) and all(isinstance(item, int) for item in value):
        return list(value)
    return "…"


def seal(limit: int = 5000) -> int:
    """Link entries that are settled (no older transaction still runs) to the chain, in order; return how many.

    One sealer at a time: a second one returns 0 at once.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [SEAL_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        last = AuditLink.objects.order_by("-seq").values_list("seq", "digest", "entry_txid", "entry_id").first()
        seq, digest, txid, entry_id = last or (0, GENESIS, 0, 0)
        links = []
        for row in _settled(cursor, txid, entry_id, limit):
            seq, digest = seq + 1, link_digest(digest, row)
            links.append(
                AuditLink(seq=seq, entry_id=row[0], entry_txid=int(row[1]), digest=digest, sealed_at=clocks.now())
            )
        AuditLink.objects.bulk_create(links)
        return len(links)


def head() -> tuple[int, int, str] | None:
    """The chain's head: sequence number, entry and digest of its last link; None before the first."""
    return AuditLink.objects.order_by("-seq").values_list("seq", "entry_id", "digest").first()


def verify(anchored: Mapping[int, str] | None = None) -> Verdict:
    """Seal what is settled, then walk the whole chain and name the first entry that was changed, moved or taken away.

    ``anchored``: digests by sequence number as signed outside the database; see ``chain.walk``.
    """
    while seal():
        pass
    verdict = walk(_links(), anchored)
    return _unlinked(verdict) if verdict.sound else verdict


def _links() -> Iterator[Link]:
    """Every link with its entry, in order."""
    seq = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT l.seq, l.entry_id, l.digest, {_columns('e')} FROM kernel_auditlink l"
                " LEFT JOIN kernel_auditentry e ON e.id = l.entry_id WHERE l.seq > %s ORDER BY l.seq LIMIT 5000",
                [seq],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            for seq, entry_id, digest, *entry in rows:
                yield Link(seq, entry_id, digest, tuple(entry))


def _unlinked(sound: Verdict) -> Verdict:
    """An entry older than the head that stands in no link was slipped in afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM kernel_auditentry e LEFT JOIN kernel_auditlink l ON l.entry_id = e.id"
            " WHERE l.seq IS NULL AND (e.txid, e.id) <"
            " (SELECT entry_txid::text::xid8, entry_id FROM kernel_auditlink ORDER BY seq DESC LIMIT 1)"
            " ORDER BY e.txid, e.id LIMIT 1"
        )
        found = cursor.fetchone()
    return replace(sound, bad_entry_id=found[0], reason="the entry was slipped in") if found else sound


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
