"""The calls to expect: learnt from the past, shown with intervals and the back-test; too little past says so."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from jiean.engine.expectation import ExpectationError
from jiean.kernel.actor import Actor
from jiean.twin import commands as do
from jiean.twin.expecting import Past, foretold, known
from jiean.twin.models import Calculation
from tests.town import Town
from tests.worker import run_jobs

HERE = ZoneInfo("Asia/Shanghai")
NOW = dt.datetime(2026, 10, 1, 15, 20, tzinfo=HERE)  # the National Day: a weekday off


def past(town: Town, days: int = 60) -> Past:
    """Twelve traffic calls a day at eight in the morning in one cell, two noise calls at night in another, a few thefts."""
    chance, cells = np.random.default_rng(4), [cell.pk for cell in town.cells.values()]
    rows: Past = []
    for back in range(days, 0, -1):
        day = NOW.replace(hour=0, minute=0) - dt.timedelta(days=back)
        rows += [(day + dt.timedelta(hours=8, minutes=i), cells[0], "traffic") for i in range(chance.poisson(12))]
        rows += [(day + dt.timedelta(hours=22, minutes=i), cells[1], "noise") for i in range(chance.poisson(2))]
        rows += [(day + dt.timedelta(hours=3), cells[2], "theft")] * (back % 30 == 0)
    return rows


def test_what_came_at_eight_is_expected_at_eight(town: Town) -> None:
    shown = foretold(past(town), NOW, lambda share: None)
    hours = {row[0] % 24: row[1] for row in shown["hours"]}
    assert max(hours, key=lambda hour: hours[hour]) == 8
    assert [row[0] for row in shown["hours"]] == list(range(16, 40))
    assert 9 < hours[8] < 15
    assert all(low <= mean <= high for _hour, mean, low, high in shown["hours"] if mean >= 1)
    assert shown["kinds"] == ["traffic", "noise", "other"], "a kind with few calls is told with the others"
    assert [row[1] for row in shown["week"]] == [True] * 6 + [False], "the holiday ends on the seventh"
    cell_day = dict(zip(shown["cells"], shown["cell_day"], strict=True))
    first = next(iter(town.cells.values())).pk
    assert cell_day[first][0] == pytest.approx(sum(row[1] for row in shown["hours"]), rel=0.3)
    spread = {row[0]: row[3] for row in shown["judged"]["held"]}
    assert 0.8 < spread["cell_hour"] < 0.99
    assert shown["judged"]["last_year"] is None


def test_the_page_shows_what_was_worked_out(town: Town) -> None:
    browser = town.browser("hanli")
    assert "还没有算过" in browser.get("/twin/calls").content.decode()
    assert browser.get("/twin/calls.csv").status_code == 404
    made = do.ask_calculation(town.commander, kind=Calculation.Kind.CALLS, asked={})
    do.take_up_calculation(Actor.system(), made.pk)
    do.keep_calculation(Actor.system(), made.pk, shown=foretold(past(town), NOW, lambda share: None))
    page = browser.get("/twin/calls?kind=noise").content.decode()
    assert "记录不到四个星期" not in page
    for words in ("今后 24 小时", "节假日", "记录不到一年", "摊开整数后", "SJ-001", "噪声扰民"):
        assert words in page
    assert browser.get(f"/twin/calculations/{made.pk}").headers["Location"] == "/twin/calls"
    lines = browser.get("/twin/calls.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "cell,hour,kind,expected,low,high"
    assert len(lines) == 1 + 3 * 3 * 24
    assert town.browser("chenxiao").get("/twin/calls").status_code == 403


def test_too_little_past_is_told(town: Town) -> None:
    with pytest.raises(ExpectationError, match="few_calls"):
        known(past(town, 4), [cell.pk for cell in town.cells.values()], NOW.date())
    browser = town.browser("hanli")
    address = browser.post("/twin/calls").headers["Location"]
    run_jobs()
    assert "记录的警情还太少" in browser.get(address).content.decode()
