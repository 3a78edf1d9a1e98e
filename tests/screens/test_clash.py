"""Defect 8: a save that comes second overwrites nothing; what was wanted stands beside what is there now, in every form."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiean.dispatch.commands import (
    arrive_assignment,
    assign_unit,
    clear_assignment,
    feed_back,
    grade_incident,
    relocate_incident,
    reopen_incident,
)
from jiean.dispatch.models import Assignment, Incident
from jiean.grid.commands import drop_areas, propose_areas
from jiean.grid.imports import read_areas
from jiean.intake.commands import answer_referral, correct_report
from jiean.intake.models import Kind, Outcome, Referral, Report, Urgency
from jiean.kernel.workflow import change
from jiean.people.commands import assign_duty, change_account, end_duty
from jiean.people.models import Account, Duty, StaffDraft
from tests.dispatch.post import Post
from tests.intake.scenes import body, referred, reported
from tests.people.test_pages import table
from tests.town import SYSTEM, Town, areas, geojson

HTMX = {"HX-Request": "true"}
REFUSED = "刚才有人改过，您的没有保存"


def beside(html: str) -> list[tuple[str, str, str]]:
    """The comparison a page shows: label, mine, now."""
    block = html[html.index("data-clash") :]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>', block.split("</table>")[0])
    assert rows and REFUSED in html
    return rows


def clashed(answer: object) -> str:
    assert answer.status_code == 409, answer.content.decode()[:400]  # type: ignore[attr-defined]
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


class TestTheDesk:
    @pytest.mark.parametrize(
        ("deed", "given", "mine"),
        [
            ("reject", {"reason": "不是辖区的事"}, "不是辖区的事"),
            ("answer", {"outcome": Outcome.HANDLED, "answer": "已经办好了"}, "已经办好了"),
            ("refer", {"reason": "请街道处理"}, "请街道处理"),
        ],
    )
    def test_words_are_kept_and_compared(self, town: Town, deed: str, given: dict[str, str], mine: str) -> None:
        report, desk = reported(), town.browser("chenxiao")
        correct_report(town.commander, report.pk, kind=Kind.THEFT, urgency=Urgency.SOON, version=1)
        sent = {"version": 1, "organisation_id": body().pk} | given
        html = clashed(desk.post(f"/desk/{report.pk}/{deed}", sent))
        assert any(mine in line[1] for line in beside(html))
        assert ("状态", "", "待分流") in beside(html)
        assert html.count(mine) >= 2  # in the comparison, and still in its field
        report.refresh_from_db()
        assert report.state == Report.State.NEW
        assert desk.post(f"/desk/{report.pk}/{deed}", sent | {"version": report.version}).status_code == 302

    def test_a_reply_to_a_referral(self, town: Town) -> None:
        referral, desk = referred(town), town.browser("chenxiao")
        answer_referral(town.commander, referral.pk, state=Referral.State.ACCEPTED, reply="", version=1)
        html = clashed(desk.post(f"/desk/{referral.report_id}/return", {"version": 1, "reply": "退回去"}))
        assert ("回复", "退回去", "") in beside(html)
        assert ("状态", "", "已签收") in beside(html)


class TestTheBoard:
    def test_a_grade_set_twice(self, post: Post) -> None:
        incident, desk = post.incident(grade=3), post.town.browser("chenxiao")
        grade_incident(post.town.commander, incident.pk, grade=2, version=incident.version)
        sent = {"move": "grade", "value": "1", "version": incident.version}
        html = clashed(desk.post(f"/board/incident/{incident.pk}/move", sent, headers=HTMX))
        assert beside(html) == [("改级别", "一级", "二级"), ("状态", "", "已分级")]

    def test_a_reason_typed_for_a_matter_that_moved(self, post: Post) -> None:
        incident, desk = post.incident(), post.town.browser("chenxiao")
        relocate_incident(post.town.commander, incident.pk, lon=121.48, lat=31.235)
        sent = {"move": "cancel", "value": "报警人说和好了", "version": incident.version}
        html = clashed(desk.post(f"/board/incident/{incident.pk}/move", sent, headers=HTMX))
        assert ("取消警情", "报警人说和好了", "") in beside(html)
        assert 'value="报警人说和好了"' in html

    def test_a_result_and_a_feedback(self, post: Post) -> None:
        incident, desk = post.incident(), post.town.browser("chenxiao")
        order = arrive_assignment(SYSTEM, assign_unit(SYSTEM, incident.pk, post.units["P-01"].pk).pk)
        incident.refresh_from_db()
        seen = incident.version
        grade_incident(SYSTEM, incident.pk, grade=1)
        sent = {"disposition": "warned", "outcome": "劝开了", "version": seen}
        html = clashed(desk.post(f"/board/incident/{incident.pk}/close", sent, headers=HTMX))
        assert ("处置方式", "劝阻教育", "") in beside(html)
        assert ("说明", "劝开了", "") in beside(html)
        clear_assignment(SYSTEM, order.pk, disposition="warned", outcome="已劝开")
        incident.refresh_from_db()
        sent = {"outcome": "告诉您", "version": incident.version - 1}
        html = clashed(desk.post(f"/board/incident/{incident.pk}/close", sent, headers=HTMX))
        assert ("处置情况", "告诉您", "已劝开") in beside(html)
        fresh = re.search(r'name="version" value="(\d+)" id="feedback-version"', html)
        assert fresh and int(fresh[1]) == incident.version  # the same words can be saved once more

    def test_a_review_of_what_was_opened_again(self, post: Post) -> None:
        incident, desk = post.incident(), post.town.browser("chenxiao")
        order = arrive_assignment(SYSTEM, assign_unit(SYSTEM, incident.pk, post.units["P-01"].pk).pk)
        clear_assignment(SYSTEM, order.pk, disposition="warned")
        fed_back = feed_back(SYSTEM, incident.pk, outcome="已劝开")
        assert f'id="row-{incident.pk}"' not in desk.get("/board/queue").content.decode()
        assert f'id="row-{incident.pk}"' in desk.get("/board/queue?state=FED_BACK").content.decode()
        reopen_incident(SYSTEM, incident.pk, reason="又吵起来了")
        sent = {"move": "review", "version": fed_back.version}
        html = clashed(desk.post(f"/board/incident/{incident.pk}/move", sent, headers=HTMX))
        assert beside(html) == [("审核通过", "审核通过", ""), ("状态", "", "已分级")]
        incident.refresh_from_db()
        assert incident.state == Incident.State.GRADED

    def test_without_a_clash_the_panel_says_nothing_of_one(self, post: Post) -> None:
        incident, desk = post.incident(), post.town.browser("chenxiao")
        assert "data-clash" not in desk.get(f"/board/incident/{incident.pk}").content.decode()


def test_the_phones_result(post: Post) -> None:
    order = arrive_assignment(SYSTEM, assign_unit(SYSTEM, post.incident().pk, post.units["P-01"].pk).pk)
    account_id = post.crew("P-01").account_id
    username = next(name for name, account in post.town.accounts.items() if account.pk == account_id)
    phone = post.town.browser(username)
    change(Assignment.objects.get(pk=order.pk))
    sent = {"disposition": "helped", "outcome": "送回家了", "version": order.version}
    html = clashed(phone.post(f"/my/order/{order.pk}/result", sent))
    assert ("说明", "送回家了", "") in beside(html)
    sent["version"] += 1
    assert phone.post(f"/my/order/{order.pk}/result", sent).status_code == 302
    assert Incident.objects.get().state == Incident.State.HANDLED


class TestTheOffice:
    @pytest.fixture
    def office(self, town: Town) -> Client:
        return town.browser("shenqing")

    def test_a_correction_of_an_account(self, town: Town, office: Client) -> None:
        account = town.accounts["liwei"]
        change_account(SYSTEM, account.pk, name="李卫东", phone="0571-1234")
        html = clashed(office.post(f"/staff/{account.pk}/correct", {"name": "李伟", "phone": "110", "version": 1}))
        assert beside(html) == [("姓名", "李伟", "李卫东"), ("工作电话", "110", "0571-1234")]
        assert Account.objects.get(pk=account.pk).name == "李卫东"

    def test_a_duty_ended_twice(self, town: Town) -> None:
        account = town.accounts["zhouping"]
        duty = assign_duty(SYSTEM, account.pk, town.cells["SJ-003"].pk, Duty.Kind.OFFICER)
        end_duty(SYSTEM, duty.pk)
        sent = {"duty_id": duty.pk, "version": duty.version}
        html = clashed(town.browser("hanli").post(f"/staff/{account.pk}/end-duty", sent))
        assert [line[0] for line in beside(html)] == ["至"]

    def test_a_table_of_people_adopted_twice(self, town: Town, office: Client) -> None:
        office.post("/staff/import", {"file": table(("赵新", "zhaoxin", "OFC", "", "", "", ""))})
        draft = StaffDraft.objects.get()
        change(draft)
        html = clashed(office.post(f"/staff/import/{draft.pk}", {"deed": "adopt", "version": draft.version - 1}))
        assert [line[0] for line in beside(html)] == ["状态"]

    def test_a_map_of_cells_adopted_after_it_was_dropped(self, town: Town, office: Client) -> None:
        draft = propose_areas(town.admin, read_areas(geojson(areas())))
        drop_areas(town.admin, draft.pk)
        sent = {"deed": "adopt", "version": draft.version, "town_name": "新街"}
        html = clashed(office.post(f"/areas/import/{draft.pk}", sent))
        assert ("状态", "", "已放弃") in beside(html)


def test_a_file_is_no_words(town: Town) -> None:
    """A photo sent with stale words is not compared as if it were words."""
    report = reported()
    sent = {"text": "补充", "photos": SimpleUploadedFile("x.jpg", b"")}
    assert town.browser("chenxiao").post(f"/desk/{report.pk}/add", sent).status_code == 422
