"""What belongs together: offers to merge with a reason and a lasting no, hot issues judged by a person."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from jiean.intake.advice import group_reports
from jiean.intake.commands import judge_issue, merge_reports, propose_issues, rename_issue, tell_apart
from jiean.intake.issues import hot_issues, to_group
from jiean.intake.models import HotIssue, Report, ToldApart
from jiean.kernel import clocks
from jiean.kernel.errors import Invalid, NotFound
from jiean.kernel.models import AuditEntry
from tests.intake.scenes import HYDRANT, reported
from tests.town import MARKET_AT, SCHOOL_AT, SYSTEM, Town

LIGHTS = "市场东门的路灯坏了好几天，晚上一片漆黑，老人走路摔过"
AGAIN = "市场东门那盏路灯还是坏的，晚上漆黑看不见路"
NEAR_MARKET = (MARKET_AT[0] + 0.0004, MARKET_AT[1])


def shown(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def one_thing(town: Town, count: int = 3) -> HotIssue:
    for number in range(count):
        reported(f"{LIGHTS}，第{number}次说了", NEAR_MARKET)
    assert propose_issues(SYSTEM, group_reports(to_group(clocks.now()))) == 1
    return HotIssue.objects.get()


def test_a_merge_is_offered_with_words_metres_and_hours_and_one_key(town: Town) -> None:
    first = reported(LIGHTS)
    reported(HYDRANT)
    second = reported(AGAIN, NEAR_MARKET)
    page = shown(town.browser("chenxiao"), f"/desk/{second.pk}")
    offer = page[page.index("可能是同一件事") : page.index("附近没办完的")]
    assert first.number in offer and f"并入 {first.number}" in offer and 'data-key="m"' in offer
    assert re.search(r"相距 3\d 米，前后 0 小时", offer)
    assert "<mark>晚上</mark>" in offer or "<mark>市场东门" in offer
    assert "消防栓" not in offer
    town.browser("chenxiao").post(f"/desk/{first.pk}/merge", {"report": second.pk})
    second.refresh_from_db()
    assert (second.state, second.merged_into_id) == ("MERGED", first.pk)


def test_what_was_told_apart_is_offered_no_more_until_taken_back(town: Town) -> None:
    first, second = reported(LIGHTS), reported(AGAIN, NEAR_MARKET)
    desk = town.browser("chenxiao")
    desk.post(f"/desk/{second.pk}/apart", {"other": first.pk})
    for here in (first, second):
        page = shown(desk, f"/desk/{here.pk}")
        assert "可能是同一件事" not in page and "有人说过不是同一件" in page
    desk.post(f"/desk/{first.pk}/apart", {"other": second.pk, "back": "1"})
    assert "可能是同一件事" in shown(desk, f"/desk/{second.pk}")
    assert not ToldApart.objects.exists()
    with pytest.raises(NotFound):
        tell_apart(town.market_officer, first.pk, second.pk)
    with pytest.raises(Invalid):
        tell_apart(town.dispatcher, first.pk, first.pk)


def test_the_one_others_were_merged_into_leads(town: Town) -> None:
    first, second, third = reported(LIGHTS), reported(AGAIN, NEAR_MARKET), reported(HYDRANT)
    merge_reports(town.dispatcher, second.pk, [third.pk])
    assert f"并入 {second.number}" in shown(town.browser("chenxiao"), f"/desk/{first.pk}")


def test_the_clock_proposes_a_person_decides_and_a_no_stays(town: Town) -> None:
    reported("小区里有人半夜放音乐", MARKET_AT)
    issue = one_thing(town)
    assert (issue.state, issue.cell_id, issue.reports.count()) == ("PROPOSED", town.cells["SJ-001"].pk, 3)
    assert propose_issues(SYSTEM, group_reports(to_group(clocks.now()))) == 0, "known ones are not proposed twice"
    judge_issue(town.dispatcher, issue.pk, state=HotIssue.State.DISMISSED)
    reported(f"{LIGHTS}，又来说一次", NEAR_MARKET)
    assert propose_issues(SYSTEM, group_reports(to_group(clocks.now()))) == 0
    assert HotIssue.objects.get().reports.count() == 4
    assert hot_issues(town.dispatcher) == []
    (kept,) = hot_issues(town.dispatcher, dismissed=True)
    assert (kept.total, sum(day.count for day in kept.days), kept.rise) == (4, 4, 4)
    judge_issue(town.dispatcher, issue.pk, state=HotIssue.State.PROPOSED)
    assert len(hot_issues(town.dispatcher)) == 1
    assert AuditEntry.objects.filter(action="intake.judge_issue").count() == 2


def test_rejected_reports_and_old_ones_make_nothing_hot(town: Town) -> None:
    for number in range(3):
        reported(f"{LIGHTS}，第{number}次说了", NEAR_MARKET)
    Report.objects.filter(pk=Report.objects.order_by("pk").values("pk")[:1]).update(state="REJECTED")
    assert group_reports(to_group(clocks.now())) == []


def test_places_and_things_have_names_here_people_have_not(town: Town) -> None:
    issue = one_thing(town)
    with pytest.raises(Invalid):
        rename_issue(town.dispatcher, issue.pk, name="投诉人王小明的路灯 13812345678")
    desk = town.browser("chenxiao")
    refused = desk.post(f"/desk/hot/{issue.pk}/rename", {"name": "联系人张三13812345678", "version": issue.version})
    assert refused.status_code == 422 and "不写人名" in html.unescape(refused.content.decode())
    given = {"name": "市场东门路灯", "version": HotIssue.objects.get().version}
    assert desk.post(f"/desk/hot/{issue.pk}/confirm", given).status_code == 302
    page = shown(desk, "/desk/hot")
    assert "市场东门路灯" in page and "已确认" in page and page.count("<rect") == 14
    stale = desk.post(f"/desk/hot/{issue.pk}/dismiss", given)
    assert stale.status_code == 422 and HotIssue.objects.get().state == "CONFIRMED"
    assert desk.post(f"/desk/hot/{issue.pk}/burn", given).status_code == 404


def test_the_beat_sees_confirmed_issues_of_its_cells_and_no_small_count(town: Town) -> None:
    issue = one_thing(town)
    beat, elsewhere = town.browser("wangxm"), town.browser("liwei")
    assert "现在没有热点" in shown(beat, "/desk/hot")
    judge_issue(town.dispatcher, issue.pk, state=HotIssue.State.CONFIRMED)
    page = shown(beat, "/desk/hot")
    assert "少于 5 件" in page and "共 3 件" not in page and "<rect" not in page and "确认</button>" not in page
    assert "现在没有热点" in shown(elsewhere, "/desk/hot")
    for number in range(2):
        reported(f"{LIGHTS}，再说{number}", NEAR_MARKET)
    propose_issues(SYSTEM, group_reports(to_group(clocks.now())))
    assert "共 5 件" in shown(beat, "/desk/hot")
    with pytest.raises(NotFound):
        judge_issue(town.market_officer, issue.pk, state=HotIssue.State.DISMISSED)


def test_the_same_words_far_away_are_another_thing(town: Town) -> None:
    for at in (MARKET_AT, SCHOOL_AT, NEAR_MARKET):
        reported(LIGHTS, at)
    assert group_reports(to_group(clocks.now())) == []
