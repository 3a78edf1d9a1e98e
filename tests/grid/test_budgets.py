"""What the pages of the ground cost."""

import pytest

from jiean.grid.commands import propose_areas
from jiean.grid.imports import read_areas
from tests.budget import budgets, keeps
from tests.town import Town, areas, geojson


@pytest.mark.parametrize(("path", "most"), budgets(__file__).items())
def test_a_page_keeps_its_budget(town: Town, path: str, most: int) -> None:
    draft = propose_areas(town.admin, read_areas(geojson(areas())))
    keeps(town.browser("hanli" if "premises" in path else "shenqing"), path.format(draft=draft.pk), most)
