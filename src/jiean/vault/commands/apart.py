"""One field of a record set apart in a record of its own, so that opening the one does not open the other."""

from __future__ import annotations

from collections.abc import Iterable

from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import NotFound
from jiean.kernel.rows import insert
from jiean.kernel.workflow import change
from jiean.vault import crypto
from jiean.vault.access import Can, holds_matter
from jiean.vault.commands.records import _bound, _matter, _sealed
from jiean.vault.keys import station_keys
from jiean.vault.models import Kind, MatterKind, SealedRecord


def forget_records(matter_kind: MatterKind, matter_id: int, record_ids: Iterable[int | None]) -> None:
    """Destroy notes of a matter whose time is over; part of the deed that calls it. The matter's key and other records stay."""
    wanted = [record_id for record_id in record_ids if record_id is not None]
    SealedRecord.objects.filter(pk__in=wanted, matter_kind=matter_kind, matter_id=matter_id).delete()


@command
def set_apart(actor: Actor, record_id: int, field: str, *, matter_kind: MatterKind, matter_id: int) -> int | None:
    """Take a field out of a record into a new one of the same matter; return the new one's id, None where the field is empty.

    Nothing is handed out, so this is no look; mask and digests of the old record are made anew without the field, the new one
    has none and is found by no look-up. A record of this field alone is itself the one returned. Raises Forbidden, NotFound.
    """
    allow(Can.SEAL, actor)
    rows = SealedRecord.objects.select_for_update().select_related("matter_key")
    record = rows.filter(pk=record_id, matter_kind=matter_kind, matter_id=matter_id).first()
    if record is None or not holds_matter(MatterKind(matter_kind), actor, matter_id):
        raise NotFound
    kind, keys = Kind(record.kind), station_keys()
    data_key = crypto.unwrap(keys, record.matter_key.key_id, bytes(record.matter_key.wrapped), _matter(matter_kind, matter_id))  # fmt: skip
    kept = crypto.open_sealed(
        data_key, bytes(record.nonce), bytes(record.ciphertext), _bound(kind, matter_kind, matter_id)
    )
    taken = kept.pop(field, "")
    if not taken:
        return None
    if not kept:
        change(record, masked={}, digests=[])
        return int(record.pk)
    without = _sealed(keys, data_key, kind, matter_kind, matter_id, kept)
    change(record, **{name: getattr(without, name) for name in ("nonce", "ciphertext", "masked", "digests")})
    apart = _sealed(keys, data_key, kind, matter_kind, matter_id, {field: taken})
    apart.masked, apart.matter_key = {}, record.matter_key
    insert([apart])
    return int(apart.pk)
