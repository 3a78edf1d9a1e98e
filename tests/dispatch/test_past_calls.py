"""Past calls: every row taken in, oddities flagged and counted, nothing doubled."""

from __future__ import annotations

import csv
import gzip
import io

import pytest

from jiean.dispatch.commands import take_past_calls
from jiean.dispatch.imports import read_calls
from jiean.dispatch.models import Assignment, Incident, Unit
from jiean.dispatch.queries import BoardFilter, incident_count, incident_detail
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
COLUMNS = ("Call Number", "Unit ID", "Call Type", "Received DtTm", "Dispatch DtTm", "Response DtTm", "On Scene DtTm",
           "Available DtTm", "Address", "Final Priority", "Unit Type", "lat", "lon")  # fmt: skip
DAY = "2009-01-10T"


def row(call="90100225", unit="E21", received="14:36:01", sent="14:37:22", gone="14:38:32", there="14:41:11", free="14:41:55",
        place=("37.775", "-122.444")):  # fmt: skip
    times = [DAY + moment if moment else "" for moment in (received, sent, gone, there, free)]
    return dict(zip(COLUMNS, [call, unit, "Outside Fire", *times, "GROVE ST", "3", "ENGINE", *place], strict=True))


def table(
    tmp_path,
    *rows,
    columns=COLUMNS,
):
    file = tmp_path / "calls.csv.gz"
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    file.write_bytes(gzip.compress(lines.getvalue().encode()))
    return file


@pytest.fixture
def dirty(tmp_path):
    return table(
        tmp_path,
        row(),
        row(unit="T05", there="", free="14:40:00"),
        row(call="2", there="14:37:00"),
        row(call="3", received="", sent="", gone="", there="", free="", place=("", "")),
    )


def test_every_row_is_taken_in_and_what_is_odd_is_counted(dirty):
    plan = read_calls(dirty)
    assert (plan.rows, len(plan.calls)) == (4, 3)
    assert plan.flaws["backward_on_scene"] == 1
    assert plan.flaws["missing_on_scene"] == 2
    assert plan.flaws["missing_received"] == 1
    assert plan.flaws["missing_place"] == 1
    taken = take_past_calls(SYSTEM, plan)
    assert (taken.incidents, taken.orders, taken.units) == (3, 4, 2)
    assert Incident.objects.count() == 3
    assert Assignment.objects.count() == 4


def test_times_are_local_to_the_record_and_stay_as_they_were(dirty):
    take_past_calls(SYSTEM, read_calls(dirty))
    call = Incident.objects.get(number=90100225)
    assert call.received_at.isoformat() == "2009-01-10T22:36:01+00:00"
    assert (call.first_arrival_at - call.received_at).total_seconds() == 310
    backward = Assignment.objects.get(incident__number=2)
    assert backward.on_scene_at < backward.en_route_at
    assert Incident.objects.get(number=2).flaws == ["backward_on_scene"]


def test_a_unit_never_on_scene_was_called_back(dirty):
    take_past_calls(SYSTEM, read_calls(dirty))
    order = Assignment.objects.get(unit__call_sign="T05")
    assert (order.state, order.on_scene_at, order.cleared_at) == ("RECALLED", None, None)
    assert not order.is_open


def test_a_second_import_changes_nothing(dirty):
    take_past_calls(SYSTEM, read_calls(dirty))
    again = take_past_calls(SYSTEM, read_calls(dirty))
    assert (again.incidents, again.known) == (0, 3)
    assert Unit.objects.count() == 2


def test_flawed_calls_are_shown_on_the_board_with_their_flaws(dirty, post):
    take_past_calls(SYSTEM, read_calls(dirty))
    assert incident_count(post.town.commander, BoardFilter(states=("ARCHIVED",))) == 3
    flawed = Incident.objects.get(number=2)
    detail = incident_detail(post.town.commander, flawed.pk)
    assert detail.row.flaws == ("backward_on_scene",)
    assert len(detail.orders) == 1


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"\x1f\x8b broken"])
def test_a_file_that_is_no_such_table_is_refused(tmp_path, content):
    for name in ("calls.csv", "calls.csv.gz"):
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(Invalid):
            read_calls(file)


def test_without_any_place_nothing_is_written(tmp_path):
    plan = read_calls(table(tmp_path, row(place=("", ""))))
    with pytest.raises(Invalid):
        take_past_calls(SYSTEM, plan)
    assert not Incident.objects.exists()


def test_only_the_system_imports(dirty, post):
    with pytest.raises(Forbidden):
        take_past_calls(post.town.commander, read_calls(dirty))
