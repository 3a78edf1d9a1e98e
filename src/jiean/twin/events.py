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
class CellPlanChanged(Event):
    """Another division of the town was drafted, changed, accepted, handed over or dropped."""

    cell_plan_id: int
    state: str
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.ADMIN: ALL}
