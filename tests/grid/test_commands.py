"""Maps are written whole or not at all; places keep to their cells."""

from __future__ import annotations

import pytest

from jiean.grid.commands import add_premises, adopt_areas, drop_areas, import_areas, move_premises, propose_areas
from jiean.grid.imports import read_areas
from jiean.grid.models import Cell, Community, Premises
from jiean.grid.models import Town as TownRow
from jiean.grid.queries import cell_at
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from tests.town import MARKET_AT, OUTSIDE, SCHOOL_AT, SYSTEM, Town, areas, feature, geojson, square


def test_a_plan_with_errors_changes_nothing(town: Town) -> None:
    drawn = [*areas(), feature(None, level="cell", code="SJ-009", name="新", community="盈中村")]
    with pytest.raises(Invalid):
        import_areas(SYSTEM, read_areas(geojson(drawn)))
    assert Cell.objects.count() == 3


def test_gaps_must_be_confirmed(town: Town) -> None:
    drawn = areas()
    drawn[4]["geometry"] = square(121.490, 31.230, 121.500, 31.239)
    plan = read_areas(geojson(drawn))
    with pytest.raises(Invalid) as refusal:
        import_areas(SYSTEM, plan)
    assert "gaps_are_right" in refusal.value.fields
    import_areas(SYSTEM, plan, gaps_are_right=True)
    assert cell_at(121.495, 31.2395) is None


def test_a_new_map_moves_cells_places_and_the_cache(town: Town) -> None:
    assert cell_at(*MARKET_AT).code == "SJ-001"
    drawn = areas()
    drawn[2]["geometry"] = square(121.470, 31.230, 121.474, 31.240)
    drawn[3]["geometry"] = square(121.474, 31.230, 121.490, 31.240)
    import_areas(SYSTEM, read_areas(geojson(drawn)))
    assert cell_at(*MARKET_AT).pk == town.cells["SJ-002"].pk, "the cell keeps its row"
    town.market.refresh_from_db()
    assert town.market.cell_id == town.cells["SJ-002"].pk


def test_a_cell_missing_from_the_new_map_falls_out_of_use(town: Town) -> None:
    drawn = areas()
    drawn[2]["geometry"] = drawn[0]["geometry"]
    del drawn[3]
    import_areas(SYSTEM, read_areas(geojson(drawn)))
    assert not Cell.objects.get(code="SJ-002").active
    assert cell_at(*SCHOOL_AT).code == "SJ-001"


def test_a_list_of_names_leaves_outlines_as_they_are(town: Town) -> None:
    names = "code,name\n330109014001,新街中心社区\n"
    import_areas(SYSTEM, read_areas(b"", names.encode()))
    community = Community.objects.get(code="330109014001")
    assert (community.name, community.boundary is not None) == ("新街中心社区", True)
    assert cell_at(*MARKET_AT).code == "SJ-001"
    assert TownRow.objects.get().name == "新街", "an import does not blank a name"


def test_a_draft_is_adopted_once_and_by_its_bringer(town: Town) -> None:
    draft = propose_areas(town.admin, read_areas(geojson(areas())))
    with pytest.raises(Conflict):
        adopt_areas(town.admin, draft.pk, version=99)
    adopt_areas(town.admin, draft.pk)
    with pytest.raises(IllegalMove):
        adopt_areas(town.admin, draft.pk)
    with pytest.raises(IllegalMove):
        drop_areas(town.admin, draft.pk)


def test_others_cannot_touch_the_map(town: Town) -> None:
    plan = read_areas(geojson(areas()))
    with pytest.raises(Forbidden):
        import_areas(town.commander, plan)
    with pytest.raises(Forbidden):
        propose_areas(town.dispatcher, plan)
    draft = propose_areas(SYSTEM, plan)
    with pytest.raises(NotFound):
        adopt_areas(town.admin, draft.pk)


def test_an_officer_keeps_places_of_own_cells_only(town: Town) -> None:
    details = {"code": "P-100", "name": "便利店", "kind": Premises.Kind.SHOP}
    with pytest.raises(Forbidden):
        add_premises(town.market_officer, **details, lon=SCHOOL_AT[0], lat=SCHOOL_AT[1])
    assert not Premises.objects.filter(code="P-100").exists()
    shop = add_premises(town.market_officer, **details, lon=MARKET_AT[0], lat=MARKET_AT[1])
    assert shop.pinyin == "bianlidian bld"
    with pytest.raises(Invalid):
        add_premises(town.market_officer, **details, lon=MARKET_AT[0], lat=MARKET_AT[1])
    with pytest.raises(Forbidden):
        move_premises(town.market_officer, shop.pk, lon=OUTSIDE[0], lat=OUTSIDE[1])
    with pytest.raises(NotFound):
        move_premises(town.school_officer, shop.pk, lon=SCHOOL_AT[0], lat=SCHOOL_AT[1])
