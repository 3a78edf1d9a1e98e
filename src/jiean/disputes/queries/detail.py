"""One dispute with everything that hangs on it, for who holds it and for a party with its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from jiean.disputes import tracking
from jiean.disputes.access import Can
from jiean.disputes.looks import look
from jiean.disputes.models import Agreement, Appointment, CallBack, Dispute, Leg, Party, Seat, Talk
from jiean.disputes.queries.calendar import Meeting, as_meetings, of_dispute
from jiean.disputes.queries.joint import JoinedLine, joined_lines
from jiean.disputes.queries.lists import facts_for, place_shown, reads
from jiean.disputes.queries.safety import OwnFlag, Safety, own_flag, safety_of
from jiean.kernel import clocks
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import NotFound
from jiean.kernel.models import Deadline, Transition
from jiean.kernel.workflow import timeline
from jiean.people.models import RoleHolding
from jiean.people.queries import in_force, names_of
from jiean.vault.queries import masked

MOST_MEDIATORS = 200
SAFETY_ROLES = (Role.COMMANDER, Role.DISPATCHER, Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A party as a page shows it: its standing, and who it is, masked."""

    party: Party
    who: dict[str, str]

    @property
    def label(self) -> str:
        """Standing and masked name, for a list to choose from."""
        return f"{self.party.get_standing_display()} {self.who.get('name', '')}".strip()


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that hangs on one dispute. ``may_read`` false: the facts, parties and terms are withheld."""

    dispute: Dispute
    may_read: bool
    parties: list[PartyLine]
    legs: list[Leg]
    talks: list[Talk]
    agreements: list[Agreement]
    call_backs: list[CallBack]
    clocks: list[Deadline]
    history: list[Transition]
    names: dict[int, str]
    joined: list[Dispute]
    seats: list[Seat]
    facts: str
    place_shown: bool
    safety: Safety | None
    bodies: list[JoinedLine]
    meetings: list[Meeting]

    @property
    def running_leg(self) -> Leg | None:
        return next((one for one in self.legs if one.state == Leg.State.SENT), None)

    @property
    def running_clocks(self) -> list[Deadline]:
        return [one for one in self.clocks if one.state != Deadline.State.STOPPED]

    @property
    def mediator(self) -> str:
        return self.names.get(self.dispute.mediator_id or 0, "")

    @property
    def seated(self) -> list[tuple[int, str]]:
        """Who sits at the table with a team: account, name and calling."""
        return [
            (one.account_id, f"{self.names.get(one.account_id, '')}（{one.get_calling_display()}）")
            for one in self.seats
        ]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Which party chose whom."""
        told = [(one.label, self.names.get(one.party.chosen_mediator_id or 0, "")) for one in self.parties]
        return [(label, name) for label, name in told if name]


_WHOLE = ("cell", "premises", "desk", "joined_into", "split_from")


def dispute_detail(actor: Actor, dispute_id: int) -> Detail:
    """One dispute. The look is written down. Raises NotFound, ProveYourself for one that is over."""
    rows = visible(Can.SEE, actor, Dispute).select_related(*_WHOLE).defer("cell__boundary")
    dispute = rows.filter(pk=dispute_id).first()
    if dispute is None:
        raise NotFound
    may_read = reads(actor, dispute)
    look(actor, "disputes.read" if may_read else "disputes.seen", dispute, *(("facts", "parties") if may_read else ()))
    return _detail(actor, dispute, may_read)


def _detail(actor: Actor, dispute: Dispute, may_read: bool) -> Detail:
    parties = list(dispute.parties.filter(left_at=None).select_related("speaks_for")) if may_read else []
    who = masked(one.record_id for one in parties)
    history, talks, told = timeline(dispute), list(dispute.talks.all()), place_shown(actor, dispute)
    seats = list(dispute.seats.filter(left_at=None))
    booked = of_dispute(dispute) if dispute.accepted_at else []
    names = _names(dispute, history, talks, seats, parties, booked)
    return Detail(
        dispute=dispute,
        may_read=may_read,
        parties=[PartyLine(one, who.get(one.record_id or 0, {})) for one in parties],
        legs=list(dispute.legs.select_related("organisation", "sender").order_by("pk")),
        talks=talks,
        agreements=list(dispute.agreements.all()) if may_read and told else [],
        call_backs=list(dispute.call_backs.all()) if may_read else [],
        clocks=clocks.deadlines_of(dispute),
        history=history,
        names=names,
        joined=list(dispute.joined.only("pk", "number", "kind", "state")),
        seats=seats,
        facts=facts_for(actor, dispute) if may_read else "",
        place_shown=told,
        bodies=joined_lines(dispute) if may_read and dispute.accepted_at else [],
        meetings=as_meetings(actor, booked, names),
        safety=safety_of(dispute) if may_read and actor.role in SAFETY_ROLES else None,
    )


