"""A small matter for the kernel's tests, over the kernel's own Deadline table: it has a state field and a key."""

from __future__ import annotations

import datetime as dt

from jiean.kernel import clocks
from jiean.kernel.models import Deadline
from jiean.kernel.workflow import Workflow

WORKFLOW = Workflow(
    {
        Deadline.State.RUNNING: {Deadline.State.SUSPENDED, Deadline.State.STOPPED},
        Deadline.State.SUSPENDED: {Deadline.State.RUNNING},
    },
    why={(Deadline.State.SUSPENDED, Deadline.State.STOPPED): "先恢复，再结束。"},
)


def matter(subject_id: int = 7) -> Deadline:
    """A row with a state; its own due time is of no account."""
    at = clocks.now()
    return Deadline.objects.create(
        kind="sample.matter", subject_id=subject_id, code="c", name="n", amount=1, unit="days", source="s",
        started_at=at, due_at=at + dt.timedelta(days=1),
    )  # fmt: skip
