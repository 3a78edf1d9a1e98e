"""Defects seen in other systems, each tried on the ground. The whole list, and where each is tried: docs/defects.md."""

from __future__ import annotations

import pytest

from jiean.grid.commands import import_areas
from jiean.grid.imports import read_areas
from jiean.grid.models import Cell, Community
from jiean.kernel.errors import Invalid
from tests.town import SYSTEM, Town, areas, geojson


@pytest.mark.parametrize("place", [0, 2])
def test_a_map_without_a_name_changes_no_name(town: Town, place: int) -> None:
    """Defect 18: an import that blanks names, of a community or of a cell."""
    features = areas()
    features[place]["properties"]["name"] = ""
    with pytest.raises(Invalid):
        import_areas(SYSTEM, read_areas(geojson(features)), town_name="新街")
    assert sorted(Cell.objects.values_list("name", flat=True)) == sorted(("市场网格", "学校网格", "盈中网格"))
    assert set(Community.objects.values_list("name", flat=True)) == {"新街社区", "盈中村"}
