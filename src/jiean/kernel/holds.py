"""Legal holds: a matter that must not be erased yet, by whose word, why, and when that is looked at again (TRUST, section 9).

A hold stops every clock and every erasure of the matter until somebody lifts it. It never lapses by itself: one whose review is
overdue is shown as such, on the matter and on the resident's page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.models import Hold
from jiean.kernel.text import clean

LONGEST = dt.timedelta(days=90)
"""TRUST, section 10: a legal reason is looked at again every 90 days."""
REASON_LIMIT = 300


def held_ids(kind: str) -> QuerySet[Hold, int]:
    """The matters of a kind that are held, for a clock's ``exclude``."""
    return Hold.objects.filter(kind=kind, lifted_at=None).values_list("subject_id", flat=True)


def hold_on(kind: str, matter_id: int) -> Hold | None:
    """The hold that stands on a matter, if any."""
    return Hold.objects.filter(kind=kind, subject_id=matter_id, lifted_at=None).first()


def refuse_if_held(kind: str, matter_id: int) -> None:
    """Raises IllegalMove where a hold stands, naming the day it is looked at again."""
    held = hold_on(kind, matter_id)
    if held is not None:
        told = {"day": f"{clocks.local(held.review_at):%Y-%m-%d}"}
        raise IllegalMove(_("这件事依法留存，现在不能删除；%(day)s 前复查。") % told)


def place(by: Actor, matters: Iterable[tuple[str, int]], *, ground: str, reason: str, review_at: dt.datetime) -> None:
    """Put a hold on matters, or renew the one that stands. Part of a deed. Raises Invalid."""
    at = clocks.now()
    words = clean(reason, REASON_LIMIT, field="reason", required=True)
    if ground not in Hold.Ground.values:
        raise Invalid(ground=_("请选择依据。"))
    if not at < review_at <= at + LONGEST:
        raise Invalid(review_at=_("复查日期要在今天以后、90 天以内。"))
    for kind, matter_id in matters:
        Hold.objects.filter(kind=kind, subject_id=matter_id, lifted_at=None).update(lifted_at=at)
        Hold.objects.create(
            kind=kind, subject_id=matter_id, ground=ground, reason=words, role=by.role, account_id=by.account_id,
            placed_at=at, review_at=review_at,
        )  # fmt: skip


def lift(matters: Iterable[tuple[str, int]]) -> None:
    """Take the hold away. Part of a deed. Raises NotFound where none stands."""
    lifted = 0
    for kind, matter_id in matters:
        rows = Hold.objects.filter(kind=kind, subject_id=matter_id, lifted_at=None)
        lifted += rows.update(lifted_at=clocks.now())
    if not lifted:
        raise NotFound
