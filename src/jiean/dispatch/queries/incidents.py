"""One incident with everything that belongs to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.models import Advice, Assignment, Incident
from jiean.dispatch.queries.board import IncidentRow, incident_rows
from jiean.dispatch.queries.orders import OrderRow, incident_orders
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.audit import record_look
from jiean.kernel.device_time import Late, late
from jiean.kernel.models import Transition
from jiean.people.queries import names_of
from jiean.vault.queries import stated_purpose

_CODES = {
    "opened": _("接警登记"),
    "graded": _("定级"),
    "assigned": _("派警"),
    "ack": _("签收"),
    "go": _("出发"),
    "scene": _("到场"),
    "clear": _("单元结束"),
    "decline": _("拒绝"),
    "recall": _("撤回"),
    "again": _("再次催签"),
    "alarm": _("无人签收，报警指挥长"),
    "handled": _("处置完成"),
    "fed_back": _("反馈"),
    "reviewed": _("审核"),
    "archived": _("归档"),
    "reopened": _("重开"),
    "voided": _("作废"),
    "cancelled": _("取消"),
    "referred": _("移交"),
    "unfounded": _("不属实"),
    "merged": _("合并"),
    "absorbed": _("并入另一警情"),
    "moved": _("改位置"),
    "back": _("退回待派"),
    "noted": _("备注"),
}


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the history of an incident or of one of its orders; ``late`` where it was done without a network."""

    at: dt.datetime
    code: str
    words: str
    who: str
    role_words: str
    reason: str
    call_sign: str
    detail: dict[str, Any]
    late: Late | None


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An incident, its orders, its history, the newest advice kept, and what it absorbed."""

    row: IncidentRow
    orders: tuple[OrderRow, ...]
    timeline: tuple[TimelineLine, ...]
    next_states: tuple[str, ...]
    advice_id: int | None
    advice_at: dt.datetime | None
    merged_numbers: tuple[int, ...]


def incident_opened(actor: Actor, incident_id: int) -> IncidentDetail:
    """The same for a reader who means to read it: a closed one asks for a purpose first. Raises NotFound, ProveYourself."""
    detail = incident_detail(actor, incident_id)
    if not detail.row.is_open:
        stated_purpose(actor)
    return detail


def incident_detail(actor: Actor, incident_id: int) -> IncidentDetail:
    """Everything about one incident. Raises NotFound. At most eleven statements, of which two write the look down."""
    incident = fetch(Can.SEE_INCIDENT, actor, Incident, incident_id, lock=False)
    row = incident_rows(actor, [incident.pk])[0]
    if not row.masked:
        words = ("place_words", "summary", "outcome")
        purpose = "dispatch" if row.is_open else str(stated_purpose(actor))
        record_look(actor, "dispatch.incident_read", subject=("incident", incident.pk), purpose=purpose, fields=words)
    orders = incident_orders(actor, incident.pk)
    advice = Advice.objects.filter(incident=incident).order_by("-id").values_list("pk", "at").first()
    merged = Incident.objects.filter(merged_into=incident).order_by("number").values_list("number", flat=True)
    return IncidentDetail(
        row=row,
        orders=tuple(orders),
        timeline=tuple(_timeline(row, orders)),
        next_states=tuple(sorted(Incident.WORKFLOW.next_states(incident))),
        advice_id=advice[0] if advice else None,
        advice_at=advice[1] if advice else None,
        merged_numbers=tuple(merged),
    )


def _timeline(incident: IncidentRow, orders: list[OrderRow]) -> list[TimelineLine]:
    """The history of the incident and its orders in one, oldest first."""
    begun = {("dispatch.incident", incident.id): incident.received_at}
    begun |= {("dispatch.assignment", order.id): order.assigned_at for order in orders}
    call_signs = {order.id: order.call_sign for order in orders}
    own = Transition.objects.filter(kind="dispatch.incident", subject_id=incident.id)
    theirs = Transition.objects.filter(kind="dispatch.assignment", subject_id__in=list(call_signs))
    lines = sorted(own.union(theirs, all=True), key=lambda line: line.pk)
    names = names_of({line.account_id for line in lines if line.account_id})
    return [
        TimelineLine(
            at=line.at,
            code=line.code,
            words=_line_words(line),
            who=names.get(line.account_id, "") if line.account_id else "",
            role_words=str(Role(line.role).label),
            reason="" if incident.masked else line.reason,
            call_sign=call_signs.get(line.subject_id, "") if line.kind == "dispatch.assignment" else "",
            detail=line.detail,
            late=late(line, line.at, begun[line.kind, line.subject_id]),
        )
        for line in lines
    ]


def _line_words(line: Transition) -> str:
    if line.code in _CODES:
        return str(_CODES[line.code])
    states = Assignment.State if line.kind == "dispatch.assignment" else Incident.State
    return str(states(line.to_state).label)
