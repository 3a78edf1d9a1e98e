"""Areas from files: what is read, and what is said about every fault."""

from __future__ import annotations

import gzip

import pytest

from jiean.grid.imports import ImportPlan, read_areas
from jiean.kernel import geo
from tests.town import areas, feature, geojson, square

NAMES = """code,name,street_code,street
330109014001,长山社区,330109014,新街街道
330109014204,盈中村委会,330109014,新街街道
"""


def faults(plan: ImportPlan) -> list[tuple[str, str]]:
    return [(finding.code, finding.label) for finding in plan.findings]


def cell(geometry: object, **properties: object) -> dict[str, object]:
    return feature(
        geometry, **({"level": "cell", "code": "SJ-009", "name": "新网格", "community": "新街社区"} | properties)
    )


def test_a_sound_map_is_read_without_a_word() -> None:
    plan = read_areas(geojson(areas()))
    assert plan.findings == ()
    assert [area.code for area in plan.cells] == ["SJ-001", "SJ-002", "SJ-003"]
    assert plan.cells[2].community == "330109014204", "a community named by name is kept by code"
    assert plan.communities[1].kind == "village"


def test_a_plan_survives_being_kept() -> None:
    plan = read_areas(geojson([*areas(), cell(None)]))
    assert ImportPlan.from_json(plan.as_json()) == plan


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "no_geometry"),
        ({"type": "Point", "coordinates": [121, 31]}, "not_polygon"),
        ({"type": "Polygon", "coordinates": []}, "no_geometry"),
        ({"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4], ["a", "b"]]]}, "bad_numbers"),
        ({"type": "Polygon", "coordinates": "x"}, "bad_numbers"),
        (square(31.23, 121.47, 31.24, 121.48), "off_globe"),
        (
            {"type": "Polygon", "coordinates": [[[121, 31], [121.01, 31.01], [121.01, 31], [121, 31.01], [121, 31]]]},
            "bad_shape",
        ),
    ],
)
def test_a_bad_outline_is_named(geometry: object, code: str) -> None:
    plan = read_areas(geojson([*areas(), cell(geometry)]))
    assert faults(plan) == [(code, "新网格")]
    assert plan.errors[0].words


@pytest.mark.parametrize(
    ("properties", "code", "label"),
    [
        ({"code": ""}, "no_code", "新网格"),
        ({"name": ""}, "no_name", "SJ-009"),
        ({"name": "长" * 41}, "long_text", "长" * 41),
        ({"level": ""}, "no_level", "新网格"),
        ({"community": ""}, "no_community", "新网格"),
        ({"community": "某处"}, "unknown_community", "新网格"),
        ({"code": "SJ-001"}, "double_code", "新网格"),
        ({"name": "市场网格"}, "double_name", "市场网格"),
    ],
)
def test_a_bad_name_or_code_is_named(properties: dict[str, str], code: str, label: str) -> None:
    plan = read_areas(geojson([*areas(), cell(square(121.47, 31.24, 121.48, 31.25), **properties)]))
    assert (code, label) in faults(plan)


def test_overlaps_name_both_and_the_size() -> None:
    plan = read_areas(geojson([*areas(), cell(square(121.479, 31.23, 121.48, 31.24))]))
    (overlap,) = plan.errors
    assert {overlap.label, overlap.other} == {"市场网格", "新网格"}
    assert overlap.area_m2 == pytest.approx(95_300 * 1_113 / 1_000, rel=0.02), "95.2 m by 1,113 m"


def test_gaps_holes_and_parts_outside_are_warnings() -> None:
    drawn = areas()
    drawn[3]["geometry"] = square(121.480, 31.230, 121.490, 31.239)
    drawn[4]["geometry"]["coordinates"].append(square(121.494, 31.234, 121.496, 31.236)["coordinates"][0])
    drawn[2]["geometry"] = square(121.469, 31.230, 121.480, 31.240)
    plan = read_areas(geojson(drawn))
    assert plan.errors == ()
    assert sorted(faults(plan)) == [
        ("gap", "新街社区"),
        ("gap", "盈中村"),
        ("hole", "盈中网格"),
        ("outside", "市场网格"),
    ]


def test_a_hole_filled_by_another_cell_is_no_hole() -> None:
    ring = square(121.494, 31.234, 121.496, 31.236)
    drawn = areas()
    drawn[4]["geometry"]["coordinates"].append(ring["coordinates"][0])
    plan = read_areas(geojson([*drawn, cell(ring, community="盈中村")]))
    assert plan.findings == ()


def test_other_datums_are_brought_to_wgs84() -> None:
    drawn = areas()
    for area in drawn:
        ring = area["geometry"]["coordinates"][0]
        area["geometry"]["coordinates"][0] = [list(geo.wgs84_to_gcj02(*point)) for point in ring]
    plan = read_areas(geojson(drawn), datum="gcj02")
    (outline,) = plan.cells[0].boundary["coordinates"]
    assert outline[0] == pytest.approx([121.470, 31.230], abs=1e-8)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "no_features"),
        (b"{", "not_geojson"),
        (b"\xff\xfe\x00", "not_text"),
        (b"[" * 100_000, "not_geojson"),
        (b'{"type": "FeatureCollection", "features": []}', "no_features"),
        (b'{"type": "FeatureCollection", "features": [1]}', "not_feature"),
        (b'{"type": "Feature"}', "not_geojson"),
        (gzip.compress(b"x" * 20_000_001), "too_large"),
        (b"\x1f\x8bno gzip", "not_text"),
    ],
)
def test_a_file_that_is_no_map_is_refused_in_words(raw: bytes, code: str) -> None:
    (finding,) = read_areas(raw).findings
    assert finding.code == code and finding.is_error and finding.words


def test_official_names_make_communities_and_name_outlines() -> None:
    drawn = areas()
    del drawn[1]["properties"]["name"]
    plan = read_areas(geojson(drawn[1:]), NAMES.encode("gb18030"))
    assert {area.code: (area.name, area.kind) for area in plan.communities} == {
        "330109014001": ("长山社区", "community"),
        "330109014204": ("盈中村", "village"),
    }


@pytest.mark.parametrize(
    ("names", "street", "code"),
    [
        ("a,b\n1,2\n", "", "no_columns"),
        ("", "", "no_features"),
        (NAMES, "999", "no_street"),
        (NAMES + "330109015001,别处社区,330109015,别处\n", "", "many_streets"),
        (NAMES + "330109014001,又一社区,330109014,新街街道\n", "", "double_code"),
        (NAMES + "330109014002,,330109014,新街街道\n", "", "no_name"),
    ],
)
def test_a_bad_list_of_names_is_refused_in_words(names: str, street: str, code: str) -> None:
    assert code in {finding.code for finding in read_areas(b"", names.encode(), street_code=street).errors}
