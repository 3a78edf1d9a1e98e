"""Sealing, opening, erasing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from jiean.kernel.access import allow, demand_proof
from jiean.kernel.actor import Actor
from jiean.kernel.audit import record_read
from jiean.kernel.command import command
from jiean.kernel.errors import Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.holds import hold_on
from jiean.kernel.rows import Change, insert, together
from jiean.kernel.text import clean
from jiean.kernel.workflow import change
from jiean.vault import crypto
from jiean.vault.access import PURPOSES, Can, broke_glass, holds_matter, is_live
from jiean.vault.keys import KeyUnavailable, StationKeys, station_keys
from jiean.vault.marks import marks_of
from jiean.vault.masks import FIELDS, LOOKED_UP, NAMED_PLACE, PHONE_END, mask, named_place, shown_end
from jiean.vault.models import Kind, MatterKey, MatterKind, Purpose, SealedRecord, WordMarks

log = logging.getLogger(__name__)

FIELD_LIMIT = 500
NOTE_LIMIT = 200_000
"""Notes of a meeting, a paper, the picture of a signature as base64."""
_EXACT = (*LOOKED_UP, PHONE_END, NAMED_PLACE)

_KEY = """
INSERT INTO vault_matterkey (matter_kind, matter_id, key_id, wrapped, created_at, updated_at, version)
VALUES (%s, %s, %s, %s, now(), now(), 1) {} RETURNING id, matter_kind, matter_id
"""
_UNLESS_IT_HAS_ONE = "ON CONFLICT (matter_kind, matter_id) DO NOTHING"
_RECORD = """
INSERT INTO vault_sealedrecord
    (id, created_at, updated_at, version, matter_key_id, kind, matter_kind, matter_id, nonce, ciphertext, masked, digests)
SELECT coalesce(%s::bigint, nextval(pg_get_serial_sequence('vault_sealedrecord', 'id'))), now(), now(), 1, key.id,
    %s, key.matter_kind, key.matter_id, %s, %s, %s, %s
FROM key RETURNING id
"""
"""A matter's first record, beside its key in one statement; no row comes back where the matter has a key already."""


_KEEP_WORDS = """
INSERT INTO vault_wordmarks (matter_kind, matter_id, marks) VALUES {}
ON CONFLICT (matter_kind, matter_id) DO UPDATE SET marks = EXCLUDED.marks
"""


NEXT_RECORD = "SELECT nextval(pg_get_serial_sequence('vault_sealedrecord', 'id'))"
"""The id of a record to come, for who asks it in a statement of their own and hands it to `seal_first`."""


@command
def seal_first(
    actor: Actor, matter_kind: MatterKind, matter_id: int, kind: Kind, fields: dict[str, str], *, record_id: int
) -> Mapping[str, Change]:
    """The statements that store the first record of a matter made in this deed, with its key. Raises Forbidden, Invalid.

    They are for the matter's own room to send with the matter; a matter that has a key already refuses them.
    """
    allow(Can.SEAL, actor)
    return _first(record_id, *_new(matter_kind, matter_id, kind, _checked(fields)))


@command
def seal(actor: Actor, matter_kind: MatterKind, matter_id: int, kind: Kind, fields: dict[str, str]) -> int:
    """Seal what is known of one human in one matter and return the record's id. Raises Forbidden, Invalid."""
    allow(Can.SEAL, actor)
    kept = _checked(fields)
    record, key = _new(matter_kind, matter_id, kind, kept)
    stored = together(_first(None, record, key, _UNLESS_IT_HAS_ONE))["record"]
    if stored:
        return stored[0]
    key = MatterKey.objects.select_for_update(no_key=True).get(matter_kind=matter_kind, matter_id=matter_id)
    keys = _keys_to_seal_with()
    data_key = crypto.unwrap(keys, key.key_id, bytes(key.wrapped), _matter(matter_kind, matter_id))
    record = _sealed(keys, data_key, kind, matter_kind, matter_id, kept)
    record.matter_key = key
    insert([record])
    return record.pk


def _new(matter_kind: MatterKind, matter_id: int, kind: Kind, kept: dict[str, str]) -> tuple[SealedRecord, MatterKey]:
    """A matter's first record and its key, not yet stored."""
    keys = _keys_to_seal_with()
    data_key, wrapped = crypto.new_data_key(keys, _matter(matter_kind, matter_id))
    key = MatterKey(matter_kind=matter_kind, matter_id=matter_id, key_id=keys.current, wrapped=wrapped)
    return _sealed(keys, data_key, kind, matter_kind, matter_id, kept), key


