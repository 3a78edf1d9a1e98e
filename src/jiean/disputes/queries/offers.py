"""What a dispute's page offers to choose from, in one statement: mediators with what the register says, desks, rules, rooms, teams."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jiean.design.words import listed
from jiean.disputes.models import Calling, Certificate, DeskRule, Dialect, Dispute, Kind, Profile, Room, Team
from jiean.disputes.queries.story import linked, rows_of
from jiean.grid.models import Premises
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.kernel.sql import load
from jiean.people.models import Organisation

MOST_MEDIATORS = 500
SOON = dt.timedelta(days=60)
"""A certificate or an appointment that ends within so long is said to end soon."""


class Part(StrEnum):
    """What may be asked for."""

    MEDIATORS = "mediator"
    DESKS = "desk"
    RULES = "rule"
    ROOMS = "room"
    TEAMS = "team"


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


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team with its members' names and callings."""

    team: Team
    members: list[tuple[str, str]]

    @property
    def words(self) -> str:
        return f"{self.team.name} · {listed(name for name, _calling in self.members)}"


@dataclass(frozen=True, slots=True)
class Offers:
    """Each list in the order it is shown in; one that was not asked for is empty."""

    mediators: list[MediatorLine]
    desks: list[Organisation]
    rules: list[DeskRule]
    rooms: list[Room]
    teams: list[TeamLine]


@dataclass(frozen=True, slots=True)
class _Part:
    part: str
    held: Any


_offers = load(__file__, "offers", _Part)


def offers(parts: Sequence[Part], *, role: Role | None = Role.MEDIATOR, only: int | None = None) -> Offers:
    """Everybody who mediates in a role (None: whoever is in the register), the eight desks, rules, rooms and teams in use, as asked for.

    ``only``: of the mediators that account alone. One statement.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    given: dict[str, Any] = {"parts": [str(one) for one in parts], "role": role or "", "only": only, "at": clocks.now()}
    for one in _offers(**given, live=[str(state) for state in Dispute.LIVE], most=MOST_MEDIATORS) if parts else ():
        found[one.part].append(json.loads(one.held) if isinstance(one.held, str) else one.held)
    desks = sorted(rows_of(Organisation, found["desk"]), key=lambda one: (one.code == "police", one.code))
    known = {one.pk: one for one in desks}
    return Offers(
        mediators=[_mediator(one) for one in found["mediator"]],
        desks=desks,
        rules=[linked(one, desk=known) for one in rows_of(DeskRule, found["rule"], "place")],
        rooms=sorted((_room(one) for one in found["room"]), key=lambda one: (one.premises.code, one.name)),
        teams=sorted((_team(one) for one in found["team"]), key=lambda one: one.team.name),
    )


def _mediator(held: dict[str, Any]) -> MediatorLine:
    profile = rows_of(Profile, [held["profile"]])[0] if held["profile"] else None
    if profile is not None:
        linked(profile, base={one.pk: one for one in rows_of(Premises, [held["base"]] if held["base"] else [])})
    papers = tuple(rows_of(Certificate, held["papers"] or []))
    return MediatorLine(held["id"], held["name"], held["body"], profile, papers, held["load"], held["away"])


def _room(held: list[dict[str, Any]]) -> Room:
    place = rows_of(Premises, [held[1]])[0]
    return linked(rows_of(Room, [held[0]])[0], premises={place.pk: place})


def _team(held: list[Any]) -> TeamLine:
    members = [(name, str(Calling(calling).label)) for name, calling in held[1] or ()]
    return TeamLine(rows_of(Team, [held[0]])[0], members)
