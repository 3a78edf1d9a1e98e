"""Reads that open nothing: masks, and exact look-ups within one kind of record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.vault import crypto
from jiean.vault.access import Can
from jiean.vault.keys import station_keys
from jiean.vault.masks import LOOKED_UP
from jiean.vault.models import Kind, SealedRecord

FOUND_LIMIT = 5


def masked(record_ids: Iterable[int | None]) -> dict[int, dict[str, str]]:
    """The masked fields by record id. The asking room shows them to those it shows the matter to."""
    wanted = {record_id for record_id in record_ids if record_id is not None}
    if not wanted:
        return {}
    return dict(SealedRecord.objects.filter(pk__in=wanted).values_list("pk", "masked"))


@dataclass(frozen=True, slots=True)
class Found:
    """A record an exact look-up found: where it belongs and its mask, nothing more."""

    record_id: int
    matter_id: int
    masked: dict[str, str]


def find_exact(actor: Actor, kind: Kind, field: str, value: str) -> list[Found]:
    """At most five of the newest records of one kind with exactly this number. Raises Forbidden."""
    allow(Can.LOOK_UP, actor)
    if field not in LOOKED_UP or not value.strip():
        return []
    wanted = crypto.digest(station_keys(), kind, field, value)
    rows = SealedRecord.objects.filter(kind=kind, digests__contains=[wanted]).order_by("-pk")
    return [Found(row.pk, row.matter_id, row.masked) for row in rows[:FOUND_LIMIT]]