def _first(record_id: int | None, record: SealedRecord, key: MatterKey, unless: str = "") -> Mapping[str, Change]:
    """The statements that store both; without an id the record gets the next."""
    told = [record_id, str(record.kind), record.nonce, record.ciphertext, Jsonb(record.masked), record.digests]
    return {
        "key": (_KEY.format(unless), [str(key.matter_kind), key.matter_id, key.key_id, key.wrapped]),
        "record": (_RECORD, told),
    }


def _sealed(
    keys: StationKeys, data_key: bytes, kind: Kind, matter_kind: MatterKind, matter_id: int, kept: dict[str, str]
) -> SealedRecord:
    """A record under a data key, not yet stored."""
    nonce, ciphertext = crypto.seal(data_key, kept, _bound(kind, matter_kind, matter_id))
    return SealedRecord(
        kind=kind,
        matter_kind=matter_kind,
        matter_id=matter_id,
        nonce=nonce,
        ciphertext=ciphertext,
        masked=mask(kept),
        digests=_digests(keys, kind, kept),
    )


def _digests(keys: StationKeys, kind: Kind, kept: dict[str, str]) -> list[str]:
    """What answers an exact look-up: whole numbers, a name with its address, and the end of a telephone as far as its mask shows it."""
    made = {PHONE_END: shown_end(kept.get("phone", ""))}
    if kept.get("name") and kept.get("address"):
        made[NAMED_PLACE] = named_place(kept["name"], kept["address"])
    return [crypto.digest(keys, kind, name, value) for name, value in (kept | made).items() if name in _EXACT and value]


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

    Raises Forbidden for a purpose the role may not name, NotFound for a stranger to the matter or a record of another matter,
    ProveYourself for a matter that is over, without a fresh second factor; IllegalMove for one that is over and held, for other ends.
    """
    allow(Can.OPEN, actor)
    if purpose not in PURPOSES.get(actor.role, ()):
        raise Forbidden(_("您的角色不能以这个目的查看。"))
    record = SealedRecord.objects.select_related("matter_key").filter(pk=record_id).first()
    if record is None or (record.matter_kind, record.matter_id) != (matter_kind, matter_id):
        raise NotFound
    kind = MatterKind(matter_kind)
    if not holds_matter(kind, actor, matter_id) and not (
        purpose == Purpose.EMERGENCY and broke_glass(kind, actor, matter_id)
    ):
        raise NotFound
    if not is_live(kind, matter_id):
        demand_proof(actor)
        _refuse_held(kind, matter_id, purpose)
    key = record.matter_key
    data_key = crypto.unwrap(station_keys(), key.key_id, bytes(key.wrapped), _matter(matter_kind, matter_id))
    bound_to = _bound(Kind(record.kind), matter_kind, matter_id)
    opened = crypto.open_sealed(data_key, bytes(record.nonce), bytes(record.ciphertext), bound_to)
    record_read(actor, "vault.opened", subject=(str(matter_kind), matter_id), purpose=str(purpose), fields=opened)
    return opened


def _refuse_held(kind: MatterKind, matter_id: int, purpose: Purpose) -> None:
    """A matter kept only because the law asks for it is used for that alone, and for whom it is about. Raises IllegalMove."""
    if purpose not in (Purpose.LEGAL, Purpose.RIGHTS) and hold_on(kind, matter_id) is not None:
        raise IllegalMove(_("这件事已经办结，只是依法留存：只能以“依法调取”的目的查看。"))


@command
def erase_matter(actor: Actor, matter_kind: MatterKind, matter_id: int) -> int:
    """Destroy a matter's key, its records and the marks of its words; return how many records are gone. Raises Forbidden."""
    allow(Can.ERASE, actor)
    gone, _by_model = SealedRecord.objects.filter(matter_kind=matter_kind, matter_id=matter_id).delete()
    MatterKey.objects.filter(matter_kind=matter_kind, matter_id=matter_id).delete()
    WordMarks.objects.filter(matter_kind=matter_kind, matter_id=matter_id).delete()
    return gone


