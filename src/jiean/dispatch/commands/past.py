"""Past calls taken in whole: closed incidents with their units' stamps as recorded, flaws and all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.imports import CallPlan, PastCall, PastOrder
from jiean.dispatch.models import Assignment, Incident, Unit
from jiean.grid.queries import cell_at
from jiean.kernel import geo
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid

BATCH = 500
SOURCE = "past_call"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import wrote, and what was there already."""

    incidents: int
    orders: int
    units: int
    known: int


@command
def take_past_calls(actor: Actor, plan: CallPlan) -> Taken:
    """Take in past calls as archived incidents; a call whose number is there already is left alone. Raises Forbidden, Invalid."""
    allow(Can.IMPORT_CALLS, actor)
    known = set(
        Incident.objects.filter(number__in=[call.number for call in plan.calls]).values_list("number", flat=True)
    )
    fresh = [call for call in plan.calls if call.number not in known]
    somewhere = _middle(plan.calls)
    units, made = _units(fresh, somewhere)
    rows = Incident.objects.bulk_create((_incident(call, somewhere) for call in fresh), batch_size=BATCH)
    orders = [_order(call, one, row, units) for call, row in zip(fresh, rows, strict=True) for one in call.orders]
    Assignment.objects.bulk_create(orders, batch_size=BATCH)
    return Taken(len(rows), len(orders), made, len(known))


def _middle(calls: Sequence[PastCall]) -> tuple[float, float]:
    """The middle of the calls that have a place: where a call without one is put, and flagged."""
    places = [call.place for call in calls if call.place is not None]
    if not places:
        raise Invalid(file=_("没有一行有坐标。"))
    lon, lat = np.median(np.array(places), axis=0)
    return float(lon), float(lat)


def _units(calls: Sequence[PastCall], base: tuple[float, float]) -> tuple[Mapping[str, int], int]:
    """Ids by call sign, with the units made that were missing; and how many those were."""
    wanted = {order.call_sign: order.unit_class for call in calls for order in call.orders}
    have = set(Unit.objects.filter(call_sign__in=wanted).values_list("call_sign", flat=True))
    missing = sorted(set(wanted) - have)
    Unit.objects.bulk_create(
        Unit(call_sign=sign, unit_class=wanted[sign], base_lon=base[0], base_lat=base[1]) for sign in missing
    )
    return dict(Unit.objects.filter(call_sign__in=wanted).values_list("call_sign", "pk")), len(missing)


def _incident(call: PastCall, somewhere: tuple[float, float]) -> Incident:
    lon, lat = call.place or somewhere
    arrivals = [order.on_scene_at for order in call.orders if order.on_scene_at]
    sent = [order.assigned_at for order in call.orders if order.assigned_at]
    ends = [order.available_at for order in call.orders if order.available_at]
    flaws = sorted({*call.flaws, *(flaw for order in call.orders for flaw in order.flaws)})
    return Incident(
        number=call.number, kind=call.kind, grade=call.grade, state=Incident.State.ARCHIVED, lon=lon, lat=lat,
        h3=geo.h3_cell(lon, lat), cell=cell_at(lon, lat), place_words=call.place_words, summary=call.summary, source=SOURCE,
        received_at=call.received_at, dispatched_at=min(sent, default=None), first_arrival_at=min(arrivals, default=None),
        cleared_at=max(ends, default=None), flaws=flaws,
    )  # fmt: skip


def _order(call: PastCall, order: PastOrder, incident: Incident, units: Mapping[str, int]) -> Assignment:
    """The order as recorded. A unit that was never on scene was called back on its way."""
    last = order.available_at or order.on_scene_at or order.en_route_at or order.assigned_at or call.received_at
    ended: dict[str, Any] = (
        {"state": Assignment.State.CLEARED, "cleared_at": last}
        if order.on_scene_at
        else {"state": Assignment.State.RECALLED, "recalled_at": last}
    )
    return Assignment(
        incident=incident,
        unit_id=units[order.call_sign],
        assigned_at=order.assigned_at or call.received_at,
        acknowledged_at=order.en_route_at,
        en_route_at=order.en_route_at,
        on_scene_at=order.on_scene_at,
        **ended,
    )
