"""The register of mediators, and what is known of each for one dispute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jiean.disputes.access import Can
from jiean.disputes.models import Dispute, MediatorDraft, Party, Recusal
from jiean.disputes.queries.offers import MOST_MEDIATORS, MediatorLine, Part, TeamLine, offers
from jiean.disputes.queries.story import Story
from jiean.kernel import clocks, geo
from jiean.kernel.access import allow, fetch
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import NotFound
from jiean.people.models import Account, RoleHolding
from jiean.people.queries import in_force


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
    return offers([Part.MEDIATORS], role=role, only=only).mediators


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything the ranking for one dispute needs: who there is, who stood back or was refused, whom parties chose."""

    lines: list[MediatorLine]
    recused: frozenset[int]
    refused: frozenset[int]
    chosen: Mapping[int, int]
    point: tuple[float, float] | None = None
    distances: Mapping[int, float] = field(default_factory=dict)


def mediating_role(dispute: Dispute) -> Role:
    """In which role a dispute is mediated."""
    return Role.OFFICER if dispute.manner == "police" else Role.MEDIATOR


def choice_of(dispute: Dispute, story: Story, lines: list[MediatorLine] | None = None) -> Choice:
    """What is known for choosing this dispute's mediator among ``lines``, read where they are not given. One statement at most."""
    lines = _lines(mediating_role(dispute)) if lines is None else lines
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


def teams() -> list[TeamLine]:
    """The teams in use. One statement."""
    return offers([Part.TEAMS]).teams


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
