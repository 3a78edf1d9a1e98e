"""Taps made without a network: the receipt is the stamp, the device's own time stands beside it, in history, audit and figure."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client

from jiean.dispatch import commands as do
from jiean.dispatch.models import Assignment
from jiean.dispatch.queries import ShareInTime, five_minutes_today, incident_detail
from jiean.kernel import clocks
from jiean.kernel.device_time import Doubt
from jiean.kernel.models import AuditEntry, IdempotencyKey, Transition
from tests.dispatch.post import Post

pytestmark = pytest.mark.django_db

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def noon(post: Post, monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """Tomorrow's, so that what the fixtures made lies behind; the units are on duty round it."""
    at = clocks.local(clocks.now() + DAY).replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clocks, "now", lambda: at)
    for unit in post.units.values():
        unit.shifts.update(starts_at=at - dt.timedelta(hours=1), ends_at=at + dt.timedelta(hours=8))
    return at


def phone_of(post: Post, call_sign: str) -> Client:
    account_id = post.crew(call_sign).account_id
    return post.town.browser(next(name for name, one in post.town.accounts.items() if one.pk == account_id))


def tap(
    phone: Client, order: Assignment, step: str, key: str, times: tuple[dt.datetime, dt.datetime] | None = None
) -> Any:
    """One tap as the outbox sends it; ``times``: when it was made and sent, by the phone's clock."""
    made, sent = (f"{at.timestamp():.0f}" for at in times) if times else ("", "")
    headers = {"Idempotency-Key": key} | ({"X-Made-At": made, "X-Sent-At": sent} if times else {})
    return phone.post(
        f"/api/v1/orders/{order.pk}/{step}", json.dumps({}), content_type="application/json", headers=headers
    )


def ordered(post: Post, call_sign: str = "P-01", **changes: Any) -> Assignment:
    incident = post.incident(**changes)
    return do.assign_unit(post.town.dispatcher, incident.pk, post.units[call_sign].pk)


def scene_line(order: Assignment) -> Transition:
    return Transition.objects.get(kind="dispatch.assignment", subject_id=order.pk, code="scene")


def test_a_tap_made_offline_keeps_both_times_and_the_receipt_is_the_stamp(
    post: Post, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone's clock is a day fast: the age is what counts. Sent again, later or as if it had been made otherwise, it is the first."""
    order, phone = ordered(post), phone_of(post, "P-01")
    received = noon + 40 * MINUTE
    monkeypatch.setattr(clocks, "now", lambda: received)
    first = tap(phone, order, "scene", "k1", (noon + 4 * MINUTE + DAY, received + DAY))
    assert first.status_code == 200, first.content
    monkeypatch.setattr(clocks, "now", lambda: received + MINUTE)
    again = tap(phone, order, "scene", "k1", (noon + 9 * MINUTE, received + 5 * MINUTE))
    assert again.json()["id"] == first.json()["id"] and again.status_code == 200
    late_one = tap(phone, order, "go", "k0", (noon + 2 * MINUTE + DAY, received + DAY))
    assert late_one.status_code == 409, "what was tapped before and comes after moves nothing back"
    order.refresh_from_db()
    line = scene_line(order)
    assert (order.on_scene_at, line.at) == (received, received)
    assert (line.device_at, line.made_at) == (noon + 4 * MINUTE + DAY, noon + 4 * MINUTE)
    entry = AuditEntry.objects.get(action="dispatch.arrive_assignment", outcome="done")
    told = {"device_at": line.device_at, "made_at": line.made_at}
    assert entry.at == received and {name: dt.datetime.fromisoformat(entry.details[name]) for name in told} == told
    shown = next(
        one for one in incident_detail(post.town.dispatcher, order.incident_id).timeline if one.code == "scene"
    )
    assert shown.late is not None and (shown.late.at, shown.late.doubt) == (noon + 4 * MINUTE, None)
    page = post.town.browser("chenxiao").get(f"/board/incident/{order.incident_id}").content.decode()
    assert "12:04 操作，" in page and "12:40 收到" in page and "离线时于" in page


@pytest.mark.parametrize(
    ("age", "doubt", "words"),
    [
        (41 * MINUTE, Doubt.BEFORE, "早于这件事本身"),
        (-3 * MINUTE, Doubt.FUTURE, "在收到之后"),
        (3 * DAY + MINUTE, Doubt.OLD, "超过 72 小时"),
    ],
)
def test_a_time_that_cannot_be_is_kept_and_said_not_to_be_believed(
    post: Post, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch, age: dt.timedelta, doubt: Doubt, words: str
) -> None:
    order, received = ordered(post), noon + 40 * MINUTE
    monkeypatch.setattr(clocks, "now", lambda: received)
    assert tap(phone_of(post, "P-01"), order, "scene", "k", (received - age, received)).status_code == 200
    assert scene_line(order).device_at == received - age
    shown = next(
        one for one in incident_detail(post.town.dispatcher, order.incident_id).timeline if one.code == "scene"
    )
    assert shown.late is not None and (shown.late.at, shown.late.doubt) == (received - age, doubt)
    page = post.town.browser("chenxiao").get(f"/board/incident/{order.incident_id}").content.decode()
    assert "设备说是" in page and f"（{words}，不采信）" in page and "离线时于" not in page


def test_what_is_sent_at_once_and_what_is_no_time_leave_nothing_beside_the_stamp(post: Post) -> None:
    order, phone = ordered(post), phone_of(post, "P-01")
    assert tap(phone, order, "ack", "k").status_code == 200
    odd = {"Idempotency-Key": "g", "X-Made-At": "yesterday", "X-Sent-At": "9" * 400}
    assert phone.post(f"/api/v1/orders/{order.pk}/go", "{}", "application/json", headers=odd).status_code == 200
    assert not Transition.objects.filter(device_at__isnull=False).exists()
    assert not AuditEntry.objects.filter(details__has_key="device_at").exists()
    assert IdempotencyKey.objects.count() == 2


def test_no_phone_betters_the_share_and_the_reader_sees_how_many_came_late(
    post: Post, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two arrivals made offline, one of them within five minutes by its phone, a third that says so and is not believed."""
    orders = {sign: ordered(post, sign, place_words=sign) for sign in post.units}
    received = noon + 40 * MINUTE
    monkeypatch.setattr(clocks, "now", lambda: received)
    for sign, made in (("P-01", noon + 4 * MINUTE), ("P-02", noon + 6 * MINUTE), ("PTU-1", noon - MINUTE)):
        assert tap(phone_of(post, sign), orders[sign], "scene", sign, (made, received)).status_code == 200
    assert five_minutes_today(post.town.commander) == ShareInTime(met=0, total=3, late=3, late_in_time=1)
    wall = post.town.browser("hanli").get("/wall/figures").content.decode()
    assert "其中 3 起离线到场，按收到的时间算" in wall and "照手机时间 1 起在 5 分钟内" in wall
