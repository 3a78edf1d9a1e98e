"""The reporter follows with number and code, and nobody else."""

from __future__ import annotations

import datetime as dt

import pytest

from jiean.intake import tracking
from jiean.intake.commands import (
    add_supplement,
    answer_report,
    close_report,
    forget_contacts,
    rate_report,
    reject_report,
    reopen_report,
)
from jiean.intake.models import Outcome, Report
from jiean.kernel import clocks
from jiean.kernel.errors import Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.pictures import redraw
from jiean.vault.models import MatterKey, SealedRecord
from tests.intake.scenes import PUBLIC, picture, reported, with_contact
from tests.town import SYSTEM, Town


def again(report: Report) -> Report:
    report.refresh_from_db()
    return report


def answered(town: Town) -> tuple[Report, str]:
    report = reported()
    answer_report(town.dispatcher, report.pk, outcome=Outcome.HANDLED, answer="已劝离")
    return report, tracking.code_of(report.number)


def test_a_sentence_is_added_with_the_code_only(town: Town) -> None:
    report = reported()
    code = tracking.code_of(report.number)
    add_supplement(PUBLIC, report.pk, text="他们还没走", code=code)
    add_supplement(PUBLIC, report.pk, photos=[redraw(picture())], code=code)
    assert report.supplements.get().by_reporter and report.photos.count() == 1
    for wrong in ("", "AAAAAAAA", tracking.code_of(reported().number)):
        with pytest.raises(NotFound):
            add_supplement(PUBLIC, report.pk, text="我也来写", code=wrong)
    with pytest.raises(NotFound):
        add_supplement(town.mediator, report.pk, text="我也来写", code=code)
    with pytest.raises(Invalid):
        add_supplement(PUBLIC, report.pk, text=" ", code=code)


def test_supplements_end_somewhere(town: Town) -> None:
    report = reported()
    code = tracking.code_of(report.number)
    for number in range(20):
        add_supplement(PUBLIC, report.pk, text=f"{number}", code=code)
    with pytest.raises(Invalid):
        add_supplement(PUBLIC, report.pk, text="还有", code=code)


def test_a_satisfied_reporter_closes_it(town: Town) -> None:
    report, code = answered(town)
    rate_report(PUBLIC, report.pk, satisfied=True, code=code)
    assert (again(report).state, report.satisfied) == ("CLOSED", True)


def test_an_unsatisfied_one_says_why_and_it_stays(town: Town) -> None:
    report, code = answered(town)
    with pytest.raises(Invalid):
        rate_report(PUBLIC, report.pk, satisfied=False, code=code)
    rate_report(PUBLIC, report.pk, satisfied=False, words="又来了", code=code)
    assert (again(report).state, report.satisfied, report.satisfaction_note) == ("ANSWERED", False, "又来了")
    unanswered = reported()
    with pytest.raises(IllegalMove):
        rate_report(PUBLIC, unanswered.pk, satisfied=True, code=tracking.code_of(unanswered.number))


def test_reopened_with_a_counter_and_it_stays_open(town: Town) -> None:
    report, code = answered(town)
    close_report(town.dispatcher, report.pk)
    with pytest.raises(Invalid):
        reopen_report(PUBLIC, report.pk, reason="", code=code)
    reopen_report(PUBLIC, report.pk, reason="又堵上了", code=code)
    assert (again(report).state, report.reopened_count, report.satisfied, report.outcome) == ("NEW", 1, None, "")
    assert report.due_at is not None
    with pytest.raises(IllegalMove):
        reopen_report(PUBLIC, report.pk, reason="再来", code=code)


def test_a_rejected_report_can_be_asked_about_again(town: Town) -> None:
    report = reported()
    reject_report(town.dispatcher, report.pk, reason="不属于辖区")
    code = tracking.code_of(report.number)
    with pytest.raises(IllegalMove):
        add_supplement(PUBLIC, report.pk, text="补充", code=code)
    reopen_report(PUBLIC, report.pk, reason="属于的", code=code)
    assert again(report).state == "NEW"


def test_contacts_are_forgotten_a_year_after_the_end(town: Town) -> None:
    old, young, open_ = with_contact(), with_contact(), with_contact()
    for report in (old, young):
        reject_report(town.dispatcher, report.pk, reason="不在辖区")
    Report.objects.filter(pk__in=(old.pk, open_.pk)).update(updated_at=clocks.now() - dt.timedelta(days=366))
    assert forget_contacts(SYSTEM) == 1
    assert again(old).contact_id is None and again(young).contact_id and again(open_).contact_id
    assert SealedRecord.objects.filter(matter_id=old.pk).count() == 0
    assert MatterKey.objects.filter(matter_id=old.pk).count() == 0
    with pytest.raises(Forbidden):
        forget_contacts(town.commander)
