"""The register of mediators, and what is known of each for one dispute."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from jiean.disputes.access import Can
from jiean.disputes.models import (
    Calling,
    Certificate,
    Dialect,
    Dispute,
    Kind,
    MediatorDraft,
    Party,
    Profile,
    Recusal,
    Team,
    TeamMember,
)
from jiean.disputes.queries.story import Story
from jiean.kernel import clocks, geo
from jiean.kernel.access import allow, fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import NotFound
from jiean.people.models import Absence, Account, RoleHolding
from jiean.people.queries import in_force, names_of

MOST_MEDIATORS = 500
SOON = dt.timedelta(days=60)
"""A certificate or an appointment that ends within so long is said to end soon."""


@dataclass(frozen=True, slots=True)
class MediatorLine:
    """One mediator: the account, what the register says (None: nothing), certificates, live cases, whether on leave now."""

    account_id: int
    name: str
    body: str
    profile: Profile | None
    certificates: tuple[Certificate, ...]
    load: int
    away: bool

    @property
    def dialect_labels(self) -> list[str]:
        return [str(Dialect(one).label) for one in self.profile.dialects] if self.profile else []

    @property
    def kind_labels(self) -> list[str]:
        return [str(Kind(one).label) for one in self.profile.kinds] if self.profile else []

    @property
    def is_lapsed(self) -> bool:
        """Whether the appointment is over."""
        return self._ends_before(clocks.local_day(clocks.now()))

    @property
    def ends_soon(self) -> bool:
        """Whether the appointment or a certificate ends within ``SOON``."""
        day = clocks.local_day(clocks.now()) + SOON
        return self._ends_before(day) or any(one.expires_on and one.expires_on < day for one in self.certificates)

    def _ends_before(self, day: dt.date) -> bool:
        return bool(self.profile and self.profile.appointed_until and self.profile.appointed_until < day)


def mediator_register(actor: Actor, *, dialect: str = "", kind: str = "") -> list[MediatorLine]:
    """Everybody who may mediate, by name; those of a dialect or a trade where one is asked for. Raises Forbidden."""
    allow(Can.SEE_MEDIATORS, actor)
    lines = _lines(Role.MEDIATOR)
    wanted = [
        one for one in lines if _speaks(one, dialect) and (not kind or (one.profile and kind in one.profile.kinds))
    ]
    return sorted(wanted, key=lambda one: (one.profile is None, one.name, one.account_id))


def _speaks(line: MediatorLine, dialect: str) -> bool:
    return not dialect or (line.profile is not None and dialect in line.profile.dialects)


def mediator_line(actor: Actor, account_id: int) -> MediatorLine:
    """One mediator of the register; an officer or anybody else with a profile is found too. Raises Forbidden, NotFound."""
    allow(Can.SEE_MEDIATORS, actor)
    found = [one for role in (Role.MEDIATOR, None) for one in _lines(role, only=account_id)]
    if not found:
        raise NotFound
    return found[0]


def _lines(role: Role | None, only: int | None = None) -> list[MediatorLine]:
    """Three statements, however many there are."""
    at = clocks.now()
    if role is None:
        with_profile = Profile.objects.filter(account_id=only or 0).values("account_id")
        accounts = Account.objects.filter(pk__in=with_profile)
    else:
        held = RoleHolding.objects.filter(in_force(at), role=role, confirmed_at__isnull=False)
        accounts = Account.objects.filter(pk__in=held.values("account_id"), is_active=True)
    accounts = accounts.filter(pk=only) if only is not None else accounts
    away = Absence.objects.filter(account=OuterRef("pk"), since__lte=at, until__gt=at)
    live = Dispute.objects.filter(state__in=Dispute.LIVE, mediator_id=OuterRef("pk")).order_by()
    load = live.values("mediator_id").values(n=Count("pk"))
    told = accounts.order_by("pk").annotate(away=Exists(away), load=Coalesce(Subquery(load), 0))
    rows = list(told.values_list("pk", "name", "organisation__name", "load", "away")[:MOST_MEDIATORS])
    ids = [row[0] for row in rows]
    profiles = {one.account_id: one for one in Profile.objects.filter(account_id__in=ids).select_related("base")}
    papers: dict[int, list[Certificate]] = defaultdict(list)
    for one in Certificate.objects.filter(mediator__account_id__in=ids):
        papers[one.mediator_id].append(one)
    return [
        MediatorLine(
            pk, name, body or "", profile := profiles.get(pk), tuple(papers[profile.pk] if profile else ()), load, away
        )
        for pk, name, body, load, away in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything the ranking for one dispute needs: who there is, who stood back or was refused, whom parties chose."""

    lines: list[MediatorLine]
    recused: frozenset[int]
    refused: frozenset[int]
    chosen: Mapping[int, int]
    point: tuple[float, float] | None = None
    distances: Mapping[int, float] = field(default_factory=dict)


