"""T-MOVE: whoever moves on, hands over, loses a role or whose duty runs out sees nothing more of it, with the next request.

A state machine does real deeds in one database and compares, after each, what every actor can list and open with an oracle
written from TRUST, section 5, that shares no code with the scopes. ``JIEAN_MOVE_STEPS=5000`` runs as many steps.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from jiean.dispatch.access import Can as Dispatch
from jiean.dispatch.commands import cancel_incident
from jiean.dispatch.models import Incident
from jiean.intake import commands
from jiean.intake.access import Can as Intake
from jiean.intake.models import Kind, Report, Urgency
from jiean.intake.queries import report_detail
from jiean.kernel import clocks
from jiean.kernel.access import visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Invalid, NotFound, Refusal
from jiean.kernel.pictures import redraw
from jiean.people import queries
from jiean.people.commands import assign_duty, close_account, end_duty, give_role, hand_over, take_role
from jiean.people.models import Duty
from tests.intake.scenes import picture, reported
from tests.town import MARKET_AT, SCHOOL_AT, SYSTEM, VILLAGE_AT, Town, proved

pytestmark = pytest.mark.trust
CELLS = {"SJ-001": MARKET_AT, "SJ-002": SCHOOL_AT, "SJ-003": VILLAGE_AT}
OFFICERS = ("wangxm", "liwei")
STEPS = int(os.environ.get("JIEAN_MOVE_STEPS", "40"))
EXAMPLE = 20
WHERE, WHO = st.sampled_from(sorted(CELLS)), st.sampled_from(OFFICERS)
TOWNS: list[Town] = []


@dataclass
class Term:
    """A duty as the oracle knows it."""

    who: str
    cell: str
    since: dt.datetime
    until: dt.datetime | None
    duty_id: int


class Moves(RuleBasedStateMachine):
    """Deeds of a station, and beside them a list of who answers for what."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.town, self.at, self.now_was = TOWNS[-1], clocks.now(), clocks.now
        clocks.now = lambda: self.at  # type: ignore[assignment]
        codes = {cell.pk: code for code, cell in self.town.cells.items()}
        names = {account.pk: name for name, account in self.town.accounts.items()}
        self.terms = [
            Term(names[duty.account_id], codes[duty.cell_id], duty.since, duty.until, duty.pk)
            for duty in Duty.objects.order_by("pk")
        ]
        self.officers, self.closed = set(OFFICERS), set[str]()
        self.reports: dict[int, str] = {}
        self.incidents: dict[int, tuple[str, bool]] = {}

    def teardown(self) -> None:
        clocks.now = self.now_was
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def boss(self) -> Actor:
        return proved(self.town.dispatcher)

    @rule(cell=WHERE)
    def report(self, cell: str) -> None:
        self.reports[reported(at=CELLS[cell]).pk] = cell

    @rule(cell=WHERE)
    def a_report_is_moved(self, cell: str) -> None:
        for report in Report.objects.filter(pk__in=self.reports, state="NEW")[:1]:
            lon, lat = CELLS[cell]
            commands.correct_report(self.boss(), report.pk, kind=Kind.OTHER, urgency=Urgency.IN_TURN, lon=lon, lat=lat)
            self.reports[report.pk] = cell

    @rule()
    def accept(self) -> None:
        for report in Report.objects.filter(pk__in=self.reports, state="NEW")[:1]:
            taken = commands.accept_as_incident(self.boss(), report.pk)
            self.incidents[taken.incident_id or 0] = (self.reports[report.pk], True)

    @rule()
    def close_incident(self) -> None:
        for pk in [pk for pk, (_cell, is_open) in self.incidents.items() if is_open][:1]:
            cancel_incident(self.boss(), pk, reason="重复")
            self.incidents[pk] = (self.incidents[pk][0], False)

    @rule(who=WHO, cell=WHERE, hours=st.sampled_from((None, 1, 5)))
    def assign(self, who: str, cell: str, hours: int | None) -> None:
        until = self.at + dt.timedelta(hours=hours) if hours else None
        try:
            duty = assign_duty(
                proved(self.town.commander), self.pk(who), self.town.cells[cell].pk, Duty.Kind.OFFICER, until=until
            )
        except Invalid:
            return
        self.terms.append(Term(who, cell, self.at, until, duty.pk))

    @rule(number=st.integers(0, 9))
    def end(self, number: int) -> None:
        for term in self.running(number):
            end_duty(proved(self.town.commander), term.duty_id)
            term.until = self.at

    @rule(number=st.integers(0, 9), who=WHO)
    def hand(self, number: int, who: str) -> None:
        for term in self.running(number):
            try:
                with transaction.atomic():
                    duty = hand_over(proved(self.town.commander), term.duty_id, self.pk(who), note="交给您")
            except Invalid:
                return
            term.until = self.at
            self.terms.append(Term(who, term.cell, self.at, None, duty.pk))

    @rule(hours=st.sampled_from((0.1, 1, 6)))
    def wait(self, hours: float) -> None:
        self.at += dt.timedelta(hours=hours)

    @rule(who=WHO)
    def take(self, who: str) -> None:
        if who in self.officers - self.closed:
            take_role(SYSTEM, self.pk(who), Role.OFFICER)
            self.officers.discard(who)

    @rule(who=WHO)
    def give(self, who: str) -> None:
        if who not in self.officers | self.closed:
            give_role(SYSTEM, self.pk(who), Role.OFFICER)
            self.officers.add(who)

    @rule(who=WHO, sure=st.integers(0, 5))
    def close(self, who: str, sure: int) -> None:
        if sure == 0 and who not in self.closed:
            close_account(SYSTEM, self.pk(who))
            self.closed.add(who)

    def pk(self, who: str) -> int:
        return self.town.accounts[who].pk

    def running(self, number: int) -> list[Term]:
        """One duty that runs and belongs to an account still open."""
        live = [one for one in self.terms if one.who not in self.closed and (one.until is None or one.until > self.at)]
        return live[number % len(live) :][:1] if live else []

    def answers_for(self, who: str) -> set[str]:
        """The oracle: cells of duties begun and not ended, while the role is held and the account open."""
        if who in self.closed or who not in self.officers:
            return set()
        return {
            one.cell
            for one in self.terms
            if one.who == who and one.since <= self.at and (one.until is None or self.at < one.until)
        }

    @invariant()
    def everybody_sees_what_they_answer_for_and_nothing_else(self) -> None:
        for who in OFFICERS:
            cells = self.answers_for(who)
            actor = queries.actor_of(self.pk(who), Role.OFFICER)
            assert (actor is not None) == (who in self.officers - self.closed), who
            listed = actor or Actor(Role.PUBLIC, account_id=self.pk(who))
            reports = {pk for pk, cell in self.reports.items() if cell in cells}
            assert ids(Intake.SEE_REPORTS, listed, Report) == reports, (who, cells)
            incidents = {pk for pk, (cell, is_open) in self.incidents.items() if is_open and cell in cells}
            assert ids(Dispatch.SEE_INCIDENT, listed, Incident) == incidents, (who, cells)
            for pk in list(self.reports)[-2:]:
                assert opens(listed, pk) == (pk in reports), (who, pk)
        for boss in (self.town.commander, self.town.dispatcher):
            assert ids(Intake.SEE_REPORTS, boss, Report) == set(self.reports)


