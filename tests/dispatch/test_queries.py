"""The board: list, count, map and export from one filter; who sees what; clocks in words; statements counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

import h3
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiean.dispatch import commands as do
from jiean.dispatch import queries as ask
from jiean.dispatch.models import Incident, Shift
from jiean.dispatch.queries import BoardFilter, board
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Invalid, NotFound
from tests.town import SCHOOL_AT, VILLAGE_AT

pytestmark = pytest.mark.django_db
TOWN_BOX = {"west": 121.46, "south": 31.22, "east": 121.51, "north": 31.25}


@pytest.fixture
def busy(post):
    """Eight open incidents of several kinds, grades and cells, one late, one closed."""
    rows = [
        post.incident(kind=kind, grade=grade, lon=place[0], lat=place[1], summary=f"第{n}件")
        for n, (kind, grade, place) in enumerate(
            [("dispute", 3, (121.475, 31.235)), ("traffic", 2, SCHOOL_AT), ("traffic", 3, VILLAGE_AT), ("noise", 4, SCHOOL_AT),
             ("fire", 1, VILLAGE_AT), ("help", 3, SCHOOL_AT), ("theft", 3, (121.475, 31.235)), ("fraud", 2, VILLAGE_AT)]
        )
    ]  # fmt: skip
    Incident.objects.filter(pk=rows[1].pk).update(due_at=clocks.now() - dt.timedelta(seconds=80))
    do.cancel_incident(post.town.dispatcher, rows[6].pk, reason="已自行解决")
    return post, rows


def ids(rows):
    return [row.id for row in rows]


def test_the_queue_runs_by_grade_then_by_waiting_time(busy):
    post, rows = busy
    assert [rows.index(Incident.objects.get(pk=i)) for i in ids(ask.open_incidents(post.town.dispatcher))] == [
        4,
        1,
        7,
        0,
        2,
        5,
        3,
    ]


@pytest.mark.parametrize(
    "given",
    [{}, {"kind": "traffic"}, {"kind": "traffic,noise", "grade": "3,4"}, {"late": "1"}, {"late": "0"}, {"state": "CANCELLED"},
     {"q": "第5件"}, {"state": "RECEIVED,CANCELLED", "kind": "theft"}],
)  # fmt: skip
def test_list_count_map_and_export_are_the_same_set(busy, given):
    """Defects 4 and 5 of other systems: wall and desk out of step; export ignored the filters on screen."""
    post, _rows = busy
    wanted, actor = BoardFilter.parse(given), post.town.dispatcher
    listed = ids(ask.open_incidents(actor, wanted))
    assert listed
    assert ask.incident_count(actor, wanted) == len(listed)
    assert ids(ask.export_rows(actor, wanted)) == listed
    assert sorted(point[0] for point in ask.map_box(actor, wanted, **TOWN_BOX).points) == sorted(listed)
    assert BoardFilter.parse(wanted.as_query()) == wanted


def test_a_kind_corrected_by_hand_stays_in_its_filter(busy):
    """Defect 6 of other systems: a filter dropped a matter whose category was corrected by hand."""
    post, rows = busy
    do.grade_incident(post.town.dispatcher, rows[3].pk, grade=4, kind="dispute")
    assert rows[3].pk in ids(ask.open_incidents(post.town.dispatcher, BoardFilter(kinds=("dispute",))))
    assert rows[3].pk not in ids(ask.open_incidents(post.town.dispatcher, BoardFilter(kinds=("noise",))))


@pytest.mark.parametrize(
    "given",
    [{"state": "NOPE"}, {"kind": "x"}, {"grade": "9"}, {"cell": "1;DROP"}, {"cell": "9" * 30}, {"late": "maybe"}],
)
def test_a_filter_that_makes_no_sense_is_refused_by_name(given):
    with pytest.raises(Invalid) as refused:
        BoardFilter.parse(given)
    assert set(refused.value.fields) == set(given)


def test_cell_filter_and_box_agree(busy):
    post, _rows = busy
    wanted = BoardFilter(cell_ids=(post.town.cells["SJ-002"].pk,))
    listed = ids(ask.open_incidents(post.town.dispatcher, wanted))
    inside = ask.map_box(post.town.dispatcher, BoardFilter(), west=121.48, south=31.23, east=121.49, north=31.24)
    assert sorted(point[0] for point in inside.points) == sorted(listed)


@pytest.mark.parametrize(
    ("size", "lengths"), [(3, [3, 3, 1, 0, 0]), (2, [2, 2, 2, 1, 0, 0]), (7, [7, 0]), (1, [1] * 7)]
)
def test_pages_follow_one_another_without_overlap(busy, size, lengths):
    """Those of the second half are reached from the end."""
    post, _rows = busy
    pages = [ask.board_page(post.town.dispatcher, BoardFilter(), page=n + 1, size=size) for n in range(len(lengths))]
    assert [len(rows) for _total, rows in pages] == lengths and {total for total, _rows in pages} == {7}
    assert [i for _total, rows in pages for i in ids(rows)] == ids(ask.open_incidents(post.town.dispatcher))


def test_too_many_points_become_counts_that_add_up(busy, monkeypatch):
    post, _rows = busy
    monkeypatch.setattr(board, "MOST_POINTS", 3)
    picture = ask.map_box(post.town.dispatcher, BoardFilter(), **TOWN_BOX)
    assert picture.points == ()
    assert picture.total == sum(group[1] for group in picture.groups) == 7
    assert min(group[2] for group in picture.groups) == 1
    assert sum(group[3] for group in picture.groups) == 1


def test_h3_groups_are_the_true_parents(busy):
    post, rows = busy
    for resolution in (7, 8, 9, 10):
        groups = board._groups(board.chosen(post.town.dispatcher, BoardFilter(kinds=("fire",))), resolution)
        assert groups[0][0] == h3.latlng_to_cell(rows[4].lat, rows[4].lon, resolution)


def test_clocks_say_lateness(busy):
    post, rows = busy
    row = next(row for row in ask.open_incidents(post.town.dispatcher) if row.id == rows[1].pk)
    assert row.is_late
    assert row.clock_words == "派警已超时 1 分 20 秒"
    other = next(row for row in ask.open_incidents(post.town.dispatcher) if row.id == rows[0].pk)
    assert not other.is_late
    assert other.clock_words.startswith("派警还剩")
    assert other.needs_unit


def test_what_is_shown_is_what_is_stored(busy):
    """Defect 2 of other systems: severity shown differed from severity stored."""
    post, _rows = busy
    for row in ask.open_incidents(post.town.dispatcher):
        stored = Incident.objects.get(pk=row.id)
        assert (row.grade, row.kind, row.state, row.lon) == (stored.grade, stored.kind, stored.state, stored.lon)


def test_an_officer_sees_own_cells_masked_and_own_orders_whole(busy):
    post, rows = busy
    officer = post.town.market_officer
    (row,) = ask.open_incidents(officer)
    assert (row.id, row.masked, row.summary, row.contact_id) == (rows[0].pk, True, "", None)
    crew = post.crew("P-01")
    assert ask.open_incidents(crew) == []
    do.assign_unit(post.town.dispatcher, rows[4].pk, post.units["P-01"].pk)
    (row,) = ask.open_incidents(crew)
    assert (row.id, row.masked, row.summary) == (rows[4].pk, False, "第4件")
    (order,) = ask.my_orders(crew)
    assert order.incident.id == rows[4].pk
    assert [code for code, _words in order.steps] == ["ack", "go", "scene", "decline", "recall"]


def test_a_closed_incident_leaves_the_crew_but_not_the_commander(busy):
    post, rows = busy
    do.assign_unit(post.town.dispatcher, rows[0].pk, post.units["P-01"].pk)
    crew = post.crew("P-01")
    assert ask.incident_detail(crew, rows[0].pk).row.summary
    do.cancel_incident(post.town.dispatcher, rows[0].pk, reason="误报")
    with pytest.raises(NotFound):
        ask.incident_detail(crew, rows[0].pk)
    assert ask.incident_detail(post.town.commander, rows[0].pk)
    assert ask.incident_detail(post.town.dispatcher, rows[0].pk), "the dispatcher who handled it still may"
    stranger = post.town.newcomer(Role.DISPATCHER)
    with pytest.raises(NotFound):
        ask.incident_detail(stranger, rows[0].pk)


def test_unit_status_is_derived(post):
    def status():
        return {unit.call_sign: unit.status for unit in ask.units_now(post.town.dispatcher)}

    assert status() == {"P-01": "FREE", "P-02": "FREE", "PTU-1": "FREE"}
    order = do.assign_unit(post.town.dispatcher, post.incident().pk, post.units["P-01"].pk)
    assert status()["P-01"] == "ASSIGNED"
    do.en_route_assignment(post.crew("P-01"), order.pk)
    assert status()["P-01"] == "EN_ROUTE"
    do.end_shift(post.town.commander, Shift.objects.get(unit=post.units["P-02"]).pk)
    assert status()["P-02"] == "OFF_DUTY"
    assert [unit.call_sign for unit in ask.units_now(post.crew("P-01"))] == ["P-01"]
    assert ask.units_now(post.town.mediator) == []


def test_call_signs_are_found_however_they_are_typed(post):
    for words in ("PTU-1", "ptu1", "Ptu 1"):
        assert ask.unit_by_call_sign(post.town.dispatcher, words).call_sign == "PTU-1"
    assert ask.unit_by_call_sign(post.town.dispatcher, "PTU-9") is None


def test_numbers_jump(busy):
    post, rows = busy
    assert ask.incident_by_number(post.town.dispatcher, rows[0].number).id == rows[0].pk
    assert ask.incident_by_number(post.town.mediator, rows[0].number) is None
    assert ask.incident_by_number(post.town.dispatcher, 10**30) is None


def test_the_snapshot_carries_on_duty_units(post):
    assert [entry[0] for entry in ask.position_snapshot()] == sorted(unit.pk for unit in post.units.values())
    Shift.objects.filter(unit=post.units["P-01"]).update(ends_at=clocks.now())
    assert post.units["P-01"].pk not in [entry[0] for entry in ask.position_snapshot()]


@pytest.mark.parametrize(
    ("most", "read"),
    [
        (4, lambda actor, _id: ask.open_incidents(actor)),
        (2, lambda actor, _id: ask.incident_count(actor)),
        (3, lambda actor, _id: ask.map_box(actor, BoardFilter(), **TOWN_BOX)),
        (10, lambda actor, incident_id: ask.incident_detail(actor, incident_id)),
        (2, lambda actor, _id: ask.units_now(actor)),
    ],
)
@pytest.mark.parametrize("who", ["dispatcher", "market_officer"])
def test_reads_keep_to_their_statements(busy, most, read, who):
    post, rows = busy
    do.assign_unit(post.town.dispatcher, rows[0].pk, post.units["P-01"].pk)
    actor: Actor = getattr(post.town, who)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        read(actor, rows[0].pk)
    assert len(seen) <= most, [query["sql"][:90] for query in seen]


def test_a_state_change_keeps_to_sixteen_statements(post):
    order = do.assign_unit(post.town.dispatcher, post.incident().pk, post.units["P-01"].pk)
    with CaptureQueriesContext(connection) as seen:
        do.arrive_assignment(post.crew("P-01"), order.pk)
    assert len(seen) <= 16, [query["sql"][:90] for query in seen]


def test_rows_carry_no_open_querysets(busy):
    post, _rows = busy
    row = ask.open_incidents(post.town.dispatcher)[0]
    assert all(not hasattr(getattr(row, field.name), "_iterable_class") for field in fields(row))
