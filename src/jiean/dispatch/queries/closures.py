"""Closed roads: those that count, and the desk's list of them."""

from __future__ import annotations

from collections.abc import Iterable

from jiean.dispatch.access import Can
from jiean.dispatch.models import RoadClosure
from jiean.engine.roads import Closure, Heading
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor


def standing_closures() -> tuple[RoadClosure, ...]:
    """What is closed now or will be, earliest first. One statement."""
    rows = RoadClosure.objects.filter(state=RoadClosure.State.CLOSED, ends_at__gt=clocks.now())
    return tuple(rows.order_by("starts_at", "pk"))


def closure_of(row: RoadClosure) -> Closure:
    """A closure as the engine takes it."""
    line = tuple((float(lon), float(lat)) for lon, lat in row.line)
    return Closure(line, row.street, Heading(row.heading) if row.heading else None)


def closures_in_force() -> tuple[RoadClosure, ...]:
    """What is closed at this moment. One statement."""
    now = clocks.now()
    return tuple(one for one in standing_closures() if one.starts_at <= now)


def closures_of_ids(ids: Iterable[int]) -> tuple[RoadClosure, ...]:
    """Closures by their ids, whatever their state; those that are kept no longer are left out. One statement where any is asked."""
    wanted = tuple(ids)
    return tuple(RoadClosure.objects.filter(pk__in=wanted).order_by("pk")) if wanted else ()


def closures_now(actor: Actor) -> list[RoadClosure]:
    """The desk's list: closed now or soon, then those opened before their time, with who closed them. One statement."""
    rows = visible(Can.CLOSE_ROADS, actor, RoadClosure).filter(ends_at__gt=clocks.now())
    return list(rows.select_related("closed_by").order_by("state", "starts_at", "pk"))
