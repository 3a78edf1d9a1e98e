"""What happened to reports. Ids and codes only: a report's words stay in its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiean.kernel.actor import Role
from jiean.kernel.events import ALL, CELL, NAMED, Audience, Event

DESK: Audience = {Role.COMMANDER: ALL, Role.DISPATCHER: ALL, Role.OFFICER: CELL, Role.SOCIAL_WORKER: CELL}
DESK_AND_BODY: Audience = {**DESK, Role.MEDIATOR: NAMED}


@dataclass(frozen=True)
class ReportSubmitted(Event):
    """Somebody reported something, by any channel; it waits at the desk."""

    report_id: int
    cell_id: int | None
    urgency: int = 4
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class RedFlagRaised(Event):
    """A report holds words that never wait: the desk's alarm sounds, whatever else is said about it."""

    report_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class ReportAccepted(Event):
    """The desk took a report on and opened an incident for it."""

    report_id: int
    cell_id: int | None
    incident_id: int
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class ReportReferred(Event):
    """A report was sent to another body."""

    report_id: int
    cell_id: int | None
    organisation_id: int
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = DESK_AND_BODY


@dataclass(frozen=True)
class ReferralAnswered(Event):
    """A body signed for a report, returned it, finished it, or it was called back: ``state`` says which."""

    report_id: int
    cell_id: int | None
    referral_id: int
    state: str
    account_ids: tuple[int, ...] = ()
    AUDIENCE: ClassVar[Audience] = DESK_AND_BODY


@dataclass(frozen=True)
class RulingNeeded(Event):
    """Two bodies returned the same report; the commander decides now."""

    report_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.DISPATCHER: ALL}


@dataclass(frozen=True)
class ReportsMerged(Event):
    """A report was linked into another one, or taken out again."""

    report_id: int
    cell_id: int | None
    into_id: int
    undone: bool = False
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class ReportChanged(Event):
    """A report was corrected, added to, split, rated or rejected; whoever shows it reads it again."""

    report_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class ReportAnswered(Event):
    """The reporter was told what came of it."""

    report_id: int
    cell_id: int | None
    result: str = ""
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class ReportClosed(Event):
    """A report is finished."""

    report_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class ReportReopened(Event):
    """A report that was answered, closed or rejected is open again."""

    report_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = DESK


@dataclass(frozen=True)
class HotIssueChanged(Event):
    """A hot issue was proposed, grew, or was judged by a person."""

    issue_id: int
    cell_id: int | None
    AUDIENCE: ClassVar[Audience] = {Role.COMMANDER: ALL, Role.DISPATCHER: ALL}
