"""`jiean plan cells`, `patrol` and `roster` answer for people and as JSON, and name what is wrong."""

import json
from pathlib import Path

import pytest

from jiean.config.cli import main


def square(column: int, row: int, demand: object) -> dict[str, object]:
    west, south, side = 121.4 + 0.001 * column, 31.2 + 0.001 * row, 0.001
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"type": "Feature", "properties": {"demand": demand, "village": column // 2}, "geometry": {
        "type": "Polygon", "coordinates": [ring]}}  # fmt: skip


def atoms(folder: Path, demand: object = 1) -> str:
    file = folder / "atoms.geojson"
    squares = [square(column, row, demand) for column in range(4) for row in range(4)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": squares}), "utf-8")
    return str(file)


def test_cells_of_a_file_are_even_and_inside_their_villages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "cells", "--file", atoms(tmp_path), "--cells", "4", "--compare", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert (sheet["atoms"], sheet["even"], sheet["findings"]) == (16, True, [])
    assert sheet["max_deviation"] == 0
    assert [row["borders"] for row in sheet["compared"]] == ["kept", "preferred", "free"]
    assert (sheet["compared"][0]["honoured"], sheet["forced"]) == (1.0, 0.0)
    villages = [{cell for i, cell in enumerate(sheet["cell"]) if i // 8 == village} for village in range(2)]
    assert not villages[0] & villages[1]


@pytest.mark.parametrize(
    ("demand", "words"), [(0, "ZeroDemand"), (-1, "atom 0"), ("much", "holds no polygons with a demand")]
)
def test_a_file_without_demand_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], demand: object, words: str
) -> None:
    assert main(["plan", "cells", "--file", atoms(tmp_path, demand), "--cells", "4"]) == 2
    assert words in capsys.readouterr().err
    assert main(["plan", "cells", "--file", str(tmp_path / "none"), "--cells", "4"]) == 2


def test_cells_of_a_file_that_are_even_stay_where_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(atoms(tmp_path))
    asked = ["plan", "cells", "--file", str(file), "--cells", "4", "--stay", "1", "--json"]
    assert main(asked) == 2
    assert "the `cell` each atom" in capsys.readouterr().err
    sheet = json.loads(file.read_text("utf-8"))
    for i, feature in enumerate(sheet["features"]):
        feature["properties"]["cell"] = f"C{i // 4}"
    file.write_text(json.dumps(sheet), "utf-8")
    assert main(asked) == 0
    kept = json.loads(capsys.readouterr().out)
    assert (kept["moved"], kept["max_deviation"]) == (0, 0)


def test_a_plan_goes_round_the_closures_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, driven = tmp_path / "closed.toml", []
    file.write_text('[[closures]]\nstreet = "延安西路"\n[[closures]]\nstreet = "威海路"\n', "utf-8")
    for closures in ("none", str(file)):
        assert main(["plan", "patrol", "--cars", "4", "--closures", closures, "--json"]) == 0
        driven.append(json.loads(capsys.readouterr().out)["drive_s"])
    assert driven[0] < driven[1]
    file.write_text('[[closures]]\nstreet = "没有这条路"\n', "utf-8")
    for deed in ("patrol", "sites", "cells"):
        words = ["--cells", "128", "--staff"] if deed == "cells" else []
        assert main(["plan", deed, *words, "--closures", str(file)]) == 2
        assert "没有这条路" in capsys.readouterr().err


def test_a_patrol_of_the_town_keeps_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "patrol", "--weather", "rain", "--cars", "4", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert sheet["violations"] == []
    visits = {visit["stop_id"] for route in sheet["routes"] for visit in route["visits"]}
    assert {6, 7, 8, 9} <= visits  # low ground, culvert and ramp
    assert not {1, 2, 3, 4, 5} & visits
    assert main(["plan", "patrol", "--cars", "0"]) == 2
    assert "NoCars" in capsys.readouterr().err


def test_a_roster_keeps_its_rules_and_prints_its_gap(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "roster", "--days", "3", "--people", "42", "--seconds", "3", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert sheet["violations"] == []
    assert 0 <= sheet["gap"] <= 1
    assert sheet["bound"] <= sheet["cost"]
    assert [duty["day"] for duty in sheet["duties"]] == [0, 1, 2]
    assert main(["plan", "roster", "--people", "5"]) == 2
    assert "NobodyLeft" in capsys.readouterr().err
