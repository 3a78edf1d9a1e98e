"""Closed roads, from the line on the map to the units that go round: closed, longer, open again, over by the clock."""

import datetime as dt
import json
from itertools import pairwise

import pytest
from django.urls import reverse

from jiean.dispatch import commands as do
from jiean.dispatch.advice import (
    advise,
    closed_lines,
    closed_roads,
    coverage,
    crew_way,
    forget_roads,
    patrol_line,
    propose_batch,
    route,
    streets_like,
    suggest_closure,
    town_roads,
)
from jiean.dispatch.advice import ground as ground_module
from jiean.dispatch.models import RoadClosure
from jiean.dispatch.queries import closures_now, units_now
from jiean.kernel import clocks
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.models import AuditEntry
from tests.dispatch.post import SOUTH, STEP, WEST

EAST_OF_MARKET = [[WEST + 2.5 * STEP, SOUTH + 1.5 * STEP], [WEST + 2.5 * STEP, SOUTH + 2.5 * STEP]]
"""A line across the one street that leads from the market to the east, between the third and the fourth corner."""


@pytest.fixture(autouse=True)
def _fresh():
    forget_roads()
    yield
    forget_roads()


def close(post, **changes):
    given = {"reason": "crash", "hours": 2, "named": "路", "line": EAST_OF_MARKET} | changes
    closure = do.close_road(post.town.dispatcher, **given)
    forget_roads()
    return closure


def times(post, incident):
    return {unit.call_sign: unit.travel_s for unit in advise(post.town.dispatcher, incident.pk).units}


@pytest.fixture
def corner(post):
    """PTU-1 stands a street east of the incident, P-02 farther off to the north-east; P-01 is out of the way."""
    post.place("PTU-1", WEST + 3.2 * STEP, SOUTH + 2 * STEP)
    post.place("P-02", WEST + 2 * STEP, SOUTH + 3.9 * STEP)
    post.place("P-01", WEST + 11 * STEP, SOUTH + 4 * STEP)
    return post.incident(kind="other", lon=WEST + 1.9 * STEP, lat=SOUTH + 2 * STEP)


def first_by_travel(post, incident):
    found = times(post, incident)
    return min(found, key=lambda sign: found[sign])


def test_the_next_unit_is_another_while_its_road_is_closed(post, corner, monkeypatch):
    before = times(post, corner)
    assert first_by_travel(post, corner) == "PTU-1"
    closure = close(post)
    assert first_by_travel(post, corner) == "P-02"
    do.reopen_road(post.town.dispatcher, closure.pk)
    forget_roads()
    assert times(post, corner) == before
    do.restore_closure(post.town.dispatcher, closure.pk)
    forget_roads()
    assert first_by_travel(post, corner) == "P-02"
    monkeypatch.setattr(clocks, "now", lambda: closure.ends_at)
    assert not closed_roads()
    assert times(post, corner)["PTU-1"] == pytest.approx(before["PTU-1"])


def test_a_closure_begins_at_its_hour_and_another_process_sees_it_within_a_second(post, monkeypatch):
    assert town_roads().closed is None
    at = clocks.now() + dt.timedelta(minutes=30)
    do.close_road(post.town.dispatcher, reason="works", hours=1, named="路", line=EAST_OF_MARKET, starts_at=at)
    monkeypatch.setattr(clocks, "now", lambda: at - dt.timedelta(seconds=1))
    assert town_roads().closed is None
    monkeypatch.setattr(clocks, "now", lambda: at)
    assert town_roads().closed.any()


def test_one_way_alone_may_be_closed(post):
    close(post, heading="west")
    shut = town_roads().closed
    assert (shut[:, 0].sum(), shut[:, 1].sum()) == (0, 1)


