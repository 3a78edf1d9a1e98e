"""New rows the quick way, and changes put off to a deed's last statement."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from jiean.intake.models import Kind, Report, Urgency
from jiean.kernel import clocks
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.kernel.command import command, write_last
from jiean.kernel.models import Transition
from jiean.kernel.rows import insert, stored
from jiean.vault.models import MatterKey, SealedRecord
from tests.house.test_command import DISPATCHER, Can

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 1, 8, 30, 0, 123456, tzinfo=dt.UTC)


def _report(number: str, **more: Any) -> Report:
    given = {
        "text": "楼上漏水",
        "kind": Kind.HAZARD,
        "urgency": Urgency.SOON,
        "channel": "web",
        "received_at": AT,
        "due_at": AT,
    }
    return Report(number=number, **(given | more))


def _key(number: str) -> MatterKey:
    return MatterKey(matter_kind="report", matter_id=int(number[-1]), key_id="k1", wrapped=b"\0\xff")


@pytest.mark.parametrize(
    "make",
    [
        _report,
        lambda number: _report(number, kind="hazard", urgency=True, lon=121.4, lat=31, hexagon=2**60, red_flag=1),
        lambda number: _report(number, advice={"字": [1.5, None]}, satisfied=False, device_at=AT, contact_id=7),
        _key,
    ],
)
def test_a_row_put_in_quickly_is_the_row_saving_makes(make: Any) -> None:
    quick, slow = make("B26-000001"), make("B26-000002")
    insert([quick])
    slow.save(force_insert=True)
    assert _told(quick) == _told(slow)


def _told(row: models.Model) -> dict[str, Any]:
    """What the database holds, without what must differ between two rows."""
    own = {"id", "number", "matter_id", "created_at", "updated_at"}
    found = type(row)._default_manager.filter(pk=row.pk).values().get()
    return {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in found.items()
        if name not in own
    }


def test_rows_of_one_call_need_not_have_the_same_columns() -> None:
    rows = [_report("B26-000001", lon=121.4, lat=31.2), _report("B26-000002", satisfied=True)]
    insert(rows)
    assert [list(Report.objects.filter(pk=row.pk).values_list("lon", "satisfied").get()) for row in rows] == [
        [121.4, None],
        [None, True],
    ]


def test_what_the_column_cannot_hold_is_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([_report("B26-000001", text=None)])
    assert not Report.objects.exists()


def test_arrays_and_bytes_go_in() -> None:
    key = _key("B26-000001")
    insert([key])
    insert([SealedRecord(matter_key=key, kind="reporter", matter_kind="report", matter_id=1, nonce=b"n", ciphertext=b"c",
                         masked={"name": "张*"}, digests=["d" * 43])])  # fmt: skip
    assert SealedRecord.objects.get().digests == ["d" * 43]


def _line(row_id: int) -> Transition:
    return Transition(pk=row_id, kind="sample", subject_id=1, to_state="x", at=clocks.now(), role="d2", account_id=2)


@command
def put_off(actor: Actor, row_id: int) -> Transition:
    allow(Can.WRITE, actor)
    row = _line(row_id)
    write_last({"line": stored(row)})
    return row


@command
def put_off_twice(actor: Actor) -> list[int]:
    return [Transition.objects.filter(pk=put_off(actor, row_id).pk).count() for row_id in (11, 12)]


def test_what_is_put_off_is_in_the_last_statement() -> None:
    with CaptureQueriesContext(connection) as statements:
        put_off(DISPATCHER, 11)
    (only,) = [one["sql"] for one in statements if "INSERT" in one["sql"]]
    assert "kernel_transition" in only and "kernel_auditentry" in only
    assert Transition.objects.get().pk == 11


def test_an_inner_deed_leaves_nothing_put_off() -> None:
    assert put_off_twice(DISPATCHER) == [1, 1]


def test_a_deed_that_fails_writes_nothing_it_put_off() -> None:
    put_off(DISPATCHER, 11)
    with pytest.raises(IntegrityError), transaction.atomic():
        put_off(DISPATCHER, 11)
    assert Transition.objects.count() == 1


def test_only_a_deed_may_put_off() -> None:
    with pytest.raises(RuntimeError):
        write_last({"line": stored(_line(11))})
