"""T-ROUTES and T-MATRIX: what is not listed is refused, and every address keeps strangers out, driven as every role."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from jiean.dispatch.models import Incident
from jiean.intake.models import Report
from jiean.kernel.actor import PERSONAL_ROLES, Actor, Role
from tests.dispatch.post import Post, open_post
from tests.intake.scenes import reported
from tests.town import VILLAGE_AT, Town
from tests.trust import routes

pytestmark = pytest.mark.trust
CANARY = "金丝雀七三一"
MATRIX = tomllib.loads((Path(__file__).parent / "matrix.toml").read_text(encoding="utf-8"))
HOLDERS = frozenset({Role.COMMANDER, Role.DISPATCHER})
"""Roles that may read every open matter; everybody else here is a stranger to the canary's cell."""


@pytest.mark.parametrize("table", ["pages", "operations", "permissions"])
def test_the_code_lets_in_whom_the_matrix_lists(table: str) -> None:
    assert not routes.differences(MATRIX[table], getattr(routes, table)())


def test_a_route_nobody_listed_and_a_widened_one_are_named() -> None:
    """The plant: the comparison sees what it is there to see."""
    listed = dict(MATRIX["pages"])
    assert routes.differences(listed, listed | {"secret": "anyone"}) == ["secret: listed 'nowhere', found 'anyone'"]
    widened = listed | {"board": listed["board"] + " VOL"}
    assert routes.differences(listed, widened) == ["board: listed 'CMD DSP', found 'CMD DSP VOL'"]
    assert routes.differences(listed, {key: value for key, value in listed.items() if key != "wall"})


@dataclass
class Station:
    """The model town with a matter in the third cell, and one browser for every role that has nothing to do with it."""

    town: Town
    post: Post
    incident: Incident
    report: Report
    browsers: dict[Role, Client] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def filled(self, path: str) -> str:
        """An address with the canary's own ids in it."""
        known: dict[str, Any] = {
            "incident_id": self.incident.pk, "report_id": self.report.pk, "number": self.report.number,
            "unit_id": self.post.units["P-01"].pk, "premises_id": self.town.market.pk, "token": self.town.market.token,
            "account_id": self.town.accounts["liwei"].pk, "kind": "json",
        } | self.ids  # fmt: skip
        path = re.sub(r"\(\?P<kind>[^)]*\)", "csv", path).replace("^", "").replace("$", "").replace("\\", "")
        return re.sub(r"[<{](?:\w+:)?(\w+)[>}]", lambda name: str(known.get(name[1], 1)), path)


@pytest.fixture
def station(town: Town) -> Station:
    post = open_post(town)
    lon, lat = VILLAGE_AT
    incident = post.incident(lon=lon, lat=lat, place_words=CANARY, summary=f"{CANARY}，两家为排水吵起来了")
    told = reported(f"{CANARY}，排水沟堵了", (lon, lat))
    made = Station(town, post, incident, told)
    for role in PERSONAL_ROLES:
        cells = ("SJ-001",) if role in (Role.OFFICER, Role.SOCIAL_WORKER) else ()
        made.browsers[role] = _browser_of(town, town.newcomer(role, *cells, name=f"生人{role.value}"))
    made.browsers[Role.PUBLIC] = town.browser()
    for browser in made.browsers.values():
        browser.cookies["asked"] = quote(CANARY)  # as if each had typed it into the search box
    return made


def _browser_of(town: Town, actor: Actor) -> Client:
    username = next(name for name, account in town.accounts.items() if account.pk == actor.account_id)
    return town.browser(username)


def entered(station: Station, method: str, path: str, role: Role) -> HttpResponse:
    """What a role gets at an address; one that only takes what is sent is sent something."""
    client = station.browsers[role]
    answer = client.get(path) if method == "GET" else None
    if answer is None or answer.status_code == 405:
        answer = client.post(path, data=b"{}", content_type="application/json")
    return answer  # type: ignore[return-value]


def doors() -> Iterator[tuple[str, str, str]]:
    """Method, path and listed roles of every page and operation of our own."""
    for path, listed in MATRIX["pages"].items():
        if listed != routes.LIBRARY:
            yield "GET", f"/{path}", listed
    for operation, listed in MATRIX["operations"].items():
        method, path = operation.split(" ", 1)
        yield method, f"/api/v1{path}", listed


def test_every_door_refuses_every_role_it_does_not_list(station: Station) -> None:
    wrong = []
    for method, path, listed in doors():
        if listed == routes.ANYONE:
            continue
        for role in station.browsers:
            if role.value not in listed.split():
                status = entered(station, method, station.filled(path), role).status_code
                expected = {302, 401} if role == Role.PUBLIC else {403}
                if status not in expected:
                    wrong.append(f"{role.value} {method} {path}: {status}")
    assert not wrong


def test_no_address_shows_a_stranger_a_matter_of_another_cell(station: Station) -> None:
    shown, broken = [], []
    for method, path, _listed in doors():
        for role in station.browsers:
            if role in HOLDERS or (method != "GET" and role == Role.PUBLIC):
                continue
            answer = entered(station, method, station.filled(path), role)
            body = b"".join(answer) if answer.streaming else answer.content
            if CANARY.encode() in body and path != "/q":
                shown.append(f"{role.value} {method} {path}")
            if answer.status_code >= 500:
                broken.append(f"{role.value} {method} {path}: {answer.status_code}")
    assert not shown
    assert not broken


def test_the_canary_is_seen_by_those_who_hold_the_matter(station: Station) -> None:
    """The plant's other half: a test that could never see the canary would prove nothing."""
    seen = [
        path
        for path in (
            "/board",
            "/desk",
            f"/desk/{station.report.pk}",
            f"/api/v1/incidents/{station.incident.pk}",
            "/q",
        )
        if station.browsers[Role.DISPATCHER].get(path).content.decode().count(CANARY) > 0
    ]
    assert len(seen) == 5
    assert CANARY in station.town.browser("liwei").get(f"/api/v1/incidents/{station.incident.pk}").content.decode()
