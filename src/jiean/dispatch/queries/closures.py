"""Closed roads: those that count, and the desk's list of them."""

from __future__ import annotations

from jiean.dispatch.access import Can
from jiean.dispatch.models import RoadClosure
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor


def standing_closures() -> tuple[RoadClosure, ...]:
    """What is closed now or will be, earliest first. One statement."""
    rows = RoadClosure.objects.filter(state=RoadClosure.State.CLOSED, ends_at__gt=clocks.now())
    return tuple(rows.order_by("starts_at", "pk"))


def closures_now(actor: Actor) -> list[RoadClosure]:
    """The desk's list: closed now or soon, then those opened before their time, with who closed them. One statement."""
    rows = visible(Can.CLOSE_ROADS, actor, RoadClosure).filter(ends_at__gt=clocks.now())
    return list(rows.select_related("closed_by").order_by("state", "starts_at", "pk"))
