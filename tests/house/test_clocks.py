"""One calendar: moved working days, shift days across midnight, due times frozen with their rule."""

from __future__ import annotations

import datetime as dt

import pytest

from jiean.kernel import clocks
from jiean.kernel.clocks import Rule, Unit
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.models import Deadline
from tests.house.sample import matter

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def local(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-10-01", False),  # National Day, a Thursday
        ("2026-10-10", True),  # a Saturday worked for it
        ("2026-10-11", False),  # a plain Sunday
        ("2026-10-12", True),
        ("2030-06-01", False),  # no notice yet: a Saturday rests
        ("2030-06-03", True),
    ],
)
def test_working_days_follow_the_notice(day: str, works: bool) -> None:
    assert clocks.is_working_day(dt.date.fromisoformat(day)) is works


def test_three_working_days_over_the_national_holiday() -> None:
    """Defect 12 of other systems: deadlines that ignore holidays."""
    # 30 September 2026 is a Wednesday; work begins again on Thursday 8 October, and Saturday the 10th is worked
    assert clocks.add_working_days(dt.date(2026, 9, 30), 3) == dt.date(2026, 10, 10)


@pytest.mark.parametrize(("hour", "day"), [(7, 20), (8, 21), (23, 21)])
def test_a_shift_day_crosses_midnight(hour: int, day: int) -> None:
    assert clocks.shift_day(local(2026, 11, 21, hour, 30)) == dt.date(2026, 11, day)


def test_night_is_from_ten_to_six() -> None:
    shown = [hour for hour in range(24) if clocks.is_night(local(2026, 11, 21, hour))]
    assert shown == [0, 1, 2, 3, 4, 5, 22, 23]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        (Rule("a", 300, Unit.SECONDS, "n", "s"), local(2026, 1, 31, 10, 5)),
        (Rule("a", 24, Unit.HOURS, "n", "s"), local(2026, 2, 1, 10)),
        (Rule("a", 3, Unit.DAYS, "n", "s"), local(2026, 2, 4)),  # the end of 3 February
        (Rule("a", 1, Unit.MONTHS, "n", "s"), local(2026, 3, 1)),  # the end of 28 February
    ],
)
def test_due_times(rule: Rule, due: dt.datetime) -> None:
    assert rule.due(local(2026, 1, 31, 10)) == due


@pytest.mark.django_db
class TestDeadlines:
    rule = Rule("callback", 3, Unit.WORKING_DAYS, "回访", "内部规定第 1 条")

    def test_the_rule_is_frozen_with_the_due_time(self) -> None:
        deadline = clocks.start_clock(matter(), self.rule, at=local(2026, 9, 30, 9))
        assert (deadline.amount, deadline.unit, deadline.source) == (3, "working_days", "内部规定第 1 条")
        assert deadline.due_at == local(2026, 10, 11)

    def test_it_runs_once(self) -> None:
        row = matter()
        clocks.start_clock(row, self.rule)
        with pytest.raises(IllegalMove):
            clocks.start_clock(row, self.rule)

    def test_holding_it_moves_the_due_time_by_as_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        row = matter()
        due = clocks.start_clock(row, self.rule).due_at
        start = clocks.now()
        monkeypatch.setattr(clocks, "now", lambda: start)
        clocks.suspend_clock(row, "callback", reason="当事人住院")
        monkeypatch.setattr(clocks, "now", lambda: start + dt.timedelta(days=5))
        deadline = clocks.resume_clock(row, "callback", reason="出院")
        assert deadline.due_at == due + dt.timedelta(days=5)
        assert [line["what"] for line in deadline.history] == ["suspended", "resumed"]

    def test_every_change_wants_a_reason(self) -> None:
        row = matter()
        clocks.start_clock(row, self.rule)
        with pytest.raises(Invalid):
            clocks.suspend_clock(row, "callback", reason=" ")

    def test_it_can_only_be_put_off(self) -> None:
        row = matter()
        due = clocks.start_clock(row, self.rule).due_at
        with pytest.raises(Invalid):
            clocks.extend_clock(row, "callback", due_at=due - dt.timedelta(hours=1), reason="r")
        later = due + dt.timedelta(days=2)
        assert clocks.extend_clock(row, "callback", due_at=later, reason="r").due_at == later

    def test_once_stopped_it_may_start_again(self) -> None:
        row = matter()
        clocks.start_clock(row, self.rule)
        stopped = clocks.stop_clock(row, "callback")
        assert stopped is not None
        assert stopped.state == Deadline.State.STOPPED
        clocks.start_clock(row, self.rule)
        assert len(clocks.deadlines_of(row)) == 2