def test_a_place_cut_off_is_said_in_words(post):
    """The streets round two corners are closed, that between them is not."""
    x, y = WEST, SOUTH
    inside = {"lon": x + 1.5 * STEP, "lat": y + 2 * STEP}
    incident = post.incident(**inside)
    post.place("P-01", x + 6 * STEP, y + 2 * STEP)
    ring = [[x + dx * STEP, y + dy * STEP] for dx, dy in ((0.5, 1.5), (2.5, 1.5), (2.5, 2.5), (0.5, 2.5))]
    frame = [*ring, ring[0]]
    order = do.assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    other = post.incident(**inside, grade=2)
    for side in pairwise(frame):
        close(post, line=list(side))
    sheet = advise(post.town.dispatcher, other.pk)
    assert sheet.best is not None and sheet.best.travel_s is None
    assert "封路后开车到不了" in sheet.best.reasons
    assert any("个单元开车到不了" in words for words in sheet.missing)
    json.dumps(sheet.as_json(), allow_nan=False)
    do.keep_advice(post.town.dispatcher, other.pk, ranked=sheet.as_json())
    assert route(post.town.dispatcher, other.pk, post.units["P-02"].pk) == []
    assert "开车到不了" in crew_way(post.crew("P-01"), order.pk).trouble
    post.incident(**inside)
    assert propose_batch(post.town.dispatcher).pairs == ()
    desk = post.town.browser("chenxiao")
    answer = desk.get(reverse("dispatch:units", args=[other.pk]))
    assert "开车到不了" in answer.content.decode()


def test_the_phone_goes_round_and_says_so(post):
    post.place("P-01", WEST + 3.2 * STEP, SOUTH + 2 * STEP)
    incident = post.incident(lon=WEST + 1.5 * STEP, lat=SOUTH + 2 * STEP)
    order = do.assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    straight = crew_way(post.crew("P-01"), order.pk)
    assert straight.avoided == () and straight.steps[-1].words == "到达"
    closure = close(post, words="电线杆倒了", named="第2街")
    way = crew_way(post.crew("P-01"), order.pk)
    assert [one.pk for one in way.avoided] == [closure.pk]
    assert sum(step.metres for step in way.steps) > sum(step.metres for step in straight.steps)
    rider = next(name for name, one in post.town.accounts.items() if one.pk == post.crew("P-01").account_id)
    shown = post.town.browser(rider).get(reverse("dispatch:my-way", args=[order.pk])).content.decode()
    assert "已绕开 第2街" in shown and "电线杆" not in shown
    with pytest.raises(NotFound):
        crew_way(post.crew("P-02"), order.pk)


def test_an_incident_on_the_closed_stretch_is_reached_and_that_is_said(post):
    incident = post.incident(lon=WEST + 2.5 * STEP, lat=SOUTH + 2 * STEP)
    order = do.assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    closure = close(post)
    way = crew_way(post.crew("P-01"), order.pk)
    assert way.steps and [one.pk for one in way.on_closed] == [closure.pk]


def test_coverage_and_patrol_follow_at_once(post):
    stops = [{"lon": WEST + i * STEP, "lat": SOUTH + 2 * STEP} for i in (1.5, 3.5)]
    units, short = units_now(post.town.dispatcher), patrol_line(stops)
    before = coverage(units)
    close(post)
    after = coverage(units)
    assert after is not before and ground_module.demand().roads is town_roads()
    assert len(patrol_line(stops)) > len(short)


class TestSuggested:
    def test_a_line_and_a_name_say_what_they_close(self, post):
        found = suggest_closure(EAST_OF_MARKET, "", "")
        assert (found.count, len(found.lines)) == (1, 1)
        assert f"{round(found.length_m)} 米" in found.words
        assert suggest_closure((), "第2街", "").count > found.count
        assert suggest_closure(EAST_OF_MARKET, found.named, "").count == 1

    def test_what_closes_nothing_is_refused(self, post):
        nowhere = [[WEST + 2.4 * STEP, SOUTH + 2.4 * STEP], [WEST + 2.6 * STEP, SOUTH + 2.6 * STEP]]
        with pytest.raises(Invalid) as refused:
            suggest_closure(nowhere, "", "")
        assert "横跨" in str(refused.value.message)
        with pytest.raises(Invalid) as refused:
            suggest_closure((), "第二街", "")
        assert "没有叫" in str(refused.value.fields["street"])
        with pytest.raises(Invalid):
            suggest_closure((), "", "")

    def test_streets_alike_are_offered(self, post):
        assert streets_like("2街") == ["第2街", "第12街"]
        assert streets_like(" ") == []