def choice_of(dispute: Dispute, story: Story) -> Choice:
    """What is known for choosing this dispute's mediator. Three statements."""
    lines = _lines(Role.OFFICER if dispute.manner == "police" else Role.MEDIATOR)
    said = [(one.account_id, one.by) for one in story.recusals]
    sides = [one for one in story.parties if one.standing in Party.SIDES]
    point = _point(dispute)
    return Choice(
        lines,
        frozenset(pk for pk, by in said if by == Recusal.By.MEDIATOR),
        frozenset(pk for pk, by in said if by == Recusal.By.PARTY),
        Counter(one.chosen_mediator_id for one in sides if one.chosen_mediator_id is not None),
        point,
        dict(_distances(lines, point)),
    )


def _point(dispute: Dispute) -> tuple[float, float] | None:
    """Where a dispute is: its premises, else the point of its cell."""
    place = dispute.premises or dispute.cell
    return (place.lon, place.lat) if place is not None else None


def _distances(lines: Iterable[MediatorLine], point: tuple[float, float] | None) -> Iterable[tuple[int, float]]:
    for line in lines:
        base = line.profile.base if line.profile else None
        if base is not None and point is not None:
            yield line.account_id, geo.distance_m(*point, base.lon, base.lat)


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team with its members' names and callings."""

    team: Team
    members: list[tuple[str, str]]

    @property
    def words(self) -> str:
        return f"{self.team.name} · {'、'.join(name for name, _calling in self.members)}"


def teams() -> list[TeamLine]:
    """The teams in use. Three statements."""
    rows = list(Team.objects.filter(active=True))
    members: dict[int, list[TeamMember]] = defaultdict(list)
    for one in TeamMember.objects.filter(team__in=rows):
        members[one.team_id].append(one)
    names = names_of(one.account_id for group in members.values() for one in group)
    return [
        TeamLine(row, [(names.get(one.account_id, ""), str(Calling(one.calling).label)) for one in members[row.pk]])
        for row in rows
    ]


def mediator_draft(actor: Actor, draft_id: int) -> MediatorDraft:
    """A table the actor brought. Raises NotFound."""
    return fetch(Can.IMPORT_MEDIATORS, actor, MediatorDraft, draft_id, lock=False)


def known_usernames(usernames: Sequence[str]) -> set[str]:
    """Which of the usernames have an active account."""
    return set(Account.objects.filter(username__in=usernames, is_active=True).values_list("username", flat=True))


def account_choices() -> list[tuple[int, str]]:
    """Everybody who may sit in a team: mediators, officers, social workers and those of the register, by name. One statement."""
    at = clocks.now()
    roles = (Role.MEDIATOR, Role.OFFICER, Role.SOCIAL_WORKER)
    held = RoleHolding.objects.filter(in_force(at), role__in=roles, confirmed_at__isnull=False).values("account_id")
    rows = Account.objects.filter(pk__in=held, is_active=True).order_by("pinyin", "pk")
    return list(rows.values_list("pk", "name")[:MOST_MEDIATORS])
