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
