"""The JSON doors: answers, gates, refusals, repeats."""

from __future__ import annotations

import csv
import io
import json

import pytest

from jiean.dispatch.models import Advice, Assignment, Incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(post):
    return post.town.browser("chenxiao")


def send(client, path, key="", **body):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_open_advise_send_and_clear_over_http(post, desk):
    made = send(desk, "/incidents", kind="traffic", grade=3, lon=121.475, lat=31.235, summary="两车剐蹭，占了一条道")
    assert made.status_code == 200, made.content
    incident_id = made.json()["id"]
    advice = send(desk, f"/incidents/{incident_id}/advice").json()
    best = advice["sheet"]["units"][0]
    assert best["call_sign"] == "P-01"
    order = send(
        desk, f"/incidents/{incident_id}/assign", unit_id=best["unit_id"], advice_id=advice["advice_id"]
    ).json()
    assert Advice.objects.get().chosen_rank == 1
    for deed in ("ack", "go", "scene"):
        assert send(desk, f"/orders/{order['id']}/{deed}").status_code == 200
    assert send(desk, f"/orders/{order['id']}/clear", disposition="traffic_handled").status_code == 200
    assert send(desk, f"/incidents/{incident_id}/feed_back", outcome="已快处").json()["state"] == "FED_BACK"
    detail = desk.get(f"/api/v1/incidents/{incident_id}").json()
    assert detail["row"]["disposition_words"] == "交通快处"
    assert [order["state"] for order in detail["orders"]] == ["CLEARED"]


def test_the_board_and_its_count(post, desk):
    for kind in ("traffic", "noise", "noise"):
        post.incident(kind=kind)
    answer = desk.get("/api/v1/incidents?kind=noise&size=1").json()
    assert (answer["total"], len(answer["rows"])) == (2, 1)
    box = desk.get("/api/v1/incidents/map?kind=noise&west=121.4&south=31.2&east=121.6&north=31.3").json()
    assert box["total"] == 2


def test_the_export_is_the_same_rows_without_words_or_place(post, desk):
    post.incident(summary="=HYPERLINK(1)", place_words="+86 幸福路 9 号")
    post.incident(kind="noise")
    lines = b"".join(desk.get("/api/v1/incidents/export?kind=dispute").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert len(rows) == 1
    assert rows[0]["kind"] == "矛盾纠纷"
    assert "HYPERLINK" not in lines
    assert "幸福路" not in lines


def test_the_same_key_sends_once_and_another_body_conflicts(post, desk):
    incident = post.incident()
    path = f"/incidents/{incident.pk}/assign"
    first = send(desk, path, key="k-1", unit_id=post.units["P-01"].pk)
    again = send(desk, path, key="k-1", unit_id=post.units["P-01"].pk)
    assert first.json()["id"] == again.json()["id"]
    assert send(desk, path, key="k-1", unit_id=post.units["P-02"].pk).status_code == 409
    assert Assignment.objects.count() == 1


def test_a_note_over_http(post, desk):
    incident = post.incident()
    assert send(desk, f"/incidents/{incident.pk}/note", words="电台里说的").status_code == 200
    assert send(desk, f"/incidents/{incident.pk}/note").status_code == 422


def test_a_stale_version_is_a_conflict(post, desk):
    incident = post.incident()
    assert send(desk, f"/incidents/{incident.pk}/grade", grade=1, version=incident.version).status_code == 200
    assert send(desk, f"/incidents/{incident.pk}/grade", grade=4, version=incident.version).status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/incidents", {}, 422),
        ("/incidents", {"kind": "x", "grade": 3, "lon": 121.4, "lat": 31.2, "summary": "事"}, 422),
        ("/incidents", {"kind": "help", "grade": 9, "lon": 121.4, "lat": 31.2, "summary": "事"}, 422),
        ("/incidents", {"kind": "help", "grade": 3, "lon": 999, "lat": 31.2, "summary": "事"}, 422),
        ("/incidents", {"kind": "help", "grade": 3, "lon": 121.4, "lat": 31.2, "summary": "长" * 2000}, 422),
        ("/incidents/{id}/assign", {}, 422),
        ("/incidents/{id}/assign", {"unit_id": 999_999}, 404),
        ("/incidents/{id}/assign", {"unit_id": "一"}, 422),
        ("/incidents/{id}/void", {"reason": ""}, 422),
        ("/incidents/{id}/explode", {}, 422),
        ("/incidents/{id}/review", {}, 409),
        ("/incidents/999999/void", {"reason": "没有"}, 404),
        ("/orders/999999/ack", {}, 404),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(post, desk, path, body, status):
    incident = post.incident()
    answer = send(desk, path.format(id=incident.pk), **body)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff\xfe", b'{"grade": NaN}', b'{"lon": 1e999}'])
def test_bodies_that_cannot_be_read(post, desk, raw):
    incident = post.incident()
    answer = desk.post(f"/api/v1/incidents/{incident.pk}/grade", raw, content_type="application/json")
    assert answer.status_code == 422


def test_a_filter_that_makes_no_sense(desk):
    assert desk.get("/api/v1/incidents?kind=nothing").status_code == 422
    assert desk.get("/api/v1/incidents/map?west=a&south=1&east=2&north=3").status_code == 422


def test_strangers_stand_outside(post):
    incident = post.incident()
    nobody, mediator, admin = post.town.browser(), post.town.browser("zhouping"), post.town.browser("shenqing")
    assert nobody.get("/api/v1/incidents").status_code == 401
    assert admin.get("/api/v1/incidents").status_code == 403
    assert mediator.get("/api/v1/incidents").json()["total"] == 0
    assert mediator.get(f"/api/v1/incidents/{incident.pk}").status_code == 404
    assert mediator.get("/api/v1/incidents/export").status_code == 403
    assert send(mediator, f"/incidents/{incident.pk}/void", reason="不该").status_code == 404


def test_a_crew_sees_and_answers_its_own_order(post):
    incident = post.incident()
    order_id = send(
        post.town.browser("chenxiao"), f"/incidents/{incident.pk}/assign", unit_id=post.units["P-01"].pk
    ).json()["id"]
    username = next(name for name, account in post.town.accounts.items() if account.pk == post.crews["P-01"].account_id)
    crew = post.town.browser(username)
    (order,) = crew.get("/api/v1/orders/mine").json()
    assert (order["id"], order["incident"]["summary"]) == (order_id, incident.summary)
    assert [unit["call_sign"] for unit in crew.get("/api/v1/units").json()] == ["P-01"]
    assert send(crew, f"/orders/{order_id}/ack").json()["state"] == "ACKNOWLEDGED"


def test_shifts_over_http(post, desk):
    unit, person = post.units["P-01"], post.town.newcomer("OFC")
    body = {"unit_id": unit.pk, "name": "加班", "account_ids": [person.account_id], "ends_at": "2026-11-21T00:00:00Z"}
    assert send(desk, "/shifts", **body).status_code == 422
    assert send(desk, "/shifts", **body | {"account_ids": []}).status_code == 422
