"""Who may see and do what in dispatch: TRUST section 5, the rows of incidents, orders and positions."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from django.db.models import OuterRef, Q
from django.db.models.expressions import Exists

from jiean.dispatch.models import OPEN, Assignment, Incident, ShiftMember, open_orders
from jiean.kernel import clocks
from jiean.kernel.access import everywhere, grant, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.models import Transition


class Can(StrEnum):
    SEE_INCIDENT = "dispatch.see_incident"
    OPEN_INCIDENT = "dispatch.open_incident"
    DIRECT_INCIDENT = "dispatch.direct_incident"
    REPORT_BACK = "dispatch.report_back"
    REVIEW_INCIDENT = "dispatch.review_incident"
    SEND_UNIT = "dispatch.send_unit"
    SEE_ORDER = "dispatch.see_order"
    ANSWER_ORDER = "dispatch.answer_order"
    ESCALATE_ORDER = "dispatch.escalate_order"
    KEEP_UNITS = "dispatch.keep_units"
    KEEP_SHIFTS = "dispatch.keep_shifts"
    SEE_UNITS = "dispatch.see_units"
    MOVE_UNIT = "dispatch.move_unit"
    SEE_MOVE = "dispatch.see_move"
    ANSWER_MOVE = "dispatch.answer_move"
    COMPARE_ADVICE = "dispatch.compare_advice"
    PLAN_PATROL = "dispatch.plan_patrol"
    CLOSE_ROADS = "dispatch.close_roads"
    SEND_POSITION = "dispatch.send_position"
    SEE_WATCH = "dispatch.see_watch"
    TAKE_COMMAND = "dispatch.take_command"
    TELL_WEATHER = "dispatch.tell_weather"
    FORGET_TRACKS = "dispatch.forget_tracks"
    FORGET = "dispatch.forget"
    ERASE = "dispatch.erase"
    IMPORT_CALLS = "dispatch.import_calls"
    INDEX = "dispatch.index"


CREW_ROLES = (
    Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR, Role.INSPECTOR, Role.VOLUNTEER, Role.GUARD,
)  # fmt: skip
"""Roles that ride with units and answer orders."""

_OPEN = Q(state__in=sorted(OPEN))


def memberships_now(actor: Actor) -> Q:
    """The actor's places in crews whose shift runs now."""
    at = clocks.now()
    return Q(account_id=actor.account_id, shift__starts_at__lte=at, shift__ends_at__gt=at)


def own_units(actor: Actor) -> Q:
    """Units the actor crews at this moment."""
    return Q(pk__in=ShiftMember.objects.filter(memberships_now(actor)).values("shift__unit_id"))


def own_orders(actor: Actor) -> Q:
    """Open orders of the units the actor crews at this moment."""
    units = ShiftMember.objects.filter(memberships_now(actor)).values("shift__unit_id")
    return open_orders() & Q(unit_id__in=units)


def own_moves(actor: Actor) -> Q:
    """Moves of the units the actor crews at this moment."""
    return Q(unit_id__in=ShiftMember.objects.filter(memberships_now(actor)).values("shift__unit_id"))


def own_tasks(actor: Actor) -> Q:
    """Open incidents the actor's unit is on now, or was on during this shift.

    The few ids are read first: as a subquery they would be weighed against every open incident of the station.
    """
    if actor.account_id is None:
        return Q(pk__in=())
    return _OPEN & Q(pk__in=_task_ids(actor))


def _task_ids(actor: Actor) -> list[int]:
    crewed = ShiftMember.objects.filter(
        memberships_now(actor), shift__unit_id=OuterRef("unit_id"), shift__starts_at__lte=OuterRef("assigned_at")
    )
    done = Q(declined_at=None, recalled_at=None) & Q(Exists(crewed))
    units = ShiftMember.objects.filter(memberships_now(actor)).values("shift__unit_id")
    tasks = Assignment.objects.filter(unit_id__in=units).filter(open_orders() | done)
    return list(tasks.values_list("incident_id", flat=True).distinct())


def own_tasks_and_cells(actor: Actor) -> Q:
    """Open incidents of one's own orders and, masked, of one's own cells."""
    return own_tasks(actor) | (_OPEN & Q(cell_id__in=actor.cell_ids))


