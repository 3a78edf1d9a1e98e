"""What happened among the staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.actor import PERSONAL_ROLES, Role
from jiean.kernel.events import ALL, CELL, NAMED, Audience, Event


@dataclass(frozen=True)
class DutyChanged(Event):
    """Who answers for a cell has changed: a duty began, ended, was handed over or covered."""

    duty_id: int
    cell_id: int
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {
        Role.COMMANDER: ALL,
        Role.DISPATCHER: ALL,
        Role.OFFICER: CELL,
        Role.SOCIAL_WORKER: CELL,
    }


@dataclass(frozen=True)
class RolesChanged(Event):
    """An account gained, confirmed or lost a role; its screens must ask again what they may show."""

    account_id: int
    cell_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {Role.ADMIN: ALL, Role.AUDITOR: ALL}


@dataclass(frozen=True)
class MessageSent(Event):
    """A notice waits for an account."""

    message_id: int
    cell_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = dict.fromkeys(PERSONAL_ROLES, NAMED)