def _names(
    dispute: Dispute,
    history: Iterable[Transition],
    talks: Iterable[Talk],
    seats: Iterable[Seat],
    parties: Iterable[Party],
    booked: Iterable[Appointment],
) -> dict[int, str]:
    """The names of everybody of the staff the page tells of, in one statement."""
    accounts = {dispute.mediator_id} | {one.chosen_mediator_id for one in parties}
    accounts |= {one.account_id for rows in (history, talks, seats) for one in rows}
    accounts |= {one for row in booked for one in row.people}
    return names_of(one for one in accounts if one is not None)


def leg_of(actor: Actor, dispute_id: int) -> Leg:
    """The leg of a dispute that waits for the actor's answer. Raises NotFound."""
    leg_id = Leg.objects.filter(dispute=dispute_id, state=Leg.State.SENT).values_list("pk", flat=True).first()
    return fetch(Can.ANSWER_LEG, actor, Leg, leg_id, lock=False)


@dataclass(frozen=True, slots=True)
class Own:
    """A dispute as one of its parties sees it: with that party's own record only."""

    dispute: Dispute
    party: Party
    who: dict[str, str]
    code: str
    talks: list[Talk]
    booked: list[Appointment]
    agreement: Agreement | None
    clocks: list[Deadline]
    history: list[Transition]
    legs: list[Leg]
    flag: OwnFlag | None


def own_dispute(number: str, code: str) -> Own:
    """A dispute for the party whose code it is. Raises NotFound, whatever of it is wrong."""
    rows = Party.objects.filter(dispute__number=number.strip().upper(), left_at=None)
    parties = list(rows.select_related("dispute__desk", "dispute__joined_into", "dispute__cell"))
    fitting = [one for one in parties if tracking.fits(one.dispute.number, one.pk, code)]
    if not fitting:
        raise NotFound
    party, dispute = fitting[0], fitting[0].dispute
    return Own(
        dispute=dispute,
        party=party,
        who=masked([party.record_id]).get(party.record_id or 0, {}),
        code=tracking.code_of(dispute.number, party.pk),
        talks=list(dispute.talks.all()),
        booked=of_dispute(dispute),
        agreement=dispute.agreements.last(),
        clocks=[one for one in clocks.deadlines_of(dispute) if one.state != Deadline.State.STOPPED],
        history=timeline(dispute),
        legs=list(dispute.legs.select_related("organisation").order_by("pk")),
        flag=own_flag(dispute),
    )


@dataclass(frozen=True, slots=True)
class Mediator:
    """Somebody who may mediate, and how many cases they have now."""

    account_id: int
    name: str
    role: str
    body: str
    load: int


def mediators(*, officers_only: bool = False) -> list[Mediator]:
    """Mediators and, where the police mediate, officers, the least laden first."""
    role = Role.OFFICER if officers_only else Role.MEDIATOR
    held = RoleHolding.objects.filter(in_force(clocks.now()), role=role, confirmed_at__isnull=False)
    rows = held.filter(account__is_active=True).values_list(
        "account_id", "account__name", "account__organisation__name"
    )
    found = list(rows[:MOST_MEDIATORS])
    live = Dispute.objects.filter(Q(state__in=Dispute.LIVE), mediator_id__in=[one[0] for one in found])
    loads: dict[Any, int] = dict(live.order_by().values_list("mediator_id").annotate(n=Count("pk")))
    made = [Mediator(pk, name, str(role.label), body or "", loads.get(pk, 0)) for pk, name, body in found]
    return sorted(made, key=lambda one: (one.load, one.account_id))


@dataclass(frozen=True, slots=True)
class Told:
    """A dispute as a report or an incident names it: number and state, no words."""

    id: int
    number: str
    state: str
    state_label: str


def told_of(*, report_id: int | None = None, incident_id: int | None = None) -> Told | None:
    """The newest dispute made of a report or of an incident."""
    wanted = Q(report_id=report_id) if report_id is not None else Q(incident_id=incident_id)
    if report_id is None and incident_id is None:
        return None
    row = Dispute.objects.filter(wanted).only("pk", "number", "state").order_by("-pk").first()
    return Told(row.pk, row.number, row.state, str(row.get_state_display())) if row else None
