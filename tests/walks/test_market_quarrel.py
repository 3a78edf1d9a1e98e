"""Two drivers quarrel at the market's gate: from the resident's phone to the closed matter and back, over HTTP, jobs and all.

ARCHITECTURE, "A walk", as far as the rooms exist: mediation is recorded as the incident's result.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jiean.dispatch.models import Assignment, Incident
from jiean.intake.models import Report
from jiean.kernel.models import AuditEntry
from jiean.kernel.workflow import timeline
from tests.dispatch.post import open_post
from tests.town import MARKET_AT, Town
from tests.worker import run_jobs

WORDS = "两个司机在市场门口吵架，为排队的事推搡起来，谁也不让"


def post(browser: Client, path: str, key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    answer = browser.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)
    assert answer.status_code in (200, 201), answer.content.decode()
    return answer.json()


@pytest.mark.django_db
def test_from_the_residents_phone_to_the_closed_matter_and_back(town: Town) -> None:
    station = open_post(town)
    resident, desk = town.browser(), town.browser("chenxiao")
    crew = Client(headers={"accept-language": "zh-hans"})
    account = next(one for one in town.accounts.values() if one.pk == station.crew("P-01").account_id)
    crew.force_login(account, backend="jiean.people.backends.AccountBackend")

    # the resident reports, twice because the first answer was lost: one report
    given = {"text": WORDS, "lon": MARKET_AT[0], "lat": MARKET_AT[1], "name": "张三", "phone": "13800138000"}
    received = post(resident, "/reports", key="phone-1", **given)
    assert post(resident, "/reports", key="phone-1", **given)["number"] == received["number"]
    report = Report.objects.get()
    assert report.cell is not None
    assert (report.cell.code, report.kind) == ("SJ-001", "dispute")
    assert AuditEntry.objects.filter(details__icontains="司机").count() == 0

    # the desk sees it with the advice and takes it on
    queue = desk.get("/api/v1/desk/reports").json()
    assert [row["number"] for row in queue["rows"]] == [received["number"]]
    post(desk, f"/desk/reports/{report.pk}/accept", key="desk-1", version=report.version)
    incident = Incident.objects.get()
    assert incident.report_id == report.pk

    # the nearest car by road is proposed first, with reasons in words, and sent
    kept = post(desk, f"/incidents/{incident.pk}/advice")
    best = kept["sheet"]["units"][0]
    assert best["call_sign"] == "P-01"
    assert best["reasons"]
    post(desk, f"/incidents/{incident.pk}/assign", key="send-1", unit_id=best["unit_id"], advice_id=kept["advice_id"])

    # the crew stamps its way and ends with the result
    order = Assignment.objects.get()
    for step in ("ack", "go", "scene"):
        post(crew, f"/orders/{order.pk}/{step}")
    post(crew, f"/orders/{order.pk}/clear", disposition="mediation", outcome="双方握手言和")
    post(crew, f"/incidents/{incident.pk}/feed_back", outcome="当场和解，已劝离")
    incident.refresh_from_db()
    assert incident.state == Incident.State.FED_BACK
    assert incident.first_arrival_at is not None

    # what came of it rises as news and the resident sees it
    run_jobs()
    followed = resident.get(
        f"/api/v1/reports/{received['number']}", headers={"X-Tracking-Code": received["code"]}
    ).json()
    assert followed["state"] == Report.State.ANSWERED
    assert followed["steps"]
    page = resident.get(f"/track/{received['number']}?code={received['code']}", follow=True)
    assert received["number"] in page.content.decode()
    assert "13800138000" not in page.content.decode()

    # and says whether it was well done; the matter is closed
    answer = resident.post(f"/track/{received['number']}/rate", {"satisfied": "yes", "words": "来得很快"})
    assert answer.status_code in (302, 303)
    report.refresh_from_db()
    assert (report.state, report.satisfied) == (Report.State.CLOSED, True)
    assert [line.to_state for line in timeline(report)][-1] == Report.State.CLOSED


@pytest.mark.django_db
def test_two_dispatchers_on_one_incident_send_one_unit_once(town: Town) -> None:
    station = open_post(town)
    first, second = town.browser("chenxiao"), town.browser("hanli")
    incident, other = station.incident(), station.incident()
    unit = station.units["P-01"].pk
    post(first, f"/incidents/{incident.pk}/assign", unit_id=unit)
    clash = second.post(f"/api/v1/incidents/{other.pk}/assign", {"unit_id": unit}, content_type="application/json")
    assert clash.status_code == 409
    assert "P-01" in clash.json()["detail"]
    assert Assignment.objects.count() == 1


@pytest.mark.django_db
def test_a_stranger_with_the_number_but_not_the_code_learns_nothing(town: Town) -> None:
    resident, stranger = town.browser(), town.browser()
    received = post(resident, "/reports", text=WORDS, place_words="市场门口")
    for code in ("", "00000000", received["code"][::-1]):
        answer = stranger.get(f"/api/v1/reports/{received['number']}", headers={"X-Tracking-Code": code})
        assert answer.status_code == 404
    unknown = stranger.get("/api/v1/reports/B26-999999", headers={"X-Tracking-Code": "00000000"})
    assert unknown.json() == answer.json()
