"""Sealing, opening, erasing."""

from __future__ import annotations

import logging

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.audit import record_read
from jiean.kernel.command import command
from jiean.kernel.errors import Forbidden, Invalid, NotFound
from jiean.kernel.text import clean
from jiean.vault import crypto
from jiean.vault.access import PURPOSES, Can, holds_matter
from jiean.vault.keys import KeyUnavailable, StationKeys, station_keys
from jiean.vault.masks import FIELDS, LOOKED_UP, mask
from jiean.vault.models import Kind, MatterKey, MatterKind, Purpose, SealedRecord

log = logging.getLogger(__name__)

FIELD_LIMIT = 500

_KEY_OF_MATTER = """
INSERT INTO vault_matterkey (matter_kind, matter_id, key_id, wrapped, created_at, updated_at, version)
VALUES (%s, %s, %s, %s, now(), now(), 1)
ON CONFLICT (matter_kind, matter_id) DO UPDATE SET matter_id = excluded.matter_id
RETURNING id, key_id, wrapped
"""
"""One statement whether the matter has a key or not; the row that stands is the one that comes back, locked."""


@command
def seal(actor: Actor, matter_kind: MatterKind, matter_id: int, kind: Kind, fields: dict[str, str]) -> int:
    """Seal what is known of one human in one matter and return the record's id. Raises Forbidden, Invalid."""
    allow(Can.SEAL, actor)
    kept = _checked(fields)
    keys = _keys_to_seal_with()
    key, data_key = _key_of(keys, matter_kind, matter_id)
    nonce, ciphertext = crypto.seal(data_key, kept, _bound(kind, matter_kind, matter_id))
    record = SealedRecord.objects.create(
        matter_key_id=key,
        kind=kind,
        matter_kind=matter_kind,
        matter_id=matter_id,
        nonce=nonce,
        ciphertext=ciphertext,
        masked=mask(kept),
        digests=[crypto.digest(keys, kind, name, kept[name]) for name in LOOKED_UP if kept.get(name)],
    )
    return record.pk


def _keys_to_seal_with() -> StationKeys:
    """The station's keys. Raises Invalid where they are away: what is reported can be taken without what must be sealed."""
    try:
        return station_keys()
    except KeyUnavailable as away:
        log.critical("personal records cannot be sealed: %s", away)
        raise Invalid(phone=_("联系方式现在不能安全保存。请先不填，其他内容照常提交。")) from away


@command
def open_record(
    actor: Actor, record_id: int, *, purpose: Purpose, matter_kind: MatterKind, matter_id: int
) -> dict[str, str]:
    """Open one record for a purpose, in a matter the actor holds. The look is in the audit, in the same transaction.

    Raises Forbidden for a purpose the role may not name, NotFound for a stranger to the matter or a record of another matter.
    """
    allow(Can.OPEN, actor)
    if purpose not in PURPOSES.get(actor.role, ()):
        raise Forbidden(_("您的角色不能以这个目的查看。"))
    record = SealedRecord.objects.select_related("matter_key").filter(pk=record_id).first()
    if record is None or (record.matter_kind, record.matter_id) != (matter_kind, matter_id):
        raise NotFound
    if not holds_matter(MatterKind(matter_kind), actor, matter_id):
        raise NotFound
    key = record.matter_key
    data_key = crypto.unwrap(station_keys(), key.key_id, bytes(key.wrapped), _matter(matter_kind, matter_id))
    bound_to = _bound(Kind(record.kind), matter_kind, matter_id)
    opened = crypto.open_sealed(data_key, bytes(record.nonce), bytes(record.ciphertext), bound_to)
    record_read(actor, "vault.opened", subject=(str(matter_kind), matter_id), purpose=str(purpose), fields=opened)
    return opened


@command
def erase_matter(actor: Actor, matter_kind: MatterKind, matter_id: int) -> int:
    """Destroy a matter's key and its records; return how many records are gone. Raises Forbidden."""
    allow(Can.ERASE, actor)
    gone, _by_model = SealedRecord.objects.filter(matter_kind=matter_kind, matter_id=matter_id).delete()
    MatterKey.objects.filter(matter_kind=matter_kind, matter_id=matter_id).delete()
    return gone


@command
def rewrap_keys(actor: Actor, *, limit: int = 1000) -> int:
    """Wrap matter keys under the current station key, the records staying as they are; return how many. Raises Forbidden."""
    allow(Can.KEEP_KEYS, actor)
    keys = station_keys()
    rows = list(MatterKey.objects.select_for_update(no_key=True).exclude(key_id=keys.current).order_by("pk")[:limit])
    for row in rows:
        bound_to = _matter(row.matter_kind, row.matter_id)
        data_key = crypto.unwrap(keys, row.key_id, bytes(row.wrapped), bound_to)
        row.key_id, row.wrapped = keys.current, crypto.wrap(keys, keys.current, data_key, bound_to)
    MatterKey.objects.bulk_update(rows, ["key_id", "wrapped"])
    return len(rows)


def _checked(fields: dict[str, str]) -> dict[str, str]:
    """The fields that hold something. Raises Invalid for an unknown one or when none is left."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise Invalid(**dict.fromkeys(unknown, _("这一项不能保存。")))
    kept = {name: clean(value, FIELD_LIMIT, field=name) for name, value in fields.items()}
    kept = {name: value for name, value in kept.items() if value}
    if not kept:
        raise Invalid(_("没有要保存的联系信息。"))
    return kept


def _key_of(keys: StationKeys, matter_kind: MatterKind, matter_id: int) -> tuple[int, bytes]:
    bound_to = _matter(matter_kind, matter_id)
    data_key, wrapped = crypto.new_data_key(keys, bound_to)
    with connection.cursor() as cursor:
        cursor.execute(_KEY_OF_MATTER, [str(matter_kind), matter_id, keys.current, wrapped])
        row_id, key_id, stored = cursor.fetchone()
    if bytes(stored) != wrapped:
        data_key = crypto.unwrap(keys, key_id, bytes(stored), bound_to)
    return row_id, data_key


def _matter(matter_kind: str, matter_id: int) -> str:
    return f"{matter_kind!s}|{matter_id}"


def _bound(kind: Kind, matter_kind: str, matter_id: int) -> str:
    """What a record's ciphertext is bound to: moved to another matter or role it does not open."""
    return f"{kind!s}|{_matter(matter_kind, matter_id)}"
