"""Defects seen in other systems, each tried on dispatch. The whole list, and where each is tried: docs/defects.md."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiean.dispatch import commands as do
from jiean.dispatch.queries import BoardFilter, five_minutes_today, open_incidents
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.kernel.errors import Forbidden, NotFound
from jiean.kernel.events import Cursor, News
from jiean.kernel.models import Event
from jiean.people.commands import assign_duty
from jiean.people.models import Duty
from tests.dispatch.post import SYSTEM, Post


def test_a_list_costs_the_same_however_many_cells_one_answers_for(post: Post) -> None:
    """Defect 9: lists grow slow as permissions grow. Statements do not grow with cells, and only own cells are listed."""
    incidents = [post.incident(lon=lon, place_words=str(lon)) for lon in (121.475, 121.485, 121.495)]
    costs = []
    for codes in (("SJ-001",), ("SJ-001", "SJ-002", "SJ-003")):
        officer = post.town.newcomer(Role.OFFICER, *codes)
        with CaptureQueriesContext(connection) as statements:
            rows = open_incidents(officer, BoardFilter())
        assert [row.id for row in rows] == [incident.pk for incident in incidents[: len(codes)]]
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_on_the_way_is_not_there(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 10: a "response time" that stops at *responding*. Only the arrival stamp counts; a missing one is a miss."""
    noon = clocks.local(clocks.now() + dt.timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clocks, "now", lambda: noon)
    sent = [post.incident(place_words=sign) for sign in ("P-01", "P-02", "PTU-1")]
    from_now = noon + dt.timedelta(hours=8)
    for unit in post.units.values():
        unit.shifts.update(starts_at=noon - dt.timedelta(hours=1), ends_at=from_now)
    orders = [
        do.assign_unit(post.town.dispatcher, incident.pk, post.units[sign].pk)
        for incident, sign in zip(sent, ("P-01", "P-02", "PTU-1"), strict=True)
    ]
    monkeypatch.setattr(clocks, "now", lambda: noon + dt.timedelta(minutes=2))
    for order in orders:
        do.en_route_assignment(SYSTEM, order.pk)
    do.arrive_assignment(SYSTEM, orders[0].pk)
    monkeypatch.setattr(clocks, "now", lambda: noon + dt.timedelta(minutes=6))
    do.arrive_assignment(SYSTEM, orders[1].pk)
    figure = five_minutes_today(post.town.commander)
    assert (figure.met, figure.total) == (1, 3)
    for order in orders[:2]:
        do.clear_assignment(SYSTEM, order.pk, disposition="settled_on_spot", outcome="双方和好")
        do.feed_back(SYSTEM, order.incident_id, outcome="双方和好")
        do.review_incident(SYSTEM, order.incident_id)
    had_no_hand = replace(post.town.dispatcher, account_id=post.town.accounts["zhouping"].pk)
    assert five_minutes_today(had_no_hand) == figure, "the wall shows the station's day, whoever signed in at it"
    with pytest.raises(Forbidden):
        five_minutes_today(post.crew("P-01"))


def test_news_of_a_matter_reaches_only_who_may_see_it(post: Post) -> None:
    """Defect 13: a push about a matter its receiver may not see."""
    Event.objects.all().delete()
    incident = post.incident()
    order = do.assign_unit(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    do.acknowledge_assignment(SYSTEM, order.pk)
    assign_duty(SYSTEM, post.town.accounts["zhouping"].pk, post.town.cells["SJ-003"].pk, Duty.Kind.OFFICER)
    told = [
        News(Cursor(0, row.pk), row.name, row.subject_id, row.cell_id, frozenset(row.account_ids))
        for row in Event.objects.filter(name__startswith="dispatch.")
    ]
    assert {one.name for one in told} >= {"dispatch.IncidentOpened", "dispatch.UnitAssigned", "dispatch.OrderAnswered"}
    hears = {
        "crew": post.crew("P-01"),
        "other crew": post.crew("P-02"),
        "cell": post.town.market_officer,
        "other cell": post.town.school_officer,
    }
    heard = {who: {one.name.split(".")[1] for one in told if one.reaches(actor)} for who, actor in hears.items()}
    assert heard["other crew"] == heard["other cell"] == set()
    assert heard["crew"] == {"UnitAssigned", "OrderAnswered"}
    assert heard["cell"] == {"IncidentOpened"}
    with pytest.raises(NotFound):
        do.note_incident(post.crew("P-02"), incident.pk, words="不该知道")
