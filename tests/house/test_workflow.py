"""Life cycles: only the table's moves, each with its line of history."""

from __future__ import annotations

import pytest

from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import IllegalMove
from jiean.kernel.models import Deadline
from jiean.kernel.workflow import note, timeline
from tests.house.sample import WORKFLOW, matter

pytestmark = pytest.mark.django_db
OFFICER = Actor(Role.OFFICER, account_id=5)


def test_a_legal_move_is_saved_and_told_in_the_history() -> None:
    row = matter()
    WORKFLOW.move(row, Deadline.State.SUSPENDED, by=OFFICER, reason="等材料")
    row.refresh_from_db()
    line = timeline(row)[0]
    assert row.state == Deadline.State.SUSPENDED
    assert (line.from_state, line.to_state, line.account_id, line.role, line.reason) == (
        "running",
        "suspended",
        5,
        "OFC",
        "等材料",
    )


def test_a_move_outside_the_table_is_refused_and_changes_nothing() -> None:
    row = matter()
    WORKFLOW.move(row, Deadline.State.SUSPENDED, by=OFFICER)
    with pytest.raises(IllegalMove) as refused:
        WORKFLOW.move(row, Deadline.State.STOPPED, by=OFFICER)
    assert str(refused.value.message) == "先恢复，再结束。"
    row.refresh_from_db()
    assert row.state == Deadline.State.SUSPENDED
    assert len(timeline(row)) == 1


def test_a_final_state_moves_nowhere_and_says_both_names() -> None:
    row = matter()
    WORKFLOW.move(row, Deadline.State.STOPPED, by=OFFICER)
    assert WORKFLOW.next_states(row) == frozenset()
    with pytest.raises(IllegalMove, match="illegal_move") as refused:
        WORKFLOW.move(row, Deadline.State.RUNNING, by=OFFICER)
    assert "已结束" in str(refused.value.message)
    assert "计时中" in str(refused.value.message)


def test_a_note_adds_a_line_without_a_move() -> None:
    row = matter()
    note(row, by=OFFICER, code="called_back", detail={"minutes": 3})
    line = timeline(row)[0]
    assert (line.from_state, line.to_state, line.code, line.detail) == ("", "running", "called_back", {"minutes": 3})
