"""What the staff pages cost, with thirty people on the list."""

import pytest

from jiean.kernel.actor import Role
from jiean.kernel.sheets import read_sheet, xlsx_bytes
from jiean.people.commands import propose_staff
from jiean.people.imports import COLUMNS, EXAMPLE, read_staff
from tests.budget import budgets, keeps
from tests.town import Town


@pytest.mark.parametrize(("path", "most"), budgets(__file__).items())
def test_a_page_keeps_its_budget(town: Town, path: str, most: int) -> None:
    for _number in range(24):
        town.newcomer(Role.OFFICER, "SJ-001")
    sheet = read_sheet(xlsx_bytes("人员", COLUMNS, [EXAMPLE]))
    draft = propose_staff(town.admin, read_staff(sheet, cells={"SJ-001", "SJ-002"}, organisations=set(), taken=set()))
    keeps(town.browser("shenqing"), path.format(draft=draft.pk, account=town.accounts["liwei"].pk), most)
