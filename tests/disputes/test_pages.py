"""The pages: first word, list, story, deeds, a party's own page, rules, overview; and what they cost."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from jiean.disputes import commands, tracking
from jiean.disputes.commands import add_rule
from jiean.disputes.models import CallBack, Channel, DeskRule, Dispute, Party, Way
from jiean.disputes.pages.returns import days_of
from jiean.disputes.queries import the_return
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.kernel.models import AuditEntry, Transition
from jiean.people.models import Organisation
from tests.budget import budgets, keeps
from tests.disputes.scenes import FACTS, Case, body, case, registered, terms
from tests.disputes.test_posts import opened
from tests.town import Town

pytestmark = pytest.mark.django_db


def post(client: Client, row: Dispute, deed: str, **given: Any) -> Any:
    row.refresh_from_db()
    return client.post(f"/disputes/{row.pk}/{deed}", {"version": row.version} | given)


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def _of_every_end(town: Town) -> None:
    """Open, late, settled long ago and kept or flared up again, failed, withdrawn before and after a desk had taken it, sent to court."""
    cell = town.cells["SJ-001"]
    long_ago = clocks.now() - dt.timedelta(days=50)
    for recurred in (False, True):
        kept = case(town).closed().row
        Dispute.objects.filter(pk=kept.pk).update(ended_at=long_ago)
        CallBack.objects.filter(dispute=kept).update(at=long_ago + dt.timedelta(days=9), recurred=recurred)
    failed = case(town).begun()
    commands.fail_dispute(failed.mediator, failed.row.pk, reason="谈不拢")
    for gone in (case(town), case(town).accepted()):
        commands.withdraw_dispute(town.dispatcher, gone.row.pk, reason="和好")
    commands.refer_dispute(town.dispatcher, case(town).accepted().row.pk, way=Way.COURT, reason="要告")
    rows = [case(town, cell_id=cell.pk).row for _number in range(6)]
    Dispute.objects.filter(pk=rows[0].pk).update(due_at=long_ago)
    case(town).sent()


class TestStaff:
    def test_the_first_word_takes_a_kind_and_a_sentence(self, town: Town) -> None:
        officer = town.browser("wangxm")
        form = shown(officer, "/disputes/new")
        key = form.split('name="key" value="')[1].split('"')[0]
        for _tap in range(2):
            answer = officer.post("/disputes/new", {"kind": "debt", "facts": "借钱不还", "key": key})
        made = Dispute.objects.get()
        assert answer.status_code == 302 and answer.url == f"/disputes/{made.pk}"

    def test_who_only_tells_gives_no_names_and_sees_no_more(self, town: Town) -> None:
        guard = town.newcomer(Role.GUARD)
        browser = town.browser(next(name for name, one in town.accounts.items() if one.pk == guard.account_id))
        form = shown(browser, "/disputes/new")
        assert "applicant_name" not in form
        browser.post("/disputes/new", {"kind": "debt", "facts": "借钱不还", "key": "k1"})
        assert Dispute.objects.get().channel == Channel.PARTNER and browser.get("/disputes").status_code == 403

    def test_notes_handed_in_offline_keep_both_times(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        """As the outbox sends them: the answer lost, sent again; the telephone's clock a day fast, then one that cannot be."""
        one = case(town).begun()
        now = clocks.now().replace(microsecond=0) + dt.timedelta(minutes=100)
        monkeypatch.setattr(clocks, "now", lambda: now)
        browser = town.browser("zhouping")
        at = clocks.local(now).strftime("%Y-%m-%dT%H:%M")
        fast = now.timestamp() + 86_400
        for key, age_s, sent in (("n1", 3000, fast), ("n1", 3000, fast + 9), ("n2", 9000, fast)):
            given = {"version": one.now.version, "at": at, "note_words": "各让一步", "key": key}
            times = {"X-Outbox": "1", "X-Made-At": f"{fast - age_s:.0f}", "X-Sent-At": f"{sent:.0f}"}
            assert browser.post(f"/disputes/{one.row.pk}/talk", given, headers=times).status_code == 201
        believed, doubted = Transition.objects.filter(subject_id=one.row.pk, code="talk_held").order_by("pk")
        ago = dt.timedelta(seconds=3000)
        assert (believed.device_at, believed.made_at) == (now - ago + dt.timedelta(days=1), now - ago)
        assert doubted.made_at == now - 3 * ago
        page = shown(browser, f"/disputes/{one.row.pk}")
        assert page.count("离线时于") == 1 and page.count("（早于这件事本身，不采信）") == 1

    def test_a_whole_story_by_buttons(self, town: Town) -> None:
        one = case(town)
        desk, mediator = town.browser("chenxiao"), town.browser("zhouping")
        page = shown(desk, f"/disputes/{one.row.pk}")
        assert FACTS in page and "甘泉生" not in page and "甘**" in page
        assert post(desk, one.row, "divert", organisation_id=body("mediation").pk).status_code == 302
        assert f"/disputes/{one.row.pk}" in shown(mediator, "/disputes")
        post(mediator, one.row, "sign")
        assert FACTS not in shown(desk, f"/disputes/{one.row.pk}"), "the dispatcher reads no more of it now"
        post(mediator, one.row, "mediator", account_id=one.mediator.account_id)
        assert post(mediator, one.row, "begin").status_code == 422
        post(mediator, one.row, "begin", agreed="on")
        at = clocks.local(clocks.now()).strftime("%Y-%m-%dT%H:%M")
        assert post(mediator, one.row, "talk", at=at, note_words="谈了两个小时").status_code == 302
        given = {name: getattr(terms(), name) for name in ("facts", "liability", "terms", "performance", "perform_by")}
        refused = post(mediator, one.row, "settle", **given | {"terms": ""})
        assert refused.status_code == 422 and terms().liability in refused.content.decode(), "what was typed is kept"
        post(mediator, one.row, "settle", **given)
        post(mediator, one.row, "call-back", kept="not_yet", satisfied="true")
        assert post(mediator, one.row, "close").status_code == 409
        post(mediator, one.row, "call-back", kept="whole", satisfied="")
        assert post(mediator, one.row, "close").url == "/disputes"
        assert one.now.state == "CLOSED" and one.row.call_backs.last().satisfied is None

    def test_a_stale_save_is_laid_side_by_side(self, town: Town) -> None:
        one = case(town)
        desk = town.browser("chenxiao")
        old = one.now.version
        commands.add_side(town.dispatcher, one.row.pk, commands.Side(Party.Standing.THIRD, name="第三人"))
        commands.correct_dispute(town.dispatcher, one.row.pk, kind="debt", level="post")  # type: ignore[arg-type]
        answer = desk.post(f"/disputes/{one.row.pk}/correct", {"version": old, "kind": "family", "level": "cell"})
        assert answer.status_code == 409 and "借贷纠纷" in answer.content.decode()

    def test_a_party_is_opened_and_the_look_written_down(self, town: Town) -> None:
        one = case(town).begun()
        mediator = town.browser("zhouping")
        answer = mediator.post(f"/disputes/{one.row.pk}/party/{one.party().pk}")
        assert "甘泉生" in answer.content.decode() and "no-store" in answer["Cache-Control"]
        assert AuditEntry.objects.filter(action="vault.opened", subject_kind="dispute", subject_id=one.row.pk).exists()
        assert town.browser("liwei").post(f"/disputes/{one.row.pk}/party/{one.party().pk}").status_code == 404

    def test_notes_want_a_fresh_second_factor(self, town: Town) -> None:
        one = case(town).begun()
        talk = commands.record_talk(one.mediator, one.row.pk, at=clocks.now(), note_words="愿意让一步")
        address = f"/disputes/{one.row.pk}/talk/{talk.pk}"
        assert town.browser("zhouping", proved=False).post(address).status_code == 303
        assert "愿意让一步" in town.browser("zhouping").post(address).content.decode()

    def test_words_find_a_dispute_and_stand_in_no_address(self, town: Town) -> None:
        one = case(town).begun()
        found = town.browser("zhouping").post("/disputes", {"q": "天花板"}).content.decode()
        assert one.row.number in found
        assert one.row.number not in town.browser("chenxiao").post("/disputes", {"q": "天花板"}).content.decode()
        assert one.row.number in town.browser("chenxiao").post("/disputes", {"q": one.row.number}).content.decode()

    def test_figures_open_what_they_count(self, town: Town) -> None:
        case(town).settled()
        registered(town.dispatcher)
        commander = town.browser("hanli")
        page = shown(commander, "/disputes/overview")
        assert "/disputes?stray=1" in page
        assert "共 1 件" in shown(commander, "/disputes?state=REGISTERED")
        assert "共 0 件" in shown(commander, "/disputes?stray=1")
        assert "共 1 件" in shown(commander, "/disputes?outcome=settled&state=SETTLED&state=FOLLOW_UP&state=CLOSED")

    def test_every_number_of_the_overview_opens_so_many(self, town: Town) -> None:
        _of_every_end(town)
        commander = town.browser("hanli")
        page = shown(commander, "/disputes/overview")
        assert '<div class="figure">' not in page, "every figure opens its list"
        figures = re.findall(r'<a href="([^"]+)" class="figure">(?:(?!</a>).)+num">(\d+)</span>', page, re.S)
        cells = re.findall(r'<td class="[a-z-]+"><a href="([^"]+)">(\d+)</a></td>', page)
        told = {address: number for address, number in figures + cells if int(number)}
        for wanted in ("accepted&outcome=withdrawn", "agreed", "kept", "recurred", "over&outcome=settled"):
            assert [one for one in told if one.replace("&amp;", "&").endswith(f"among={wanted}")], wanted
        assert len(told) >= 20
        for address, number in told.items():
            assert f"共 {number} 件" in shown(commander, html.unescape(address)), address

    def test_the_board_says_how_many_lie_between_two_desks(self, town: Town) -> None:
        one = case(town).accepted()
        commander = town.browser("hanli")
        assert 'hx-get="/disputes/between"' in shown(commander, "/board")
        assert '<strong class="num">0</strong>' in shown(commander, "/disputes/between")
        Organisation.objects.filter(pk=one.now.desk_id).update(active=False)
        line = shown(commander, "/disputes/between")
        assert '<strong class="num">1</strong>' in line and "is-wrong" in line and "/disputes?stray=1" in line

    def test_source_age_and_post_open_what_they_count(self, town: Town) -> None:
        post, rows = opened(town), []
        for number in range(6):
            commands.take_ticket(town.dispatcher, post.pk, "mediation")
            ticket = commands.call_next(town.dispatcher, post.pk)
            rows.append(
                registered(
                    town.dispatcher,
                    ticket_id=ticket.pk if number < 5 else None,
                    channel=(Channel.DESK, Channel.PHONE)[number % 2],
                )
            )
        long_ago = clocks.now() - dt.timedelta(days=40)
        Dispute.objects.filter(pk=rows[0].pk).update(registered_at=long_ago, due_at=long_ago)
        commander = town.browser("hanli")
        page = shown(commander, "/disputes/overview")
        counted = {"channel=desk": 3, "channel=phone": 3, "age=0": 5, "age=2": 1, f"post={post.pk}": 5}
        for asked, number in counted.items():
            late = int(asked in ("channel=desk", "age=2", f"post={post.pk}"))
            line = rf'\?{asked}">[^<]+</a></th><td[^>]*>{number}</td><td[^>]*>(?:<a[^>]*>)?{late}<'
            assert re.search(line, page), asked
            assert f"共 {number} 件" in shown(commander, f"/disputes?{asked}"), asked
        assert "age=1" not in page and "共 0 件" in shown(commander, "/disputes?age=1")

    def test_few_disputes_of_a_cell_are_not_told_by_cell(self, town: Town) -> None:
        many, few = town.cells["SJ-001"], town.cells["SJ-002"]
        for number in range(9):
            registered(town.dispatcher, cell_id=(many if number < 5 else few).pk)
        page = shown(town.browser("hanli"), "/disputes/overview")
        assert (
            f"SJ-001 {many.name} · 5" in page
            and f"?cell={many.pk}" in page
            and "另外 1 个网格各不足 5 件，共 4 件" in page
        )
        assert f"?cell={few.pk}" not in page and FACTS not in page

    def test_the_return_counts_by_size_and_each_number_opens_its_list(self, town: Town) -> None:
        sizes = ((None, None), (9_999, 2), (10_000, 3), (600_000, 40))
        for amount, people in sizes:
            registered(town.dispatcher, amount_yuan=amount, people_count=people)
        case(town).closed()
        commander = town.browser("hanli")
        told = the_return(town.commander, *days_of(commander.get("/disputes/return").wsgi_request))  # type: ignore[arg-type]
        (line, whole), today = told.lines, told.until.isoformat()
        assert [n for _band, n in line.amounts] == [1, 1, 0, 0, 1, 2] and [n for _band, n in line.people] == [
            1,
            1,
            0,
            1,
            2,
        ]
        assert (whole.registered, whole.ends) == (5, {"open": 4, "settled": 1})
        for lines in (line.amounts, line.people):
            for band, number in lines:
                name = "amount" if lines is line.amounts else "people"
                page = shown(
                    commander, f"/disputes?every=1&since={today}&until={today}&kind=neighbours&{name}={band.place}"
                )
                assert f"共 {number} 件" in page, (name, band)
        table = shown(commander, "/disputes/return")
        for name, number in (("open", 4), ("settled", 1)):
            address = f"/disputes?every=1&since={told.since}&until={today}&kind=neighbours&outcome={name}"
            assert address.replace("&", "&amp;") in table
            assert f"共 {number} 件" in shown(commander, address), name
        file = load_workbook(io.BytesIO(commander.get("/disputes/return.xlsx").content)).active
        assert [row[1] for row in file.iter_rows(values_only=True)] == ["登记", 5, 5]  # type: ignore[union-attr]
        assert town.browser("zhouping").get("/disputes/return.xlsx").status_code == 403

    def test_rules_propose_and_the_commander_keeps_them(self, town: Town) -> None:
        DeskRule.objects.all().delete()
        add_rule(town.commander, place=2, organisation_id=body("mediation").pk)
        sent = {"place": 1, "kind": "neighbours", "organisation_id": body("justice").pk, "amount_from": 10_000}
        assert town.browser("hanli").post("/disputes/rules", sent).status_code == 302
        assert town.browser("chenxiao").post("/disputes/rules", sent).status_code == 403
        desk = town.browser("chenxiao")
        big, small = registered(town.dispatcher, amount_yuan=20_000), registered(town.dispatcher, amount_yuan=500)
        names = [str(body(code)) for code in ("justice", "mediation")]
        for row, name in zip((big, small), names, strict=True):
            assert f"建议转{name}" in shown(desk, f"/disputes/{row.pk}")
        rule = DeskRule.objects.get(place=1)
        town.browser("hanli").post(f"/disputes/rules/{rule.pk}/drop")
        assert f"建议转{names[1]}" in shown(desk, f"/disputes/{big.pk}")


