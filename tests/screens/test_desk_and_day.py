"""What the board's bar and panel, the officer's day and the wall say beside the queue."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from jiean.dispatch.commands import (
    Fix,
    arrive_assignment,
    assign_unit,
    clear_assignment,
    open_incident,
    recall_assignment,
    record_positions,
)
from jiean.dispatch.models import Incident
from jiean.grid.models import KeyPoint
from jiean.intake.commands import accept_as_incident
from jiean.intake.models import Report
from jiean.kernel import clocks
from jiean.kernel.models import AuditEntry
from tests.dispatch.post import SYSTEM, Post
from tests.intake.scenes import reported, with_contact
from tests.town import VILLAGE_AT

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(post: Post) -> Client:
    """The dispatcher's browser."""
    return post.town.browser("chenxiao")


def phone_of(post: Post, call_sign: str) -> Client:
    account_id = post.crew(call_sign).account_id
    return post.town.browser(next(name for name, one in post.town.accounts.items() if one.pk == account_id))


class TestTheCallersContact:
    @pytest.fixture
    def incident(self, post: Post) -> Incident:
        report = accept_as_incident(post.town.dispatcher, with_contact().pk)
        return Incident.objects.get(pk=report.incident_id)

    def test_it_is_masked_until_opened_for_a_purpose_and_the_look_is_recorded(
        self, desk: Client, incident: Incident
    ) -> None:
        panel = desk.get(f"/board/incident/{incident.pk}").content.decode()
        assert "13800001234" not in panel and "1234" in panel
        answer = desk.post(f"/board/incident/{incident.pk}/contact", {"purpose": "dispatch"}, headers=HTMX)
        html = answer.content.decode()
        assert "张三丰" in html and 'href="tel:13800001234"' in html
        assert answer["Cache-Control"] == "no-store"
        look = AuditEntry.objects.get(action="vault.opened")
        assert (look.purpose, look.subject_kind, look.subject_id) == ("dispatch", "report", incident.report_id)
        assert "13800001234" not in desk.get(f"/board/incident/{incident.pk}").content.decode()

    @pytest.mark.parametrize("purpose", ["", "curiosity", "tenancy"])
    def test_without_a_purpose_of_the_desk_it_stays_shut(self, desk: Client, incident: Incident, purpose: str) -> None:
        answer = desk.post(f"/board/incident/{incident.pk}/contact", {"purpose": purpose}, headers=HTMX)
        assert answer.status_code in (403, 404)
        assert not AuditEntry.objects.filter(action="vault.opened").exists()

    def test_officers_do_not_come_through_this_door(self, post: Post, incident: Incident) -> None:
        sent = {"purpose": "dispatch"}
        assert phone_of(post, "P-01").post(f"/board/incident/{incident.pk}/contact", sent).status_code == 403

    def test_the_crew_that_is_sent_can_call_back_wherever_the_incident_lies(
        self, post: Post, incident: Incident
    ) -> None:
        order = assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
        assert incident.cell_id not in post.crew("P-01").cell_ids
        phone, address = phone_of(post, "P-01"), f"/my/order/{order.pk}/contact"
        assert address in phone.get("/my").content.decode()
        assert 'href="tel:13800001234"' in phone.post(address, headers=HTMX).content.decode()
        look = AuditEntry.objects.get(action="vault.opened")
        assert (look.purpose, look.subject_id, look.account_id) == (
            "dispatch",
            incident.report_id,
            post.crew("P-01").account_id,
        )

    def test_a_crew_that_is_not_sent_or_no_longer_sent_opens_nothing(self, post: Post, incident: Incident) -> None:
        order = assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
        address = f"/my/order/{order.pk}/contact"
        assert phone_of(post, "P-02").post(address).status_code == 404
        recall_assignment(post.town.dispatcher, order.pk, reason="测试")
        assert phone_of(post, "P-01").post(address).status_code == 404
        assert not AuditEntry.objects.filter(action="vault.opened").exists()

    def test_where_nothing_was_left_there_is_nothing_to_open(self, post: Post, desk: Client) -> None:
        incident = post.incident()
        assert "contact-form" not in desk.get(f"/board/incident/{incident.pk}").content.decode()
        assert desk.post(f"/board/incident/{incident.pk}/contact", {"purpose": "dispatch"}).status_code == 404


def test_a_note_stands_in_the_history_and_an_empty_one_is_refused(post: Post, desk: Client) -> None:
    incident = post.incident()
    address = f"/board/incident/{incident.pk}/note"
    html = desk.post(address, {"words": "电台：<堵车>，改走北门"}, headers=HTMX).content.decode()
    assert "电台：&lt;堵车&gt;，改走北门" in html and "备注" in html
    assert desk.post(address, {"words": " "}, headers=HTMX).status_code == 422


