"""T-MATRIX: every role in every relation to a matter, all pairs made by a loop; what it may list and open is read from TRUST, § 5.

One station holds every relation at once. ``Seat`` is one person of a role, with a cell, a body, a crew and a past; every seat of every
role stands in the same relations, so that a role that may do nothing proves it beside one that may. The oracles below share no code
with the scopes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiean.dispatch.access import CREW_ROLES
from jiean.dispatch.access import Can as Dispatch
from jiean.dispatch.commands import assign_unit, cancel_incident, keep_unit, recall_assignment, start_shift
from jiean.dispatch.models import Incident, Shift
from jiean.disputes.access import Can as Disputes
from jiean.disputes.commands import answer_leg, divert_dispute
from jiean.disputes.models import Dispute, Leg
from jiean.intake import commands
from jiean.intake.access import Can as Intake
from jiean.intake.models import Kind, Referral, Report, Urgency
from jiean.kernel import access, clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import PERSONAL_ROLES, Actor, Role
from jiean.people.commands import change_account, end_duty
from jiean.people.models import Duty
from tests.dispatch.post import Post, open_post
from tests.disputes.scenes import body, registered
from tests.intake.scenes import reported
from tests.town import MARKET_AT, SCHOOL_AT, SYSTEM, VILLAGE_AT, Town
from tests.trust.test_routes import MATRIX

pytestmark = pytest.mark.trust
OWN, OTHER, HANDED = MARKET_AT, SCHOOL_AT, VILLAGE_AT
DESK = frozenset({Role.COMMANDER, Role.DISPATCHER})
WITH_CELLS = frozenset({Role.OFFICER, Role.SOCIAL_WORKER})
WITH_BODY = frozenset({Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR})


@dataclass
class Seat:
    """One person of a role in all relations: the market's cell now, the village's until it was handed over, a body, a crew."""

    actor: Actor
    username: str


@dataclass
class Matters:
    """Every relation with the row that stands in it."""

    town: Town
    post: Post
    reports: dict[str, Report] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    seats: dict[Role, Seat] = field(default_factory=dict)


REPORTS: dict[str, frozenset[Role]] = {
    "own cell": DESK | WITH_CELLS,
    "finished, own cell": DESK | WITH_CELLS,
    "moved into own cell": DESK | WITH_CELLS,
    "moved away": DESK,
    "other cell": DESK,
    "cell handed over": DESK,
    "no cell": DESK,
    "other cell, with own body": DESK | WITH_BODY,
    "other cell, own body sent it back": DESK,
    "other cell, with another body": DESK,
}
"""Who may list and open a report, by relation."""

INCIDENTS: dict[str, frozenset[Role]] = {
    "own cell": DESK | {Role.OFFICER},
    "closed, own cell": frozenset({Role.COMMANDER}),
    "other cell": DESK,
    "cell handed over": DESK,
    "other cell, own order": DESK | set(CREW_ROLES),
    "other cell, order recalled": DESK,
    "other cell, another's order": DESK,
    "other cell, order of a shift that is over": DESK,
}
"""The dispatcher loses sight of what another closed; the crew of what it was called back from."""

DISPUTES: dict[str, frozenset[Role]] = {
    "nothing to do with it": DESK,
    "own body asked": DESK | WITH_BODY,
    "own body's": DESK | WITH_BODY,
    "another body's": DESK,
    "own body's, given on": DESK,
}


def _reports(made: Matters) -> None:
    boss, kept = made.town.dispatcher, made.reports
    where = {
        "own cell": OWN,
        "finished, own cell": OWN,
        "moved into own cell": OTHER,
        "moved away": OWN,
        "no cell": None,
    }
    for relation in REPORTS:
        at = HANDED if "handed" in relation else where.get(relation, OTHER)
        kept[relation] = reported(at=at, place_words="说不清在哪里")
    for relation, (lon, lat) in {"moved into own cell": OWN, "moved away": OTHER}.items():
        commands.correct_report(boss, kept[relation].pk, kind=Kind.OTHER, urgency=Urgency.IN_TURN, lon=lon, lat=lat)
    commands.answer_report(boss, kept["finished, own cell"].pk, outcome="EXPLAINED", answer="好了")
    commands.close_report(boss, kept["finished, own cell"].pk)
    ours, theirs = body("mediation").pk, body("justice").pk
    commands.refer_report(boss, kept["other cell, with own body"].pk, ours)
    commands.refer_report(boss, kept["other cell, with another body"].pk, theirs)
    back = commands.refer_report(boss, kept["other cell, own body sent it back"].pk, ours)
    commands.answer_referral(boss, back.pk, state=Referral.State.REFUSED, reply="不归我们管")


def _disputes(made: Matters) -> None:
    boss, kept = made.town.commander, made.disputes
    kept.update({relation: registered(boss) for relation in DISPUTES})
    divert_dispute(boss, kept["own body asked"].pk, body("mediation").pk)
    for relation, code in (
        ("own body's", "mediation"),
        ("another body's", "justice"),
        ("own body's, given on", "mediation"),
    ):
        leg = divert_dispute(boss, kept[relation].pk, body(code).pk)
        state = Leg.State.REFUSED if "given" in relation else Leg.State.ACCEPTED
        answer_leg(boss, leg.pk, state=state, reply="不归我们管")
    divert_dispute(boss, kept["own body's, given on"].pk, body("justice").pk)


def _seated(made: Matters, role: Role) -> Seat:
    """A person of the role in every relation a station can put somebody into, whether the role makes anything of it or not."""
    town = made.town
    actor = town.newcomer(role, "SJ-001", "SJ-003", name=f"甲{role.value}")
    username = next(name for name, account in town.accounts.items() if account.pk == actor.account_id)
    change_account(SYSTEM, actor.account_id or 0, name=f"甲{role.value}", organisation_id=body("mediation").pk)
    village = Duty.objects.get(account=actor.account_id, cell=town.cells["SJ-003"])
    end_duty(town.commander, village.pk, note="交给别人")
    made.seats[role] = Seat(actor, username)
    return made.seats[role]


def _unit(sign: str, at: tuple[float, float] = OTHER) -> int:
    return keep_unit(SYSTEM, call_sign=sign, unit_class="patrol_car", base_lon=at[0], base_lat=at[1], skills=[]).pk


def _incidents(made: Matters) -> None:
    boss, kept = made.town.commander, made.incidents
    where = {"own cell": OWN, "closed, own cell": OWN, "cell handed over": HANDED}
    for relation in INCIDENTS:
        lon, lat = where.get(relation, OTHER)
        kept[relation] = made.post.incident(lon=lon, lat=lat)
    cancel_incident(boss, kept["closed, own cell"].pk, reason="重复")
    everybody = [seat.actor.account_id or 0 for seat in made.seats.values()]
    past = _unit("旧车")
    begun = start_shift(SYSTEM, past, name="早班", account_ids=everybody, ends_at=clocks.now() + dt.timedelta(hours=1))
    assign_unit(boss, kept["other cell, order of a shift that is over"].pk, past)
    hours = dt.timedelta(hours=3)
    Shift.objects.filter(pk=begun.pk).update(starts_at=begun.starts_at - hours, ends_at=clocks.now())
    crewed = _unit("本车")
    start_shift(SYSTEM, crewed, name="白班", account_ids=everybody, ends_at=clocks.now() + dt.timedelta(hours=8))
    recalled = assign_unit(boss, kept["other cell, order recalled"].pk, crewed)
    recall_assignment(boss, recalled.pk, reason="派错了")
    assign_unit(boss, kept["other cell, own order"].pk, crewed)
    assign_unit(boss, kept["other cell, another's order"].pk, made.post.units["P-01"].pk)


@pytest.fixture
def matters(town: Town) -> Matters:
    made = Matters(town, open_post(town))
    for role in PERSONAL_ROLES:
        _seated(made, role)
    for build in (_reports, _incidents, _disputes):
        build(made)
    for seat in made.seats.values():
        seat.actor = town.actor(seat.username)
    return made


Rows = dict[str, Any]
SUBJECTS: tuple[tuple[str, Any, Any, dict[str, frozenset[Role]], Callable[[Matters], Rows]], ...] = (
    ("report", Intake.SEE_REPORTS, Report, REPORTS, lambda made: made.reports),
    ("incident", Dispatch.SEE_INCIDENT, Incident, INCIDENTS, lambda made: made.incidents),
    ("dispute", Disputes.SEE, Dispute, DISPUTES, lambda made: made.disputes),
)


def wrong(made: Matters) -> list[str]:
    """Every pair of role and relation in which the scopes and the oracle differ, over all three kinds of matter."""
    found = []
    for name, can, model, oracle, of in SUBJECTS:
        for role, seat in made.seats.items():
            listed = set(visible(can, seat.actor, model).values_list("pk", flat=True))
            for relation, row in of(made).items():
                if (row.pk in listed) != (role in oracle[relation]):
                    found.append(f"{role.value} {name} {relation}: {'seen' if row.pk in listed else 'not seen'}")
    return found


def _addresses(made: Matters) -> Iterator[tuple[str, str, Any, frozenset[Role]]]:
    """Door in the matrix, address, row and who may open it, for every matter."""
    for relation, row in made.reports.items():
        yield "desk/<int:report_id>", f"/desk/{row.pk}", row, REPORTS[relation]
    for relation, row in made.incidents.items():
        yield "GET /incidents/{int:incident_id}", f"/api/v1/incidents/{row.pk}", row, INCIDENTS[relation]
    for relation, row in made.disputes.items():
        yield "disputes/<int:dispute_id>", f"/disputes/{row.pk}", row, DISPUTES[relation]


def _door(name: str) -> list[str]:
    table = MATRIX["operations"] if name.startswith("GET ") else MATRIX["pages"]
    return str(table[name]).split()


def test_every_role_in_every_relation_lists_what_it_may_and_nothing_else(matters: Matters) -> None:
    pairs = sum(len(oracle) for *_rest, oracle, _of in SUBJECTS) * len(matters.seats)
    assert pairs == (len(REPORTS) + len(INCIDENTS) + len(DISPUTES)) * len(PERSONAL_ROLES)
    assert wrong(matters) == []


def test_a_scope_too_wide_and_one_too_narrow_are_named(matters: Matters, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plants."""
    monkeypatch.setitem(access._GRANTS[Intake.SEE_REPORTS], Role.VOLUNTEER, access.everywhere)
    monkeypatch.setitem(access._GRANTS[Dispatch.SEE_INCIDENT], Role.OFFICER, access.nowhere)
    named = wrong(matters)
    assert {line.split()[0] for line in named} == {"VOL", "OFC"}
    assert len([line for line in named if line.startswith("VOL")]) == len(REPORTS)


