"""Reads that open nothing: masks, matters by their words, and what waits for a second pair of eyes."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection

from jiean.kernel import audit, clocks
from jiean.kernel.access import allow, holds, visible
from jiean.kernel.actor import Actor
from jiean.vault.access import Can
from jiean.vault.access import Told as Told
from jiean.vault.access import may_look as may_look
from jiean.vault.access import stated_purpose as stated_purpose
from jiean.vault.factors import SECRETS, key_of
from jiean.vault.glass import REVIEW_WITHIN
from jiean.vault.keys import KeyUnavailable, station_keys
from jiean.vault.marks import marks_wanted
from jiean.vault.models import Glass, LookUpQuestion, MatterKind, SealedRecord, WordMarks

log = logging.getLogger(__name__)

CANDIDATES = 60
"""Matters handed out at most; who asks reads their rows and keeps those that truly hold the words."""
NEWEST, FARTHER, A_FEW = 5_000, 25_000, 10
"""A frequent word is found among the newest so many, without reading every matter that holds it; one that stands in a few of
these among so many more. Any other is so rare that reading all that hold it takes no longer."""


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


_AMONG_NEWEST = """
SELECT matter_id FROM (
    SELECT matter_id, marks FROM vault_wordmarks WHERE matter_kind = %s AND matter_id > %s AND matter_id <= %s
    ORDER BY matter_id DESC OFFSET 0
) newest WHERE marks @> %s::integer[] LIMIT %s
"""
"""Parameters: kind, bounds, marks, limit. Rests on vault_words_of_matter, walked backwards until enough is found."""

_AMONG_OLDER = """
WITH hit AS MATERIALIZED (
    SELECT matter_id FROM vault_wordmarks WHERE matter_kind || '' = %s AND marks @> %s::integer[] AND matter_id + 0 <= %s
)
SELECT matter_id FROM hit ORDER BY matter_id DESC LIMIT %s
"""
"""Parameters: kind, marks, bound, limit. Rests on vault_words and, as it is written, on no other index: of a statement kept
for any words PostgreSQL would think the other one the better, and read every row."""

_AMONG_OWN = """
SELECT matter_id FROM (
    SELECT matter_id, marks FROM vault_wordmarks WHERE matter_kind = %s AND matter_id = ANY(%s::bigint[])
    ORDER BY matter_id DESC OFFSET 0
) own WHERE marks @> %s::integer[] LIMIT %s
"""
"""Parameters: kind, ids, marks, limit. One's own rows are read, the newest first, and no other: others' words cost no time."""


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
            cursor.execute(_AMONG_OWN, [str(kind), list(among), wanted, most])
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
    for reach in (NEWEST, FARTHER):
        if upto > 0 and len(found) < most and (reach is NEWEST or len(found) >= A_FEW):
            cursor.execute(_AMONG_NEWEST, [kind, upto - reach, upto, wanted, most - len(found)])
            found += [row[0] for row in cursor.fetchall()]
            upto -= reach
    if upto > 0 and len(found) < most:
        cursor.execute(_AMONG_OLDER, [kind, wanted, upto, most - len(found)])
        found += [row[0] for row in cursor.fetchall()]
    return found


def without_words(kind: MatterKind, matter_ids: Sequence[int]) -> list[int]:
    """Those of the matters that are not indexed."""
    have = set(WordMarks.objects.filter(matter_kind=kind, matter_id__in=matter_ids).values_list("matter_id", flat=True))
    return [matter_id for matter_id in matter_ids if matter_id not in have]


def open_questions(actor: Actor) -> list[LookUpQuestion]:
    """Look-ups a supervisor is asked about and has not answered, oldest first; nobody's own."""
    return list(visible(Can.ANSWER_LOOK_UPS, actor, LookUpQuestion).filter(answered_at=None).order_by("asked_at")[:100])


def glasses(actor: Actor) -> list[Glass]:
    """Glass broken: what nobody reviewed, the oldest first, then the newest reviewed."""
    rows = visible(Can.SEE_GLASS, actor, Glass)
    reviewed = rows.exclude(reviewed_at=None).order_by("-reviewed_at")[:20]
    return [*rows.filter(reviewed_at=None).order_by("started_at")[:200], *reviewed]


def own_glasses(actor: Actor) -> list[Glass]:
    """What the actor broke within the last hour."""
    return list(visible(Can.BREAK_GLASS, actor, Glass).order_by("-started_at"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something at the vault's doors a commander must see: ``what`` is a question's reason, "glass" or "unreviewed"."""

    what: str
    id: int
    account_id: int
    since: dt.datetime


def waiting(actor: Actor) -> list[Waiting]:
    """Questions of look-ups, glass broken within the hour, and glass nobody reviewed in time. One statement; none for others."""
    if not holds(Can.ANSWER_LOOK_UPS, actor):
        return []
    at = clocks.now()
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"me": actor.account_id, "at": at, "late": at - REVIEW_WITHIN})
        return [Waiting(*row) for row in cursor.fetchall()]


_WAITING = """
SELECT reason, id, account_id, asked_at FROM vault_lookupquestion WHERE answered_at IS NULL AND account_id <> %(me)s
UNION ALL
SELECT CASE WHEN started_at < %(late)s THEN 'unreviewed' ELSE 'glass' END, id, account_id, started_at FROM vault_glass
WHERE reviewed_at IS NULL AND (until > %(at)s OR started_at < %(late)s)
ORDER BY 4 LIMIT 20
"""


def hidden_looks(kind: MatterKind, matter_id: int) -> list[tuple[int, dt.datetime, dt.datetime]]:
    """Account, begin and end of looks through broken glass the resident is not told of yet."""
    rows = Glass.objects.filter(matter_kind=kind, matter_id=matter_id, hidden_until__gt=clocks.now())
    return list(rows.values_list("account_id", "started_at", "until"))


def sealed_factors() -> Counter[str]:
    """How many secrets of second factors are sealed under each key, by its id; under an empty one those kept in clear."""
    kept = Authenticator.objects.filter(data__has_any_keys=SECRETS).values_list("data", flat=True)
    return Counter(key_of(data[name]) for data in kept for name in SECRETS if name in data)
