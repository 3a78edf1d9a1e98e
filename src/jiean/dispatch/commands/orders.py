"""Orders: a unit sent, its stamps, and what happens when nobody signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.commands.endings import handle
from jiean.dispatch.commands.incidents import REASON_LIMIT, due, no_due
from jiean.dispatch.events import IncidentChanged, OrderAnswered, OrderUnsigned, UnitAssigned
from jiean.dispatch.models import Advice, Assignment, Incident, Shift, Unit, open_orders
from jiean.dispatch.queries.units import crew_account_ids
from jiean.dispatch.targets import ARRIVE, ASSIGN
from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Conflict, IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note

State = Assignment.State
_SENDABLE = (Incident.State.RECEIVED, Incident.State.GRADED, Incident.State.DISPATCHED, Incident.State.HANDLED)


@command
def keep_advice(actor: Actor, incident_id: int, *, ranked: Sequence[Mapping[str, Any]]) -> Advice:
    """Keep advice as it is shown, so that the choice can stand beside it; the same ranking is not kept twice running.

    Raises NotFound.
    """
    incident = fetch(Can.SEND_UNIT, actor, Incident, incident_id, lock=False)
    last = Advice.objects.filter(incident=incident).order_by("-id").first()
    if last is not None and last.chosen_unit_id is None and _order_of(last.ranked) == _order_of(ranked):
        return last
    return Advice.objects.create(incident=incident, at=clocks.now(), ranked=[dict(one) for one in ranked])


@command
def assign_unit(actor: Actor, incident_id: int, unit_id: int, *, advice_id: int | None = None) -> Assignment:
    """Send a unit. Raises NotFound, IllegalMove, and Conflict when the unit is off duty or already sent."""
    incident = fetch(Can.SEND_UNIT, actor, Incident, incident_id)
    if incident.state not in _SENDABLE:
        raise IllegalMove(_("这条警情已经结束，不能再派警。"))
    unit = free_unit(actor, unit_id)
    at = clocks.now()
    order = Assignment.objects.create(incident=incident, unit=unit, assigned_at=at, advice_id=advice_id)
    admit(Can.SEND_UNIT, actor, order)
    note(order, by=actor, code="assigned")
    _dispatched(actor, incident, order)
    if advice_id is not None:
        _keep_choice(advice_id, incident, unit_id)
    announce(UnitAssigned(order.pk, incident.pk, unit.pk, incident.cell_id, crew_account_ids([unit.pk], at)))
    return order


@command
def acknowledge_assignment(actor: Actor, assignment_id: int, *, version: int | None = None) -> Assignment:
    """Sign for an order. Raises NotFound, Conflict, IllegalMove."""
    _incident, order = _locked(actor, assignment_id, version)
    return _stamp(actor, order, State.ACKNOWLEDGED, "ack", acknowledged_at=clocks.now())


@command
def en_route_assignment(actor: Actor, assignment_id: int, *, version: int | None = None) -> Assignment:
    """Set off, which signs for the order too. Raises NotFound, Conflict, IllegalMove."""
    _incident, order = _locked(actor, assignment_id, version)
    at = clocks.now()
    return _stamp(actor, order, State.EN_ROUTE, "go", acknowledged_at=order.acknowledged_at or at, en_route_at=at)


@command
def arrive_assignment(actor: Actor, assignment_id: int, *, version: int | None = None) -> Assignment:
    """Be on scene; the first unit there stops the incident's clock. Raises NotFound, Conflict, IllegalMove."""
    incident, order = _locked(actor, assignment_id, version)
    at = clocks.now()
    _stamp(actor, order, State.ON_SCENE, "scene", acknowledged_at=order.acknowledged_at or at, on_scene_at=at)
    if incident.first_arrival_at is None:
        change(incident, first_arrival_at=at, **no_due())
    return order


@command
def clear_assignment(
    actor: Actor, assignment_id: int, *, disposition: str = "", outcome: str = "", version: int | None = None
) -> Assignment:
    """End a unit's work; the last unit to go says what came of the incident. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident, order = _locked(actor, assignment_id, version)
    others = _others(incident, order)
    if not others and not disposition:
        raise Invalid(disposition=_("最后一个单元结束时，请选择处置结果。"))
    _stamp(actor, order, State.CLEARED, "clear", cleared_at=clocks.now())
    if not others:
        handle(actor, incident, disposition, outcome)
    return order


@command
def decline_assignment(actor: Actor, assignment_id: int, *, reason: str, version: int | None = None) -> Assignment:
    """Say why the unit cannot go; the incident waits for another. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident, order = _locked(actor, assignment_id, version)
    reason = clean(reason, REASON_LIMIT, field="reason", required=True)
    _stamp(actor, order, State.DECLINED, "decline", said=reason, declined_at=clocks.now(), reason_given=reason)
    _wait_again(actor, incident, order)
    return order


@command
def recall_assignment(actor: Actor, assignment_id: int, *, reason: str, version: int | None = None) -> Assignment:
    """Call a unit back. Raises NotFound, Conflict, Invalid, IllegalMove."""
    incident, order = _locked(actor, assignment_id, version, can=Can.SEND_UNIT)
    reason = clean(reason, REASON_LIMIT, field="reason", required=True)
    _stamp(actor, order, State.RECALLED, "recall", said=reason, recalled_at=clocks.now(), reason_given=reason)
    _wait_again(actor, incident, order)
    return order


