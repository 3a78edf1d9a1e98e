"""Reads that open nothing: masks, and exact look-ups within one kind of record."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from jiean.kernel import audit
from jiean.kernel.access import allow, holds
from jiean.kernel.actor import Actor
from jiean.kernel.audit import record_read
from jiean.vault import crypto
from jiean.vault.access import Can
from jiean.vault.access import may_look as may_look
from jiean.vault.access import stated_purpose as stated_purpose
from jiean.vault.keys import KeyUnavailable, station_keys
from jiean.vault.marks import marks_wanted
from jiean.vault.masks import LOOKED_UP, PHONE_END
from jiean.vault.models import Kind, MatterKind, SealedRecord, WordMarks

log = logging.getLogger(__name__)

FOUND_LIMIT = 5
CANDIDATES = 60
"""Matters handed out at most; who asks reads their rows and keeps those that truly hold the words."""
WINDOWS = (5_000, 50_000)
"""A frequent word is found among the newest so many, without reading every matter that holds it."""


def masked(record_ids: Iterable[int | None]) -> dict[int, dict[str, str]]:
    """The masked fields by record id. The asking room shows them to those it shows the matter to."""
    wanted = {record_id for record_id in record_ids if record_id is not None}
    if not wanted:
        return {}
    return dict(SealedRecord.objects.filter(pk__in=wanted).values_list("pk", "masked"))


def record_export(actor: Actor, action: str, given: Mapping[str, Any]) -> None:
    """Before a file is handed out: ask for the purpose and write down who made it, by what filter and for what.

    Raises ProveYourself.
    """
    audit.write([audit.draft(action, actor, given, purpose=str(stated_purpose(actor)))])


def may_look_up(actor: Actor) -> bool:
    """Whether the actor's role may look numbers up at all."""
    return holds(Can.LOOK_UP, actor)


@dataclass(frozen=True, slots=True)
class Found:
    """A record an exact look-up found: where it belongs and its mask, nothing more."""

    record_id: int
    matter_id: int
    masked: dict[str, str]


def find_exact(actor: Actor, kind: Kind, field: str, value: str) -> list[Found]:
    """At most five of the newest records of one kind with exactly this number. Raises Forbidden, ProveYourself."""
    allow(Can.LOOK_UP, actor)
    stated_purpose(actor)
    if field not in LOOKED_UP or not value.strip():
        return []
    wanted = crypto.digest(station_keys(), kind, field, value)
    rows = SealedRecord.objects.filter(kind=kind, digests__contains=[wanted]).order_by("-pk")
    return [Found(row.pk, row.matter_id, row.masked) for row in rows[:FOUND_LIMIT]]


_END_AMONG_ALL = """
SELECT id, matter_id, masked FROM vault_sealedrecord
WHERE matter_kind = %(matter_kind)s AND kind = %(kind)s AND digests @> ARRAY[%(wanted)s]::varchar[]
ORDER BY id DESC LIMIT %(most)s
"""
_END_AMONG_OWN = """
SELECT row.id, own.id, row.masked FROM unnest(%(among)s::bigint[]) own (id) CROSS JOIN LATERAL (
    SELECT id, masked, digests, kind FROM vault_sealedrecord
    WHERE matter_kind = %(matter_kind)s AND matter_id = own.id OFFSET 0
) row WHERE row.kind = %(kind)s AND row.digests @> ARRAY[%(wanted)s]::varchar[] ORDER BY row.id DESC LIMIT %(most)s
"""
"""As for words below: for a reader of some matters each of their own is read and no other."""


