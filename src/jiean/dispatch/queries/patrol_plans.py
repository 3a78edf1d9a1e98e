"""The patrol plan that stands, whole for the desk, and each crew's own route."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from jiean.dispatch.access import Can, own_units
from jiean.dispatch.models import PatrolPlan, Unit
from jiean.kernel import clocks
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class PatrolStop:
    """One stop of a route: where, and when to be there and go on."""

    name: str
    lon: float
    lat: float
    begin: dt.datetime
    leave: dt.datetime

    @property
    def is_over(self) -> bool:
        return self.leave < clocks.now()


@dataclass(frozen=True, slots=True)
class PatrolRoute:
    """One unit's stops in order."""

    unit_id: int
    call_sign: str
    stops: tuple[PatrolStop, ...]


def patrol_now(actor: Actor) -> PatrolPlan | None:
    """The plan that stands. Raises Forbidden. One statement."""
    allow(Can.PLAN_PATROL, actor)
    return _standing()


def routes_of(plan: PatrolPlan) -> list[PatrolRoute]:
    """The plan's routes by call sign."""
    return sorted((_route(one) for one in plan.routes), key=lambda route: route.call_sign)


def my_routes(actor: Actor) -> list[PatrolRoute]:
    """The routes of the units the actor crews now. Two statements."""
    plan = _standing() if actor.account_id is not None else None
    if plan is None:
        return []
    mine = set(Unit.objects.filter(own_units(actor)).values_list("pk", flat=True))
    return [route for route in routes_of(plan) if route.unit_id in mine]


def _standing() -> PatrolPlan | None:
    return PatrolPlan.objects.filter(ends_at__gt=clocks.now()).order_by("-made_at", "-pk").first()


def _route(kept: dict[str, Any]) -> PatrolRoute:
    stops = (
        PatrolStop(one["name"], one["lon"], one["lat"], _time(one["begin"]), _time(one["leave"]))
        for one in kept["stops"]
    )
    return PatrolRoute(kept["unit"], kept["sign"], tuple(stops))


def _time(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