@command
def escalate_assignment(
    actor: Actor, assignment_id: int, *, level: int, suggested_unit_id: int | None = None
) -> Assignment:
    """Send an unsigned order again (level 1) or alarm the commander (level 2); a signed one is left alone. Raises NotFound."""
    order = fetch(Can.ESCALATE_ORDER, actor, Assignment, assignment_id)
    if order.state != State.ASSIGNED or order.escalation_level >= level:
        return order
    change(order, escalation_level=level, suggested_unit_id=suggested_unit_id or order.suggested_unit_id)
    note(order, by=actor, code="again" if level == 1 else "alarm")
    crew = crew_account_ids([order.unit_id])
    cell_id = Incident.objects.values_list("cell_id", flat=True).get(pk=order.incident_id)
    announce(OrderUnsigned(order.pk, order.incident_id, order.unit_id, cell_id, level, order.suggested_unit_id, crew))
    return order


@command
def divert_unit(actor: Actor, incident_id: int, assignment_id: int, *, advice_id: int | None = None) -> Assignment:
    """Break off a run under way for a graver incident: the former order is recalled with the reason, its incident waits again.

    Raises NotFound, Invalid when the incident is not graver, Conflict, IllegalMove.
    """
    graver = fetch(Can.SEND_UNIT, actor, Incident, incident_id, lock=False)
    former = fetch(Can.SEND_UNIT, actor, Assignment, assignment_id, lock=False)
    if former.incident_id == graver.pk or former.incident.grade <= graver.grade:
        raise Invalid(_("只能为更急的警情改派。"))
    reason = _("改派更急的警情 %(number)s") % {"number": graver.number}
    recall_assignment(actor, former.pk, reason=str(reason))
    return assign_unit(actor, graver.pk, former.unit_id, advice_id=advice_id)


def free_unit(actor: Actor, unit_id: int, can: Can = Can.SEND_UNIT) -> Unit:
    """The unit, locked, if it can take an order now. Raises NotFound, Conflict."""
    unit = fetch(can, actor, Unit, unit_id)
    at = clocks.now()
    if not unit.active or not Shift.objects.filter(unit=unit, starts_at__lte=at, ends_at__gt=at).exists():
        raise Conflict(_("%(unit)s 现在不在班。") % {"unit": unit.call_sign})
    held = Assignment.objects.filter(open_orders(), unit=unit).values_list("incident__number", flat=True).first()
    if held is not None:
        raise Conflict(_("%(unit)s 正在处置 %(number)s。") % {"unit": unit.call_sign, "number": held})
    return unit


def _dispatched(actor: Actor, incident: Incident, order: Assignment) -> None:
    """The incident is under way; its clock now asks for arrival, if nobody has arrived."""
    clock = due(ARRIVE, order.assigned_at) if incident.first_arrival_at is None else no_due()
    if incident.state == Incident.State.DISPATCHED:
        return
    first_at = incident.dispatched_at or order.assigned_at
    Incident.WORKFLOW.move(
        incident, Incident.State.DISPATCHED, by=actor, code="assigned", dispatched_at=first_at, **clock
    )


def _keep_choice(advice_id: int, incident: Incident, unit_id: int) -> None:
    advice = Advice.objects.filter(pk=advice_id, incident=incident).first()
    if advice is None:
        raise Invalid(advice_id=_("没有这条派警建议。"))
    rank = next((one["rank"] for one in advice.ranked if one["unit"] == unit_id), None)
    Advice.objects.filter(pk=advice.pk).update(chosen_unit_id=unit_id, chosen_rank=rank)


def _locked(
    actor: Actor, assignment_id: int, version: int | None, can: Can = Can.ANSWER_ORDER
) -> tuple[Incident, Assignment]:
    """The incident and then the order, locked in this order as everywhere, so that deeds do not wait in a ring."""
    seen = fetch(can, actor, Assignment, assignment_id, lock=False)
    incident = Incident.objects.select_for_update(no_key=True).get(pk=seen.incident_id)
    return incident, fetch(can, actor, Assignment, assignment_id, version=version)


def _stamp(
    actor: Actor, order: Assignment, to: Assignment.State, code: str, *, said: str = "", **fields: Any
) -> Assignment:
    Assignment.WORKFLOW.move(order, to, by=actor, code=code, reason=said, **fields)
    cell_id = Incident.objects.values_list("cell_id", flat=True).get(pk=order.incident_id)
    crew = crew_account_ids([order.unit_id])
    announce(OrderAnswered(order.pk, order.incident_id, order.unit_id, cell_id, order.state, crew))
    return order


def _others(incident: Incident, order: Assignment) -> bool:
    return Assignment.objects.filter(open_orders(), incident=incident).exclude(pk=order.pk).exists()


def _wait_again(actor: Actor, incident: Incident, order: Assignment) -> None:
    """With no unit left the incident goes back to the queue and its assignment clock starts anew."""
    if incident.state != Incident.State.DISPATCHED or _others(incident, order):
        return
    clock = due(ASSIGN, clocks.now())
    Incident.WORKFLOW.move(incident, Incident.State.GRADED, by=actor, code="back", **clock)
    announce(IncidentChanged(incident.pk, incident.cell_id, incident.state))


def _order_of(ranked: Sequence[Mapping[str, Any]]) -> list[tuple[Any, Any]]:
    return [(one["unit"], one["can_send"]) for one in ranked]
