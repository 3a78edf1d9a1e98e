"""T-RIGHTS: a reporter's own page, who looked told from the audit end to end, corrections and objections answered with effect."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from jiean.intake import album, tracking
from jiean.intake.commands import accept_as_incident, forget_contacts, grant_rights, reject_report
from jiean.intake.models import Report, RightsRequest
from jiean.intake.own import held_of, looks
from jiean.intake.queries import open_of_caller, tracked
from jiean.kernel import clocks
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, NotFound
from jiean.kernel.models import AuditEntry
from jiean.kernel.pictures import redraw
from jiean.kernel.registry import DataClass, personal, registry
from jiean.people.models import Account, Organisation
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose, SealedRecord, WordMarks
from tests.intake.scenes import PUBLIC, picture, reported, with_contact
from tests.town import SYSTEM, Town

pytestmark = [pytest.mark.trust, pytest.mark.django_db]
WORDS = "三号楼的老赵半夜敲锣"


@dataclass
class Mine:
    """A report with everything in it, and the browser that holds its code."""

    report: Report
    browser: Client

    def page(self, more: str = "") -> str:
        answer = self.browser.get(f"/track/{self.report.number}/data{more}")
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    def ask(self, kind: str, **given: str) -> int:
        return self.browser.post(f"/track/{self.report.number}/ask/{kind}", given).status_code

    def again(self) -> Report:
        self.report.refresh_from_db()
        return self.report


@pytest.fixture
def mine(town: Town) -> Mine:
    report = with_contact(text=WORDS, place_words="三号楼下", photos=[redraw(picture())])
    browser = town.browser()
    browser.post("/track", {"number": report.number, "code": tracking.code_of(report.number)})
    return Mine(report, browser)


def test_only_the_code_opens_it(town: Town, mine: Mine) -> None:
    for browser in (town.browser(), town.browser("chenxiao")):
        for more in ("", "/json", "/html"):
            answer = browser.get(f"/track/{mine.report.number}/data{more}")
            assert answer.status_code == 404 and WORDS not in answer.content.decode()
        assert browser.post(f"/track/{mine.report.number}/ask/object", {"about": "all"}).status_code == 404
    assert mine.browser.get(f"/track/{mine.report.number}/data/zip").status_code == 404
    assert RightsRequest.objects.count() == 0


def test_it_shows_every_personal_field_with_purpose_basis_and_end(town: Town, mine: Mine) -> None:
    page = mine.page()
    for words in (WORDS, "三号楼下", "张**", "138****1234", "1 张", "办理您的上报", "第十三条第三项", "办结后一年"):
        assert words in page, words
    assert "张三丰" not in page and "13800001234" not in page
    shown = {line.field for line in held_of(tracked(mine.report.number, tracking.code_of(mine.report.number)))}
    filled = {f"intake.report.{name}" for name in personal("intake.report") if getattr(mine.report, name)}
    assert filled - {"intake.report.lat", "intake.report.hexagon"} <= shown, "the point stands as one line"
    assert "/data" in mine.browser.get(f"/track/{mine.report.number}").content.decode()


def test_a_finished_report_says_the_day_it_ends(town: Town, mine: Mine) -> None:
    reject_report(town.dispatcher, mine.report.pk, reason="不在辖区")
    line = next(one for one in json.loads(mine.page("/json"))["held"] if one["field"] == "intake.report.text")
    assert dt.datetime.fromisoformat(line["until"]) == mine.again().updated_at + dt.timedelta(days=365)


def test_everybody_who_looked_is_told_with_role_unit_and_purpose(town: Town, mine: Mine) -> None:
    assert "还没有人打开过" in mine.page()
    body = Organisation.objects.create(code="ps", name="新街派出所", kind="police")
    Account.objects.filter(pk=town.accounts["wangxm"].pk).update(organisation=body)
    report = mine.report
    photo = report.photos.get()
    assert town.browser("wangxm").get(f"/desk/{report.pk}").status_code == 200
    town.browser("wangxm").get(f"/desk/{report.pk}/photo/{photo.pk}")
    open_record(town.dispatcher, report.contact_id, purpose=Purpose.EMERGENCY, matter_kind=MatterKind.REPORT, matter_id=report.pk)  # type: ignore[arg-type]  # fmt: skip
    incident = accept_as_incident(town.dispatcher, report.pk).incident_id
    assert town.browser("hanli").get(f"/board/incident/{incident}").status_code == 200
    assert town.browser("liwei").get(f"/desk/{report.pk}").status_code == 404, "another cell's officer sees nothing"
    told = [(look.unit, look.role, str(look.what), look.purpose) for look in reversed(looks(mine.again()))]
    assert told == [
        ("新街派出所", "网格民警", "打开了上报", "指挥调度"),
        ("新街派出所", "网格民警", "看了照片", "指挥调度"),
        ("皆安演示派出所", "接警调度员", "打开了联系方式", "紧急救助"),
        ("皆安演示派出所", "值班指挥长", "打开了警情", "指挥调度"),
    ]
    page = mine.page()
    assert "新街派出所 · 网格民警" in page and "紧急救助" in page
    assert "王小明" not in page and "陈晓" not in page and "韩立" not in page
    assert [look["unit"] for look in json.loads(mine.page("/json"))["looks"]][-1] == "新街派出所"


def test_a_look_that_cannot_be_written_down_shows_nothing(
    town: Town, mine: Mine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No audit, no read: the plant is an audit that is away."""
    from django.db import OperationalError  # noqa: PLC0415

    from jiean.kernel import audit  # noqa: PLC0415

    def away(entries: object) -> None:
        raise OperationalError("away")

    browser = town.browser("chenxiao")
    monkeypatch.setattr(audit, "write", away)
    for address in (f"/desk/{mine.report.pk}", f"/desk/{mine.report.pk}/photo/{mine.report.photos.get().pk}"):
        answer = browser.get(address)
        assert answer.status_code == 503 and WORDS not in answer.content.decode(errors="ignore")


