"""The board over HTTP: one set for list and map, stages, deeds from the panel, the command line."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from jiean.dispatch.commands import arrive_assignment, assign_unit, clear_assignment, escalate_assignment
from jiean.dispatch.models import Assignment, Incident
from jiean.kernel.actor import Actor
from tests.dispatch.post import Post

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(post: Post) -> Client:
    """The dispatcher's browser."""
    return post.town.browser("chenxiao")


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def groups(html: str) -> dict[str, list[int]]:
    """Incident ids by stage, as the page lists them."""
    parts = re.split(r'<section class="group group-(\w+)"', html)
    return {
        key: [int(pk) for pk in re.findall(r'data-incident="(\d+)"', body)]
        for key, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_each_incident_stands_in_the_group_of_its_stage(post: Post, desk: Client) -> None:
    unsent, sent, there, over = (post.incident(summary=words) for words in "一二三四")
    dispatcher = post.town.dispatcher
    assign_unit(dispatcher, sent.pk, post.units["P-01"].pk)
    arrive_assignment(dispatcher, assign_unit(dispatcher, there.pk, post.units["P-02"].pk).pk)
    order = arrive_assignment(dispatcher, assign_unit(dispatcher, over.pk, post.units["PTU-1"].pk).pk)
    clear_assignment(dispatcher, order.pk, disposition="settled_on_spot")
    found = groups(page(desk, "/board/queue"))
    assert found == {"unsent": [unsent.pk], "travel": [sent.pk], "scene": [there.pk], "feedback": [over.pk]}


def test_silence_is_stated_for_each_stage(desk: Client) -> None:
    html = page(desk, "/board/queue")
    assert "没有未派警情" in html
    assert "截至" in html


def test_the_map_draws_the_rows_of_the_list(post: Post, desk: Client) -> None:
    """Defect 4 of the list in PRODUCT: there is one set, for the map reads the page's rows and nothing else."""
    incident = post.incident()
    html = page(desk, "/board")
    row = re.search(rf'data-incident="{incident.pk}" data-lon="([\d.]+)" data-lat="([\d.]+)" data-grade="(\d)"', html)
    assert row is not None
    assert (float(row[1]), float(row[2]), int(row[3])) == (incident.lon, incident.lat, incident.grade)


def test_a_filter_chooses_rows_and_an_unknown_one_is_refused_in_words(post: Post, desk: Client) -> None:
    post.incident(kind="dispute")
    noise = post.incident(kind="noise")
    assert groups(page(desk, "/board/queue?kind=noise"))["unsent"] == [noise.pk]
    answer = desk.get("/board/queue?kind=ufo", headers=HTMX)
    assert answer.status_code == 422
    assert "不在可选范围内" in answer.content.decode()


def test_the_panel_shows_words_place_and_history(post: Post, desk: Client) -> None:
    incident = post.incident(place_words="市场东门", summary="<b>有人</b>动手")
    html = page(desk, f"/board/incident/{incident.pk}")
    assert "市场东门" in html
    assert "&lt;b&gt;有人" in html
    assert "接警登记" in html
    assert f"/dispatch/incident/{incident.pk}/units" in html


def test_the_advice_names_the_nearest_unit_first_and_one_tap_sends_it(post: Post, desk: Client) -> None:
    incident = post.incident()
    advice = page(desk, f"/dispatch/incident/{incident.pk}/units")
    unit_id, advice_id = re.findall(r'name="(?:unit_id|advice_id)" value="(\d+)"', advice)[:2]
    assert int(unit_id) == post.units["P-01"].pk
    sent = desk.post(
        f"/dispatch/incident/{incident.pk}/send", {"unit_id": unit_id, "advice_id": advice_id}, headers=HTMX
    )
    assert sent.status_code == 204
    assert sent["HX-Trigger"] == "jiean:changed"
    assert Assignment.objects.get(incident=incident).unit_id == int(unit_id)


def test_steps_of_an_order_are_offered_as_the_life_cycle_allows_and_taken(post: Post, desk: Client) -> None:
    incident = post.incident()
    order = assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    html = page(desk, f"/board/incident/{incident.pk}")
    assert all(f'value="{code}"' in html for code in ("ack", "go", "scene", "recall"))
    answer = desk.post(f"/board/incident/{incident.pk}/order/{order.pk}", {"step": "scene"}, headers=HTMX)
    assert json.loads(answer["HX-Trigger"]) == {"jiean:changed": True}
    order.refresh_from_db()
    assert order.state == Assignment.State.ON_SCENE


def test_the_result_wants_a_code_and_says_so_beside_the_field(post: Post, desk: Client) -> None:
    incident = post.incident()
    order = assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    arrive_assignment(post.town.dispatcher, order.pk)
    empty = desk.post(f"/board/incident/{incident.pk}/close", {"outcome": "双方和好"}, headers=HTMX)
    assert empty.status_code == 422
    assert "双方和好" in empty.content.decode()
    assert 'id="result-disposition_error"' in empty.content.decode()
    done = desk.post(f"/board/incident/{incident.pk}/close", {"disposition": "settled_on_spot"}, headers=HTMX)
    assert done.status_code == 200
    incident.refresh_from_db()
    assert incident.state == Incident.State.HANDLED
    assert "feedback-outcome" in done.content.decode()


def test_a_stale_move_is_refused_and_nothing_changes(post: Post, desk: Client) -> None:
    incident = post.incident(grade=3)
    address = f"/board/incident/{incident.pk}/move"
    first = desk.post(address, {"move": "grade", "value": "2", "version": incident.version}, headers=HTMX)
    assert first.status_code == 200
    stale = desk.post(address, {"move": "grade", "value": "1", "version": incident.version}, headers=HTMX)
    assert stale.status_code == 409
    incident.refresh_from_db()
    assert incident.grade == 2


def test_a_new_place_on_the_map_moves_the_incident_and_its_advice(post: Post, desk: Client) -> None:
    """Defect 7 of the list in PRODUCT: moving the pin did not re-route."""
    incident = post.incident()
    units = f"/dispatch/incident/{incident.pk}/units"
    before = re.findall(r'name="unit_id" value="(\d+)"', page(desk, units))
    lon, lat = post.units["P-02"].base_lon, post.units["P-02"].base_lat
    desk.post(f"/board/incident/{incident.pk}/move", {"move": "relocate", "value": f"{lon},{lat}"}, headers=HTMX)
    incident.refresh_from_db()
    assert (incident.lon, incident.lat) == (lon, lat)
    after = re.findall(r'name="unit_id" value="(\d+)"', page(desk, units))
    assert (int(before[0]), int(after[0])) == (post.units["P-01"].pk, post.units["P-02"].pk)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"move": "explode"},
        {"move": "merge", "value": "9" * 30},
        {"move": "grade", "value": "x"},
        {"move": "relocate", "value": "nan,1"},
        {"move": "relocate", "value": "x"},
    ],
)
def test_a_move_that_makes_no_sense_is_refused_in_words(post: Post, desk: Client, given: dict[str, str]) -> None:
    incident = post.incident()
    answer = desk.post(f"/board/incident/{incident.pk}/move", given, headers=HTMX)
    assert answer.status_code == 422


