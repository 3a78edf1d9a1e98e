"""Plans of cells: drafted, edited on the map, accepted for a day, and handed to the import of areas."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
import shapely

from jiean.grid.imports import read_areas
from jiean.grid.models import AreaDraft, Cell
from jiean.grid.queries import community_names
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from jiean.twin import commands as do
from jiean.twin.cell_ground import Ground, ground_now, kept_ground, read
from jiean.twin.cell_plans import as_areas, cut, outlines, sheet_of
from jiean.twin.models import Calculation, CellPlan
from tests.town import MARKET_AT, VILLAGE_AT, Town
from tests.worker import run_jobs

ASKED = {"cells": "3", "borders": "free"}


@pytest.fixture(autouse=True)
def _no_ground_kept() -> None:
    """Ids begin again with every test; in a station they never do."""
    kept_ground.cache_clear()


@pytest.fixture
def plan(town: Town) -> CellPlan:
    """A draft that leaves the three cells as they are: every edit shows by itself."""
    here = ground_now()
    asked = {"cells": 3, "borders": "kept", "fixed": [], "forced": 0.0}
    cells = [dict(one) | {"before": i} for i, one in enumerate(here.cells)]
    return do.draft_cells(town.commander, asked=asked, ground=here.as_json(), cell=here.before.tolist(), cells=cells)


def area_m2(here: Ground) -> float:
    assert here.atoms.area_m2 is not None
    return float(here.atoms.area_m2.sum())


def test_the_ground_is_cut_into_pieces_that_fill_it(town: Town) -> None:
    here = ground_now()
    whole = shapely.union_all([shapely.geometry.shape(cell.boundary) for cell in Cell.objects.all()])
    assert shapely.union_all(here.outlines, grid_size=1e-9).symmetric_difference(whole).area < 1e-9
    assert np.bincount(here.before).min() >= 5
    again = read(json.loads(json.dumps(here.as_json())))
    assert again.before.tolist() == here.before.tolist()
    assert area_m2(again) == pytest.approx(area_m2(here), rel=1e-6)


def test_a_plan_asked_on_the_page_is_kept_and_shown(town: Town) -> None:
    browser = town.browser("hanli")
    answer = browser.post("/twin/cells", ASKED)
    assert answer.status_code == 302
    assert CellPlan.objects.count() == 0, "the job makes it"
    run_jobs()
    made = CellPlan.objects.get()
    assert browser.get(answer.headers["Location"]).headers["Location"] == f"/twin/cells/{made.pk}"
    assert sorted(set(made.cell)) == [0, 1, 2]
    assert sorted(one["code"] for one in made.cells) == ["SJ-001", "SJ-002", "SJ-003"]
    page = browser.get(f"/twin/cells/{made.pk}").content.decode()
    assert "前后对比" in page
    assert "王小明" in page
    drawn = browser.get(f"/twin/cells/{made.pk}/map.json").json()
    assert [len(drawn[name]["features"]) for name in ("before", "after")] == [3, 3]
    assert len(drawn["pieces"]["features"]) == len(made.cell)
    assert "还没有方案" not in browser.get("/twin/cells").content.decode()


def test_more_cells_get_new_codes_and_old_ones_keep_theirs(town: Town) -> None:
    here = ground_now()
    cell, named, _forced = cut(here, {"cells": 5, "borders": "kept", "fixed": ["SJ-002"]})
    assert sorted(one["code"] for one in named) == ["N-001", "N-002", "SJ-001", "SJ-002", "SJ-003"]
    kept = next(i for i, one in enumerate(named) if one["code"] == "SJ-002")
    assert [i for i, own in enumerate(cell) if own == kept] == np.flatnonzero(here.before == 1).tolist()


def test_an_edit_checks_every_rule_at_once(town: Town, plan: CellPlan) -> None:
    browser, address = town.browser("hanli"), f"/twin/cells/{plan.pk}/move"
    far = {"lon": MARKET_AT[0] - 0.004, "lat": MARKET_AT[1], "to_lon": VILLAGE_AT[0], "to_lat": VILLAGE_AT[1]}
    shown = browser.post(address, far).content.decode()
    assert "不连片" in shown
    assert "跨了 2 个村社" in shown
    with pytest.raises(Invalid):
        do.accept_cells(town.commander, plan.pk, starts_on=clocks.local(clocks.now()).date())
    near = browser.post(f"/twin/cells/{plan.pk}/move", {"start": 0, "goal": 1}).content.decode()
    assert "已划给 SJ-002" in near
    plan.refresh_from_db()
    assert sum(own != was for own, was in zip(plan.cell, kept_ground(plan.pk).before.tolist(), strict=True)) == 2
    assert "没有找到可以划过去的小块" in browser.post(address, {"start": 0, "goal": 0}).content.decode()
    with pytest.raises(Invalid):
        do.move_piece(town.commander, plan.pk, piece=10_000, to=0)


def test_an_accepted_plan_becomes_the_map_on_its_day_and_not_before(town: Town, plan: CellPlan) -> None:
    do.move_piece(town.commander, plan.pk, piece=int(np.flatnonzero(kept_ground(plan.pk).before == 0)[-1]), to=0)
    town.browser("hanli").post(f"/twin/cells/{plan.pk}/move", {"start": 0, "goal": 1})
    today = clocks.local(clocks.now()).date()
    do.accept_cells(town.commander, plan.pk, starts_on=today + dt.timedelta(days=3))
    kept = CellPlan.objects.get(pk=plan.pk)
    areas = read_areas(as_areas(kept_ground(plan.pk), kept.cell, kept.cells), known=community_names())
    assert not areas.errors, [one.words for one in areas.findings]
    with pytest.raises(Invalid):
        do.hand_over_cells(town.admin, plan.pk)
    CellPlan.objects.filter(pk=plan.pk).update(starts_on=today)  # the clock of the test stands still
    with pytest.raises(NotFound):
        do.hand_over_cells(town.commander, plan.pk)
    admin = town.browser("shenqing")
    answer = admin.post(f"/twin/cells/{plan.pk}/hand-over")
    draft = AreaDraft.objects.get()
    assert answer.headers["Location"] == f"/areas/import/{draft.pk}"
    before = shapely.geometry.shape(Cell.objects.get(code="SJ-002").boundary).area
    form = {"deed": "adopt", "version": draft.version, "gaps_are_right": "on"}
    assert admin.post(f"/areas/import/{draft.pk}", form).status_code == 302
    assert shapely.geometry.shape(Cell.objects.get(code="SJ-002").boundary).area > before * 1.02
    assert Cell.objects.filter(active=True).count() == 3


def test_only_a_draft_is_edited_and_only_the_commander_plans(town: Town, plan: CellPlan) -> None:
    with pytest.raises(NotFound):
        do.move_piece(town.dispatcher, plan.pk, piece=0, to=1)
    with pytest.raises(Forbidden):
        do.draft_cells(town.admin, asked={}, ground={}, cell=[], cells=[])
    today = clocks.local(clocks.now()).date()
    with pytest.raises(Invalid):
        do.accept_cells(town.commander, plan.pk, starts_on=today - dt.timedelta(days=1))
    do.accept_cells(town.commander, plan.pk, starts_on=today)
    with pytest.raises(Conflict):
        do.move_piece(town.commander, plan.pk, piece=0, to=1)
    do.drop_cells(town.commander, plan.pk)
    with pytest.raises(IllegalMove):
        do.drop_cells(town.commander, plan.pk)
    assert town.browser("chenxiao").get(f"/twin/cells/{plan.pk}").status_code == 403


def test_what_cannot_be_cut_is_said(town: Town) -> None:
    browser = town.browser("hanli")
    asked = {"cells": "2", "borders": "kept", "fixed": ["SJ-001", "SJ-002", "SJ-003"]}
    address = browser.post("/twin/cells", asked).headers["Location"]
    run_jobs()
    assert "互相矛盾" in browser.get(address).content.decode()
    address = browser.post("/twin/cells", {"cells": "999", "borders": "free"}).headers["Location"]
    run_jobs()
    assert "请换一组数" in browser.get(address).content.decode()
    assert CellPlan.objects.count() == 0


def test_a_stopped_cut_drafts_nothing(town: Town) -> None:
    made = do.ask_calculation(town.commander, kind=Calculation.Kind.CELLS, asked=ASKED | {"fixed": [], "stay": 0.0})
    do.take_up_calculation(Actor.system(), made.pk)
    do.stop_calculation(town.commander, made.pk)
    kept = do.keep_cut_cells(Actor.system(), made.pk, ground={}, cell=[], cells=[], forced=0.0)
    assert kept.state == Calculation.State.STOPPED
    assert CellPlan.objects.count() == 0


def test_nothing_moves_where_staying_is_all_that_counts(town: Town) -> None:
    here = ground_now()
    moved = []
    for stay in (0.0, 1e9):
        asked = {"cells": 3, "borders": "free", "fixed": [], "stay": stay}
        cell, named, _forced = cut(here, asked)
        moved.append(sheet_of(here, asked, cell, named).moved)
    assert moved[0] > 0
    assert moved[1] == 0


def test_nothing_moves_where_nothing_changed(town: Town, plan: CellPlan) -> None:
    sheet = sheet_of(kept_ground(plan.pk), plan.asked, plan.cell, plan.cells)
    assert (sheet.changed, sheet.moved_share) == ((), 0.0)
    assert len(outlines(kept_ground(plan.pk), plan.cell)) == 3
