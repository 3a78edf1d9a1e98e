"""Moves between calls, several calls at once, a run broken off, and the advice beside what was chosen."""

from __future__ import annotations

import pytest

from jiean.dispatch import commands as do
from jiean.dispatch.advice import advise, propose_batch, propose_diversion, propose_move
from jiean.dispatch.models import Assignment, Move
from jiean.dispatch.queries import agreement, my_moves, standing_moves, units_now
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from tests.dispatch.post import Post, lay_roads
from tests.town import MARKET_AT

PLACE = {"lon": MARKET_AT[0], "lat": MARKET_AT[1], "post_name": "市场", "gain": 0.1, "travel_s": 90.0}


@pytest.fixture
def crowded(post: Post) -> Post:
    """Every unit at the market and streets so slow that from there they reach no other cell."""
    lay_roads(limit_kmh=10.0)
    for sign in post.units:
        post.place(sign, *MARKET_AT)
    return post


class TestMoves:
    def test_one_of_a_crowd_is_proposed_to_where_nobody_is(self, crowded: Post) -> None:
        found = propose_move(crowded.town.dispatcher)
        assert found is not None
        assert found.gain > 0.2
        assert (found.post.lon, found.post.lat) != pytest.approx(MARKET_AT, abs=1e-3)
        before, after = found.percents
        assert after > before

    def test_a_person_accepts_and_the_crew_sees_it_and_is_there(self, crowded: Post) -> None:
        browser = crowded.town.browser("chenxiao")
        found = propose_move(crowded.town.dispatcher)
        assert found is not None
        answer = browser.post("/dispatch/move", {"unit_id": found.unit_id, "post": found.post.code})
        assert answer.status_code == 200
        (move,) = standing_moves(crowded.town.dispatcher)
        assert (move.unit_id, move.post_name, move.state) == (found.unit_id, found.post.words, "ORDERED")
        assert move.gain == pytest.approx(found.gain, abs=1e-6)
        crew = crowded.crew(found.call_sign)
        assert [one.pk for one in my_moves(crew)] == [move.pk]
        assert do.answer_move(crew, move.pk, answer="arrived").state == Move.State.ARRIVED
        again = propose_move(crowded.town.dispatcher)
        assert again is None or again.unit_id != found.unit_id or again.post.words != found.post.words

    def test_what_the_desk_leaves_is_not_proposed_again(self, crowded: Post) -> None:
        found = propose_move(crowded.town.dispatcher)
        assert found is not None
        browser = crowded.town.browser("chenxiao")
        browser.post("/dispatch/move", {"unit_id": found.unit_id, "post": found.post.code, "dismiss": "1"})
        assert standing_moves(crowded.town.dispatcher) == []
        again = propose_move(crowded.town.dispatcher)
        assert again is None or (again.unit_id, again.post.code) != (found.unit_id, found.post.code)

    def test_an_order_to_an_incident_ends_a_move_and_a_new_move_the_old_one(self, post: Post) -> None:
        unit = post.units["P-01"]
        first = do.order_move(post.town.dispatcher, unit.pk, **PLACE)
        second = do.order_move(post.town.dispatcher, unit.pk, **PLACE | {"post_name": "学校"})
        first.refresh_from_db()
        assert first.state == Move.State.ENDED
        assert [one.pk for one in standing_moves(post.town.dispatcher)] == [second.pk]
        do.assign_unit(post.town.dispatcher, post.incident().pk, unit.pk)
        assert standing_moves(post.town.dispatcher) == []
        with pytest.raises(Conflict):
            do.order_move(post.town.dispatcher, unit.pk, **PLACE)

    def test_who_may_not_is_refused(self, post: Post) -> None:
        move = do.order_move(post.town.dispatcher, post.units["P-01"].pk, **PLACE)
        with pytest.raises(NotFound):
            do.order_move(post.crew("P-01"), post.units["P-01"].pk, **PLACE)
        with pytest.raises(NotFound):
            do.answer_move(post.crew("P-02"), move.pk, answer="arrived")
        with pytest.raises(NotFound):
            do.answer_move(post.crew("P-01"), move.pk, answer="end")
        with pytest.raises(Invalid):
            do.answer_move(post.crew("P-01"), move.pk, answer="fly")
        do.answer_move(post.crew("P-01"), move.pk, answer="decline")
        with pytest.raises(IllegalMove):
            do.answer_move(post.town.dispatcher, move.pk, answer="arrived")

    def test_the_phone_shows_it(self, post: Post) -> None:
        do.order_move(post.town.dispatcher, post.units["P-01"].pk, **PLACE)
        page = post.town.browser("chenxiao").get("/dispatch/hints").content.decode()
        assert "P-01 → 市场" in page
        assert post.town.browser("chenxiao").get("/dispatch/my-move").status_code == 403


