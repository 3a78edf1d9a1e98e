"""Work after the deed: jobs enqueued in the deed's own transaction, timers, and the periodic retry of stalled jobs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

RETRIES = RetryStrategy(max_attempts=6, exponential_wait=3)
STALLED_AFTER_S = 60
ON_TIME = 10
"""The priority of timers and of jobs put off to a moment. What only follows a deed has none: after a flood of reports it may be long
behind, and neither an order nobody signs nor the journal may wait for it."""

Job = Callable[..., Any]


def job(name: str, *, queue: str = "default") -> Callable[[Job], Task[..., Any, Any]]:
    """Register a function as a job named ``room.deed``. It may run late, twice and out of order, so it looks at the row as it is."""
    return app.task(name=name, queue=queue, retry=RETRIES)


def periodic(name: str, cron: str) -> Callable[[Job], Task[..., Any, Any]]:
    """Register a job the worker starts by the clock. The function takes no argument."""

    def register(function: Job) -> Task[..., Any, Any]:
        def run(timestamp: int) -> None:
            function()

        run.__doc__ = function.__doc__
        return app.periodic(cron=cron)(app.task(name=name, queue="timers", priority=ON_TIME)(run))

    return register


def defer(task: Task[..., Any, Any], *, in_seconds: float = 0, **arguments: Any) -> None:
    """Enqueue a job, now or later, in the transaction that is open: rolled back, it never was."""
    options: dict[str, Any] = {}
    if in_seconds:
        options |= {"schedule_at": dt.datetime.now(dt.UTC) + dt.timedelta(seconds=in_seconds), "priority": ON_TIME}
    task.configure(**options).defer(**arguments)


@app.periodic(cron="* * * * * */20")
@app.task(name="kernel.retry_stalled_jobs", queue="timers", pass_context=True, priority=ON_TIME)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Take up what a killed worker left unfinished."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        await manager.retry_job(stalled)
