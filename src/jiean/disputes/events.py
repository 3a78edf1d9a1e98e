"""What happened to disputes. Ids and codes only: words stay in their row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.actor import Role
from jiean.kernel.events import ALL, NAMED, Audience, Event

_DESK: Audience = {Role.COMMANDER: ALL, Role.DISPATCHER: ALL}
_HOLDERS: Audience = {**_DESK, **dict.fromkeys((Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR), NAMED)}


@dataclass(frozen=True)
class DisputeRegistered(Event):
    """The first word of a dispute is kept; the station's desk answers for it. ``report_id`` is what it was made of."""

    dispute_id: int
    cell_id: int | None
    account_ids: tuple[int, ...] = ()
    report_id: int | None = None
    AUDIENCE: ClassVar[Audience] = _HOLDERS


@dataclass(frozen=True)
class DisputeSent(Event):
    """A desk was asked to take a dispute; ``account_ids`` work there."""

    dispute_id: int
    cell_id: int | None
    organisation_id: int
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = _HOLDERS


@dataclass(frozen=True)
class BodyAsked(Event):
    """A body was asked to help the desk that leads; ``account_ids`` work there."""

    dispute_id: int
    cell_id: int | None
    organisation_id: int
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = _HOLDERS


@dataclass(frozen=True)
class DeskRulingNeeded(Event):
    """Two desks refused a dispute: the commander decides."""

    dispute_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = _DESK


@dataclass(frozen=True)
class DisputeChanged(Event):
    """A dispute moved, or something was added to it, short of its end."""

    dispute_id: int
    cell_id: int | None
    state: str
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = _HOLDERS


@dataclass(frozen=True)
class QueueMoved(Event):
    """A number was taken, called or served at a hive post."""

    post_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = {**_DESK, **dict.fromkeys((Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR), ALL)}


@dataclass(frozen=True)
class DisputeEnded(Event):
    """Mediation is over: settled, failed, withdrawn, referred or not taken. ``report_id`` is where it came from."""

    dispute_id: int
    cell_id: int | None
    state: str
    report_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = _HOLDERS


@dataclass(frozen=True)
class DisputeReopened(Event):
    """A dispute that was over is open again."""

    dispute_id: int
    cell_id: int | None
    report_id: int | None = None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = _HOLDERS


@dataclass(frozen=True)
class FlagChanged(Event):
    """A flag was raised on a dispute, reviewed, renewed, lowered, or is gone; ``state`` says which it is now."""

    dispute_id: int
    cell_id: int | None
    state: str
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), NAMED)}


@dataclass(frozen=True)
class LookAsked(Event):
    """The machine asks whoever holds a dispute to look at it."""

    dispute_id: int
    cell_id: int | None
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, **dict.fromkeys((Role.OFFICER, Role.MEDIATOR), NAMED)}


@dataclass(frozen=True)
class MeetingArranged(Event):
    """A meeting was agreed on, moved, called off, or somebody did not come: ``code`` says which; ``account_ids`` sit at the table."""

    dispute_id: int
    cell_id: int | None
    code: str
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = _HOLDERS
