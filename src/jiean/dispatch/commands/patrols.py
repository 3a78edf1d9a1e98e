"""Keeping the patrol plan of a shift."""

from __future__ import annotations

import datetime as dt
from typing import Any

from jiean.dispatch.access import Can
from jiean.dispatch.events import PatrolPlanned
from jiean.dispatch.models import PatrolPlan
from jiean.dispatch.queries.units import crew_account_ids
from jiean.kernel import clocks
from jiean.kernel.access import admit
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import note


@command
def keep_patrol(
    actor: Actor, *, routes: list[dict[str, Any]], left_out: int, drive_s: float, weather: str, ends_at: dt.datetime
) -> PatrolPlan:
    """Keep a plan; from now on it is the one that stands, and the crews are told. Raises Forbidden, Invalid."""
    now = clocks.now()
    if not routes or ends_at <= now:
        raise Invalid
    plan = PatrolPlan.objects.create(
        made_at=now, ends_at=ends_at, weather=weather, routes=routes, left_out=left_out, drive_s=drive_s
    )
    admit(Can.PLAN_PATROL, actor, plan)
    note(plan, by=actor, code="planned")
    announce(PatrolPlanned(plan.pk, crew_account_ids([route["unit"] for route in routes])))
    return plan