class TestDeeds:
    def test_only_the_desk_closes_and_the_audit_holds_no_words(self, post):
        with pytest.raises(Forbidden):
            do.close_road(post.crew("P-01"), reason="crash", hours=1, named="路", street="第2街")
        closure = close(post, words="电线杆倒了")
        with pytest.raises(NotFound):
            do.reopen_road(post.crew("P-01"), closure.pk)
        entry = AuditEntry.objects.get(action="dispatch.close_road", outcome="done")
        assert "电线杆" not in json.dumps(entry.details, ensure_ascii=False)

    def test_a_key_closes_once(self, post):
        given = {"reason": "flood", "hours": 4, "named": "第2街", "street": "第2街"}
        rows = {do.close_road.keyed("one")(post.town.dispatcher, **given).pk for _ in range(2)}
        assert len(rows) == RoadClosure.objects.count() == 1

    def test_longer_and_open_again(self, post):
        closure = close(post)
        longer = do.extend_closure(post.town.dispatcher, closure.pk, hours=24)
        assert longer.ends_at - closure.ends_at == dt.timedelta(hours=24)
        with pytest.raises(IllegalMove):
            do.restore_closure(post.town.dispatcher, closure.pk)
        do.reopen_road(post.town.dispatcher, closure.pk)
        with pytest.raises(Conflict):
            do.extend_closure(post.town.dispatcher, closure.pk, hours=1)
        with pytest.raises(Conflict):
            do.reopen_road(post.town.dispatcher, closure.pk, version=1)

    def test_what_is_over_stays_over(self, post, monkeypatch):
        closure = close(post)
        monkeypatch.setattr(clocks, "now", lambda: closure.ends_at)
        assert closures_now(post.town.dispatcher) == []
        with pytest.raises(Conflict) as refused:
            do.extend_closure(post.town.dispatcher, closure.pk, hours=1)
        assert "到期" in str(refused.value.message)

    @pytest.mark.parametrize(
        "wrong",
        [{"reason": "mood"}, {"heading": "up"}, {"hours": 0}, {"hours": 2161}, {"line": [], "street": " "},
         {"line": [[1.0, 2.0]]}, {"line": [[1.0, 2.0], [1.0, 200.0]]}],
    )  # fmt: skip
    def test_senseless_words_are_refused(self, post, wrong):
        with pytest.raises(Invalid):
            close(post, **wrong)
        with pytest.raises(Invalid):
            close(post, starts_at=clocks.now() - dt.timedelta(hours=5))


class TestDoors:
    def test_the_page_closes_lists_and_opens(self, post):
        desk, page = post.town.browser("chenxiao"), reverse("dispatch:closures")
        assert "没有封路" in desk.get(page).content.decode()
        given = {"line": json.dumps(EAST_OF_MARKET), "reason": "flood", "hours": "2", "street": "", "heading": ""}
        shown = desk.post(page, given, headers={"HX-Request": "true"}).content.decode()
        assert "路面积水" in shown and "陈晓" in shown
        drawn = desk.get(reverse("dispatch:closure-map")).json()
        row = RoadClosure.objects.get()
        assert (
            [one["id"] for one in drawn["features"]]
            == [row.pk]
            == [one["id"] for one in closed_lines([row])["features"]]
        )
        deed = reverse("dispatch:closure", args=[row.pk])
        assert "重新封闭" in desk.post(deed, {"deed": "reopen"}, headers={"HX-Request": "true"}).content.decode()
        assert desk.get(reverse("dispatch:closure-map")).json()["features"] == []
        assert desk.post(deed, {"deed": "restore"}).status_code == 302
        assert desk.post(deed, {"deed": "extend", "hours": "x"}).status_code == 422

    def test_what_would_be_closed_is_shown_before(self, post):
        desk, door = post.town.browser("chenxiao"), reverse("dispatch:closure-map")
        found = desk.get(door, {"line": json.dumps(EAST_OF_MARKET)}).json()
        assert "将封闭" in found["words"] and len(found["feature"]["geometry"]["coordinates"]) == 1
        assert desk.get(door, {"street": "没有街"}).json()["feature"] is None
        assert desk.get(door, {"line": "[[1]]"}).status_code == 422
        assert "第12街" in desk.get(reverse("dispatch:closure-streets"), {"street": "12"}).content.decode()

    @pytest.mark.parametrize("line", ["[[1,2],[3,null]]", "{", '{"a":1}', "[[1e999,1],[2,2]]", "7"])
    def test_a_broken_line_is_put_beside_the_form(self, post, line):
        desk = post.town.browser("chenxiao")
        given = {"line": line, "reason": "flood", "hours": "2"}
        answer = desk.post(reverse("dispatch:closures"), given)
        assert answer.status_code == 200 and RoadClosure.objects.count() == 0
