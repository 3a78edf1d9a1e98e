"""Runs waiting jobs in the test's own transaction, as the worker would after commit."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

MOST_ROUNDS = 20


def run_jobs(*, also_scheduled: bool = False) -> int:
    """Run every waiting job, and the jobs those leave behind; return how many ran. Timers wait unless ``also_scheduled``."""
    ran = 0
    for _round in range(MOST_ROUNDS):
        waiting = ProcrastinateJob.objects.filter(status="todo").order_by("id")
        if not also_scheduled:
            waiting = waiting.filter(scheduled_at=None)
        batch = list(waiting)
        if not batch:
            return ran
        for job in batch:
            _set_status(job.pk, "doing")
            app.tasks[job.task_name].func(**job.args)
            _set_status(job.pk, "succeeded")
            ran += 1
    raise AssertionError(f"jobs still follow jobs after {MOST_ROUNDS} rounds")


def _set_status(pk: int, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, pk])
