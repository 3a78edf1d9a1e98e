"""What happened at the vault's doors; of whom is nowhere told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.actor import Role
from jiean.kernel.events import ALL, Audience, Event


@dataclass(frozen=True)
class LookUpsAsked(Event):
    """Somebody looks up many people: a supervisor is asked."""

    question_id: int
    cell_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL}


@dataclass(frozen=True)
class GlassBroken(Event):
    """A matter was opened by somebody who does not hold it."""

    glass_id: int
    cell_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.AUDITOR: ALL}


@dataclass(frozen=True)
class GlassUnreviewed(Event):
    """The time to review such an opening is over and nobody did."""

    glass_id: int
    cell_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.AUDITOR: ALL}