def test_one_open_page_is_one_look(town: Town, mine: Mine, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = town.browser("chenxiao")
    for _again in range(3):
        browser.get(f"/desk/{mine.report.pk}")
    assert len(looks(mine.report)) == 1
    later = clocks.now() + dt.timedelta(minutes=11)
    monkeypatch.setattr(clocks, "now", lambda: later)
    browser.get(f"/desk/{mine.report.pk}")
    assert len(looks(mine.report)) == 2


def test_the_files_hold_what_the_page_shows_and_nothing_executes(town: Town, mine: Mine) -> None:
    answer = mine.browser.get(f"/track/{mine.report.number}/data/html")
    assert f'filename="{mine.report.number}.html"' in answer.headers["Content-Disposition"]
    sheet = answer.content.decode()
    assert WORDS in sheet and "138****1234" in sheet and "13800001234" not in sheet and "<script" not in sheet
    held = json.loads(mine.page("/json"))["held"]
    assert {line["class"] for line in held} <= set(DataClass) and all(line["purpose"] and line["kept"] for line in held)


def desk_answers(town: Town, **given: object) -> int:
    asked = RightsRequest.objects.get(state="OPEN")
    form = {"version": asked.version, "done": "yes", "ground": "", "answer": ""} | given
    return town.browser("chenxiao").post(f"/rights/{asked.pk}", form).status_code


def test_a_correction_of_words_stands_beside_them(town: Town, mine: Mine) -> None:
    assert mine.ask("correct", about="text", words="") == 422
    assert mine.ask("correct", about="photos", words="x") == 422
    assert mine.ask("correct", about="text", words="是四号楼的老赵") == 302
    asked = RightsRequest.objects.get()
    assert asked.due_at > clocks.now() + dt.timedelta(days=4)
    assert "是四号楼的老赵" in town.browser("chenxiao").get("/rights").content.decode()
    assert desk_answers(town) == 302
    assert mine.again().text == WORDS and mine.report.supplements.get().text == "是四号楼的老赵"
    assert "已照办" in mine.page()


def test_a_right_number_takes_the_wrong_ones_place_sealed(town: Town, mine: Mine) -> None:
    before = mine.report.contact_id
    assert mine.ask("correct", about="contact") == 422
    assert mine.ask("correct", about="contact", name="张三峰", phone="13900009999") == 302
    assert "13900009999" not in str(list(RightsRequest.objects.values()))
    page = town.browser("chenxiao").get("/rights").content.decode()
    assert "139****9999" in page and "13900009999" not in page
    assert desk_answers(town) == 302
    assert mine.again().contact_id == before and SealedRecord.objects.count() == 1
    opened = open_record(town.dispatcher, before, purpose=Purpose.DISPATCH, matter_kind=MatterKind.REPORT, matter_id=mine.report.pk)  # type: ignore[arg-type]  # fmt: skip
    assert opened == {"name": "张三峰", "phone": "13900009999"}
    assert open_of_caller(town.dispatcher, "13900009999") == [mine.report]
    assert open_of_caller(town.dispatcher, "13800001234") == []


def test_a_refusal_gives_a_ground_words_and_where_to_appeal(town: Town, mine: Mine) -> None:
    mine.ask("correct", about="contact", phone="13900009999")
    assert desk_answers(town, done="no", answer="核对过了") == 422, "no ground"
    assert desk_answers(town, done="no", ground="unchanged") == 422, "no words"
    assert desk_answers(town, done="no", ground="unchanged", answer="和本人核对过，号码没有错") == 302
    page = mine.page()
    assert (
        "核对后，原来记的没有错" in page and "和本人核对过" in page and "上一级公安机关" in page and "第五十条" in page
    )
    assert SealedRecord.objects.get().pk == mine.report.contact_id, "the number that was not taken over is gone"


def test_an_objection_destroys_the_contact_and_the_pictures(town: Town, mine: Mine, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    file = album.path_of(mine.report.photos.get().name)
    mine.ask("object", about="contact")
    assert desk_answers(town) == 302
    assert mine.again().contact_id is None and SealedRecord.objects.count() == 0
    mine.ask("object", about="photos")
    assert file.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert desk_answers(town) == 302
    assert not file.exists() and mine.report.photos.count() == 0


def test_a_whole_report_is_blanked_once_it_is_finished(town: Town, mine: Mine) -> None:
    mine.ask("object", about="all", words="别留着")
    assert desk_answers(town) == 409, "still being handled"
    reject_report(town.dispatcher, mine.report.pk, reason="不在辖区")
    assert desk_answers(town) == 302
    report = mine.again()
    assert report.erased_at and {str(getattr(report, name) or "") for name in personal("intake.report")} == {
        "",
        "{}",
    } - {"{}"}
    assert not WordMarks.objects.filter(matter_kind="report", matter_id=report.pk).exists()
    assert WORDS not in mine.page() and "内容已经删除" in mine.page()
    assert mine.ask("object", about="all") == 409


def test_strangers_answer_nothing_and_a_stale_answer_clashes(town: Town, mine: Mine) -> None:
    mine.ask("object", about="contact")
    asked = RightsRequest.objects.get()
    for actor in (PUBLIC, town.market_officer, town.mediator, town.admin):
        with pytest.raises((NotFound, Forbidden)):
            grant_rights(actor, asked.pk)
    with pytest.raises(Conflict):
        grant_rights(town.dispatcher, asked.pk, version=99)
    grant_rights(town.dispatcher, asked.pk, version=asked.version)
    with pytest.raises(IllegalMove):
        grant_rights(town.dispatcher, asked.pk)
    assert AuditEntry.objects.filter(action="intake.grant_rights", outcome="refused").count() == 4


def test_requests_end_somewhere_and_belong_to_one_report(town: Town, mine: Mine) -> None:
    for _time in range(5):
        assert mine.ask("object", about="contact") == 302
    assert mine.ask("object", about="contact") == 409
    other = reported()
    assert mine.browser.post(f"/track/{other.number}/ask/object", {"about": "all"}).status_code == 404
    assert registry()["intake.rightsrequest"]["words"].is_personal


def test_the_day_the_page_names_is_the_day_it_goes(
    town: Town, mine: Mine, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """The clock is moved to the day before, when nothing may go, and to the day after."""
    file = album.path_of(mine.report.photos.get().name)
    reject_report(town.dispatcher, mine.report.pk, reason="不在辖区")
    line = next(one for one in json.loads(mine.page("/json"))["held"] if one["field"] == "intake.report.text")
    until = dt.datetime.fromisoformat(line["until"])
    for day, gone in ((until - dt.timedelta(days=1), 0), (until + dt.timedelta(days=1), 1)):
        monkeypatch.setattr(clocks, "now", lambda day=day: day)
        with django_capture_on_commit_callbacks(execute=True):
            assert forget_contacts(SYSTEM) == gone
    report = mine.again()
    assert report.erased_at and (report.text, report.place_words, report.contact_id) == ("", "", None)
    assert not file.exists() and SealedRecord.objects.count() == 0
    assert not WordMarks.objects.filter(matter_kind="report", matter_id=report.pk).exists()
    assert forget_contacts(SYSTEM) == 0, "once"
