"""The pages of intake, as browsers meet them: without scripts, with one tap or two."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiean.grid.models import Premises
from jiean.intake import tracking
from jiean.intake.commands import answer_report
from jiean.intake.models import Outcome, Referral, Report
from jiean.kernel.models import AuditEntry
from tests.intake.scenes import QUARREL, body, picture, referred, refused, reported, with_contact
from tests.town import MARKET_AT, SCHOOL_AT, Town

FORM = {"text": "楼道里堆了电池", "place_words": "三号楼", "key": "k1"}


def sent(browser: Client, **given: object) -> Report:
    answer = browser.post("/report", FORM | given)
    assert answer.status_code == 302, answer.content.decode()
    return Report.objects.get(number=answer.headers["Location"].rpartition("/")[2])


def text_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_a_resident_reports_follows_and_rates_without_scripts(town: Town) -> None:
    browser = town.browser()
    assert "110" in text_of(browser.get("/report"))
    photos = [SimpleUploadedFile(f"{n}.png", picture("PNG"), "image/png") for n in range(2)]
    report = sent(browser, photos=photos, name="张三丰", phone="138-0000-1234")
    assert (report.channel, report.photos.count(), report.contact_id is not None) == ("web", 2, True)
    done = text_of(browser.get(f"/report/done/{report.number}"))
    code = tracking.code_of(report.number)
    assert report.number in done and code in done and "data:image/svg+xml" in done
    page = text_of(browser.get(f"/track/{report.number}"))
    assert "我们收到了您的上报" in page and "138****1234" in page and "张三丰" not in page
    photo = browser.get(f"/track/{report.number}/photo/{report.photos.first().pk}")
    assert photo.headers["Content-Type"] == "image/jpeg" and "sandbox" in photo.headers["Content-Security-Policy"]
    assert browser.post(f"/track/{report.number}/add", {"text": "还在冒烟"}).status_code == 302
    assert browser.post(f"/track/{report.number}/rate", {"satisfied": "yes"}).status_code == 409
    answer_report(town.dispatcher, report.pk, outcome=Outcome.MENDED, answer="已清走")
    assert "已清走" in text_of(browser.get(f"/track/{report.number}"))
    assert browser.post(f"/track/{report.number}/rate", {"satisfied": "no"}).status_code == 422
    assert browser.post(f"/track/{report.number}/rate", {"satisfied": "yes"}).status_code == 302
    assert browser.post(f"/track/{report.number}/reopen", {"reason": "又来了"}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.reopened_count) == ("NEW", 1)


def test_a_second_tap_makes_no_second_report(town: Town) -> None:
    browser = town.browser()
    assert sent(browser).pk == sent(browser).pk
    assert Report.objects.count() == 1
    assert browser.post("/report", FORM | {"text": "另一件"}).status_code == 409


def test_what_was_typed_stays_when_something_is_wrong(town: Town) -> None:
    answer = town.browser().post("/report", FORM | {"text": "", "phone": "abc", "name": "张三"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'value="张三"' in page and 'value="abc"' in page and 'value="三号楼"' in page
    assert "有 2 处需要改" in page and "请写一句发生了什么。" in page and "电话号码格式不对" in page


def test_a_qr_code_fills_the_place(town: Town) -> None:
    browser = town.browser()
    assert "新街农贸市场" in text_of(browser.get("/report/p/market2345"))
    made = browser.post("/report/p/market2345", {"text": "地上有油", "key": "k"})
    report = Report.objects.get()
    assert made.status_code == 302 and report.premises_id == town.market.pk
    assert (report.lon, report.lat) == MARKET_AT
    assert browser.get("/report/p/nothing").status_code == 404
    Premises.objects.filter(pk=town.market.pk).update(active=False)
    assert browser.get("/report/p/market2345").status_code == 404


def test_number_and_code_open_the_page_and_nothing_else_does(town: Town) -> None:
    report, other = reported(), reported()
    stranger = town.browser()
    assert stranger.get(f"/track/{report.number}").status_code == 404
    assert stranger.post(f"/track/{report.number}/add", {"text": "x"}).status_code == 404
    assert stranger.get(f"/report/done/{report.number}").status_code == 302
    wrong = stranger.post("/track", {"number": report.number, "code": tracking.code_of(other.number)})
    assert wrong.status_code == 422 and "对不上" in text_of(wrong)
    assert stranger.get(f"/track/{report.number}?code=AAAAAAAA").status_code == 404
    code = tracking.code_of(report.number)
    right = stranger.post("/track", {"number": report.number.lower(), "code": code.lower()})
    assert right.headers["Location"] == f"/track/{report.number}", "no code in the address"
    assert stranger.get(f"/track/{report.number}").status_code == 200
    assert stranger.get(f"/track/{other.number}").status_code == 404
    scanned = town.browser()
    assert scanned.get(f"/track/{report.number}?code={code}").headers["Location"] == f"/track/{report.number}"
    assert scanned.get(f"/track/{report.number}").status_code == 200
    forged = town.browser()
    forged.cookies["jiean_reports"] = scanned.cookies["jiean_reports"].value + "x"
    assert forged.get(f"/track/{report.number}").status_code == 404


def test_near_reports_are_shown_to_the_public_without_their_words(town: Town) -> None:
    reported("我邻居老王天天打老婆")
    page = text_of(town.browser().get("/report/similar", {"lon": MARKET_AT[0], "lat": MARKET_AT[1]}))
    assert "附近正在办的" in page and "老王" not in page
    for odd in ({}, {"lon": "x", "lat": "1"}, {"lon": "nan", "lat": "nan"}, {"lon": "999", "lat": "0"}):
        assert "附近" not in text_of(town.browser().get("/report/similar", odd))


def test_what_reads_alike_comes_before_what_is_merely_near(town: Town) -> None:
    """A noise report at the very spot, and the same quarrel some sixty metres on."""
    near = reported("楼上半夜放音乐，吵得睡不着")
    same = reported("两个邻居在市场门口为了晾衣服吵架", at=(MARKET_AT[0] + 0.0006, MARKET_AT[1]))
    given = {"lon": MARKET_AT[0], "lat": MARKET_AT[1]}
    by_place = town.browser().post("/report/similar", given).content.decode()
    by_words = town.browser().post("/report/similar", given | {"text": QUARREL}).content.decode()
    assert "说的很像" not in by_place
    assert by_words.index("说的很像") < by_words.index(near.get_kind_display())
    assert QUARREL not in by_words and same.text not in by_words  # nobody else's words come back
    mine = reported(QUARREL)
    desk = town.browser("chenxiao").get(f"/desk/{mine.pk}").content.decode()
    assert desk.index(same.number) < desk.index(near.number)


def test_the_reporter_sees_who_opened_the_contact(town: Town) -> None:
    report = with_contact()
    desk = town.browser("chenxiao")
    shown = desk.post(f"/desk/{report.pk}/contact", {"purpose": "dispatch"})
    assert "13800001234" in text_of(shown) and shown.headers["Cache-Control"] == "no-store"
    assert desk.post(f"/desk/{report.pk}/contact", {"purpose": "audit"}).status_code == 403
    assert desk.post(f"/desk/{report.pk}/contact", {"purpose": "curiosity"}).status_code == 404
    assert town.browser("liwei").post(f"/desk/{report.pk}/contact", {"purpose": "dispatch"}).status_code == 404
    page = text_of(town.browser().get(f"/track/{report.number}?code={tracking.code_of(report.number)}", follow=True))
    assert "接警调度员 · 指挥调度" in page and "陈晓" not in page
    assert AuditEntry.objects.filter(action="vault.opened").count() == 1


def test_the_desk_takes_a_call_and_accepts_it_with_one_button(town: Town) -> None:
    desk = town.browser("chenxiao")
    page = text_of(desk.get("/desk/new"))
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    given = {
        "text": "邻居吵架要打起来了",
        "channel": "desk_phone",
        "key": key,
        "lon": MARKET_AT[0],
        "lat": MARKET_AT[1],
    }
    made = desk.post("/desk/new", given)
    report = Report.objects.get()
    assert made.headers["Location"] == f"/desk/{report.pk}" and report.channel == "desk_phone"
    page = text_of(desk.get(f"/desk/{report.pk}"))
    assert 'data-key="a"' in page and "吵架" in page and "像是纠纷" in page
    form = {"version": report.version, "kind": report.kind, "urgency": report.urgency}
    assert desk.post(f"/desk/{report.pk}/accept", form).status_code == 302
    assert desk.post(f"/desk/{report.pk}/accept", form).status_code == 409, "a stale page does nothing twice"
    report.refresh_from_db()
    assert report.state == "ACCEPTED" and report.incident_id
    again = desk.post("/desk/new", given | {"another": "1", "key": "k2"})
    assert again.headers["Location"] == "/desk/new"


def test_an_officer_reports_from_the_beat_even_in_anothers_cell(town: Town) -> None:
    officer = town.browser("wangxm")
    assert "来源" not in text_of(officer.get("/desk/new"))
    own = officer.post("/desk/new", {"text": "井盖没了", "key": "1", "lon": MARKET_AT[0], "lat": MARKET_AT[1]})
    assert own.headers["Location"] == f"/desk/{Report.objects.get().pk}"
    other = officer.post("/desk/new", {"text": "路灯坏了", "key": "2", "lon": SCHOOL_AT[0], "lat": SCHOOL_AT[1]})
    assert other.headers["Location"] == "/desk"
    assert set(Report.objects.values_list("channel", flat=True)) == {"officer"}


def test_every_button_of_the_desk_works_and_says_so(town: Town) -> None:
    desk, chief = town.browser("chenxiao"), town.browser("hanli")
    report = reported()
    own = f"/desk/{report.pk}"

    def version() -> int:
        report.refresh_from_db()
        return report.version

    assert desk.post(f"{own}/correct", {"version": version(), "kind": "noise", "urgency": "2"}).status_code == 302
    assert desk.post(f"{own}/correct", {"version": 1, "kind": "noise", "urgency": "2"}).status_code == 409
    assert desk.post(f"{own}/correct", {"version": version(), "kind": "magic", "urgency": "9"}).status_code == 422
    assert desk.post(f"{own}/split", {"texts": "一件\n两件"}).status_code == 302
    assert desk.post(f"{own}/add", {"text": "打过电话"}).status_code == 302
    other = reported()
    assert desk.post(f"{own}/merge", {"report": [other.pk]}).status_code == 302
    assert desk.post(f"{own}/merge", {}).status_code == 422
    assert desk.post(f"/desk/{other.pk}/undo-merge").status_code == 302
    for _round in range(2):
        refer = {"version": version(), "organisation_id": body().pk, "reason": "请办"}
        assert desk.post(f"{own}/refer", refer).status_code == 302
        running = report.referrals.get(state="SENT")
        assert desk.post(f"{own}/return", {"version": running.version, "reply": ""}).status_code == 422
        assert desk.post(f"{own}/return", {"version": running.version, "reply": "不归我们"}).status_code == 302
    assert "由值班指挥长裁定" in text_of(desk.get(own))
    ruling = {"version": version(), "organisation_id": body().pk, "reason": "归你们"}
    assert desk.post(f"{own}/rule", ruling).status_code == 404
    assert chief.post(f"{own}/rule", ruling).status_code == 302
    assert "退回</button>" not in text_of(desk.get(own))
    for deed in ("sign", "finish"):
        running = report.referrals.get(state__in=Referral.RUNNING)
        assert desk.post(f"{own}/{deed}", {"version": running.version, "reply": "办好了"}).status_code == 302
    assert desk.post(f"{own}/close", {"version": version()}).status_code == 302
    assert desk.post(f"{own}/dance", {}).status_code == 404
    assert desk.post(f"{own}/recall", {"version": 1, "reply": "x"}).status_code == 404
    rejected = reported()
    assert desk.post(f"/desk/{rejected.pk}/reject", {"version": 1, "reason": ""}).status_code == 422
    assert desk.post(f"/desk/{rejected.pk}/reject", {"version": 1, "reason": "不在辖区"}).status_code == 302
    answered = reported()
    given = {"version": 1, "outcome": "explained", "answer": "已说明"}
    assert desk.post(f"/desk/{answered.pk}/answer", given).status_code == 302


def test_strangers_to_a_report_do_not_find_it(town: Town) -> None:
    report = with_contact(photos=[])
    for name, status in (("liwei", 404), ("zhouping", 404), ("shenqing", 403), (None, 302)):
        browser = town.browser(name)
        assert browser.get(f"/desk/{report.pk}").status_code == status
        assert (
            browser.post(f"/desk/{report.pk}/accept", {"version": 1, "kind": "noise", "urgency": 2}).status_code
            == status
        )
    assert (
        town.browser("wangxm")
        .post(f"/desk/{report.pk}/accept", {"version": 1, "kind": "noise", "urgency": 2})
        .status_code
        == 404
    )


def test_list_and_file_show_the_same_rows(town: Town) -> None:
    desk = town.browser("chenxiao")
    for text in ("路灯坏了", "着火了", "=cmd|' /C calc'!A0 吵架"):
        reported(text)
    refused(town, refused(town, reported()), "labour")
    for query in (
        "",
        "?urgency=1",
        "?kind=dispute&late=1",
        "?ruling=1",
        "?cell=1&q=zzz",
        "?state=CLOSED&page=99",
        "?page=x&cell=y",
    ):
        page = text_of(desk.get(f"/desk{query}"))
        numbers = re.findall(r"B26-\d{6}(?=</span><span>)", page)
        file = b"".join(desk.get(f"/desk/export.csv{query}").streaming_content).decode("utf-8-sig")
        assert [line.split(",")[0] for line in file.splitlines()[1:]] == numbers
        assert f"共 {len(numbers)} 件" in page
    assert "calc" not in file
    assert desk.get("/desk/export.xlsx").content.startswith(b"PK")
    assert town.browser("wangxm").get("/desk/export.csv").status_code == 403


def test_the_live_page_gets_the_queue_alone(town: Town) -> None:
    reported()
    part = text_of(town.browser("chenxiao").get("/desk", headers={"HX-Request": "true"}))
    assert part.lstrip().startswith('<div id="queue"') and "<html" not in part


def test_a_body_sees_what_was_sent_to_it(town: Town) -> None:
    account = town.accounts["zhouping"]
    account.organisation = body()
    account.save()
    referral = referred(town)
    page = text_of(town.browser("zhouping").get("/desk"))
    assert "转给我们的" in page and referral.report.number in page
    reply = {"version": referral.version, "reply": ""}
    assert town.browser("zhouping").post(f"/desk/{referral.report_id}/sign", reply).status_code == 302


@pytest.mark.parametrize("path", ["/report", "/track"])
def test_public_pages_speak_english_and_stay_light(town: Town, path: str) -> None:
    page = town.browser().get(path, headers={"accept-language": "en"})
    words = re.sub(r"皆安演示派出所|简体中文|中文", "", text_of(page))
    assert not re.search("[\u4e00-\u9fff]", words)
    assert len(page.content) < 20_000


def test_a_stale_change_is_shown_side_by_side(town: Town) -> None:
    report = reported()
    first, second = town.browser("chenxiao"), town.browser("hanli")
    assert first.post(f"/desk/{report.pk}/correct", {"version": 1, "kind": "noise", "urgency": 2}).status_code == 302
    clash = second.post(f"/desk/{report.pk}/correct", {"version": 1, "kind": "theft", "urgency": 3})
    page = text_of(clash)
    assert clash.status_code == 409 and "刚才有人改过" in page
    assert re.search("盗窃</td><td>噪音</td>", page) and re.search("三级</td><td>二级</td>", page)
    report.refresh_from_db()
    assert report.kind == "noise"


def test_the_callers_own_matters_stand_beside_the_entry(town: Town) -> None:
    report = with_contact()
    desk = town.browser("chenxiao")
    assert report.number in text_of(desk.post("/desk/caller", {"phone": "138 0000 1234"}))
    for phone in ("13800001235", "", "x" * 99):
        assert report.number not in text_of(desk.post("/desk/caller", {"phone": phone}))
    assert desk.get("/desk/caller").status_code == 405
    assert report.number not in text_of(town.browser("liwei").post("/desk/caller", {"phone": "13800001234"}))
    assert town.browser("zhouping").post("/desk/caller", {"phone": "13800001234"}).status_code == 403


BUDGETS: dict[str, int] = json.loads((Path(__file__).parent / "budgets.json").read_text())


@pytest.mark.parametrize(("path", "limit"), BUDGETS.items())
def test_pages_keep_to_their_budgets(town: Town, path: str, limit: int) -> None:
    """Statements of a page with thirty reports on it, the session and the actor among them."""
    report = with_contact()
    for _number in range(29):
        reported()
    browser = town.browser(None if path.startswith(("/report", "/track")) else "chenxiao")
    browser.get(f"/track/{report.number}?code={tracking.code_of(report.number)}")
    address = path.format(report=report.pk, number=report.number, lon=MARKET_AT[0], lat=MARKET_AT[1])
    browser.get(address)
    with CaptureQueriesContext(connection) as statements:
        assert browser.get(address).status_code == 200
    assert len(statements) <= limit, [one["sql"][:90] for one in statements]


def test_words_typed_at_the_desk_are_posted_and_stand_in_no_address(town: Town) -> None:
    """The live list asks for itself anew with the same words, posted again; an address with words finds all."""
    wanted, other = reported("井盖坏了", MARKET_AT), reported("灯不亮", MARKET_AT)
    desk = town.browser("chenxiao")
    page = text_of(desk.post("/desk", {"q": wanted.number}))
    assert wanted.number in page and other.number not in page
    assert "hx-post" in page and f"q={wanted.number}" not in page
    part = text_of(desk.post("/desk", {"q": wanted.number}, headers={"HX-Request": "true"}))
    assert wanted.number in part and other.number not in part
    assert other.number in text_of(desk.get(f"/desk?q={wanted.number}"))
    odd = text_of(desk.post("/desk", {"q": "\"'><script>alert(1)</script>"}))
    assert "<script>alert" not in odd
