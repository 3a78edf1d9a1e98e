"""The model town: three cells in a row, a market, a school, six named people. Everything in it is made by commands.

      121.470      121.480      121.490      121.500
31.240   ┌────────────┬────────────┬────────────┐
         │  SJ-001    │  SJ-002    │  SJ-003    │
         │  market    │  school    │            │
31.230   └────────────┴────────────┴────────────┘
         新街社区                   盈中村
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.test import Client

from jiean.grid.commands import add_key_point, add_premises, import_areas
from jiean.grid.imports import read_areas
from jiean.grid.models import Cell, KeyPoint, Premises
from jiean.kernel import clocks
from jiean.kernel.access import PURPOSE_KEY
from jiean.kernel.actor import Actor, Role
from jiean.people.commands import assign_duty, create_account, give_role
from jiean.people.models import Account, Duty
from jiean.people.queries import actor_of
from jiean.people.sessions import METHODS_KEY, METHODS_OF_KEY
from jiean.vault.access import PURPOSES
from jiean.vault.keys import make_station_keys
from jiean.vault.models import Purpose

MARKET_AT = (121.475, 31.235)
SCHOOL_AT = (121.485, 31.235)
VILLAGE_AT = (121.495, 31.235)
OUTSIDE = (121.600, 31.235)
PASSWORD = "cloudy-orchid-47"

STAFF = (
    ("hanli", "韩立", Role.COMMANDER, ()),
    ("chenxiao", "陈晓", Role.DISPATCHER, ()),
    ("wangxm", "王小明", Role.OFFICER, ("SJ-001",)),
    ("liwei", "李卫", Role.OFFICER, ("SJ-002", "SJ-003")),
    ("zhouping", "周平", Role.MEDIATOR, ()),
    ("shenqing", "沈青", Role.ADMIN, ()),
)
SYSTEM = Actor.system()


def proved(actor: Actor) -> Actor:
    """The same person with a second factor just shown, for the first purpose of the role."""
    return replace(actor, proved_at=clocks.now(), purpose=purpose_of(actor.role))


def purpose_of(role: Role) -> str:
    """The first purpose a role may say."""
    return next((one.value for one in Purpose if one in PURPOSES.get(role, ())), "")


def prove(client: Client, role: Role) -> None:
    """Put into a browser's session what showing a second factor and saying a purpose leaves there."""
    session, at = client.session, clocks.now().timestamp()
    session[METHODS_OF_KEY] = session["_auth_user_id"]
    session[METHODS_KEY] = [{"method": "mfa", "type": "totp", "at": at, "reauthenticated": True}]
    session[PURPOSE_KEY] = [purpose_of(role), at]
    session.save()


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle as a GeoJSON geometry."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(features: list[Any]) -> bytes:
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def areas() -> list[dict[str, Any]]:
    """The town's communities and cells as features, fresh ones at every call."""
    return [
        feature(square(121.470, 31.230, 121.490, 31.240), level="community", code="330109014001", name="新街社区"),
        feature(square(121.490, 31.230, 121.500, 31.240), level="community", code="330109014204", name="盈中村"),
        feature(
            square(121.470, 31.230, 121.480, 31.240), level="cell", code="SJ-001", name="市场网格", community="新街社区"
        ),
        feature(
            square(121.480, 31.230, 121.490, 31.240), level="cell", code="SJ-002", name="学校网格", community="新街社区"
        ),
        feature(
            square(121.490, 31.230, 121.500, 31.240), level="cell", code="SJ-003", name="盈中网格", community="盈中村"
        ),
    ]


@dataclass
class Town:
    """What ``found`` made, by the names the tests use."""

    cells: dict[str, Cell]
    market: Premises
    school: Premises
    culvert: KeyPoint
    accounts: dict[str, Account]
    roles: dict[str, Role]
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def actor(self, username: str, role: Role | None = None) -> Actor:
        """A named person acting in their role, with the duties of this moment."""
        actor = actor_of(self.accounts[username].pk, role or self.roles[username])
        assert actor is not None
        return proved(actor)

    @property
    def commander(self) -> Actor:
        return self.actor("hanli")

    @property
    def dispatcher(self) -> Actor:
        return self.actor("chenxiao")

    @property
    def market_officer(self) -> Actor:
        return self.actor("wangxm")

    @property
    def school_officer(self) -> Actor:
        return self.actor("liwei")

    @property
    def mediator(self) -> Actor:
        return self.actor("zhouping")

    @property
    def admin(self) -> Actor:
        return self.actor("shenqing")

    def newcomer(self, role: Role, *cells: str, name: str = "新来") -> Actor:
        """One more person, in a role, with the cells given."""
        username = f"new{next(self._numbers)}"
        self.accounts[username], self.roles[username] = _person(username, name, role, cells, self.cells), role
        return self.actor(username)

    def browser(self, username: str | None = None, *, proved: bool = True) -> Client:
        """A browser, signed in as the named person where one is given; the second factor was just shown unless ``proved`` is not."""
        client = Client(headers={"accept-language": "zh-hans"})
        if username is not None:
            client.force_login(self.accounts[username], backend="jiean.people.backends.AccountBackend")
            if proved:
                prove(client, self.roles[username])
        return client


def found() -> Town:
    """Build the town."""
    if not settings.STATION_KEY_FILE.exists():
        make_station_keys(settings.STATION_KEY_FILE)
    import_areas(SYSTEM, read_areas(geojson(areas())), town_name="新街")
    cells = {cell.code: cell for cell in Cell.objects.all()}
    market = add_premises(
        SYSTEM,
        code="P-001",
        name="新街农贸市场",
        kind=Premises.Kind.MARKET,
        lon=MARKET_AT[0],
        lat=MARKET_AT[1],
        address="新街路 1 号",
        token="market2345",
    )
    school = add_premises(
        SYSTEM, code="P-002", name="新街小学", kind=Premises.Kind.SCHOOL, lon=SCHOOL_AT[0], lat=SCHOOL_AT[1]
    )
    culvert = add_key_point(SYSTEM, name="盈中涵洞", kind=KeyPoint.Kind.CULVERT, lon=VILLAGE_AT[0], lat=VILLAGE_AT[1])
    accounts = {username: _person(username, name, role, own, cells) for username, name, role, own in STAFF}
    return Town(cells, market, school, culvert, accounts, {username: role for username, _name, role, _own in STAFF})


def _person(username: str, name: str, role: Role, own: tuple[str, ...], cells: dict[str, Cell]) -> Account:
    account = create_account(SYSTEM, username, name, password=PASSWORD)
    give_role(SYSTEM, account.pk, role)
    kind = Duty.Kind.WORKER if role == Role.SOCIAL_WORKER else Duty.Kind.OFFICER
    for code in own:
        assign_duty(SYSTEM, account.pk, cells[code].pk, kind)
    return account
