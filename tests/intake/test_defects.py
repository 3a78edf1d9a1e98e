"""Defects seen in other systems, each tried on intake. The whole list, and where each is tried: docs/defects.md."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiean.intake.commands import answer_referral, refer_report
from jiean.intake.models import Referral, Report
from jiean.intake.queries import Filter, queue
from jiean.intake.rules import REPLY
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from tests.intake.scenes import body, reported
from tests.town import Town


def test_a_list_costs_the_same_however_many_cells_one_answers_for(town: Town) -> None:
    """Defect 9: lists grow slow as permissions grow."""
    for lon in (121.475, 121.485, 121.495):
        reported(at=(lon, 31.235))
    costs = []
    for codes in (("SJ-001",), ("SJ-001", "SJ-002", "SJ-003")):
        officer = town.newcomer(Role.OFFICER, *codes)
        with CaptureQueriesContext(connection) as statements:
            found = queue(officer, Filter())
        assert found.total == len(codes)
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_the_answer_is_due_after_working_days(town: Town) -> None:
    """Defect 12: deadlines that ignore holidays. Five working days from 30 September 2026 end after the holiday week."""
    accepted = dt.datetime(2026, 9, 30, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    last_moment = REPLY.due(accepted) - dt.timedelta(seconds=1)
    due = clocks.local(last_moment).date()
    assert due == dt.date(2026, 10, 13)  # 8, 9, the worked Saturday 10, 12, 13
    assert due != (accepted + dt.timedelta(days=5)).date()


def test_a_report_goes_on_past_the_first_guess(town: Town) -> None:
    """Defect 15: reports unable to be sent on when the owner is not the first guess."""
    report = reported()
    for code in ("labour", "court"):
        report.refresh_from_db()
        sent = refer_report(town.dispatcher, report.pk, body(code).pk, reason="请看是不是归你们")
        if code == "labour":
            answer_referral(town.dispatcher, sent.pk, state=Referral.State.REFUSED, reply="不归我们")
            report.refresh_from_db()
            assert report.state == Report.State.NEW  # back on the sender's desk, visibly, its clock still running
            assert [row.id for row in queue(town.dispatcher, Filter()).rows] == [report.pk]
    answer_referral(town.dispatcher, sent.pk, state=Referral.State.ACCEPTED, reply="")
    answer_referral(town.dispatcher, sent.pk, state=Referral.State.DONE, reply="已经处理")
    report.refresh_from_db()
    assert (report.state, report.answer) == (Report.State.ANSWERED, "已经处理")