class TestParty:
    def entered(self, town: Town, one: Case, standing: Party.Standing = Party.Standing.APPLICANT) -> Client:
        browser = town.browser()
        code = tracking.code_of(one.row.number, one.party(standing).pk)
        assert browser.post("/dispute", {"number": one.row.number, "code": code}).status_code == 302
        return browser

    def test_each_sees_their_own_record_and_who_looked(self, town: Town) -> None:
        one = case(town).settled()
        town.browser("zhouping").get(f"/disputes/{one.row.pk}")
        page = shown(self.entered(town, one), f"/dispute/{one.row.number}")
        assert "甘**" in page and "穆" not in page and terms().terms in page and "打开了纠纷" in page
        assert "周平" not in page, "a role and a body, never a name"

    def test_without_the_code_there_is_nothing(self, town: Town) -> None:
        one = case(town)
        browser = town.browser()
        assert browser.get(f"/dispute/{one.row.number}").status_code == 404
        assert browser.post("/dispute", {"number": one.row.number, "code": "AAAAAAAA"}).status_code == 422

    def test_the_slip_holds_one_partys_code_only(self, town: Town) -> None:
        one = case(town)
        codes = [tracking.code_of(one.row.number, party.pk) for party in one.row.parties.order_by("pk")]
        page = shown(town.browser("chenxiao"), f"/disputes/{one.row.pk}/party/{one.party().pk}/slip")
        assert codes[0] in page and codes[1] not in page

    def test_a_party_ends_it_and_asks_again(self, town: Town) -> None:
        one = case(town).begun()
        browser = self.entered(town, one, Party.Standing.RESPONDENT)
        assert browser.post(f"/dispute/{one.row.number}/withdraw", {"reason": ""}).status_code == 422
        browser.post(f"/dispute/{one.row.number}/withdraw", {"reason": "不谈了"})
        assert one.now.state == "WITHDRAWN"
        browser.post(f"/dispute/{one.row.number}/again", {"reason": "再谈谈"})
        assert one.now.state == "ACCEPTED" and one.row.reopened_count == 1

    def test_a_party_says_how_it_was_handled_once_it_is_over(self, town: Town) -> None:
        one = case(town).begun()
        browser, address = self.entered(town, one), f"/dispute/{one.row.number}"
        assert browser.post(f"{address}/rate", {"satisfied": "yes"}).status_code == 409 and "请您评价" not in shown(
            browser, address
        )
        commands.fail_dispute(one.mediator, one.row.pk, reason="谈不拢")
        assert "向人民法院起诉" in shown(browser, address)
        assert browser.post(f"{address}/rate", {"satisfied": "no", "words": ""}).status_code == 422
        browser.post(f"{address}/rate", {"satisfied": "no", "words": "等了太久"})
        assert "您评价：不满意" in shown(browser, address)
        assert "等了太久" in shown(town.browser("zhouping"), f"/disputes/{one.row.pk}")
        assert "等了太久" not in shown(self.entered(town, one, Party.Standing.RESPONDENT), address)


def test_pages_keep_their_budgets(town: Town) -> None:
    rows = {"settled": case(town).settled(), "accepted": case(town).accepted(), "registered": case(town)}
    of_the_station = ("/disputes/overview", "/disputes/r", "/disputes/{registered}")
    for address, most in budgets(__file__).items():
        path = address.format(**{name: one.row.pk for name, one in rows.items()})
        keeps(town.browser("hanli" if address.startswith(of_the_station) else "zhouping"), path, most)
