"""Staff from a table: per-row faults, nothing half written."""

from __future__ import annotations

import pytest

from jiean.kernel.actor import Role
from jiean.kernel.errors import Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.sheets import read_sheet, xlsx_bytes
from jiean.people.commands import adopt_staff, import_people, propose_staff
from jiean.people.imports import COLUMNS, EXAMPLE, StaffPlan, read_staff
from jiean.people.models import Account, Duty
from jiean.people.queries import actor_of
from tests.town import SYSTEM, Town


def plan(*rows: tuple[str, ...]) -> StaffPlan:
    sheet = read_sheet(xlsx_bytes("人员", COLUMNS, rows))
    return read_staff(sheet, cells={"SJ-001", "SJ-002"}, organisations={"人民调解委员会"}, taken={"hanli"})


GOOD = ("zhaolei", "赵磊", "网格民警、调解员", "13800001234", "人民调解委员会", "SJ-001 SJ-002")


def test_the_template_reads_as_it_is_given_out() -> None:
    read = plan(EXAMPLE)
    assert read.faults == ()
    assert read.lines[0].cells == ("SJ-001", "SJ-002")
    assert StaffPlan.from_json(read.as_json()) == read


@pytest.mark.parametrize(
    ("place", "value", "column", "code"),
    [
        (0, "", "用户名", "no_value"),
        (0, "有 空格", "用户名", "bad_username"),
        (0, "hanli", "用户名", "taken"),
        (1, "", "姓名", "no_value"),
        (1, "长" * 41, "姓名", "long"),
        (2, "", "角色", "no_value"),
        (2, "所长", "角色", "unknown_role"),
        (2, "系统管理员、网格民警", "角色", "not_together"),
        (2, "审计员", "网格", "no_duty_role"),
        (3, "电话", "工作电话", "bad_phone"),
        (4, "某单位", "单位", "unknown_organisation"),
        (5, "SJ-999", "网格", "unknown_cell"),
        (0, "=cmd()", "用户名", "bad_username"),
    ],
)
def test_every_fault_names_row_and_column(place: int, value: str, column: str, code: str) -> None:
    row = list(GOOD)
    row[place] = value
    read = plan(("first", "第一", "社工", "", "", ""), tuple(row))
    assert [(fault.number, fault.column, fault.code) for fault in read.faults] == [(3, column, code)]
    assert read.faults[0].words


def test_two_rows_with_one_username_are_told_apart() -> None:
    assert [(fault.number, fault.code, fault.value) for fault in plan(GOOD, GOOD).faults] == [(3, "double", "2")]


def test_a_table_with_a_fault_writes_nobody(town: Town) -> None:
    count = Account.objects.count()
    with pytest.raises(Invalid):
        import_people(SYSTEM, plan(GOOD, ("bad user", "某", "社工", "", "", "")))
    assert Account.objects.count() == count


def test_a_late_clash_takes_everything_back(town: Town) -> None:
    count = Account.objects.count()
    read = plan(("first", "第一", "社工", "", "", ""), ("second", "第二", "网格民警", "", "", "SJ-001"))
    clash = StaffPlan((read.lines[0], *(line for line in plan(GOOD).lines), read.lines[0]))
    with pytest.raises(Invalid):
        import_people(SYSTEM, clash)
    assert Account.objects.count() == count


def test_a_table_becomes_people_with_roles_and_duties(town: Town) -> None:
    assert import_people(SYSTEM, plan(GOOD)) == 1
    account = Account.objects.get(username="zhaolei")
    assert actor_of(account.pk, Role.OFFICER).cell_ids == {town.cells["SJ-001"].pk, town.cells["SJ-002"].pk}
    assert set(Duty.objects.filter(account=account).values_list("kind", flat=True)) == {"officer"}


def test_an_administrators_table_waits_for_the_commander(town: Town) -> None:
    draft = propose_staff(town.admin, plan(GOOD))
    with pytest.raises(Forbidden):
        propose_staff(town.commander, plan(GOOD))
    with pytest.raises(NotFound):
        adopt_staff(town.commander, draft.pk)
    adopt_staff(town.admin, draft.pk)
    account = Account.objects.get(username="zhaolei")
    assert actor_of(account.pk, Role.OFFICER) is None
    draft.refresh_from_db()
    assert draft.plan == {"lines": [], "faults": []}, "names do not stay behind in the draft"
    with pytest.raises(IllegalMove):
        adopt_staff(town.admin, draft.pk)


def test_formulas_are_text_in_the_files_we_write() -> None:
    sheet = read_sheet(xlsx_bytes("t", ("甲",), [("=1+1",), ("@x",), (5,)]))
    assert [row["甲"] for _number, row in sheet.rows] == ["'=1+1", "'@x", "5"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00\x01\x02", b"PK\x03\x04 no zip", b"\xff\xfe\xff", b"\n\n", "只有,表头缺列\n".encode()],
)
def test_files_that_are_no_table_are_refused(raw: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        read_staff(read_sheet(raw), cells=(), organisations=(), taken=())
    assert "file" in refusal.value.fields