def own_cells(actor: Actor) -> Q:
    """Incidents in the cells the actor answers for today."""
    return Q(cell_id__in=actor.cell_ids)


def open_or_handled(actor: Actor) -> Q:
    """Open incidents of the station, and closed ones the actor had a hand in."""
    mine = Transition.objects.filter(kind="dispatch.incident", subject_id=OuterRef("pk"), account_id=actor.account_id)
    return _OPEN | Q(Exists(mine))


_CREW: dict[Role, Callable[[Actor], Q]] = dict.fromkeys(CREW_ROLES, own_tasks)
_MOVES: dict[Role, Callable[[Actor], Q]] = dict.fromkeys(CREW_ROLES, own_moves)
_ORDERS: dict[Role, Callable[[Actor], Q]] = dict.fromkeys(CREW_ROLES, own_orders)
_DESK: dict[Role, Callable[[Actor], Q]] = dict.fromkeys((Role.COMMANDER, Role.DISPATCHER, Role.SYSTEM), everywhere)

grant(
    {
        Can.SEE_INCIDENT: {
            **_CREW,
            Role.OFFICER: own_tasks_and_cells,
            Role.COMMANDER: everywhere,
            Role.DISPATCHER: open_or_handled,
            Role.SYSTEM: everywhere,
        },
        Can.OPEN_INCIDENT: {**_DESK, Role.OFFICER: own_cells},
        Can.DIRECT_INCIDENT: _DESK,
        Can.REPORT_BACK: {**_CREW, **_DESK},
        Can.REVIEW_INCIDENT: {Role.COMMANDER: everywhere, Role.DISPATCHER: everywhere, Role.SYSTEM: everywhere},
        Can.SEND_UNIT: _DESK,
        Can.SEE_ORDER: {**_ORDERS, **_DESK, Role.AUDITOR: everywhere},
        Can.ANSWER_ORDER: {**_ORDERS, **_DESK},
        Can.ESCALATE_ORDER: {Role.SYSTEM: everywhere},
        Can.KEEP_UNITS: {Role.COMMANDER: everywhere, Role.SYSTEM: everywhere},
        Can.KEEP_SHIFTS: _DESK,
        Can.SEE_UNITS: {**dict.fromkeys(CREW_ROLES, own_units), **_DESK},
        Can.MOVE_UNIT: _DESK,
        Can.SEE_MOVE: {**_MOVES, **_DESK},
        Can.ANSWER_MOVE: {**_MOVES, **_DESK},
        Can.COMPARE_ADVICE: {Role.COMMANDER: everywhere, Role.DISPATCHER: everywhere, Role.AUDITOR: everywhere},
        Can.PLAN_PATROL: _DESK,
        Can.CLOSE_ROADS: _DESK,
        Can.SEND_POSITION: {**dict.fromkeys(CREW_ROLES, own_units), Role.SYSTEM: everywhere},
        Can.SEE_WATCH: _DESK,
        Can.TAKE_COMMAND: {Role.COMMANDER: everywhere},
        Can.TELL_WEATHER: _DESK,
        Can.FORGET_TRACKS: {Role.SYSTEM: everywhere},
        Can.FORGET: {Role.SYSTEM: everywhere},
        Can.ERASE: {**_DESK, Role.AUDITOR: everywhere},
        Can.IMPORT_CALLS: {Role.SYSTEM: everywhere},
        Can.INDEX: {Role.SYSTEM: everywhere},
    }
)


def holds_incident(actor: Actor, incident_id: int) -> bool:
    """Whether the actor holds the incident so far that its contact may be opened: on task, or directing it."""
    if actor.role in _DESK:
        return visible(Can.SEE_INCIDENT, actor, Incident).filter(pk=incident_id).exists()
    return actor.role in _CREW and Incident.objects.filter(own_tasks(actor), pk=incident_id).exists()


def is_worked_on(incident_id: int) -> bool:
    """Whether somebody still has something to do on the incident."""
    return Incident.objects.filter(pk=incident_id, state__in=OPEN).exists()
