"""Orders: of one incident, and those a crew holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can, own_orders
from jiean.dispatch.models import Assignment, Unit
from jiean.dispatch.queries.board import IncidentRow, incident_rows
from jiean.dispatch.targets import ORDER_AGAIN_S
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor

_STEPS = {
    Assignment.State.ACKNOWLEDGED: ("ack", _("签收")),
    Assignment.State.EN_ROUTE: ("go", _("出发")),
    Assignment.State.ON_SCENE: ("scene", _("到场")),
    Assignment.State.CLEARED: ("clear", _("结束")),
    Assignment.State.DECLINED: ("decline", _("拒绝")),
    Assignment.State.RECALLED: ("recall", _("撤回")),
}


_AS_STORED = (
    "version", "incident_id", "unit_id", "state", "is_open", "assigned_at", "acknowledged_at", "en_route_at", "on_scene_at",
    "cleared_at", "declined_at", "recalled_at", "escalation_level", "suggested_unit_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with its stamps. ``steps`` are the legal next steps as (code, words), the usual one first."""

    id: int
    version: int
    incident_id: int
    unit_id: int
    call_sign: str
    class_words: str
    state: str
    state_words: str
    is_open: bool
    assigned_at: dt.datetime
    acknowledged_at: dt.datetime | None
    en_route_at: dt.datetime | None
    on_scene_at: dt.datetime | None
    cleared_at: dt.datetime | None
    declined_at: dt.datetime | None
    recalled_at: dt.datetime | None
    reason: str
    escalation_level: int
    suggested_unit_id: int | None
    is_unsigned_late: bool
    steps: tuple[tuple[str, str], ...]
    incident: IncidentRow | None = None


def incident_orders(actor: Actor, incident_id: int) -> list[OrderRow]:
    """Every order of an incident the actor may see, oldest first. The caller has checked the incident itself."""
    rows = Assignment.objects.filter(incident_id=incident_id).select_related("unit").order_by("id")
    return _rows(rows)


def my_orders(actor: Actor) -> list[OrderRow]:
    """The open orders of the units the actor crews now, each with its incident, the oldest first."""
    if actor.account_id is None:
        return []
    orders = visible(Can.SEE_ORDER, actor, Assignment).filter(own_orders(actor))
    rows = list(orders.select_related("unit").order_by("id"))
    incidents = {row.id: row for row in incident_rows(actor, [row.incident_id for row in rows])}
    return _rows(rows, incidents)


def _rows(rows: Iterable[Assignment], incidents: dict[int, IncidentRow] | None = None) -> list[OrderRow]:
    now = clocks.now()
    return [_row(row, now, (incidents or {}).get(row.incident_id)) for row in rows]


def _row(row: Assignment, now: dt.datetime, incident: IncidentRow | None) -> OrderRow:
    allowed = Assignment.WORKFLOW.next_states(row)
    steps = tuple((code, str(words)) for state, (code, words) in _STEPS.items() if state in allowed)
    waited_s = (now - row.assigned_at).total_seconds()
    return OrderRow(
        **{name: getattr(row, name) for name in _AS_STORED},
        id=row.pk,
        call_sign=row.unit.call_sign,
        class_words=str(Unit.Class(row.unit.unit_class).label),
        state_words=str(Assignment.State(row.state).label),
        reason=row.reason_given,
        is_unsigned_late=row.state == Assignment.State.ASSIGNED and waited_s > ORDER_AGAIN_S,
        steps=steps,
        incident=incident,
    )