@command
def take_over(actor: Actor, record_id: int, new_id: int) -> None:
    """At the person's own request, put what a newer record of the same matter and kind holds in a record's place.

    Neither is opened: both are bound to the same matter and key. Raises Forbidden, NotFound.
    """
    allow(Can.HEED, actor)
    rows = {row.pk: row for row in SealedRecord.objects.select_for_update().filter(pk__in=(record_id, new_id))}
    old, new = rows.get(record_id), rows.get(new_id)
    if old is None or new is None or (old.matter_key_id, old.kind) != (new.matter_key_id, new.kind):
        raise NotFound
    sealed = {name: getattr(new, name) for name in ("nonce", "ciphertext", "masked", "digests")}
    new.delete()
    change(old, **sealed)


@command
def drop_record(actor: Actor, record_id: int) -> None:
    """At the person's own request, destroy one record; with its matter's last record goes the key.

    Raises Forbidden, ProveYourself, NotFound.
    """
    allow(Can.HEED, actor)
    demand_proof(actor)
    record = SealedRecord.objects.select_for_update().filter(pk=record_id).first()
    if record is None:
        raise NotFound
    key = record.matter_key
    record.delete()
    if not key.records.exists():
        key.delete()


@command
def take_back(actor: Actor, matter_kind: MatterKind, matter_id: int, record_id: int) -> None:
    """Destroy one record of a matter because what it held was taken back or said anew; its room has judged who may. Raises Forbidden.

    The matter's key stays: it goes with the matter.
    """
    allow(Can.SEAL, actor)
    SealedRecord.objects.filter(pk=record_id, matter_kind=matter_kind, matter_id=matter_id).delete()


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


@command
def digest_ends(actor: Actor, *, after: int = 0, limit: int = 1000) -> int:
    """Let records sealed before telephones were found by their end be found so; return the last id looked at, 0 at the end.

    The mask of such a number shows its end, so nothing is opened. Raises Forbidden, KeyUnavailable.
    """
    allow(Can.KEEP_KEYS, actor)
    keys = station_keys()
    rows = list(SealedRecord.objects.select_for_update(no_key=True).filter(pk__gt=after).order_by("pk")[:limit])
    for row in rows:
        end = shown_end(row.masked.get("phone", ""))
        wanted = crypto.digest(keys, row.kind, PHONE_END, end) if end else ""
        if wanted and wanted not in row.digests:
            row.digests = [*row.digests, wanted]
    SealedRecord.objects.bulk_update(rows, ["digests"], batch_size=200)
    return rows[-1].pk if rows else 0


def keep_words(matter_kind: MatterKind, texts: Mapping[int, str]) -> int:
    """Make matters findable by their words, anew where they were already; part of the deed that calls it. Returns how many.

    Without the station's key nothing is written and the deed goes on: taking a report comes first, the index is filled later.
    """
    try:
        keys = station_keys()
    except KeyUnavailable as away:
        log.error("words are not indexed: %s", away)
        return 0
    given = [(str(matter_kind), matter_id, marks_of(keys, matter_kind, text)) for matter_id, text in texts.items()]
    if given:
        places = ", ".join(["(%s, %s, %s::integer[])"] * len(given))
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_WORDS.format(places), [value for row in given for value in row])
    return len(given)


def forget_words(matter_kind: MatterKind, matter_ids: Iterable[int]) -> None:
    """Take the marks of matters whose words are gone out of the index."""
    WordMarks.objects.filter(matter_kind=matter_kind, matter_id__in=list(matter_ids)).delete()


def _checked(fields: dict[str, str]) -> dict[str, str]:
    """The fields that hold something. Raises Invalid for an unknown one or when none is left."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise Invalid(**dict.fromkeys(unknown, _("这一项不能保存。")))
    limits = {"note": NOTE_LIMIT}
    kept = {name: clean(value, limits.get(name, FIELD_LIMIT), field=name) for name, value in fields.items()}
    kept = {name: value for name, value in kept.items() if value}
    if not kept:
        raise Invalid(_("没有要保存的联系信息。"))
    return kept


def _matter(matter_kind: str, matter_id: int) -> str:
    return f"{matter_kind!s}|{matter_id}"


def _bound(kind: Kind, matter_kind: str, matter_id: int) -> str:
    """What a record's ciphertext is bound to: moved to another matter or role it does not open."""
    return f"{kind!s}|{_matter(matter_kind, matter_id)}"
