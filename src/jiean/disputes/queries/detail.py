"""One dispute with everything that hangs on it, for who holds it and for a party with its code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from jiean.disputes import tracking
from jiean.disputes.access import Can, scopes_of
from jiean.disputes.looks import look
from jiean.disputes.models import Agreement, Appointment, CallBack, Dispute, Leg, Party, Seat, Talk
from jiean.disputes.queries.calendar import Meeting, as_meetings
from jiean.disputes.queries.joint import JoinedLine, joined_lines
from jiean.disputes.queries.lists import facts_for, place_shown, reads
from jiean.disputes.queries.paper_lines import PaperLine, paper_lines
from jiean.disputes.queries.safety import OwnFlag, Safety, own_flag, safety_of
from jiean.disputes.queries.story import Story, story_of
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import NotFound
from jiean.kernel.models import Deadline, Transition
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
    story: Story
    reach: dict[Can, bool]
    may_read: bool
    parties: list[PartyLine]
    agreements: list[Agreement]
    call_backs: list[CallBack]
    names: dict[int, str]
    facts: str
    place_shown: bool
    safety: Safety | None
    bodies: list[JoinedLine]
    papers: list[PaperLine]
    meetings: list[Meeting]

    @property
    def legs(self) -> list[Leg]:
        return self.story.legs

    @property
    def talks(self) -> list[Talk]:
        return self.story.talks

    @property
    def seats(self) -> list[Seat]:
        return self.story.seats

    @property
    def joined(self) -> list[Dispute]:
        return self.story.joined

    @property
    def clocks(self) -> list[Deadline]:
        return self.story.clocks

    @property
    def history(self) -> list[Transition]:
        return self.story.history

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


def dispute_detail(actor: Actor, dispute_id: int, asked: Iterable[Can] = ()) -> Detail:
    """One dispute, and which of the permissions asked about reach it. The look is written down.

    Raises NotFound, and ProveYourself for one that is over.
    """
    dispute, reach = _found(actor, dispute_id, tuple(asked))
    may_read = reads(actor, dispute)
    look(actor, "disputes.read" if may_read else "disputes.seen", dispute, *(("facts", "parties") if may_read else ()))
    return _detail(actor, dispute, may_read, reach)


def _found(actor: Actor, dispute_id: int, asked: Sequence[Can]) -> tuple[Dispute, dict[Can, bool]]:
    """The row and what the actor may do on it, in one statement besides what the actor's body has."""
    scopes = scopes_of(actor, (Can.SEE, *asked))
    may = {
        f"may_{place}": Exists(Dispute.objects.filter(scopes[can], pk=OuterRef("pk")))
        for place, can in enumerate(asked)
    }
    rows = Dispute.objects.filter(scopes[Can.SEE]).select_related(*_WHOLE).defer("cell__boundary")
    dispute = rows.annotate(**may).filter(pk=dispute_id).first()
    if dispute is None:
        raise NotFound
    return dispute, {can: getattr(dispute, f"may_{place}") for place, can in enumerate(asked)}


def _detail(actor: Actor, dispute: Dispute, may_read: bool, reach: dict[Can, bool]) -> Detail:
    story, told = story_of(dispute), place_shown(actor, dispute)
    parties = story.parties if may_read else []
    who = masked(one.record_id for one in parties)
    names = names_of(_people(dispute, story))
    return Detail(
        dispute=dispute,
        story=story,
        reach=reach,
        may_read=may_read,
        parties=[PartyLine(one, who.get(one.record_id or 0, {})) for one in parties],
        agreements=story.agreements if may_read and told else [],
        call_backs=story.call_backs if may_read else [],
        names=names,
        facts=facts_for(actor, dispute) if may_read else "",
        place_shown=told,
        bodies=joined_lines(story.bodies) if may_read and dispute.accepted_at else [],
        papers=paper_lines(story.papers) if may_read and told else [],
        meetings=as_meetings(actor, story.booked if dispute.accepted_at else [], names),
        safety=safety_of(dispute, story, names) if may_read and actor.role in SAFETY_ROLES else None,
    )


def _people(dispute: Dispute, story: Story) -> Iterator[int]:
    """Everybody of the staff the page tells of."""
    found = {dispute.mediator_id, *(one.chosen_mediator_id for one in story.parties)}
    found |= {one.account_id for rows in (story.history, story.talks, story.seats) for one in rows}
    found |= {one for row in story.booked for one in row.people}
    found |= {one for flag in story.flags for one in (flag.raised_by_id, flag.reviewed_by_id)}
    found |= {one.taken_by_id for one in story.steps}
    return (one for one in found if one is not None)


def leg_of(actor: Actor, dispute_id: int) -> Leg:
    """The leg of a dispute that waits for the actor's answer. Raises NotFound."""
    leg_id = Leg.objects.filter(dispute=dispute_id, state=Leg.State.SENT).values_list("pk", flat=True).first()
    return fetch(Can.ANSWER_LEG, actor, Leg, leg_id, lock=False)


@dataclass(frozen=True, slots=True)
class Own:
    """A dispute as one of its parties sees it: with that party's own record only."""

    dispute: Dispute
    story: Story
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
    story = story_of(dispute)
    return Own(
        dispute=dispute,
        story=story,
        party=party,
        who=masked([party.record_id]).get(party.record_id or 0, {}),
        code=tracking.code_of(dispute.number, party.pk),
        talks=story.talks,
        booked=story.booked,
        agreement=story.agreements[-1] if story.agreements else None,
        clocks=[one for one in story.clocks if one.state != Deadline.State.STOPPED],
        history=story.history,
        legs=story.legs,
        flag=own_flag(story),
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
    return Told(row.pk, row.number, row.state, row.state_words) if row else None
