"""T-DEGRADE, continued: the desk's own entry while the database is away, a flood, a disk that is slow."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from jiean.config.embedded import OWNER, Embedded
from jiean.intake import away, journal, slow_lane
from jiean.intake.models import Channel, Report
from tests.intake.scenes import HYDRANT
from tests.town import Town
from tests.trust.test_journal import database_away, place
from tests.trust.test_leaks import own_server

__all__ = ["own_server", "place"]
pytestmark = [pytest.mark.trust, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def nobody_heard_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with callers nobody counted; few are enough to fill a lane."""
    monkeypatch.setattr(slow_lane, "_heard", type(slow_lane._heard)())
    monkeypatch.setattr(slow_lane, "PACE", 3)


def caller(address: str) -> Client:
    return Client(REMOTE_ADDR=address, headers={"accept-language": "zh-hans"})


def by_form(client: Client, key: str, path: str = "/report", **more: str) -> Any:
    return client.post(path, {"text": f"{HYDRANT} {key}", "place_words": "小区门口", "key": key} | more)


def test_the_desks_own_entry_takes_a_call_while_the_database_is_away(town: Town, place: Path) -> None:
    desk = town.browser("chenxiao")
    with database_away():
        page = desk.get("/desk/new")
        assert page.status_code == 200 and "上报照收" in page.content.decode() and "来源" in page.content.decode()
        kept = by_form(desk, "call-1", "/desk/new", channel="desk_walkin", phone="13900009999")
        assert (
            kept.status_code == 202 and by_form(desk, "call-1", "/desk/new", channel="desk_walkin").status_code == 202
        )
        assert by_form(desk, "call-2", "/desk/new", channel="desk_walkin", text="").status_code == 422
        assert desk.get("/desk").status_code == 503, "reading stays shut"
    assert b"13900009999" not in (place / "reports.jsonl").read_bytes()
    assert away.drain() == (1, 0)
    report = Report.objects.get()
    assert report.channel == Channel.DESK_WALKIN and report.contact_id is not None
    assert Client().get("/desk/new").status_code == 302, "with the database there, it is the staff's own again"


def test_a_flood_takes_the_slow_lane_and_holds_nobody_else_up(town: Town, monkeypatch: Any) -> None:
    flood, neighbour, staff = caller("198.51.100.7"), caller("198.51.100.8"), town.browser("chenxiao")
    sent = [by_form(flood, f"f{number}").status_code for number in range(16 * slow_lane.PACE)]
    assert sent == [302] * slow_lane.PACE + [202] * (len(sent) - slow_lane.PACE), "none is refused"
    api = flood.post("/api/v1/reports", {"text": "又一件", "place_words": "x"}, content_type="application/json")
    assert api.status_code == 202 and api.json()["state"] == "kept"
    assert by_form(neighbour, "n").status_code == 302
    assert by_form(staff, "s", "/desk/new", channel="desk_phone").status_code == 302
    assert Report.objects.count() == slow_lane.PACE + 2
    waiting = len(sent) - slow_lane.PACE + 1
    assert journal.state() == (waiting, 0)
    assert away.drain(go_on=iter([True] * 20 + [False]).__next__) == (20, 0) and journal.state() == (waiting - 20, 0), (
        "a little at a time"
    )
    assert by_form(flood, "late").status_code == 202, "new ones are kept in between"
    assert away.drain() == (waiting - 19, 0) and away.drain() == (0, 0)
    texts = list(Report.objects.order_by("pk").values_list("text", flat=True))
    assert len(texts) == len(set(texts)) == len(sent) + 4, "each once"
    assert [one for one in texts if " f" in one] == [f"{HYDRANT} f{number}" for number in range(len(sent))], "in order"


def test_without_the_lane_the_flood_goes_straight_in(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant; and this machine's own gateways, which no lane holds up."""
    assert {by_form(caller("127.0.0.1"), f"own{number}").status_code for number in range(5)} == {302}
    monkeypatch.setattr(slow_lane, "PACE", 10**9)
    assert {by_form(caller("198.51.100.7"), f"f{number}").status_code for number in range(5)} == {302}


def test_a_slow_disk_delays_its_own_reports_and_nobody_is_told_received_before_it_is_written(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, written, told = threading.Event(), threading.Event(), threading.Event()
    fsync = os.fsync

    def slow(handle: int) -> None:
        writing.set()
        assert written.wait(60)
        fsync(handle)

    flood = caller("198.51.100.7")
    for number in range(slow_lane.PACE):
        by_form(flood, f"f{number}")
    answers: list[int] = []

    def send() -> None:
        answers.append(by_form(flood, "slow").status_code)
        told.set()

    monkeypatch.setattr(journal.os, "fsync", slow)
    sender = threading.Thread(target=send)
    sender.start()
    assert writing.wait(60) and not told.is_set()
    assert by_form(caller("198.51.100.8"), "n").status_code == 302, "others do not wait for that disk"
    assert not told.is_set() and answers == []
    written.set()
    sender.join(60)
    assert answers == [202] and journal.state() == (1, 0)


def told_to(server: Embedded, answers: list[int]) -> None:
    """Report on a connection whose server is stopped under it, then where there is none to connect to."""
    address = {"HOST": str(server.sockets), "USER": OWNER, "NAME": "postgres", "PORT": "", "PASSWORD": ""}
    connection.settings_dict = connection.settings_dict | address  # this thread's connection only
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        server.stop()
        answers.extend(by_form(caller("127.0.0.1"), f"s{number}").status_code for number in range(2))
    finally:
        connection.close()


@pytest.mark.process
def test_a_server_that_is_really_stopped_under_an_open_connection(
    own_server: Embedded, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[int] = []
    sender = threading.Thread(target=told_to, args=(own_server, answers))
    sender.start()
    sender.join(120)
    assert answers == [202, 202] and not own_server.running()
    assert journal.state() == (2, 0) and not Report.objects.exists()
    monkeypatch.setattr(journal, "_away_until", 0.0)
    assert away.drain() == (2, 0) and Report.objects.count() == 2, "this thread's server is there"


def test_few_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_lane, "ADDRESSES", 10)
    for number in range(50):
        assert not slow_lane.is_full(RequestFactory(REMOTE_ADDR=f"203.0.113.{number}").post("/report"))
    assert len(slow_lane._heard) == 10 and "203.0.113.49" in slow_lane._heard