class TestTheBar:
    def test_nobody_in_command_is_said(self, desk: Client) -> None:
        assert "没有指挥长值守" in desk.get("/board").content.decode()

    def test_the_commander_takes_it_with_one_tap(self, post: Post, desk: Client) -> None:
        commander = post.town.browser("hanli")
        assert 'name="take"' in commander.get("/board").content.decode()
        assert 'name="take"' not in desk.get("/board").content.decode()
        html = commander.post("/board/watch", {"take": "1"}, headers=HTMX).content.decode()
        assert "指挥 韩立" in html and 'name="take"' not in html
        assert "指挥 韩立" in desk.get("/board/watch").content.decode()

    def test_weather_is_set_by_a_person(self, desk: Client) -> None:
        assert "未填" in desk.get("/board/watch").content.decode()
        html = desk.post("/board/watch", {"weather": "rain"}, headers=HTMX).content.decode()
        assert re.search(r'value="rain" aria-pressed="true"', html)
        assert desk.post("/board/watch", {"weather": "hail"}, headers=HTMX).status_code == 422

    def test_the_share_within_five_minutes(self, post: Post, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        later = clocks.now() + dt.timedelta(hours=1)
        monkeypatch.setattr(clocks, "now", lambda: later)
        assert "100 %" in desk.get("/dispatch/reach").content.decode()
        assert post.town.browser("wangxm").get("/dispatch/reach").status_code == 403


class TestTasksOfTheDay:
    def test_reports_of_own_cells_by_time(self, post: Post) -> None:
        late, soon = reported("楼道堆电池"), reported("井盖坏了")
        elsewhere = reported("学校门口", at=(121.485, 31.235))
        Report.objects.filter(pk=late.pk).update(due_at=clocks.now() - dt.timedelta(hours=1))
        Report.objects.filter(pk=soon.pk).update(due_at=clocks.now() - dt.timedelta(minutes=1))
        Report.objects.filter(pk=elsewhere.pk).update(due_at=clocks.now() - dt.timedelta(minutes=1))
        html = post.town.browser("wangxm").get("/my/tasks").content.decode()
        assert re.findall(r'href="/desk/(\d+)"', html) == [str(late.pk), str(soon.pk)]

    def test_what_is_due_another_day_waits(self, post: Post) -> None:
        later = reported()
        Report.objects.filter(pk=later.pk).update(due_at=clocks.now() + dt.timedelta(days=3))
        assert "今天没有到期的事" in post.town.browser("wangxm").get("/my/tasks").content.decode()

    def test_the_crew_writes_the_feedback_of_what_it_handled(self, post: Post) -> None:
        incident = post.incident()
        order = arrive_assignment(SYSTEM, assign_unit(SYSTEM, incident.pk, post.units["P-01"].pk).pk)
        clear_assignment(SYSTEM, order.pk, disposition="warned")
        Incident.objects.filter(pk=incident.pk).update(due_at=clocks.now())
        crew, stranger = phone_of(post, "P-01"), phone_of(post, "P-02")
        html = crew.get("/my").content.decode()
        assert f"/my/incident/{incident.pk}/feedback" in html
        assert f"/my/incident/{incident.pk}/feedback" not in stranger.get("/my").content.decode()
        sent = {"outcome": "已劝开", "version": ""}
        assert stranger.post(f"/my/incident/{incident.pk}/feedback", sent).status_code == 404
        assert crew.post(f"/my/incident/{incident.pk}/feedback", {"outcome": ""}).status_code == 422
        stale = sent | {"version": "1"}
        clash = crew.post(f"/my/incident/{incident.pk}/feedback", stale)
        assert clash.status_code == 409 and "data-clash" in clash.content.decode()
        assert "<!doctype html>" in clash.content.decode().lower(), "the whole page: these forms know no HTMX"
        assert crew.post(f"/my/incident/{incident.pk}/feedback", sent).status_code == 302
        incident.refresh_from_db()
        assert incident.state == Incident.State.FED_BACK


def test_the_wall_counts_the_key_points_patrols_stayed_at(post: Post) -> None:
    KeyPoint.objects.update(dwell_min=1)
    since = clocks.now() - dt.timedelta(minutes=3)
    wall = post.town.browser("hanli")
    assert wall.get("/wall/figures").content.decode().count("is-visited") == 0
    record_positions(
        SYSTEM, [Fix(post.units["P-02"].pk, *VILLAGE_AT, since + dt.timedelta(seconds=20 * n)) for n in range(6)]
    )
    assert wall.get("/wall/figures").content.decode().count("is-visited") == 1


def test_an_incident_opened_by_hand_keeps_its_own_contact_shut(post: Post, desk: Client) -> None:
    """A record of another matter does not open through an incident that merely names it."""
    foreign = with_contact().contact_id
    incident = open_incident(
        post.town.dispatcher, kind="help", grade=3, lon=121.475, lat=31.235, place_words="", summary="求助",
        contact_id=foreign,
    )  # fmt: skip
    answer = desk.post(f"/board/incident/{incident.pk}/contact", {"purpose": "dispatch"}, headers=HTMX)
    assert answer.status_code == 404
