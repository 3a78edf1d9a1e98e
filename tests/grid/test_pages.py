"""The areas pages, as a browser meets them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jiean.grid.models import AreaDraft, Cell, Premises
from jiean.kernel import geo
from tests.town import MARKET_AT, OUTSIDE, Town, areas, feature, geojson, square


def outlines(features: list[object]) -> SimpleUploadedFile:
    return SimpleUploadedFile("cells.geojson", geojson(features))


def test_the_map_and_its_cells_are_for_staff(town: Town) -> None:
    page = town.browser("wangxm").get("/areas").content.decode()
    assert "SJ-003" in page and "121.47,31.23,121.5,31.24" in page
    assert len(town.browser("wangxm").get("/areas/cells.json").json()["features"]) == 3
    assert town.browser().get("/areas").status_code == 302
    assert town.browser("wangxm").get("/areas/import").status_code == 403


def test_a_map_is_previewed_then_adopted(town: Town) -> None:
    office = town.browser("shenqing")
    fourth = feature(
        square(121.500, 31.230, 121.510, 31.240), level="cell", code="SJ-004", name="河东网格", community="盈中村"
    )
    shown = office.post("/areas/import", {"outlines": outlines([*areas(), fourth]), "datum": "wgs84"}, follow=True)
    assert "在“盈中村”之外" in shown.content.decode()
    draft = AreaDraft.objects.latest("pk")
    refused = office.post(f"/areas/import/{draft.pk}", {"deed": "adopt", "version": draft.version})
    assert refused.status_code == 422 and Cell.objects.count() == 3
    stale = office.post(f"/areas/import/{draft.pk}", {"deed": "adopt", "version": 9, "gaps_are_right": "on"})
    assert stale.status_code == 409
    done = office.post(f"/areas/import/{draft.pk}", {"deed": "adopt", "version": 1, "gaps_are_right": "on"})
    assert done.status_code == 302 and Cell.objects.count() == 4


def test_a_map_with_faults_names_them_and_can_only_be_dropped(town: Town) -> None:
    office = town.browser("shenqing")
    bad = [*areas(), feature(None, level="cell", code="SJ-009", name="<b>坏</b>", community="盈中村")]
    shown = office.post("/areas/import", {"outlines": outlines(bad), "datum": "wgs84"}, follow=True).content.decode()
    assert "&lt;b&gt;坏&lt;/b&gt;" in shown and "没有边界" in shown and "全部导入" not in shown
    draft = AreaDraft.objects.latest("pk")
    assert office.post(f"/areas/import/{draft.pk}", {"deed": "adopt", "version": 1}).status_code == 422
    assert office.post(f"/areas/import/{draft.pk}", {"deed": "drop"}).status_code == 302
    assert office.get(f"/areas/import/{draft.pk}").status_code == 200


@pytest.mark.parametrize("given", [{}, {"datum": "mars"}, {"datum": "wgs84", "street_code": "9" * 13}])
def test_an_empty_or_odd_upload_is_refused_in_place(town: Town, given: dict[str, str]) -> None:
    answer = town.browser("shenqing").post("/areas/import", given)
    assert (answer.status_code == 422 and "summary" in answer.content.decode()) or "error" in answer.content.decode()


def test_a_place_given_in_gcj02_stands_in_wgs84(town: Town) -> None:
    lon, lat = geo.wgs84_to_gcj02(*MARKET_AT)
    given = {"name": "便利店", "kind": "shop", "lon": lon, "lat": lat, "datum": "gcj02", "key": "k"}
    officer = town.browser("wangxm")
    first, second = officer.post("/areas/premises/new", given), officer.post("/areas/premises/new", given)
    assert first.status_code == second.status_code == 302
    shop = Premises.objects.get(name="便利店")
    assert (shop.lon, shop.lat) == pytest.approx(MARKET_AT, abs=1e-7)
    assert shop.cell_id == town.cells["SJ-001"].pk


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"lon": "x"}, {"lon": "nan"}, {"lat": "91"}, {"kind": "castle"}, {"code": "P-001"}, {"datum": ""}],
)
def test_an_odd_place_is_refused_in_place(town: Town, wrong: dict[str, str]) -> None:
    given = {"name": "便利店", "kind": "shop", "lon": "121.475", "lat": "31.235", "datum": "wgs84"} | wrong
    answer = town.browser("wangxm").post("/areas/premises/new", given)
    assert answer.status_code == 422
    assert not Premises.objects.filter(name="便利店").exists()


def test_a_place_in_anothers_cell_is_refused(town: Town) -> None:
    given = {"name": "便利店", "kind": "shop", "lon": OUTSIDE[0], "lat": OUTSIDE[1], "datum": "wgs84"}
    assert town.browser("wangxm").post("/areas/premises/new", given).status_code == 403
    assert not Premises.objects.filter(name="便利店").exists()
