"""The staff pages, as a browser meets them."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from jiean.kernel.actor import Role
from jiean.kernel.sheets import xlsx_bytes
from jiean.people.commands import give_role
from jiean.people.imports import COLUMNS
from jiean.people.models import Account, Duty, StaffDraft
from jiean.people.queries import actor_of
from tests.town import PASSWORD, SYSTEM, Town


def table(*rows: tuple[str, ...]) -> SimpleUploadedFile:
    return SimpleUploadedFile("staff.xlsx", xlsx_bytes("人员", COLUMNS, rows))


def test_one_role_passes_the_choice_by(town: Town) -> None:
    browser = town.browser()
    assert browser.get("/role").headers["Location"].startswith("/accounts/login/")
    answer = browser.post("/accounts/login/", {"login": "wangxm", "password": PASSWORD})
    assert answer.headers["Location"] == "/role"
    assert browser.get("/role").headers["Location"] == "/my"
    assert town.browser("chenxiao").get("/role").headers["Location"] == "/board"


def test_of_several_roles_one_is_chosen_and_shown(town: Town) -> None:
    give_role(SYSTEM, town.accounts["wangxm"].pk, Role.MEDIATOR)
    browser = town.browser("wangxm")
    page = browser.get("/role").content.decode()
    assert "网格民警" in page and "调解员" in page
    assert browser.get(f"/staff/{town.accounts['liwei'].pk}").status_code == 403
    assert browser.post("/role", {"role": "MED", "next": "https://evil.example/"}).headers["Location"] == "/my"
    assert "调解员" in browser.get("/role").content.decode()
    assert browser.post("/role", {"role": "CMD"}).status_code == 404
    assert browser.post("/role", {"role": "'; drop"}).status_code == 200


def test_the_list_is_found_by_initials_and_cell(town: Town) -> None:
    browser = town.browser("chenxiao")
    for words, names in (
        ("wxm", ["王小明"]),
        ("liwei", ["李卫"]),
        ("SJ-002", ["李卫"]),
        ("王", ["王小明"]),
        ("zzz", []),
    ):
        page = browser.post("/staff", {"q": words}).content.decode()
        assert [name for name in ("王小明", "李卫", "周平") if name in page] == names
    assert town.browser("wangxm").get("/staff").status_code == 403
    assert "没有找到" in browser.post("/staff", {"q": "\x00'\"<script>"}).content.decode()


def test_an_account_is_made_given_a_role_and_a_password(town: Town) -> None:
    office, chief = town.browser("shenqing"), town.browser("hanli")
    assert office.get("/staff/new").status_code == 200
    wrong = office.post("/staff/new", {"username": "有 空格", "name": "赵磊"})
    assert wrong.status_code == 422 and "赵磊" in wrong.content.decode(), "what was typed stays"
    made = office.post("/staff/new", {"username": "zhaolei", "name": "赵磊", "key": "k1"})
    again = office.post("/staff/new", {"username": "zhaolei", "name": "赵磊", "key": "k1"})
    assert made.headers["Location"] == again.headers["Location"], "a double tap makes one account"
    account = Account.objects.get(username="zhaolei")
    own = f"/staff/{account.pk}"
    assert office.post(f"{own}/give-role", {"role": "OFC"}).status_code == 302
    assert office.post(f"{own}/give-role", {"role": "OFC"}).status_code == 422
    assert office.post("/staff/confirm", {"holding": "1"}).status_code == 403
    page = chief.get("/staff").content.decode()
    assert "等待您确认的角色" in page
    holding = account.role_holdings.get()
    chief.post("/staff/confirm", {"holding": [holding.pk, "x"]})
    assert actor_of(account.pk, Role.OFFICER) is not None
    shown = office.post(f"{own}/password").context["password"]
    assert Account.objects.get(pk=account.pk).check_password(shown)
    assert office.post(f"{own}/take-role", {"role": "OFC"}).status_code == 302
    assert office.post(f"{own}/close").status_code == 302
    assert office.post(f"{own}/nothing").status_code == 404


def test_a_stale_correction_is_refused(town: Town) -> None:
    office = town.browser("shenqing")
    account = town.accounts["wangxm"]
    own = f"/staff/{account.pk}"
    assert office.post(f"{own}/correct", {"name": "王晓明", "phone": "123456", "version": 1}).status_code == 302
    assert office.post(f"{own}/correct", {"name": "王大明", "version": 1}).status_code == 409
    account.refresh_from_db()
    assert account.name == "王晓明"
    assert office.post(f"{own}/correct", {"name": "", "version": 2}).status_code == 422


def test_duties_are_arranged_by_the_commander_and_handed_over_by_their_holder(town: Town) -> None:
    chief, officer = town.browser("hanli"), town.browser("wangxm")
    own = f"/staff/{town.accounts['wangxm'].pk}"
    duty = Duty.objects.get(account=town.accounts["wangxm"])
    cell = town.cells["SJ-002"].pk
    assert chief.post(f"{own}/assign-duty", {"cell_id": cell, "kind": "officer"}).status_code == 302
    assert chief.post(f"{own}/assign-duty", {"cell_id": cell, "kind": "officer"}).status_code == 422
    assert officer.post(f"{own}/assign-duty", {"cell_id": cell, "kind": "worker"}).status_code == 403
    assert "夜里" not in officer.get(own).content.decode()
    to = town.accounts["liwei"].pk
    assert officer.post(f"{own}/hand-over", {"duty_id": duty.pk, "to_account_id": to, "note": ""}).status_code == 422
    assert (
        officer.post(f"{own}/hand-over", {"duty_id": duty.pk, "to_account_id": to, "note": "夜里多看"}).status_code
        == 302
    )
    days = {"since": "2026-12-01", "until": "2026-12-02", "reason": "leave"}
    assert officer.post(f"{own}/be-away", days).status_code == 302
    assert officer.post(f"{own}/be-away", days | {"until": "2026-11-01"}).status_code == 422
    assert chief.post(f"{own}/end-duty", {"duty_id": "x"}).status_code == 404


def test_a_table_is_previewed_then_written_whole(town: Town) -> None:
    office = town.browser("shenqing")
    template = load_workbook(io.BytesIO(office.get("/staff/template.xlsx").content))
    assert tuple(cell.value for cell in template.worksheets[0][1]) == COLUMNS
    bad = office.post("/staff/import", {"file": table(("zhaolei", "赵磊", "所长", "", "", ""))}, follow=True)
    assert "没有“所长”这个角色" in bad.content.decode()
    draft = StaffDraft.objects.latest("pk")
    assert office.post(f"/staff/import/{draft.pk}", {"deed": "adopt"}).status_code == 422
    assert not Account.objects.filter(username="zhaolei").exists()
    good = office.post("/staff/import", {"file": table(("zhaolei", "赵磊", "社工", "", "", "SJ-001"))}, follow=True)
    assert "1 人，没有错误" in good.content.decode()
    draft = StaffDraft.objects.latest("pk")
    assert town.browser("hanli").get(f"/staff/import/{draft.pk}").status_code == 403
    assert office.post(f"/staff/import/{draft.pk}", {"deed": "adopt"}).status_code == 302
    assert Account.objects.filter(username="zhaolei").exists()
    assert office.post(f"/staff/import/{draft.pk}", {"deed": "adopt"}).status_code == 409


@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"PK\x03\x04x"])
def test_a_file_that_is_no_table_is_said_to_be_none(town: Town, raw: bytes) -> None:
    answer = town.browser("shenqing").post("/staff/import", {"file": SimpleUploadedFile("x.xlsx", raw)})
    assert answer.status_code == 422 and "文件" in answer.content.decode()


def test_pages_speak_english(town: Town) -> None:
    browser = town.browser("hanli")
    page = browser.get("/staff", headers={"accept-language": "en"}).content.decode()
    assert "Grid officer" in page and "6 people" in page
