"""Calculations: posts asked on the page, worked out by the job, stopped, refused; and who may ask."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from jiean.grid.models import Cell
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, NotFound
from jiean.twin import commands as do
from jiean.twin.errands import MOST_WAITING
from jiean.twin.models import Calculation
from jiean.twin.queries import calculation_of
from tests.dispatch.post import lay_roads
from tests.town import Town
from tests.worker import run_jobs

FORM: dict[str, Any] = {"posts": 3, "aim": "drive", "busy": 30}


@pytest.fixture
def laid(town: Town) -> Town:
    lay_roads()
    return town


def worked_out(town: Town, **changed: Any) -> Calculation:
    """A calculation asked on the page and carried out."""
    answer = town.browser("hanli").post("/twin/sites", FORM | changed)
    assert answer.status_code == 302, answer.content.decode()[:500]
    run_jobs()
    return Calculation.objects.latest("pk")


def test_posts_asked_on_the_page_are_worked_out_and_shown(laid: Town) -> None:
    made = worked_out(laid)
    assert (made.state, made.done_share) == (Calculation.State.DONE, 1.0), made.shown
    assert made.shown is not None
    assert len(made.shown["after"]["points"]) == 3
    assert made.shown["bound"] <= made.shown["value"] + 1e-9
    assert made.shown["value"] == pytest.approx(made.shown["after"]["mean_s"])
    assert sum(point[4] for point in made.shown["after"]["points"]) == pytest.approx(1.0, abs=1e-3)
    page = laid.browser("hanli").get(f"/twin/calculations/{made.pk}").content.decode()
    assert "怎样设也不会低于" in page
    assert "已证明是最优。" in page
    assert f"测算 {made.pk}：3 个点" in laid.browser("hanli").get("/twin/sites").content.decode()


def test_what_stays_and_what_may_not_be_is_kept(laid: Town) -> None:
    codes = {cell.pk: cell.code for cell in Cell.objects.all()}
    made = worked_out(laid, keep="on", must=["SJ-002"], must_not=["SJ-003"], posts=4)
    assert made.shown is not None, made.state
    points = made.shown["after"]["points"]
    kept = [point for point in points if point[3]]
    opened = {codes.get(point[2]) for point in points if not point[3]}
    assert len(points) == 4
    assert kept, "the key points stay"
    assert "SJ-002" in opened
    assert "SJ-003" not in opened


def test_a_budget_buys_the_cheap_cells(laid: Town) -> None:
    made = worked_out(laid, budget="2", cost="5", costs="SJ-001 1\nSJ-002 1", aim="cover")
    assert made.shown is not None, made.state
    codes = {cell.pk: cell.code for cell in Cell.objects.all()}
    assert {codes.get(point[2]) for point in made.shown["after"]["points"]} <= {"SJ-001", "SJ-002"}
    assert 0 < made.shown["spent"] <= 1


def test_cars_that_are_busy_are_counted_with_their_chance(laid: Town) -> None:
    made = worked_out(laid, aim="expect", busy=50)
    assert made.shown is not None, made.state
    assert 0 < made.shown["value"] <= made.shown["bound"] + 1e-9 <= 1
    assert "有空闲的车" in laid.browser("hanli").get(f"/twin/calculations/{made.pk}").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"budget": "5"}, "要么都填"), ({"costs": "SJ-001 many"}, "不是网格编码加一个数"),
        ({"aim": "expect", "most_share": 20}, "不能限一个点"), ({"must": ["X"]}, "X"), ({"posts": 0}, "1"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_said_on_the_form(laid: Town, wrong: dict[str, Any], words: str) -> None:
    answer = laid.browser("hanli").post("/twin/sites", FORM | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Calculation.objects.count() == 0


def test_rules_that_contradict_each_other_and_ground_without_roads_are_told(laid: Town) -> None:
    made = worked_out(laid, most_share=10, posts=2)
    assert (made.state, made.shown) == (Calculation.State.FAILED, {"why": "Infeasible"})
    assert "凑不到一起" in laid.browser("hanli").get(f"/twin/calculations/{made.pk}").content.decode()
    settings.ROADS_FILE.unlink()
    again = worked_out(laid)
    assert again.shown == {"why": "no_roads"}
    assert "没有导入路网" in laid.browser("hanli").get(f"/twin/calculations/{again.pk}").content.decode()


def test_a_stopped_calculation_keeps_nothing(laid: Town) -> None:
    made = do.ask_calculation(laid.commander, kind=Calculation.Kind.SITES, asked=FORM)
    answer = laid.browser("hanli").post(f"/twin/calculations/{made.pk}/stop")
    assert answer.status_code == 302
    run_jobs()
    made.refresh_from_db()
    assert (made.state, made.shown) == (Calculation.State.STOPPED, None)
    assert do.keep_calculation(Actor.system(), made.pk, shown={"x": 1}).state == Calculation.State.STOPPED
    state = laid.browser("hanli").get(f"/twin/calculations/{made.pk}/state")
    assert state.headers["HX-Refresh"] == "true"
    with pytest.raises(IllegalMove):
        do.stop_calculation(laid.commander, made.pk)


def test_only_so_many_wait_and_only_the_commander_asks(laid: Town) -> None:
    made = [do.ask_calculation(laid.commander, kind=Calculation.Kind.SITES, asked=FORM) for _ in range(MOST_WAITING)]
    with pytest.raises(Conflict):
        do.ask_calculation(laid.commander, kind=Calculation.Kind.SITES, asked=FORM)
    with pytest.raises(Forbidden):
        do.ask_calculation(laid.dispatcher, kind=Calculation.Kind.SITES, asked=FORM)
    with pytest.raises(NotFound):
        calculation_of(laid.dispatcher, made[0].pk)
    assert laid.browser("chenxiao").get(f"/twin/calculations/{made[0].pk}").status_code == 403
