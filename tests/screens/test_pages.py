"""My day, the place page, the search box, the look: what they show, to whom, and at what cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiean.dispatch.commands import assign_unit
from jiean.dispatch.models import Assignment, Incident
from jiean.kernel.geo import distance_m, gcj02_to_wgs84, wgs84_to_gcj02
from jiean.screens.navigation import ways_to
from tests.dispatch.post import Post
from tests.town import MARKET_AT, Town

HTMX = {"HX-Request": "true"}
BUDGETS: dict[str, int] = json.loads((Path(__file__).parent / "budgets.json").read_text())


def crew_browser(post: Post, call_sign: str) -> Client:
    """The phone of the unit's officer."""
    account_id = post.crew(call_sign).account_id
    username = next(name for name, account in post.town.accounts.items() if account.pk == account_id)
    return post.town.browser(username)


class TestMyDay:
    def test_the_order_shows_its_legal_steps_and_the_way(self, post: Post) -> None:
        incident = post.incident(place_words="市场东门")
        assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
        html = crew_browser(post, "P-01").get("/my").content.decode()
        assert "市场东门" in html
        assert [code for code in ("ack", "go", "scene", "decline") if f'value="{code}"' in html] == [
            "ack",
            "go",
            "scene",
            "decline",
        ]
        assert "uri.amap.com" in html
        assert "%E5%B8%82%E5%9C%BA" not in html  # the place's name never leaves for a map service

    def test_a_tap_works_without_javascript_and_brings_back_the_page(self, post: Post) -> None:
        order = assign_unit(post.town.dispatcher, post.incident().pk, post.units["P-01"].pk)
        answer = crew_browser(post, "P-01").post(f"/my/order/{order.pk}/step", {"step": "ack"})
        assert (answer.status_code, answer["Location"]) == (302, "/my")
        order.refresh_from_db()
        assert order.state == Assignment.State.ACKNOWLEDGED

    def test_the_result_ends_the_order(self, post: Post) -> None:
        incident = post.incident()
        order = assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
        phone = crew_browser(post, "P-01")
        phone.post(f"/my/order/{order.pk}/step", {"step": "scene"})
        missing = phone.post(f"/my/order/{order.pk}/result", {"outcome": "双方和好"})
        assert missing.status_code == 422
        assert "双方和好" in missing.content.decode() and "</html>" in missing.content.decode()
        phone.post(f"/my/order/{order.pk}/result", {"disposition": "settled_on_spot", "outcome": "双方和好"})
        incident.refresh_from_db()
        assert (incident.state, incident.disposition) == (Incident.State.HANDLED, "settled_on_spot")

    def test_another_units_order_is_not_found(self, post: Post) -> None:
        order = assign_unit(post.town.dispatcher, post.incident().pk, post.units["P-01"].pk)
        stranger = crew_browser(post, "P-02")
        assert stranger.post(f"/my/order/{order.pk}/step", {"step": "ack"}).status_code == 404
        assert stranger.post(f"/my/order/{order.pk}/result", {"disposition": "helped"}).status_code == 404
        order.refresh_from_db()
        assert order.state == Assignment.State.ASSIGNED

    def test_silence_is_stated(self, post: Post) -> None:
        assert "现在没有派给您的警情" in crew_browser(post, "P-01").get("/my").content.decode()


def test_each_map_service_gets_the_point_in_its_own_datum() -> None:
    amap, baidu, tencent, own = ways_to(*MARKET_AT)
    lon, lat = wgs84_to_gcj02(*MARKET_AT)
    assert f"to={lon:.6f}%2C{lat:.6f}" in amap.url
    assert f"tocoord={lat:.6f}%2C{lon:.6f}" in tencent.url
    assert "coord_type=bd09ll" in baidu.url
    assert own.url.startswith(f"geo:{MARKET_AT[1]:.6f},{MARKET_AT[0]:.6f}")
    assert distance_m(*gcj02_to_wgs84(lon, lat), *MARKET_AT) < 0.01