class TestCommandLine:
    def say(self, desk: Client, line: str) -> Any:
        return desk.post("/board/command", {"line": line}, headers=HTMX)

    def test_a_number_opens_its_incident(self, post: Post, desk: Client) -> None:
        incident = post.incident()
        answer = self.say(desk, str(incident.number))
        assert json.loads(answer["HX-Trigger"])["jiean:open"] == {"value": incident.pk}

    def test_a_sends_a_unit_however_its_sign_is_typed(self, post: Post, desk: Client) -> None:
        incident = post.incident()
        answer = self.say(desk, f"/a {incident.number} ptu1")
        assert "PTU-1" in answer.content.decode()
        assert Assignment.objects.get(incident=incident).unit == post.units["PTU-1"]

    def test_s_stamps_the_one_order_of_the_unit_and_no_other(self, post: Post, desk: Client) -> None:
        """Defect 1 of the list in PRODUCT: a unit's status change spread to all its open assignments."""
        mine, other = post.incident(), post.incident()
        order = assign_unit(post.town.dispatcher, mine.pk, post.units["P-01"].pk)
        untouched = assign_unit(post.town.dispatcher, other.pk, post.units["P-02"].pk)
        assert "P-01" in self.say(desk, "/s P-01 scene").content.decode()
        order.refresh_from_db()
        untouched.refresh_from_db()
        assert order.state == Assignment.State.ON_SCENE
        assert untouched.state == Assignment.State.ASSIGNED

    @pytest.mark.parametrize(
        "line",
        ["", "/", "/a", "/a 1", "/a x y z", "/s 99 scene", "/s P-01 flying", "99999999999999999999", "/a 1 ' OR 1=1"],
    )
    def test_nonsense_is_answered_in_words(self, desk: Client, line: str) -> None:
        answer = self.say(desk, line)
        assert answer.status_code == 422
        assert "。" in answer.content.decode()

    def test_plain_words_are_looked_for(self, desk: Client) -> None:
        assert self.say(desk, "农贸市场")["HX-Redirect"] == "/q"
        assert "新街农贸市场" in desk.get("/q").content.decode()


@pytest.mark.parametrize("address", ["/board", "/board/queue", "/board/units", "/board/alarms", "/wall"])
def test_the_board_is_closed_to_officers_and_strangers(post: Post, address: str) -> None:
    assert post.town.browser("wangxm").get(address).status_code == 403
    assert post.town.browser().get(address).status_code == 302


def test_the_wall_says_no_address_and_no_words_of_the_caller(post: Post) -> None:
    post.incident(place_words="海棠里 12 号 301", summary="王某家里吵架")
    html = page(post.town.browser("hanli"), "/wall")
    assert "海棠里 12 号" not in html
    assert "王某" not in html
    assert "市场网格" in html


def test_an_order_nobody_signs_rings_at_the_desk(post: Post, desk: Client) -> None:
    incident = post.incident(place_words="市场东门")
    order = assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    assert "无人签收" not in page(desk, "/board/alarms")
    escalate_assignment(Actor.system(), order.pk, level=2)
    html = page(desk, "/board/alarms")
    assert "无人签收" in html
    assert 'role="alert"' in html


def test_signs_that_a_quarrel_may_turn_violent_stand_on_the_panel_and_nowhere_else(post: Post) -> None:
    told = post.incident(kind="dispute", summary="为宅基地吵了三年，他扬言要砍死我全家，以前也报过警")
    calm = post.incident(kind="dispute", summary="两家为车位吵了几句")
    fire = post.incident(kind="fire", summary="他扬言要砍死我全家")
    browser = post.town.browser("chenxiao")
    html = browser.get(f"/board/incident/{told.pk}").content.decode()
    assert "请留意" in html and "砍死" in html.split("请留意")[1].split("</details>")[0]
    for other in (calm, fire):
        assert "请留意" not in browser.get(f"/board/incident/{other.pk}").content.decode()
    browser.cookies["jiean_theme"] = "dark"
    for incident, shown in ((told, 1), (calm, 0)):
        whole = page(browser, f"/board?incident={incident.pk}")
        assert whole.count("请留意") == shown and 'data-theme="dark"' in whole
