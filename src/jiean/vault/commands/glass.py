"""Breaking the glass: one matter, one hour, because a life is in danger; told at once, reviewed by somebody else."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.access import admit, allow, demand_proof, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.audit import record_look, record_read
from jiean.kernel.command import command
from jiean.kernel.errors import Forbidden, Invalid, NotFound
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change
from jiean.vault.access import Can, Told, matter_of_number, told_of
from jiean.vault.events import GlassBroken, GlassUnreviewed
from jiean.vault.glass import GLASS_LASTS, HIDDEN_AT_MOST, REASON_LEAST, REVIEW_WITHIN
from jiean.vault.models import Glass, MatterKind
from jiean.vault.purposes import Purpose

log = logging.getLogger(__name__)

NOTE_LIMIT = 500


@command
def break_glass(actor: Actor, matter_kind: MatterKind, number: str, *, reason: str, danger: bool) -> Glass:
    """Open one matter one does not hold, for an hour. The second factor is asked for here too: without it nobody reads (TRUST, 1).

    Commanders are told at once, and the look is in the audit. Raises Forbidden, ProveYourself, Invalid.
    """
    allow(Can.BREAK_GLASS, actor)
    demand_proof(actor)
    if actor.account_id is None:
        raise Forbidden
    if not danger:
        raise Invalid(danger=_("只有在有生命危险时才能这样打开。"))
    words = clean(reason, NOTE_LIMIT, field="reason", required=True)
    if len(words) < REASON_LEAST:
        raise Invalid(reason=_("请写明是什么危险，至少 %(least)d 个字。") % {"least": REASON_LEAST})
    matter_id = matter_of_number(matter_kind, number)
    if matter_id is None:
        raise Invalid(number=_("没有这个编号。"))
    at = clocks.now()
    broken = Glass.objects.create(
        account_id=actor.account_id, role=actor.role, matter_kind=matter_kind, matter_id=matter_id,
        number=number.strip().upper(), reason=words, started_at=at, until=at + GLASS_LASTS,
        hidden_until=at + REVIEW_WITHIN,
    )  # fmt: skip
    admit(Can.BREAK_GLASS, actor, broken)
    subject = (str(matter_kind), matter_id)
    record_read(actor, "vault.glass_broken", subject=subject, purpose=str(Purpose.EMERGENCY))
    announce(GlassBroken(broken.pk))
    return broken


@command
def tell_glass(actor: Actor, glass_id: int) -> tuple[Glass, Told]:
    """What the one matter tells, while the hour runs; every look is written down. Raises NotFound, ProveYourself."""
    broken = fetch(Can.BREAK_GLASS, actor, Glass, glass_id, lock=False)
    demand_proof(actor)
    told = told_of(MatterKind(broken.matter_kind), broken.matter_id)
    if told is None:
        raise NotFound
    subject = (broken.matter_kind, broken.matter_id)
    record_look(actor, "vault.glass_read", subject=subject, purpose=str(Purpose.EMERGENCY), fields=("words",))
    return broken, told


@command
def review_glass(
    actor: Actor,
    glass_id: int,
    *,
    verdict: Glass.Verdict,
    words: str,
    hide_days: int = 0,
    version: int | None = None,
) -> Glass:
    """Say whether it was right, and from when the resident may see it: at once, or by a dated reason up to ninety days later.

    Raises NotFound (also for one's own), Conflict, Invalid.
    """
    broken = fetch(Can.REVIEW_GLASS, actor, Glass, glass_id, version=version)
    if broken.reviewed_at is not None:
        raise Invalid(_("这一次已经审核过了。"))
    if verdict not in Glass.Verdict.values:
        raise Invalid(verdict=_("请选择结论。"))
    if not 0 <= hide_days <= HIDDEN_AT_MOST.days:
        raise Invalid(hide_days=_("最多 90 天。"))
    note = clean(words, NOTE_LIMIT, field="words", required=True)
    at = clocks.now()
    hidden_until = at + dt.timedelta(days=hide_days) if hide_days else None
    change(
        broken,
        verdict=verdict,
        review_note=note,
        reviewed_at=at,
        reviewed_by_id=actor.account_id,
        hidden_until=hidden_until,
    )
    return broken


@command
def shout_unreviewed(actor: Actor) -> int:
    """Tell commanders and auditors, once a day, of glass nobody reviewed in time; return how many there are. Raises Forbidden."""
    allow(Can.SHOUT, actor)
    at = clocks.now()
    late = list(Glass.objects.filter(reviewed_at=None, started_at__lt=at - REVIEW_WITHIN))
    for broken in late:
        if broken.shouted_at is None or broken.shouted_at <= at - dt.timedelta(days=1):
            log.critical("broken glass %s waits for its review since %s", broken.pk, broken.started_at.isoformat())
            change(broken, shouted_at=at)
            announce(GlassUnreviewed(broken.pk))
    return len(late)