def ids(can: Any, actor: Actor, model: Any) -> set[int]:
    return set(visible(can, actor, model).values_list("pk", flat=True))


def opens(actor: Actor, report_id: int) -> bool:
    try:
        report_detail(actor, report_id)
    except NotFound:
        return False
    except Refusal as other:
        raise AssertionError(other.code) from other
    return True


@pytest.fixture(autouse=True)
def station(town: Town) -> Any:
    TOWNS.append(town)
    yield
    TOWNS.clear()


def test_random_moves_leave_everybody_with_what_they_answer_for() -> None:
    chosen = settings(
        max_examples=max(1, STEPS // EXAMPLE),
        stateful_step_count=EXAMPLE,
        deadline=None,
        derandomize=STEPS < 1000,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Moves, settings=chosen)


def moved_on() -> None:
    """A duty of an hour in a cell with a matter, and two hours later."""
    machine = Moves()
    try:
        machine.report("SJ-003")
        machine.assign("wangxm", "SJ-003", 1)
        machine.everybody_sees_what_they_answer_for_and_nothing_else()
        assert opens(
            queries.actor_of(machine.pk("wangxm"), Role.OFFICER) or Actor.public(), next(iter(machine.reports))
        )
        machine.wait(6)
        machine.everybody_sees_what_they_answer_for_and_nothing_else()
    finally:
        machine.teardown()


def test_a_scope_that_forgets_expiry_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant: duties read without their end. The very same moves pass without it."""
    moved_on()
    forgetful = queries._TO_ACT.replace("AND d.since <= %(at)s AND (d.until IS NULL OR d.until > %(at)s)", "")
    assert forgetful != queries._TO_ACT
    monkeypatch.setattr(queries, "_TO_ACT", forgetful)
    with pytest.raises(AssertionError):
        moved_on()


def test_an_open_page_is_gone_with_the_next_request_and_kept_by_no_browser(town: Town) -> None:
    report = reported(at=MARKET_AT, photos=[_photo()])
    browser = town.browser("wangxm")
    page, photo = f"/desk/{report.pk}", f"/desk/{report.pk}/photo/{report.photos.get().pk}"
    for path in (page, photo, "/desk", "/my", "/role?stay=1"):
        answer = browser.get(path)
        assert answer.status_code == 200 and answer["Cache-Control"] == "no-store", path
    duty = Duty.objects.get(account=town.accounts["wangxm"])
    hand_over(town.commander, duty.pk, town.accounts["liwei"].pk, note="交给您")
    for path in (page, photo):
        assert browser.get(path).status_code == 404, path
    take_role(SYSTEM, town.accounts["wangxm"].pk, Role.OFFICER)
    assert browser.get("/desk").status_code == 403
    out = _signed_out(browser)
    assert out["Clear-Site-Data"] == '"cache"' and browser.get("/desk").status_code == 302


def _photo() -> Any:
    return redraw(picture())


def _signed_out(browser: Client) -> Any:
    return browser.post("/accounts/logout/")


RELATIONS = {"own": 200, "other cell": 404, "moved away": 404, "handed over": 404, "expired": 404, "finished": 200}


@pytest.mark.parametrize("relation", RELATIONS)
def test_an_officer_by_relation(town: Town, relation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-MATRIX: page, contact, photo, list and deed say the same of each relation; a stranger's answer is that of a missing row."""
    report = reported(
        at=VILLAGE_AT if relation == "other cell" else MARKET_AT, contact=commands.Contact("张三丰", "13800001234")
    )
    duty = Duty.objects.get(account=town.accounts["wangxm"])
    if relation == "moved away":
        lon, lat = VILLAGE_AT
        commands.correct_report(town.dispatcher, report.pk, kind=Kind.OTHER, urgency=Urgency.IN_TURN, lon=lon, lat=lat)
    elif relation == "handed over":
        hand_over(town.commander, duty.pk, town.accounts["liwei"].pk, note="交给您")
    elif relation == "expired":
        Duty.objects.filter(pk=duty.pk).update(until=clocks.now())
    elif relation == "finished":
        commands.answer_report(town.dispatcher, report.pk, outcome="EXPLAINED", answer="好了")
        commands.close_report(town.dispatcher, report.pk)
    browser, expected = town.browser("wangxm"), RELATIONS[relation]
    page = browser.get(f"/desk/{report.pk}")
    assert page.status_code == expected
    assert browser.post(f"/desk/{report.pk}/contact", {"purpose": "dispatch"}).status_code == expected
    state = "CLOSED" if relation == "finished" else "NEW"
    assert (report.number in browser.get(f"/desk?state={state}").content.decode()) == (expected == 200)
    if expected == 404:
        missing = browser.get("/desk/999999999")
        assert _words(page) == _words(missing), "a stranger cannot tell a matter of others from none"
        assert browser.post(f"/desk/{report.pk}/add", {"text": "x"}).status_code == 404


def _words(answer: Any) -> str:
    """The page without what differs by itself: the second it was made, the token of its forms."""
    return re.sub(
        r'data-now="[^"]*"|value="[A-Za-z0-9]{64}"|X-CSRFToken": "[^"]*"|/desk/\d+', "", answer.content.decode()
    )
