"""Hive posts: who may, the queue, what it becomes, what a post has done, and that late links raise nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jiean.disputes import commands
from jiean.disputes.models import Call, Dispute, HivePost, Kind, PostDuty, Ticket
from jiean.disputes.queries import post_figures, posts, settled_before_call
from jiean.grid.commands import add_premises
from jiean.grid.models import Premises
from jiean.intake.models import Report
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Forbidden, IllegalMove, Invalid, NotFound
from tests.budget import keeps
from tests.disputes.scenes import APPLICANT, FACTS, RESPONDENT, Case, case, registered
from tests.town import MARKET_AT, SYSTEM, Town

pytestmark = pytest.mark.django_db
PUBLIC = Actor.public()
State = Ticket.State


def opened(town: Town, code: str = "HP-01", **more: Any) -> HivePost:
    """A post beside the market, open at every hour of every day, since a month ago."""
    place = add_premises(
        SYSTEM, code=code, name="新街蜂巢站点", kind=Premises.Kind.HIVE_POST, lon=MARKET_AT[0], lat=MARKET_AT[1]
    )
    since = clocks.local_day(clocks.now()) - dt.timedelta(days=30)
    given: dict[str, Any] = {"services": ["mediation", "advice"], "days": range(7), "from_hour": 0, "to_hour": 24}
    return commands.keep_post(town.commander, place.pk, **given | {"open_since": since} | more)


def called(town: Town, post: HivePost) -> Ticket:
    commands.take_ticket(PUBLIC, post.pk, "mediation")
    return commands.call_next(town.dispatcher, post.pk)


def at_the_post(town: Town, post: HivePost, **more: Any) -> Case:
    """A quarrel told at the post, of a number that was called."""
    one = case(town)
    row = registered(town.dispatcher, ticket_id=called(town, post).pk, **more)
    return Case(town, one.mediator, row)


class TestPost:
    def test_it_is_a_place_of_the_ground_and_the_commanders_to_keep(self, town: Town) -> None:
        given: dict[str, Any] = {"services": ["mediation"], "days": [0], "from_hour": 9, "to_hour": 17,
                                 "open_since": clocks.local_day(clocks.now())}  # fmt: skip
        with pytest.raises(Invalid):
            commands.keep_post(town.commander, town.market.pk, **given)
        with pytest.raises(Forbidden):
            commands.keep_post(town.dispatcher, town.market.pk, **given)
        post = opened(town)
        for wrong in ({"services": ["tea"]}, {"days": [9]}, {"from_hour": 20, "to_hour": 9}):
            with pytest.raises(Invalid):
                commands.keep_post(town.commander, post.premises_id, **given | wrong)
        assert commands.keep_post(town.commander, post.premises_id, **given).pk == post.pk

    def test_nobody_is_at_two_posts_at_once(self, town: Town) -> None:
        one, other, now = opened(town), opened(town, "HP-02"), clocks.now()
        who, hours = town.mediator.account_id or 0, {"starts_at": now, "ends_at": now + dt.timedelta(hours=8)}
        commands.put_on_duty(town.commander, one.pk, who, calling="people", **hours)
        with pytest.raises(Invalid):
            commands.put_on_duty(town.commander, other.pk, who, calling="people", **hours)
        with pytest.raises(Invalid):
            commands.put_on_duty(town.commander, one.pk, who, calling="people", starts_at=now, ends_at=now)


class TestKeepingAPostOnItsPage:
    FORM: dict[str, Any] = {"services": ["mediation"], "days": ["0", "1"], "from_hour": "9", "to_hour": "17",
                            "open_since": "2026-03-02", "active": "on"}  # fmt: skip

    def test_the_commander_registers_it_once_and_corrects_it(self, town: Town) -> None:
        place = add_premises(SYSTEM, code="HP-09", name="河边蜂巢站点", kind=Premises.Kind.HIVE_POST,
                             lon=MARKET_AT[0], lat=MARKET_AT[1])  # fmt: skip
        browser = town.browser("hanli")
        assert town.browser("chenxiao").get("/disputes/posts/new").status_code == 403
        short = browser.post("/disputes/posts/new", self.FORM | {"premises_id": place.pk, "to_hour": "8"})
        assert short.status_code == 422
        assert "结束要晚于开始。" in short.content.decode()
        assert browser.post("/disputes/posts/new", self.FORM | {"premises_id": place.pk}).status_code == 302
        post = HivePost.objects.get(premises=place)
        assert "河边蜂巢站点" not in browser.get("/disputes/posts/new").content.decode(), "a place has one post"
        address = f"/disputes/posts/{post.pk}/keep"
        given = self.FORM | {"premises_id": place.pk, "version": post.version}
        assert browser.post(address, given | {"to_hour": "18"}).status_code == 302
        stale = browser.post(address, given | {"to_hour": "12"})
        assert stale.status_code == 409
        assert [*HivePost.objects.values_list("to_hour", flat=True)] == [18]

    def test_a_duty_leaves_the_rota(self, town: Town) -> None:
        post, now = opened(town), clocks.now()
        who, hours = town.mediator.account_id or 0, {"starts_at": now, "ends_at": now + dt.timedelta(hours=8)}
        duty = commands.put_on_duty(town.commander, post.pk, who, calling="people", **hours)
        address = f"/disputes/posts/{post.pk}/duty/{duty.pk}/drop"
        assert town.browser("chenxiao").post(address).status_code == 403
        assert town.browser("hanli").post(address).status_code == 302
        assert not PostDuty.objects.exists()


class TestQueue:
    def test_numbers_run_without_gaps_and_hold_no_name(self, town: Town) -> None:
        post, other = opened(town), opened(town, "HP-02")
        taken = [commands.take_ticket(PUBLIC, post.pk, "advice").number for _person in range(3)]
        assert taken == [1, 2, 3] and commands.take_ticket(PUBLIC, other.pk, "advice").number == 1
        words = {one.name for one in Ticket._meta.get_fields()} & {"name", "phone", "account_id", "words"}
        assert not words

    def test_closed_or_without_the_service_there_is_no_number(self, town: Town) -> None:
        hour = clocks.local(clocks.now()).hour
        shut = opened(town, from_hour=(hour + 2) % 23, to_hour=(hour + 2) % 23 + 1)
        with pytest.raises(Invalid):
            commands.take_ticket(PUBLIC, shut.pk, "advice")
        assert commands.take_ticket(town.dispatcher, shut.pk, "advice").number == 1, (
            "staff give a paper number at the door"
        )
        with pytest.raises(Invalid):
            commands.take_ticket(town.dispatcher, shut.pk, "fire")

    def test_a_full_queue_takes_no_more(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("jiean.disputes.commands.queueing.MOST_WAITING", 1)
        post = opened(town)
        commands.take_ticket(PUBLIC, post.pk, "advice")
        with pytest.raises(Invalid):
            commands.take_ticket(PUBLIC, post.pk, "advice")

    def test_called_served_passed_over_and_back(self, town: Town) -> None:
        post = opened(town)
        first = called(town, post)
        with pytest.raises(NotFound):
            commands.call_next(town.dispatcher, post.pk)
        commands.end_ticket(town.dispatcher, first.pk, State.NO_SHOW)
        commands.end_ticket(town.dispatcher, first.pk, State.WAITING)
        with pytest.raises(IllegalMove):
            commands.end_ticket(town.dispatcher, first.pk, State.SERVED)
        again = commands.call_next(town.dispatcher, post.pk)
        assert again.pk == first.pk and commands.end_ticket(town.dispatcher, first.pk, State.SERVED).ended_at

    def test_only_who_is_there_serves(self, town: Town) -> None:
        post = opened(town)
        commands.take_ticket(PUBLIC, post.pk, "mediation")
        with pytest.raises(NotFound):
            commands.call_next(town.mediator, post.pk)
        with pytest.raises(NotFound):
            commands.call_next(PUBLIC, post.pk)
        now = clocks.now()
        commands.put_on_duty(
            SYSTEM, post.pk, town.mediator.account_id or 0, calling="people", starts_at=now - dt.timedelta(hours=1),
            ends_at=now + dt.timedelta(hours=1),
        )  # fmt: skip
        assert commands.call_next(town.mediator, post.pk).state == State.CALLED

    def test_it_becomes_a_dispute_or_a_report(self, town: Town) -> None:
        post = opened(town)
        desk, first = town.browser("chenxiao"), called(town, post)
        assert f"{first.number} 号" in desk.get(f"/disputes/new?ticket={first.pk}").content.decode()
        desk.post("/disputes/new", {"kind": "debt", "facts": "借钱不还", "key": "k1", "ticket_id": first.pk})
        first.refresh_from_db()
        assert first.state == State.SERVED and first.dispute is not None and first.dispute.post_id == post.pk
        again = desk.post("/disputes/new", {"kind": "debt", "facts": "又一件", "key": "k2", "ticket_id": first.pk})
        assert again.status_code == 409 and Dispute.objects.count() == 1, "one number is one matter"
        second = called(town, post)
        told = desk.post(
            f"/desk/new?ticket={second.pk}",
            {
                "text": "楼道堆满杂物",
                "place_words": "新街路 1 号",
                "key": "key-of-the-report-1",
                "channel": "desk_phone",
            },
        )
        second.refresh_from_db()
        assert second.state == State.SERVED, told.context["form"].errors
        assert second.report_id == Report.objects.get().pk


class TestFigures:
    def test_settled_before_a_call_counts_what_was_told_at_the_post(self, town: Town) -> None:
        post = opened(town)
        at_the_post(town, post).settled()
        case(town).settled()
        told = at_the_post(town, post, incident_id=77)
        told.settled()
        figures = post_figures(town.commander, post)
        assert (figures.registered, figures.settled, figures.settled_before_call) == (2, 2, 1)

    def test_no_late_link_raises_it_and_a_call_found_later_lowers_it(self, town: Town) -> None:
        post = opened(town)
        elsewhere = case(town).settled().row
        for late in ({"post_id": post.pk}, {"before_call": True}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Dispute.objects.filter(pk=elsewhere.pk).update(**late)
        late_ticket = called(town, post)
        with transaction.atomic():
            Ticket.objects.filter(pk=late_ticket.pk).update(dispute=elsewhere)
        assert settled_before_call(post).count() == 0, "a number linked afterwards makes no dispute one of the post's"
        with_call = at_the_post(town, post, incident_id=78).settled().row
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispute.objects.filter(pk=with_call.pk).update(incident_id=None, before_call=True)
        Dispute.objects.filter(pk=with_call.pk).update(incident_id=None)
        Call.objects.filter(dispute=with_call).delete()
        assert settled_before_call(post).count() == 0, "the call taken off afterwards does not make it one"
        good = at_the_post(town, post).settled().row
        assert settled_before_call(post).get() == good
        Call.objects.create(dispute=good, at=good.registered_at + dt.timedelta(minutes=1))
        assert settled_before_call(post).count() == 1, "a call after the registration is another thing"
        Call.objects.create(dispute=good, at=good.registered_at - dt.timedelta(minutes=1), incident_id=9)
        assert settled_before_call(post).count() == 0

    def test_before_after_and_elsewhere_with_how_many(self, town: Town) -> None:
        post = opened(town)
        sides = (APPLICANT, RESPONDENT)
        for days, cell in ((60, "SJ-001"), (3, "SJ-002"), (2, "SJ-001"), (2, "SJ-003")):
            row = commands.register_dispute(
                town.dispatcher, kind=Kind.DEBT, facts=FACTS, cell_id=town.cells[cell].pk, sides=sides
            )
            at = clocks.now() - dt.timedelta(days=days)
            Dispute.objects.filter(pk=row.pk).update(
                registered_at=at, contacted_at=at + dt.timedelta(minutes=10 * days)
            )
        contact = next(row for row in post_figures(town.commander, post).compared if row.code == "contact")
        assert (contact.after.n, contact.after.value) == (2, 25.0)
        assert (contact.before.n, contact.before.value) == (1, 600.0)
        assert (contact.elsewhere.n, contact.elsewhere.value) == (1, 20.0)
        assert contact.few and contact.after.low is None


class TestPages:
    def test_the_public_page_gives_one_number_a_browser_and_no_names(self, town: Town) -> None:
        post, now = opened(town), clocks.now()
        commands.put_on_duty(
            SYSTEM, post.pk, town.mediator.account_id or 0, calling="people", starts_at=now - dt.timedelta(minutes=5),
            ends_at=now + dt.timedelta(minutes=5),
        )  # fmt: skip
        browser = town.browser()
        page = browser.get("/post/hp-01").content.decode()
        assert "人民调解员" in page and "周平" not in page and "取号" in page
        for _tap in range(2):
            assert browser.post("/post/HP-01", {"service": "advice"}).status_code == 302
        assert Ticket.objects.count() == 1 and "您的号" in browser.get("/post/HP-01").content.decode()
        assert town.browser().post("/post/HP-01", {"service": "fire"}).status_code == 422
        assert town.browser().get("/post/HP-99").status_code == 404

    def test_the_staffs_pages_and_their_statements(self, town: Town) -> None:
        post = opened(town)
        opened(town, "HP-02")
        commands.take_ticket(PUBLIC, post.pk, "advice")
        desk = town.browser("chenxiao")
        assert "HP-01" in desk.get("/disputes/posts").content.decode() and len(posts(town.dispatcher)) == 2
        page = desk.get(f"/disputes/posts/{post.pk}").content.decode()
        assert "叫下一位" in page and "/post/HP-01" in page and "太少" not in page
        assert desk.post(f"/disputes/posts/{post.pk}/call").status_code == 302
        assert 'class="num">1<' in desk.get(f"/disputes/posts/{post.pk}/wall").content.decode()
        number = Ticket.objects.get()
        desk.post(f"/disputes/posts/{post.pk}/{number.pk}/end", {"state": "SERVED"})
        number.refresh_from_db()
        assert number.state == State.SERVED
        assert desk.post(f"/disputes/posts/{post.pk}/take", {"service": "advice"}).status_code == 302
        boss = town.browser("hanli")
        at = clocks.local(clocks.now())
        given = {"account_id": town.accounts["zhouping"].pk, "calling": "people",
                 "starts_at": f"{at:%Y-%m-%dT%H:%M}", "ends_at": f"{at + dt.timedelta(hours=2):%Y-%m-%dT%H:%M}"}  # fmt: skip
        assert boss.post(f"/disputes/posts/{post.pk}/duty", given).status_code == 302 and post.duties.count() == 1
        assert "周平" in boss.get(f"/disputes/posts/{post.pk}").content.decode()
        keeps(desk, "/disputes/posts", 9)
        keeps(desk, f"/disputes/posts/{post.pk}", 17)