class TestPlace:
    def test_open_matters_and_who_answers(self, post: Post) -> None:
        post.incident(premises_id=post.town.market.pk, summary="摊位纠纷")
        html = post.town.browser("chenxiao").get(f"/place/{post.town.market.pk}").content.decode()
        assert "新街农贸市场" in html
        assert "矛盾纠纷" in html
        assert "王小明" in html

    def test_counts_below_five_are_not_shown(self, post: Post) -> None:
        for _number in range(4):
            post.incident(premises_id=post.town.market.pk, kind="theft")
        for _number in range(5):
            post.incident(premises_id=post.town.market.pk, kind="noise")
        html = post.town.browser("hanli").get(f"/place/{post.town.market.pk}").content.decode()
        assert "不足 5" in html
        assert '<td class="is-number">5</td>' in html

    def test_the_poster_carries_the_places_own_address(self, town: Town) -> None:
        html = town.browser("chenxiao").get(f"/place/{town.market.pk}/poster").content.decode()
        assert "/report/p/market2345" in html
        assert "data:image/svg+xml" in html

    def test_an_unknown_place_is_not_found(self, town: Town) -> None:
        assert town.browser("chenxiao").get("/place/999999").status_code == 404


class TestSearch:
    def test_a_number_jumps(self, post: Post) -> None:
        incident = post.incident()
        answer = post.town.browser("chenxiao").post("/q", {"q": str(incident.number)})
        assert answer["Location"] == f"/board?incident={incident.pk}"

    @pytest.mark.parametrize("words", ["农贸", "xjnm", "xinjienongmao", "P-001"])
    def test_places_are_found_by_name_pinyin_and_code(self, town: Town, words: str) -> None:
        assert "新街农贸市场" in town.browser("chenxiao").post("/q", {"q": words}, follow=True).content.decode()

    def test_an_officer_finds_no_incident_of_others_cells(self, post: Post) -> None:
        post.incident(place_words="市场东门的事")
        assert "市场东门的事" not in post.town.browser("liwei").post("/q", {"q": "东门"}, follow=True).content.decode()

    @pytest.mark.parametrize("words", ["", "  ", "%", "'", "<script>alert(1)</script>", "没有这个", "\x00", "9" * 30])
    def test_nonsense_finds_nothing_in_words(self, town: Town, words: str) -> None:
        answer = town.browser("chenxiao").post("/q", {"q": words}, follow=True)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


class TestLanding:
    def test_residents_may_report_and_follow_up(self, client: Client, db: None) -> None:
        html = client.get("/").content.decode()
        assert 'href="/report"' in html
        assert 'href="/track"' in html
        assert 'href="tel:110"' in html

    @pytest.mark.parametrize(("who", "home"), [("chenxiao", "/board"), ("wangxm", "/my"), ("shenqing", "/areas")])
    def test_staff_go_on_to_the_first_page_of_their_role(self, town: Town, who: str, home: str) -> None:
        assert town.browser(who).get("/")["Location"] == home


class TestLook:
    def test_theme_and_language_are_kept(self, client: Client, db: None) -> None:
        answer = client.post("/look", {"theme": "dark", "next": "/accounts/login/"})
        assert answer["Location"] == "/accounts/login/"
        html = client.get("/accounts/login/").content.decode()
        assert 'data-theme="dark"' in html
        client.post("/look", {"language": "en"})
        assert "Staff sign-in" in client.get("/accounts/login/").content.decode()

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_nobody_is_sent_elsewhere(self, client: Client, back: str) -> None:
        assert client.post("/look", {"theme": "dark", "next": back})["Location"] == "/"

    def test_unknown_choices_are_left_out(self, client: Client) -> None:
        answer = client.post("/look", {"theme": "pink", "language": "xx"})
        assert not answer.cookies


@pytest.mark.parametrize("name", sorted(BUDGETS))
def test_a_page_keeps_its_query_budget(post: Post, name: str) -> None:
    incident = post.incident(premises_id=post.town.market.pk)
    assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    address = name.format(incident=incident.pk, place=post.town.market.pk)
    client = crew_browser(post, "P-01") if address.startswith("/my") else post.town.browser("hanli")
    client.cookies["asked"] = "x"
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    assert len(queries) <= BUDGETS[name], "\n".join(query["sql"][:160] for query in queries)
