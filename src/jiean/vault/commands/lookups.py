"""Looking somebody up: exact, masked, at most five, counted in the same transaction; many ask a supervisor, too many stop."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.access import allow, fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.audit import record_read
from jiean.kernel.command import command
from jiean.kernel.errors import Forbidden, Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import change
from jiean.vault import crypto
from jiean.vault.access import Can, stated_purpose
from jiean.vault.events import LookUpsAsked
from jiean.vault.keys import KeyUnavailable, station_keys
from jiean.vault.masks import LOOKED_UP, NAMED_PLACE, PHONE_END, named_place
from jiean.vault.models import Kind, LookUp, LookUpQuestion, MatterKind, SealedRecord
from jiean.vault.purposes import Purpose

log = logging.getLogger(__name__)

FOUND_LIMIT = 5
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ASK_PER_HOUR, ASK_PER_DAY, STOP_PER_DAY = 30, 100, 200
"""More than so many ask a supervisor; after the last, nothing more until one has answered (TRUST, section 6)."""
Reason = LookUpQuestion.Reason


class LookUpsStopped(Forbidden):
    """Too many people were looked up within a day, or a supervisor said no."""

    status = 429
    code = "look_ups_stopped"
    default = _("一天内查人过多，已经停下。请值班指挥长答复后再查；登记上报不受影响。")


@dataclass(frozen=True, slots=True)
class Found:
    """A record an exact look-up found: where it belongs and its mask, nothing more."""

    record_id: int
    matter_id: int
    masked: dict[str, str]


@command
def look_up(actor: Actor, kind: Kind, field: str, value: str) -> list[Found]:
    """At most five of the newest records of one kind with exactly this number. Raises Forbidden, ProveYourself, LookUpsStopped."""
    allow(Can.LOOK_UP, actor)
    if field not in LOOKED_UP or not value.strip():
        return []
    return _exactly(actor, _counted(actor), kind, field, value)


@command
def look_up_named(actor: Actor, kind: Kind, name: str, address: str) -> list[Found]:
    """The same by a name together with an address, both exact. Raises Forbidden, Invalid, ProveYourself, LookUpsStopped."""
    allow(Can.LOOK_UP, actor)
    if not name.strip() or not address.strip():
        raise Invalid(_("姓名和地址都要填。"))
    return _exactly(actor, _counted(actor), kind, NAMED_PLACE, named_place(name, address))


def _exactly(actor: Actor, purpose: Purpose, kind: Kind, field: str, value: str) -> list[Found]:
    wanted = crypto.digest(station_keys(), kind, field, value)
    rows = SealedRecord.objects.filter(kind=kind, digests__contains=[wanted]).order_by("-pk")[:FOUND_LIMIT]
    for row in rows:
        _record(actor, MatterKind(row.matter_kind), row.matter_id, field, purpose)
    return [Found(row.pk, row.matter_id, row.masked) for row in rows]


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
"""For a reader of some matters each of their own is read and no other: others' numbers cost no time."""


@command
def look_up_end(
    actor: Actor, matter_kind: MatterKind, kind: Kind, end: str, *, among: Sequence[int] | None = None
) -> list[Found]:
    """At most five of the newest records of one kind whose telephone ends with exactly these four digits.

    ``among`` are the matters the actor holds, None where that is all of them. Raises Forbidden, ProveYourself, LookUpsStopped.
    """
    allow(Can.LOOK_UP, actor)
    if len(end) != 4 or not (end.isascii() and end.isdecimal()):
        return []
    purpose = _counted(actor)
    try:
        wanted = crypto.digest(station_keys(), kind, PHONE_END, end)
    except KeyUnavailable as away:
        log.error("telephones cannot be looked for: %s", away)
        return []
    asked: dict[str, Any] = {"matter_kind": str(matter_kind), "kind": str(kind), "wanted": wanted, "most": FOUND_LIMIT}
    with connection.cursor() as cursor:
        cursor.execute(
            _END_AMONG_ALL if among is None else _END_AMONG_OWN,
            asked if among is None else asked | {"among": list(among)},
        )
        found = [Found(*row) for row in cursor.fetchall()]
    for one in found:
        _record(actor, matter_kind, one.matter_id, PHONE_END, purpose)
    return [Found(one.record_id, one.matter_id, _read(one.masked)) for one in found]


def _read(masked: Any) -> dict[str, str]:
    """A JSON column as the driver hands it over: text where nobody has parsed it."""
    read: dict[str, str] = orjson.loads(masked) if isinstance(masked, str | bytes) else masked
    return read


def _record(actor: Actor, matter_kind: MatterKind, matter_id: int, field: str, purpose: Purpose) -> None:
    record_read(actor, "vault.looked_up", subject=(str(matter_kind), matter_id), purpose=str(purpose), fields=[field])


def _counted(actor: Actor) -> Purpose:
    """Ask what for, count this look-up with the actor's others, ask a supervisor where they are many. Raises LookUpsStopped.

    One account's look-ups are counted one after the other, so that two at once do not both pass as the last.
    """
    purpose = stated_purpose(actor)
    if actor.role == Role.SYSTEM or actor.account_id is None:
        return purpose
    at = clocks.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('vault_lookup'), %s::bigint::int)", [actor.account_id])
    mine = LookUp.objects.filter(account_id=actor.account_id)
    day = mine.filter(at__gt=_since(actor.account_id, at)).count() + 1
    hour = mine.filter(at__gt=at - HOUR).count() + 1
    if day > STOP_PER_DAY:
        raise LookUpsStopped
    LookUp.objects.create(account_id=actor.account_id, at=at, purpose=purpose)
    if day == STOP_PER_DAY:
        _ask(actor.account_id, Reason.STOP, at, DAY)
    elif day > ASK_PER_DAY:
        _ask(actor.account_id, Reason.DAY, at, DAY)
    elif hour > ASK_PER_HOUR:
        _ask(actor.account_id, Reason.HOUR, at, HOUR)
    return purpose


def _since(account_id: int, at: dt.datetime) -> dt.datetime:
    """From when look-ups count towards the stop: a day back, or the last time a supervisor let it go on after one.

    Raises LookUpsStopped when the last answer of the day was no.
    """
    answered = LookUpQuestion.objects.filter(account_id=account_id, answered_at__gt=at - DAY).order_by("-answered_at")
    last = answered.first()
    if last is not None and not last.allowed:
        raise LookUpsStopped
    lifted = answered.filter(reason=Reason.STOP).values_list("answered_at", flat=True).first()
    return lifted or at - DAY


def _ask(account_id: int, reason: LookUpQuestion.Reason, at: dt.datetime, once: dt.timedelta) -> None:
    """Ask a supervisor, once in its span; a stop is always asked about."""
    asked = LookUpQuestion.objects.filter(account_id=account_id, reason=reason, asked_at__gt=at - once)
    if reason != Reason.STOP and asked.exists():
        return
    question = LookUpQuestion.objects.create(account_id=account_id, reason=reason, asked_at=at)
    announce(LookUpsAsked(question.pk))


@command
def answer_look_ups(actor: Actor, question_id: int, *, allowed: bool, version: int | None = None) -> LookUpQuestion:
    """Say whether somebody else's many look-ups may go on; a no stops them for a day. Raises NotFound, Conflict, Invalid."""
    question = fetch(Can.ANSWER_LOOK_UPS, actor, LookUpQuestion, question_id, version=version)
    if question.answered_at is not None:
        raise Invalid(_("这个询问已经答复过了。"))
    change(question, answered_at=clocks.now(), answered_by_id=actor.account_id, allowed=allowed)
    return question
