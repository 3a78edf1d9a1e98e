"""The positions door as an ASGI server would drive it, over connections of its own."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from django.conf import settings

from jiean.dispatch.api import positions
from jiean.dispatch.api.positions import PositionsDoor
from jiean.dispatch.models import PositionTrack, UnitPosition
from jiean.kernel import clocks
from tests.patience import on_a_loop

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-gateway-token-of-thirty-two-signs-and-more"


def body(*spots, **changes):
    fixes = [{"unit": unit, "lon": lon, "lat": lat, "at": time.time()} | changes for unit, lon, lat in spots]
    return json.dumps({"fixes": fixes}).encode()


async def knock(door, raw, *, headers=(), method="POST", kind=b"application/json"):
    sent = []
    scope = {"type": "http", "method": method, "path": "/positions", "headers": [(b"content-type", kind), *headers]}

    async def receive():
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message):
        sent.append(message)

    await door(scope, receive, send)
    return sent[0]["status"]


def run(*calls):
    """Several requests at once to one door, all over before its writer is let go."""

    async def all_of_them():
        door = PositionsDoor()
        statuses = await asyncio.gather(*(knock(door, *call["args"], **call.get("kwargs", {})) for call in calls))
        if door._writer:
            door._writer.cancel()
        if door._db:
            await door._db.close()
        return statuses

    return on_a_loop(all_of_them())


def one(raw, **kwargs):
    return run({"args": [raw], "kwargs": kwargs})[0]


@pytest.fixture
def gateway(monkeypatch):
    monkeypatch.setattr(settings, "POSITION_GATEWAY_TOKEN", TOKEN, raising=False)
    return [(b"authorization", f"Bearer {TOKEN}".encode())]


def cookie(post, call_sign):
    username = next(
        name for name, account in post.town.accounts.items() if account.pk == post.crews[call_sign].account_id
    )
    session = post.town.browser(username).cookies[settings.SESSION_COOKIE_NAME].value
    return [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())]


def test_a_batch_of_many_senders_is_one_commit_and_every_unit_moves(post, gateway):
    units = list(post.units.values())
    before = PositionTrack.objects.count()
    calls = [
        {"args": [body((unit.pk, 121.48 + n / 1000, 31.236))], "kwargs": {"headers": gateway}}
        for n, unit in enumerate(units)
    ]
    assert run(*calls) == [202, 202, 202]
    assert {round(row.lon, 3) for row in UnitPosition.objects.all()} == {121.48, 121.481, 121.482}
    assert PositionTrack.objects.count() == before + 3


def test_a_crew_sends_with_its_session_and_only_its_own_unit(post):
    headers = cookie(post, "P-01")
    assert one(body((post.units["P-01"].pk, 121.481, 31.236)), headers=headers) == 202
    assert UnitPosition.objects.get(unit=post.units["P-01"]).lon == 121.481
    assert one(body((post.units["P-02"].pk, 121.481, 31.236)), headers=headers) == 403


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"", 422), (b"{", 422), (b'{"fixes": 3}', 422), (b'{"fixes": [{"unit": 1}]}', 422), (b"\xff", 422)],
)
def test_what_cannot_be_read_is_refused(post, gateway, raw, status):
    assert one(raw, headers=gateway) == status


@pytest.mark.parametrize(
    "changes",
    [{"lon": 200.0}, {"at": 1e30}, {"at": 0.0}, {"at": 9_999_999_999.0}, {"heading": 400}, {"unit": -1}, {"lat": "31"}],
)
def test_fixes_that_make_no_sense_are_refused(post, gateway, changes):
    assert one(body((post.units["P-01"].pk, 121.48, 31.236), **changes), headers=gateway) == 422


def test_nobody_without_a_session_or_token(post, gateway):
    raw = body((post.units["P-01"].pk, 121.48, 31.236))
    assert one(raw) == 401
    assert one(raw, headers=[(b"authorization", b"Bearer wrong")]) == 401
    assert one(raw, headers=[(b"cookie", b"sessionid=nobody")]) == 401
    assert one(raw, headers=gateway, kind=b"text/plain") == 415
    assert one(raw, headers=gateway, method="GET") == 405


def test_an_empty_or_short_token_opens_nothing(post, monkeypatch):
    for token in ("", "short"):
        monkeypatch.setattr(settings, "POSITION_GATEWAY_TOKEN", token, raising=False)
        assert (
            one(body((post.units["P-01"].pk, 121.48, 31.2)), headers=[(b"authorization", f"Bearer {token}".encode())])
            == 401
        )


def test_a_full_queue_says_come_again(post, gateway, monkeypatch):
    monkeypatch.setattr(positions, "MOST_WAITING", 1)
    units = list(post.units.values())
    calls = [{"args": [body((unit.pk, 121.48, 31.236))], "kwargs": {"headers": gateway}} for unit in units]
    assert sorted(run(*calls)) == [202, 503, 503]


def test_one_parcel_the_database_refuses_does_not_spoil_the_others(post, gateway, monkeypatch):
    """The check of the door is taken away, so that a fix off the globe reaches the table's own."""
    monkeypatch.setattr(positions, "checked", lambda fix, now: fix)
    good, bad = post.units["P-01"], post.units["P-02"]
    calls = [
        {"args": [body((good.pk, 121.483, 31.236))], "kwargs": {"headers": gateway}},
        {"args": [body((bad.pk, 999.0, 31.236))], "kwargs": {"headers": gateway}},
    ]
    assert run(*calls) == [202, 503]
    assert UnitPosition.objects.get(unit=good).lon == 121.483
    assert UnitPosition.objects.get(unit=bad).lon < 180
    assert UnitPosition.objects.get(unit=good).received_at <= clocks.now()