def test_pages_and_operations_open_what_is_listed_and_a_stranger_learns_nothing_even_by_what_it_costs(
    matters: Matters,
) -> None:
    """Not found and not yours read the same and take the same statements: there is no time to tell them apart by."""
    found, costs = [], set()
    for role, seat in matters.seats.items():
        browser = matters.town.browser(seat.username)
        browser.get("/role?stay=1")
        for name, address, row, may in _addresses(matters):
            if role.value not in _door(name):
                continue
            with CaptureQueriesContext(connection) as asked:
                answer = browser.get(address)
            if (answer.status_code == 200) != (role in may):
                found.append(f"{role.value} {address}: {answer.status_code}")
            if role not in may:
                with CaptureQueriesContext(connection) as missing:
                    none = browser.get(re.sub(r"\d+$", str(row.pk + 900_000), address))
                costs.add(len(asked) - len(missing))
                if (answer.status_code, _plain(answer)) != (none.status_code, _plain(none)):
                    found.append(f"{role.value} {address}: told apart from none")
    assert found == []
    assert costs == {0}


def _plain(answer: Any) -> str:
    """An answer without the second it was made at, its form's token and the number asked for."""
    return re.sub(r'data-now="[^"]*"|value="[A-Za-z0-9]{64}"|X-CSRFToken": "[^"]*"|/\d+', "", answer.content.decode())