class TestSeveralAtOnce:
    def test_two_calls_are_allotted_for_the_least_time_in_all(self, post: Post) -> None:
        """Both calls lie nearest to PTU-1 or P-01; one of them must be left to the other."""
        near, far = post.incident(kind="noise"), post.incident(kind="noise", lon=121.4951, place_words="村口")
        found = propose_batch(post.town.dispatcher)
        assert found is not None
        assert {(one.incident_id, one.call_sign) for one in found.pairs} == {(near.pk, "P-01"), (far.pk, "P-02")}
        browser = post.town.browser("chenxiao")
        pairs = [f"{one.incident_id}:{one.unit_id}" for one in found.pairs]
        assert browser.post("/dispatch/batch", {"pair": pairs}).status_code == 204
        assert Assignment.objects.count() == 2
        assert browser.post("/dispatch/batch", {"pair": pairs[:1]}).status_code == 409
        assert browser.post("/dispatch/batch", {"pair": "x:1"}).status_code == 422

    def test_one_call_alone_needs_no_allotment(self, post: Post) -> None:
        post.incident()
        assert propose_batch(post.town.dispatcher) is None


class TestARunBrokenOff:
    def sent_away(self, post: Post) -> Assignment:
        """P-01 under way to a light matter at the far end; the others are on other calls."""
        light = post.incident(grade=4, lon=121.4951, place_words="村口")
        order = do.assign_unit(post.town.dispatcher, light.pk, post.units["P-01"].pk)
        for sign in ("P-02", "PTU-1"):
            other = do.assign_unit(post.town.dispatcher, post.incident(grade=2).pk, post.units[sign].pk)
            do.arrive_assignment(post.crew(sign), other.pk)
        return order

    def test_a_grave_call_is_offered_the_run_and_a_person_takes_it(self, post: Post) -> None:
        order = self.sent_away(post)
        grave = post.incident(grade=1, kind="violence")
        found = propose_diversion(post.town.dispatcher, advise(post.town.dispatcher, grave.pk))
        assert found is not None
        assert (found.call_sign, found.other_number) == ("P-01", order.incident.number)
        url = f"/dispatch/incident/{grave.pk}"
        browser = post.town.browser("chenxiao")
        assert "改派 P-01" in browser.get(f"{url}/units").content.decode()
        assert browser.post(f"{url}/divert", {"assignment_id": found.assignment_id}).status_code == 204
        order.refresh_from_db()
        order.incident.refresh_from_db()
        assert order.state == Assignment.State.RECALLED
        assert str(grave.number) in order.reason_given
        assert order.incident.state == "GRADED"
        unit = next(row for row in units_now(post.town.dispatcher) if row.call_sign == "P-01")
        assert unit.incident_id == grave.pk

    def test_lighter_calls_break_nothing_off(self, post: Post) -> None:
        order = self.sent_away(post)
        light = post.incident(grade=4)
        assert propose_diversion(post.town.dispatcher, advise(post.town.dispatcher, light.pk)) is None
        with pytest.raises(Invalid):
            do.divert_unit(post.town.dispatcher, light.pk, order.pk)


class TestAgreement:
    def test_choices_are_counted_beside_the_advice(self, post: Post) -> None:
        for rank in (0, 0, 1):
            incident = post.incident(kind="noise", place_words=f"{rank}")
            sheet = advise(post.town.dispatcher, incident.pk)
            kept = do.keep_advice(post.town.dispatcher, incident.pk, ranked=sheet.as_json())
            chosen = sheet.units[rank].unit_id
            order = do.assign_unit(post.town.dispatcher, incident.pk, chosen, advice_id=kept.pk)
            do.recall_assignment(post.town.dispatcher, order.pk, reason="试")
        found = agreement(post.town.commander)
        assert (found.chosen, found.first, found.percent) == (3, 2, 67)
        (other,) = found.deviations
        assert other.chosen_rank == 2
        assert other.later_s is not None and other.later_s > 0
        assert found.sum_later_s == pytest.approx(other.later_s)
        page = post.town.browser("hanli").get("/dispatch/advice").content.decode()
        assert "67" in page

    def test_only_the_desk_and_the_auditor_compare(self, post: Post) -> None:
        with pytest.raises(Forbidden):
            agreement(post.crew("P-01"))
