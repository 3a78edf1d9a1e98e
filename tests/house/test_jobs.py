"""Jobs stand and fall with the deed that enqueued them; spent rows are forgotten, fresh ones kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

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
