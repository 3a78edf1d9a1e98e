"""Intake's JSON: the same rules as the pages, in problem documents."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jiean.intake import tracking
from jiean.intake.models import Report
from jiean.kernel import clocks, geo
from jiean.kernel.models import AuditEntry
from tests.intake.scenes import QUARREL, body, reported
from tests.town import MARKET_AT, Town

HERE = {"lon": MARKET_AT[0], "lat": MARKET_AT[1]}


def post(browser: Client, path: str, given: Any, **headers: str) -> Any:
    return browser.post(f"/api/v1{path}", given, content_type="application/json", headers=headers)


def test_a_report_is_taken_and_followed(town: Town) -> None:
    browser = town.browser()
    answer = post(browser, "/reports", {"text": QUARREL, **HERE, "name": "张三", "phone": "13800001234"})
    made = answer.json()
    assert answer.status_code == 201 and made["code"] == tracking.code_of(made["number"])
    path = f"/api/v1/reports/{made['number']}"
    followed = browser.get(path, headers={"X-Tracking-Code": made["code"]}).json()
    assert followed["state"] == "NEW" and followed["steps"][0]["title"] == "我们收到了您的上报"
    for code in ("", "AAAAAAAA"):
        refusal = browser.get(path, headers={"X-Tracking-Code": code})
        assert refusal.status_code == 404 and refusal.headers["Content-Type"] == "application/problem+json"


def test_a_key_is_honoured(town: Town) -> None:
    browser = town.browser()
    first = post(browser, "/reports", {"text": QUARREL, **HERE}, **{"Idempotency-Key": "k"}).json()
    assert post(browser, "/reports", {"text": QUARREL, **HERE}, **{"Idempotency-Key": "k"}).json() == first
    assert post(browser, "/reports", {"text": "别的", **HERE}, **{"Idempotency-Key": "k"}).status_code == 409
    assert post(browser, "/reports", {"text": QUARREL, **HERE}, **{"Idempotency-Key": "x" * 81}).status_code == 422
    assert Report.objects.count() == 1


def test_taking_a_report_over_http_costs_few_statements(town: Town) -> None:
    browser = town.browser()
    given = {"text": QUARREL, **HERE, "name": "张三", "phone": "13800001234"}
    post(browser, "/reports", given)
    with CaptureQueriesContext(connection) as statements:
        assert post(browser, "/reports", given, **{"Idempotency-Key": "k"}).status_code == 201
    own = [one["sql"][:80] for one in statements if "SAVEPOINT" not in one["sql"]]
    assert len(own) <= 2, own


def test_other_datums_are_brought_to_wgs84(town: Town) -> None:
    lon, lat = geo.wgs84_to_bd09(*MARKET_AT)
    made = post(town.browser(), "/reports", {"text": QUARREL, "lon": lon, "lat": lat, "datum": "bd09"}).json()
    report = Report.objects.get(pk=made["id"])
    assert (report.lon, report.lat) == pytest.approx(MARKET_AT, abs=1e-6)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"lon": "abc"}, "lon"),
        ({"lon": 200}, "place_words"),
        ({"lat": None}, "place_words"),
        ({"datum": "mars"}, "datum"),
        ({"place_token": "nothing"}, "place_token"),
        ({"phone": "1" * 21}, "phone"),
        ({"device_at": "yesterday"}, "device_at"),
        ({"device_at": "2026-11-21T12:00:00"}, "device_at"),
        ({"device_at": "2999-01-01T00:00:00Z"}, "device_at"),
    ],
)
def test_odd_values_are_named_in_a_problem_document(town: Town, wrong: dict[str, Any], field: str) -> None:
    answer = post(town.browser(), "/reports", {"text": QUARREL, **HERE} | wrong)
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["fields"] and answer.json()["detail"]
    assert not Report.objects.exists()


def test_the_devices_time_is_kept(town: Town) -> None:
    at = clocks.now() - dt.timedelta(hours=3)
    made = post(town.browser(), "/reports", {"text": QUARREL, **HERE, "device_at": at.isoformat()}).json()
    assert Report.objects.get(pk=made["id"]).device_at == at


def test_a_report_written_offline_keeps_both_times_at_the_desk_and_for_its_reporter(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone is a day slow; its first answer is lost and it asks again."""
    noon = clocks.local(clocks.now() + dt.timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    slow, written = noon - dt.timedelta(days=1), noon - dt.timedelta(minutes=50)
    monkeypatch.setattr(clocks, "now", lambda: noon)
    made = f"{(slow - dt.timedelta(minutes=50)).timestamp():.0f}"
    for late_s in (0, 20):
        times = {"X-Made-At": made, "X-Sent-At": f"{slow.timestamp() + late_s:.0f}", "Idempotency-Key": "offline"}
        assert post(town.browser(), "/reports", {"text": QUARREL, **HERE}, **times).status_code == 201
    report = Report.objects.get()
    assert (report.device_at, report.made_at) == (slow - dt.timedelta(minutes=50), written)
    entry = AuditEntry.objects.get(action="intake.submit_report", outcome="done")
    assert dt.datetime.fromisoformat(entry.details["made_at"]) == written
    own = {"number": report.number, "code": tracking.code_of(report.number)}
    for answer in (town.browser("chenxiao").get(f"/desk/{report.pk}"), town.browser().post("/track", own, follow=True)):
        html = answer.content.decode()
        assert "离线时于" in html and "11:10 填写，" in html and "12:00 收到" in html


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"text": "\xd5"}', b"[" * 5000])
def test_a_body_that_is_no_json_is_said_to_be_none(town: Town, raw: bytes) -> None:
    answer = town.browser().post("/api/v1/reports", raw, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["detail"]


def test_the_desk_lists_and_decides(town: Town) -> None:
    desk = town.browser("chenxiao")
    report, other, third = reported(), reported(), reported()
    listed = desk.get("/api/v1/desk/reports", {"kind": "dispute", "state": ["NEW", "ACCEPTED"]}).json()
    assert listed["total"] == 3 and listed["rows"][0]["number"] == report.number
    for odd in ({"page": 0}, {"page": "x"}, {"kind": "magic"}, {"urgency": 9}, {"cell": -1}, {"state": ["GONE"]}):
        assert desk.get("/api/v1/desk/reports", odd).status_code == 422
    own = f"/desk/reports/{report.pk}"
    assert post(desk, f"{own}/merge", {"report_ids": [third.pk]}).json()["state"] == "NEW"
    assert post(desk, f"{own}/accept", {"version": 99}).status_code == 409
    assert post(desk, f"{own}/accept", {}).status_code == 422
    accepted = post(desk, f"{own}/accept", {"version": report.version}).json()
    assert accepted["state"] == "ACCEPTED" and accepted["incident_id"]
    assert post(desk, f"{own}/accept", {"version": report.version}).status_code == 409
    assert post(desk, f"{own}/answer", {"outcome": "handled"}).json()["state"] == "ANSWERED"
    assert post(desk, f"/desk/reports/{other.pk}/refer", {"organisation_id": body().pk}).json()["state"] == "REFERRED"
    assert post(desk, f"/desk/reports/{other.pk}/reject", {"reason": "x"}).status_code == 409
    assert post(desk, "/desk/reports/999999/reject", {"reason": "x"}).status_code == 404
    assert post(desk, f"{own}/answer", {"outcome": "magic"}).status_code == 422


def test_others_are_kept_out(town: Town) -> None:
    report = reported()
    path = f"/desk/reports/{report.pk}/accept"
    assert post(town.browser(), path, {}).status_code == 401
    assert post(town.browser("wangxm"), path, {}).status_code == 403
    assert town.browser("shenqing").get("/api/v1/desk/reports").status_code == 403
    assert town.browser("liwei").get("/api/v1/desk/reports").json()["total"] == 0


def test_a_signed_in_browser_needs_its_token(town: Town) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.accounts["chenxiao"], backend="jiean.people.backends.AccountBackend")
    assert post(strict, "/reports", {"text": QUARREL, **HERE}).status_code == 403
    assert post(Client(enforce_csrf_checks=True), "/reports", {"text": QUARREL, **HERE}).status_code == 201
