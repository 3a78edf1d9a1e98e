"""A report taken on as an incident, and what comes back from dispatch."""

from __future__ import annotations

import pytest

from jiean.dispatch import commands as dispatch
from jiean.dispatch.models import Incident
from jiean.intake import tracking
from jiean.intake.commands import accept_as_incident, close_report, follow_incident, reopen_report
from jiean.intake.models import Kind, Report, Urgency
from jiean.kernel.errors import Conflict, IllegalMove, Invalid, NotFound
from jiean.kernel.models import Event
from tests.intake.scenes import PUBLIC, reported, with_contact
from tests.town import SYSTEM, Town
from tests.worker import run_jobs


def again(report: Report) -> Report:
    report.refresh_from_db()
    return report


def accepted(town: Town) -> tuple[Report, Incident]:
    report = accept_as_incident(town.dispatcher, with_contact().pk)
    return report, Incident.objects.get(pk=report.incident_id)


def test_a_report_becomes_an_incident_in_one_deed(town: Town) -> None:
    report, incident = accepted(town)
    assert (again(report).state, incident.report_id, incident.contact_id) == ("ACCEPTED", report.pk, report.contact_id)
    assert (incident.kind, incident.grade, incident.cell_id) == ("dispute", report.urgency, report.cell_id)
    assert Event.objects.filter(name="intake.ReportAccepted").exists()
    with pytest.raises(IllegalMove):
        accept_as_incident(town.dispatcher, report.pk)
    assert Incident.objects.count() == 1


def test_the_desk_may_say_otherwise_but_not_lower_an_alarm(town: Town) -> None:
    report = reported()
    accept_as_incident(town.dispatcher, report.pk, kind=Kind.TRAFFIC, urgency=Urgency.SOON)
    incident = Incident.objects.get(report_id=report.pk)
    assert (incident.kind, incident.grade) == ("traffic", 2)
    assert again(report).advice["kind"] == "dispute", "advice and choice are both kept"
    alarm = reported("救命，有人拿刀")
    with pytest.raises(Invalid):
        accept_as_incident(town.dispatcher, alarm.pk, urgency=Urgency.TODAY)
    with pytest.raises(Conflict):
        accept_as_incident(town.dispatcher, alarm.pk, version=9)


def test_without_a_pin_nobody_can_be_sent(town: Town) -> None:
    report = reported(at=None, place_words="桥边")
    with pytest.raises(Invalid) as refusal:
        accept_as_incident(town.dispatcher, report.pk)
    assert "place_words" in refusal.value.fields and again(report).state == "NEW"
    with pytest.raises(NotFound):
        accept_as_incident(town.market_officer, report.pk)


def ended(town: Town, incident: Incident, disposition: str) -> None:
    dispatch.grade_incident(town.dispatcher, incident.pk, grade=incident.grade)
    dispatch.clear_incident(town.dispatcher, incident.pk, disposition=disposition, outcome="内部说明")
    dispatch.feed_back(town.dispatcher, incident.pk, outcome="已现场处理")


@pytest.mark.parametrize(
    ("disposition", "outcome"),
    [
        ("settled_on_spot", "settled"),
        ("mediation", "mediation"),
        ("hazard_fixed", "mended"),
        ("not_found", "unfounded"),
        ("warned", "handled"),
    ],
)
def test_what_came_of_it_is_the_answer(town: Town, disposition: str, outcome: str) -> None:
    report, incident = accepted(town)
    ended(town, incident, disposition)
    assert again(report).state == "ACCEPTED", "news travels by the worker"
    run_jobs()
    assert (again(report).state, report.outcome, report.answer) == ("ANSWERED", outcome, "已现场处理")


def test_late_news_does_not_close_what_was_reopened(town: Town) -> None:
    report, incident = accepted(town)
    ended(town, incident, "warned")
    run_jobs()
    reopen_report(PUBLIC, report.pk, reason="又来了", code=tracking.code_of(report.number))
    follow_incident(SYSTEM, incident.pk)
    assert again(report).state == "NEW", "a reopened report did not close itself"
    accept_as_incident(town.dispatcher, report.pk)
    incident.refresh_from_db()
    assert incident.is_open and incident.reopened_count == 1 and again(report).incident_id == incident.pk
    run_jobs()
    assert again(report).state == "ACCEPTED"


def test_an_incident_the_police_reopen_opens_its_report(town: Town) -> None:
    report, incident = accepted(town)
    ended(town, incident, "warned")
    run_jobs()
    close_report(town.dispatcher, report.pk)
    dispatch.review_incident(town.commander, incident.pk)
    dispatch.archive_incident(town.commander, incident.pk)
    dispatch.reopen_incident(town.commander, incident.pk, reason="复查不合格")
    run_jobs()
    assert again(report).state == "ACCEPTED"


def test_a_merged_incident_takes_its_report_along(town: Town) -> None:
    report, incident = accepted(town)
    other, into = accepted(town)
    dispatch.merge_incidents(town.dispatcher, incident.pk, into.pk)
    run_jobs()
    assert again(report).incident_id == into.pk and report.state == "ACCEPTED"
    ended(town, into, "warned")
    run_jobs()
    assert again(other).state == "ANSWERED"
