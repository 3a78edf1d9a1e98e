"""Jobs stand and fall with the deed that enqueued them; spent rows are forgotten, fresh ones kept."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection, transaction
from procrastinate import sql
from procrastinate.contrib.django.models import ProcrastinateJob

from jiean.intake.reactions import drain_journal
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.events import react
from jiean.kernel.housekeeping import KEEP, forget_spent_rows
from jiean.kernel.jobs import defer
from jiean.kernel.models import Event, EventReaction, IdempotencyKey
from tests.house.test_command import write_note
from tests.worker import run_jobs

DISPATCHER = Actor(Role.DISPATCHER, account_id=1)


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_deed_taken_back_never_was() -> None:
    before = ProcrastinateJob.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        defer(react, in_seconds=30, event_id=1, name="x", reaction="y")
        assert ProcrastinateJob.objects.count() == before + 1
        raise ZeroDivisionError
    assert ProcrastinateJob.objects.count() == before


@pytest.mark.django_db
def test_a_timer_waits_for_its_time() -> None:
    defer(react, in_seconds=30, event_id=1, name="x", reaction="y")
    job = ProcrastinateJob.objects.latest("id")
    assert job.scheduled_at is not None
    assert dt.timedelta(seconds=25) < job.scheduled_at - dt.datetime.now(dt.UTC) <= dt.timedelta(seconds=30)
    assert run_jobs() == 0


@pytest.mark.django_db
def test_what_has_its_time_goes_before_a_flood_of_what_only_follows() -> None:
    """In the order a worker takes them; the periodic deferrer enqueues as ``configure`` does."""
    for number in range(3):
        defer(react, event_id=number, name="x", reaction="y")
    defer(react, in_seconds=-1, event_id=99, name="x", reaction="y")
    drain_journal.configure().defer(timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute(sql.queries["register_worker"])
        worker_id = cursor.fetchone()[0]
        taken = []
        for _job in range(5):
            cursor.execute(sql.queries["fetch_job"], {"queues": None, "worker_id": worker_id})
            row = dict(zip([one.name for one in cursor.description], cursor.fetchone(), strict=True))
            taken.append((row["task_name"], json.loads(row["args"]).get("event_id")))
    assert taken[:2] == [("kernel.react", 99), ("intake.drain_journal", None)]
    assert [event for _name, event in taken[2:]] == [0, 1, 2]


@pytest.mark.django_db
def test_old_keys_and_events_are_forgotten_and_fresh_ones_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    write_note.keyed("old")(DISPATCHER, words="a")
    run_jobs()
    later = clocks.now() + KEEP + dt.timedelta(hours=1)
    monkeypatch.setattr(clocks, "now", lambda: later)
    Event.objects.create(name="x", subject_id=2, at=later)
    IdempotencyKey.objects.create(scope="s", key="new", body_hash="h", at=later)
    forget_spent_rows()
    assert list(Event.objects.values_list("subject_id", flat=True)) == [2]
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
    assert not EventReaction.objects.exists()