def find_by_end(
    actor: Actor, matter_kind: MatterKind, kind: Kind, end: str, *, among: Sequence[int] | None = None
) -> list[Found]:
    """At most five of the newest records of one kind whose telephone ends with exactly these four digits. Raises Forbidden, ProveYourself.

    ``among`` are the matters the actor holds, None where that is all of them. Every record found is a look, and in the audit.
    """
    allow(Can.LOOK_UP, actor)
    if len(end) != 4 or not (end.isascii() and end.isdecimal()):
        return []
    purpose = stated_purpose(actor)
    try:
        wanted = crypto.digest(station_keys(), kind, PHONE_END, end)
    except KeyUnavailable as away:
        log.error("telephones cannot be looked for: %s", away)
        return []
    asked: dict[str, Any] = {"matter_kind": str(matter_kind), "kind": str(kind), "wanted": wanted, "most": FOUND_LIMIT}
    with connection.cursor() as cursor:
        if among is None:
            cursor.execute(_END_AMONG_ALL, asked)
        else:
            cursor.execute(_END_AMONG_OWN, asked | {"among": list(among)})
        found = [Found(*row) for row in cursor.fetchall()]
    for one in found:
        record_read(
            actor,
            "vault.looked_up",
            subject=(str(matter_kind), one.matter_id),
            purpose=str(purpose),
            fields=[PHONE_END],
        )
    return [Found(one.record_id, one.matter_id, _read(one.masked)) for one in found]


def _read(masked: Any) -> dict[str, str]:
    """A JSON column as the driver hands it over: text where nobody has parsed it."""
    read: dict[str, str] = orjson.loads(masked) if isinstance(masked, str | bytes) else masked
    return read


_AMONG_ALL = """
WITH hit AS MATERIALIZED (
    SELECT matter_id FROM vault_wordmarks
    WHERE matter_kind = %s AND marks @> %s::integer[] AND matter_id > %s AND matter_id <= %s
)
SELECT matter_id FROM hit ORDER BY matter_id DESC LIMIT %s
"""
"""Parameters: kind, marks, bounds, limit. Rests on vault_words, within a window on vault_words_of_matter besides."""

_AMONG_OWN = """
SELECT own.id FROM unnest(%s::bigint[]) own (id) CROSS JOIN LATERAL (
    SELECT marks FROM vault_wordmarks WHERE matter_kind = %s AND matter_id = own.id OFFSET 0
) row WHERE row.marks @> %s::integer[] ORDER BY own.id DESC LIMIT %s
"""
"""Parameters: ids, kind, marks, limit. Each of one's own rows is read and no other: others' words cost no time."""


def matters_with(
    actor: Actor, kind: MatterKind, words: str, *, among: Sequence[int] | None = None, most: int = CANDIDATES
) -> list[int]:
    """The newest matters of a kind whose texts may hold all of the words. Raises Forbidden.

    ``among`` are the matters the actor holds, None where that is all of them. Without the station's key nothing is found.
    """
    allow(Can.FIND_WORDS, actor)
    try:
        wanted = marks_wanted(station_keys(), kind, words)
    except KeyUnavailable as away:
        log.error("words cannot be looked for: %s", away)
        return []
    if not wanted or (among is not None and not among):
        return []
    with connection.cursor() as cursor:
        if among is not None:
            cursor.execute(_AMONG_OWN, [list(among), str(kind), wanted, most])
            return [row[0] for row in cursor.fetchall()]
        return _among_all(cursor, str(kind), wanted, most)


def _among_all(cursor: Any, kind: str, wanted: list[int], most: int) -> list[int]:
    newest = (
        WordMarks.objects.filter(matter_kind=kind).order_by("-matter_id").values_list("matter_id", flat=True).first()
    )
    if newest is None:
        return []
    found: list[int] = []
    upto = newest
    for size in (*WINDOWS, newest):
        down_to = max(newest - size, 0)
        cursor.execute(_AMONG_ALL, [kind, wanted, down_to, upto, most - len(found)])
        found += [row[0] for row in cursor.fetchall()]
        upto = down_to
        if len(found) >= most or not upto:
            break
    return found


def without_words(kind: MatterKind, matter_ids: Sequence[int]) -> list[int]:
    """Those of the matters that are not indexed."""
    have = set(WordMarks.objects.filter(matter_kind=kind, matter_id__in=matter_ids).values_list("matter_id", flat=True))
    return [matter_id for matter_id in matter_ids if matter_id not in have]
