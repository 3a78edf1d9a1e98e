"""Sweeps: every choice with every other, the same numbers on one process and on two, and words that cannot be."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from jiean.config.cli import main
from jiean.engine.simulation import Town
from jiean.engine.simulation.doors import cluster, here, processes
from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.posting import scenario_of
from jiean.engine.simulation.run import simulate
from jiean.engine.simulation.scenario_file import headline_plan
from jiean.engine.simulation.sweep import plans, sweep

SHORT = replace(headline_plan(), days=3.0, replications=2, cars=2)


def town() -> Town:
    place = np.array([(0.0, 0.0), (300.0, 0.0), (0.0, 400.0), (300.0, 400.0)])
    travel_s = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    return Town(
        travel_s, np.full(4, 0.25), np.full(24, 2.0), np.array([0.5, 0.5]), 0, np.arange(4), place[:, 0], place[:, 1]
    )


def test_every_choice_stands_with_every_other_in_order():
    found = plans(SHORT, ["cars.count=1,3", "cars.at=base,points", "roads.speed=1.1"])
    assert [words for words, _ in found][:2] == [
        ("cars.count=1", "cars.at=base", "roads.speed=1.1"), ("cars.count=1", "cars.at=points", "roads.speed=1.1"),
    ]  # fmt: skip
    assert [(plan.cars, plan.at, plan.fields["speed"]) for _, plan in found] == [
        (1, "base", 1.1), (1, "points", 1.1), (3, "base", 1.1), (3, "points", 1.1),
    ]  # fmt: skip


def test_two_processes_give_the_numbers_of_one():
    asked = [plan for _, plan in plans(SHORT, ["cars.count=1,2,3"])]
    one, two = (sweep(town(), (), asked, door=processes(jobs)) for jobs in (1, 2))
    assert [found.share for found in one] == [found.share for found in two]
    assert one[0].share.mean < one[2].share.mean


def test_replications_in_parts_give_the_numbers_of_one_part():
    scenario = scenario_of(town(), SHORT, ())
    asked = {"days": 3.0, "replications": 7, "seed": 5}
    whole, parted = (simulate(town(), scenario, door=here, parts=parts, **asked) for parts in (1, 3))
    assert whole.shares.tolist() == parted.shares.tolist()
    assert (whole.calls, whole.replications) == (parted.calls, 7)


def test_a_cluster_gives_the_numbers_of_this_process(tmp_path, capsys):
    """A local Ray: begun, asked and ended; a scenario in parts through the command, as many numbers as here."""
    file = tmp_path / "small.toml"
    file.write_text("[run]\ndays = 2\nreplications = 4\n", "utf-8")
    sheets = []
    for where in (["--on", "ray"], []):
        assert main(["twin", "run", str(file), *where, "--json"]) == 0
        sheets.append(json.loads(capsys.readouterr().out))
    assert sheets[0] | {"cpu_s": 0} == sheets[1] | {"cpu_s": 0}


def test_a_cluster_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SimulationError, match="extra `cluster`"):
        sweep(town(), (), [SHORT], door=cluster())


@pytest.mark.parametrize(
    ("varied", "words"),
    [
        (["cars.count"], "must read table.field"), (["count=1"], "must read table.field"), (["cars.count=many"], "must be int"),
        (["cars.at=moon"], "must be one of base"), (["cars.wheels=4"], "is unknown"),
        (["run.seed=" + ",".join(map(str, range(30))), "run.days=" + ",".join(map(str, range(1, 31)))], "900 scenarios"),
    ],
)  # fmt: skip
def test_words_that_cannot_be_are_named(varied, words):
    with pytest.raises(SimulationError, match=words):
        plans(SHORT, varied)


def test_less_than_one_process_is_refused():
    with pytest.raises(SimulationError, match="0 processes"):
        sweep(town(), (), [SHORT], door=processes(0))


def test_the_command_answers_a_line_a_choice(tmp_path, capsys):
    (tmp_path / "small.toml").write_text(
        "[run]\ndays = 2\nreplications = 2\n[roads]\nturns = true\nhour = 8\n", "utf-8"
    )
    asked = ["twin", "sweep", str(tmp_path / "small.toml"), "--vary", "cars.at=base,key_points", "--json"]
    assert main(asked) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row.get("changed") for row in rows[:2]] == [["cars.at=base"], ["cars.at=key_points"]]
    assert rows[0]["share"][0] < rows[1]["share"][0]
    assert main([*asked[:-3], "--vary", "roads.hour=8,9"]) == 2
