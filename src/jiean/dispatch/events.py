"""What happened in dispatch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.actor import Role
from jiean.kernel.events import ALL, CELL, NAMED, Audience, Event

_BOARD: Audience = {Role.COMMANDER: ALL, Role.DISPATCHER: ALL}
_CREW_ROLES = (Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR, Role.INSPECTOR, Role.VOLUNTEER, Role.GUARD)
_CREW: Audience = dict.fromkeys(_CREW_ROLES, NAMED)


@dataclass(frozen=True)
class IncidentOpened(Event):
    """An incident was registered."""

    incident_id: int
    cell_id: int | None
    grade: int
    report_id: int | None = None
    AUDIENCE: ClassVar[Audience] = {**_BOARD, Role.OFFICER: CELL}


@dataclass(frozen=True)
class IncidentChanged(Event):
    """An incident's grade, place, words or state changed, short of its end."""

    incident_id: int
    cell_id: int | None
    state: str
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **_CREW, Role.OFFICER: CELL}


@dataclass(frozen=True)
class IncidentClosed(Event):
    """An incident needs nothing more on the board: fed back, or ended otherwise. ``state`` says how."""

    incident_id: int
    cell_id: int | None
    state: str
    disposition: str
    report_id: int | None = None
    AUDIENCE: ClassVar[Audience] = {**_BOARD, Role.OFFICER: CELL}


@dataclass(frozen=True)
class IncidentReopened(Event):
    """A closed incident is open again."""

    incident_id: int
    cell_id: int | None
    report_id: int | None = None
    AUDIENCE: ClassVar[Audience] = {**_BOARD, Role.OFFICER: CELL}


@dataclass(frozen=True)
class UnitAssigned(Event):
    """A unit was ordered to an incident; ``account_ids`` are its crew."""

    assignment_id: int
    incident_id: int
    unit_id: int
    cell_id: int | None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **_CREW}


@dataclass(frozen=True)
class OrderAnswered(Event):
    """An order took a stamp: ``state`` is where it stands now."""

    assignment_id: int
    incident_id: int
    unit_id: int
    cell_id: int | None
    state: str
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **_CREW}


@dataclass(frozen=True)
class OrderUnsigned(Event):
    """Nobody signed for an order in time. Level 1: it is sent again; level 2: the commander is alarmed."""

    assignment_id: int
    incident_id: int
    unit_id: int
    cell_id: int | None
    level: int
    suggested_unit_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **_CREW}


@dataclass(frozen=True)
class ShiftChanged(Event):
    """A unit went on or off duty, or its crew changed."""

    unit_id: int
    cell_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **_CREW}


@dataclass(frozen=True)
class WatchChanged(Event):
    """Another commander has the station, or the weather was told."""

    watch_id: int
    AUDIENCE: ClassVar[Audience] = _BOARD


@dataclass(frozen=True)
class UnitMoved(Event):
    """An idle unit was told to wait elsewhere, or said what became of it: ``state`` is where the move stands."""

    move_id: int
    unit_id: int
    state: str
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **_CREW}


@dataclass(frozen=True)
class PatrolPlanned(Event):
    """The rest of the shift's patrols were planned; the crews find their routes on the phone."""

    plan_id: int
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **_CREW}


@dataclass(frozen=True)
class RoadsChanged(Event):
    """A road was closed, is closed for longer, or is open again: ``state`` is where the closure stands."""

    closure_id: int
    state: str
    AUDIENCE: ClassVar[Audience] = {**_BOARD, **dict.fromkeys(_CREW_ROLES, ALL)}
