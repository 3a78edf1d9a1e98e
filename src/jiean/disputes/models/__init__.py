"""Tables of disputes, split by noun."""

from jiean.disputes.models.calendar import Appointment, Feed, Room
from jiean.disputes.models.disputes import (
    FACTS_LIMIT,
    NOTE_LIMIT,
    OUTCOMES,
    PLACE_LIMIT,
    Channel,
    Dispute,
    Kind,
    Level,
    Manner,
    PoliceGround,
    Tally,
    Way,
)
from jiean.disputes.models.endings import Agreement, CallBack, Talk
from jiean.disputes.models.joint import JoinedBody
from jiean.disputes.models.legs import DeskRule, Leg
from jiean.disputes.models.mediators import (
    Calling,
    Certificate,
    Dialect,
    MediatorDraft,
    Profile,
    Province,
    Recusal,
    Seat,
    Team,
    TeamMember,
)
from jiean.disputes.models.papers import Paper, PaperKind, PaperSeries, Signature
from jiean.disputes.models.parties import Party
from jiean.disputes.models.posts import HivePost, PostDuty, Service, Ticket, TicketSeries
from jiean.disputes.models.precedents import Precedent
from jiean.disputes.models.safety import Call, Flag, PleaseLook, Protection, Reason

__all__ = [
    "FACTS_LIMIT",
    "NOTE_LIMIT",
    "OUTCOMES",
    "PLACE_LIMIT",
    "Agreement",
    "Appointment",
    "Call",
    "CallBack",
    "Calling",
    "Certificate",
    "Channel",
    "DeskRule",
    "Dialect",
    "Dispute",
    "Feed",
    "Flag",
    "HivePost",
    "JoinedBody",
    "Kind",
    "Leg",
    "Level",
    "Manner",
    "MediatorDraft",
    "Paper",
    "PaperKind",
    "PaperSeries",
    "Party",
    "PleaseLook",
    "PoliceGround",
    "PostDuty",
    "Precedent",
    "Profile",
    "Protection",
    "Province",
    "Reason",
    "Recusal",
    "Room",
    "Seat",
    "Service",
    "Signature",
    "Talk",
    "Tally",
    "Team",
    "TeamMember",
    "Ticket",
    "TicketSeries",
    "Way",
]
