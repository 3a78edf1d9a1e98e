"""What happened in the twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.actor import Role
from jiean.kernel.events import ALL, Audience, Event


@dataclass(frozen=True)
class TrialAsked(Event):
    """Somebody asked for a trial."""

    trial_id: int
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL}


@dataclass(frozen=True)
class TrialMoved(Event):
    """A trial began, got on, or ended."""

    trial_id: int
    state: str
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL}


@dataclass(frozen=True)
class CalculationAsked(Event):
    """Somebody asked for posts, cells or the calls to come to be worked out."""

    calculation_id: int
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL}


@dataclass(frozen=True)
class CalculationMoved(Event):
    """A calculation began, got on, or ended."""

    calculation_id: int
    state: str
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL}


@dataclass(frozen=True)
class CellPlanChanged(Event):
    """Another division of the town was drafted, changed, accepted, handed over or dropped."""

    cell_plan_id: int
    state: str
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.ADMIN: ALL}
