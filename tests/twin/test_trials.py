"""Trials: asked for, carried out by the job, stopped, compared; and the posts before and after."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pytest
from django.conf import settings

from jiean.config.closing import closures_of
from jiean.dispatch.advice import forget_roads
from jiean.dispatch.commands import close_road
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, NotFound
from jiean.twin import commands as do
from jiean.twin.advice import ground, plan_of
from jiean.twin.errands import MOST_WAITING
from jiean.twin.models import Calculation, Trial
from jiean.twin.queries import trial_of
from tests.dispatch.post import SOUTH, STEP, WEST, lay_roads
from tests.town import Town
from tests.worker import run_jobs

QUICK: dict[str, Any] = {"cars": 2, "at": "points", "days": 5.0, "replications": 3}
FORM = {
    "cars": 3, "at": "base", "pooled": "0", "rain_share": 20, "demand": 150, "on_scene_min": 30, "declined_share": 5,
    "break_min": 30, "round_stops": 2, "days": 4, "replications": 2,
}  # fmt: skip


@pytest.fixture
def laid(town: Town) -> Town:
    lay_roads()
    return town


def test_a_scenario_asked_on_the_page_is_played_and_shown(laid: Town) -> None:
    browser = laid.browser("hanli")
    answer = browser.post("/twin", FORM)
    assert answer.status_code == 302
    trial = Trial.objects.get()
    assert (trial.state, trial.asked["demand"], trial.asked["pooled"]) == ("WAITING", 1.5, False)
    run_jobs()
    trial.refresh_from_db()
    assert trial.state == Trial.State.DONE, trial.shown
    assert trial.shown is not None
    low, high = trial.shown["share"][1:]
    assert 0 <= low <= high <= 1 + 1e-9
    assert sum(trial.shown["histogram"]) == trial.shown["calls"] > 0
    page = browser.get(f"/twin/{trial.pk}").content.decode()
    assert f"{100 * trial.shown['share'][0]:.1f} %" in page
    assert "SJ-001" in page
    assert "每 100 起警情，约" in page
    taken = browser.get(f"/twin/{trial.pk}/export.json").json()
    assert (taken["share"], taken["asked"]["demand"]) == (trial.shown["share"], 1.5)
    assert "legs" not in taken
    table = browser.get(f"/twin/{trial.pk}/export.csv").content.decode("utf-8-sig").splitlines()
    assert table[0] == "cell,name,calls,percent_in_time,median_s,p90_s"
    assert len(table) == 1 + len(trial.shown["cells"])
    replay = browser.get(f"/twin/{trial.pk}/replay").json()
    assert all(0 < row["median_s"] <= row["p90_s"] for row in replay["cells"])
    assert "九成不超过（分钟）" in page
    assert len(replay["posts"]) == 3
    assert all(begins <= ends for _car, begins, ends, _start, _end in replay["legs"])


def test_equal_scenarios_show_the_same_and_pairs_are_compared(laid: Town) -> None:
    one, again = (do.ask_trial(laid.commander, asked=QUICK) for _ in range(2))
    more = do.ask_trial(laid.commander, asked=QUICK | {"cars": 4})
    run_jobs()
    shown = [trial_of(laid.commander, trial.pk).shown for trial in (one, again, more)]
    assert shown[0] is not None and shown[1] is not None and shown[2] is not None
    assert shown[0]["shares"] == shown[1]["shares"]
    assert shown[0]["calls"] == shown[2]["calls"], "common random numbers: the same calls"
    page = laid.browser("hanli").get(f"/twin/{more.pk}?beside={one.pk}").content.decode()
    assert "同样的警情下" in page


def test_a_stopped_trial_is_not_played_and_keeps_nothing(laid: Town) -> None:
    trial = do.ask_trial(laid.commander, asked=QUICK)
    do.stop_trial(laid.commander, trial.pk)
    run_jobs()
    trial.refresh_from_db()
    assert (trial.state, trial.shown) == (Trial.State.STOPPED, None)
    assert do.keep_result(Actor.system(), trial.pk, shown={"x": 1}).state == Trial.State.STOPPED
    with pytest.raises(IllegalMove):
        do.stop_trial(laid.commander, trial.pk)


def test_without_roads_it_says_so(town: Town) -> None:
    settings.ROADS_FILE.unlink(missing_ok=True)
    trial = do.ask_trial(town.commander, asked=QUICK)
    run_jobs()
    assert trial_of(town.commander, trial.pk).state == Trial.State.FAILED
    assert "没有导入路网" in town.browser("hanli").get(f"/twin/{trial.pk}").content.decode()


def test_only_so_many_wait_and_only_the_commander_asks(laid: Town) -> None:
    for _ in range(MOST_WAITING):
        do.ask_trial(laid.commander, asked=QUICK)
    with pytest.raises(Conflict):
        do.ask_trial(laid.commander, asked=QUICK)
    with pytest.raises(Forbidden):
        do.ask_trial(laid.dispatcher, asked=QUICK)
    with pytest.raises(NotFound):
        trial_of(laid.dispatcher, Trial.objects.values_list("pk", flat=True)[0])
    assert laid.browser("chenxiao").get("/twin").status_code == 403
    waiting = Trial.objects.values_list("pk", flat=True)[0]
    assert laid.browser("hanli").get(f"/twin/{waiting}/export.csv").status_code == 404


def test_the_ground_is_the_stations_own(laid: Town) -> None:
    here = ground()
    assert len(here.key_points) >= 1
    assert here.town.weight.sum() == pytest.approx(1.0)
    assert not here.own_demand, "a fresh station has no month of incidents"
    assert plan_of(QUICK).cars == 2


def test_a_trial_and_posts_go_round_what_is_closed_when_they_are_asked(laid: Town) -> None:
    """Every street that leads north is closed but at the ends, so that drives grow; the plan of the shell asks the same roads."""
    line = [[WEST + 0.2 * STEP, SOUTH + 1.5 * STEP], [WEST + 11.8 * STEP, SOUTH + 1.5 * STEP]]
    closed = close_road(laid.commander, reason="flood", hours=2, named="各路", line=line)
    forget_roads()
    browser = laid.browser("hanli")
    for ticked in ({}, {"closures": "on"}):
        assert browser.post("/twin", FORM | ticked).status_code == 302
    run_jobs()
    open_roads, cut = Trial.objects.order_by("pk")
    assert (open_roads.asked["closures"], cut.asked["closures"]) == ([], [closed.pk])
    assert open_roads.shown is not None and cut.shown is not None
    assert cut.shown["median_s"][0] > open_roads.shown["median_s"][0]
    page = browser.get(f"/twin/{cut.pk}").content.decode()
    assert "绕开 1 处封路" in page and "虚线是绕开的封路" in page
    drawn = [browser.get(f"/twin/{one.pk}/replay").json()["closed"]["features"] for one in (open_roads, cut)]
    assert drawn[0] == []
    assert all(len(stretch) > 1 for stretch in drawn[1][0]["geometry"]["coordinates"])
    assert closures_of(Namespace(closures="live"))[0].line == tuple(map(tuple, line))
    browser.post("/twin/sites", {"posts": 2, "aim": "drive", "busy": 30, "closures": "on"})
    run_jobs()
    made = Calculation.objects.get()
    assert made.asked["closures"] == [closed.pk]
    assert made.shown is not None
    page = browser.get(f"/twin/calculations/{made.pk}").content.decode()
    assert "绕开 1 处封路" in page and 'id="closed-roads"' in page
