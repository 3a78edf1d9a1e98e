"""The outbox: read in commit order, with nothing skipped, and gone with a deed that is taken back."""

from __future__ import annotations

import psycopg
import pytest
from django.db import transaction

from jiean.kernel.actor import Actor, Role
from jiean.kernel.events import ALL, CELL, LATEST, NAMED, Cursor, News, announce, read_after
from jiean.kernel.live import conninfo
from jiean.kernel.models import Event as EventRow
from tests.house.test_command import NoteWritten
from tests.patience import eventually

START = Cursor(0, 0)
INSERT = "INSERT INTO kernel_event (name, subject_id, account_ids, data) VALUES (%s, %s, '[]', '{}') RETURNING id"


def both() -> list[News]:
    """The two events, once no transaction on the server holds the reader back."""
    return eventually(lambda: seen if len(seen := read_after(START)) == 2 else [])


@pytest.mark.django_db(transaction=True)
def test_a_slow_transaction_holds_the_reader_back_and_loses_nothing() -> None:
    with psycopg.connect(conninfo()) as slow, psycopg.connect(conninfo()) as quick:
        first = slow.execute(INSERT, ["x", 1]).fetchone()
        second = quick.execute(INSERT, ["x", 2]).fetchone()
        assert first is not None
        assert second is not None
        assert first[0] < second[0]
        quick.commit()
        assert read_after(START) == []  # a reader by plain id would stand at 2 now and never see 1
        slow.commit()
        assert [item.subject_id for item in both()] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_ids_and_transactions_may_run_crosswise() -> None:
    with psycopg.connect(conninfo()) as early, psycopg.connect(conninfo()) as late:
        early.execute("SELECT pg_current_xact_id()")
        late.execute(INSERT, ["x", 10])
        early.execute(INSERT, ["x", 20])  # the older transaction writes the younger row
        late.commit()
        early.commit()
    seen = both()
    assert [item.subject_id for item in seen] == [20, 10]
    assert [item.subject_id for item in read_after(seen[0].cursor)] == [10]


@pytest.mark.django_db(transaction=True)
def test_transactions_are_ordered_as_numbers_not_as_words() -> None:
    with psycopg.connect(conninfo(), autocommit=True) as db:
        for txid in ("99", "100", "9"):
            db.execute(
                "INSERT INTO kernel_event (txid, name, subject_id, account_ids, data) VALUES (%s, 'x', %s, '[]', '{}')",
                [txid, int(txid)],
            )
        last = db.execute(LATEST).fetchone()
    assert [item.subject_id for item in read_after(START)] == [9, 99, 100]
    assert [item.subject_id for item in read_after(Cursor(99, 2**40))] == [100]
    assert last is not None
    assert last[0] == "100"


@pytest.mark.django_db(transaction=True)
def test_a_deed_taken_back_tells_nothing() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        announce(NoteWritten(1))
        raise ZeroDivisionError
    assert not EventRow.objects.exists()


@pytest.mark.parametrize("words", ["", "1", "1.", ".1", "a.b", "1.2.3", "-1.2", "９.9", "1" * 30 + ".1"])
def test_a_malformed_cursor_is_none(words: str) -> None:
    assert Cursor.parse(words) is None


def test_a_cursor_reads_what_it_writes() -> None:
    assert Cursor.parse(str(Cursor(12, 34))) == Cursor(12, 34)


def test_an_audience_is_judged_by_role_cell_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    audience = {Role.DISPATCHER: ALL, Role.OFFICER: CELL, Role.MEDIATOR: NAMED}
    monkeypatch.setattr(NoteWritten, "AUDIENCE", audience)
    item = News(START, "house.NoteWritten", 1, 4, frozenset({9}))
    assert item.reaches(Actor(Role.DISPATCHER, 1))
    assert item.reaches(Actor(Role.OFFICER, 2, cell_ids=frozenset({4})))
    assert not item.reaches(Actor(Role.OFFICER, 2, cell_ids=frozenset({5})))
    assert item.reaches(Actor(Role.MEDIATOR, 9))
    assert not item.reaches(Actor(Role.MEDIATOR, 8))
    assert not item.reaches(Actor(Role.ADMIN, 9))
