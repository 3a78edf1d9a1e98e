"""What happened to the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.actor import Role
from jiean.kernel.events import ALL, Audience, Event


@dataclass(frozen=True)
class AreasChanged(Event):
    """The map of communities and cells was replaced; who holds a cached map must read it again."""

    town_id: int
    cell_id: int | None = None
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.DISPATCHER: ALL, Role.ADMIN: ALL}


@dataclass(frozen=True)
class PremisesChanged(Event):
    """A place was added, moved or renamed."""

    premises_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.DISPATCHER: ALL}
