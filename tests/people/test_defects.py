"""Defects seen in other systems, each tried on people. The whole list, and where each is tried: docs/defects.md."""

from __future__ import annotations

import pytest

from jiean.kernel.errors import Invalid
from jiean.kernel.sheets import read_sheet, xlsx_bytes
from jiean.people.commands import import_people
from jiean.people.imports import COLUMNS, read_staff
from jiean.people.models import Account
from jiean.people.queries import taken_usernames
from tests.town import SYSTEM, Town


@pytest.mark.parametrize("name", ["", "   ", "别人"])
def test_a_table_never_changes_a_name_that_is_there(town: Town, name: str) -> None:
    """Defect 18: an import that blanks names."""
    sheet = read_sheet(xlsx_bytes("人员", COLUMNS, [("wangxm", name, "网格民警", "", "", "SJ-001")]))
    plan = read_staff(sheet, cells={"SJ-001"}, organisations=set(), taken=taken_usernames(["wangxm"]))
    assert {fault.number for fault in plan.faults} == {2}
    with pytest.raises(Invalid):
        import_people(SYSTEM, plan)
    assert Account.objects.get(username="wangxm").name == "王小明"
