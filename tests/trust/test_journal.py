"""T-DEGRADE: what still works while database, disk, keys, clock or worker are away: the table in docs/trust.md, row by row."""

from __future__ import annotations

import base64
import datetime as dt
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from jiean.config import journal as command
from jiean.config.cli import parser
from jiean.intake import away, journal
from jiean.intake.models import Channel, Photo, Report
from jiean.intake.tracking import code_of
from jiean.kernel import clocks
from jiean.kernel.http import Unavailable
from tests.intake.scenes import HYDRANT, picture
from tests.town import Town

pytestmark = [pytest.mark.trust, pytest.mark.django_db]
GIVEN = {
    "text": "补录", "lon": None, "lat": None, "place_words": "x", "token": "", "name": "", "phone": "", "channel": "web",
    "photos": [],
}  # fmt: skip
TOLD = {"text": "老赵家着火了", "place_words": "三号楼", "name": "张三丰", "phone": "13800001234"}


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of this test's own, and a database that was not found away by another test."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(journal, "_away_until", 0.0)
    return tmp_path / "journal"


@contextmanager
def database_away() -> Iterator[None]:
    """Every statement fails as when the server is gone."""

    def refused(*_args: object, **_named: object) -> None:
        raise OperationalError("connection refused")

    with pytest.MonkeyPatch.context() as gone:
        gone.setattr(BaseDatabaseWrapper, "cursor", refused)
        gone.setattr(BaseDatabaseWrapper, "savepoint", refused)
        yield
    journal._away_until = 0.0


def jiean_journal() -> int:
    return command.run(parser().parse_args(["journal", "--json"]))


def by_api(key: str, **given: object) -> Any:
    return Client().post("/api/v1/reports", TOLD | given, content_type="application/json", headers={"Idempotency-Key": key})  # fmt: skip


def test_the_wait_in_the_journal_is_not_the_phones(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written offline half an hour before it came, by a clock that is a day fast; entered an hour later."""
    at = clocks.now().replace(microsecond=0)
    half, day = dt.timedelta(minutes=30), dt.timedelta(days=1)
    times = {"X-Made-At": f"{(at - half + day).timestamp():.0f}", "X-Sent-At": f"{(at + day).timestamp():.0f}"}
    monkeypatch.setattr(clocks, "now", lambda: at)
    with database_away():
        headers = {"Idempotency-Key": "offline"} | times
        assert (
            Client().post("/api/v1/reports", TOLD, content_type="application/json", headers=headers).status_code == 202
        )
    monkeypatch.setattr(clocks, "now", lambda: at + 2 * half)
    assert away.drain() == (1, 0)
    report = Report.objects.get()
    assert (report.device_at, report.made_at, report.received_at) == (at - half + day, at - half, at + 2 * half)


def test_both_doors_keep_the_report_and_say_so_and_it_is_entered_in_order_once(town: Town, place: Path) -> None:
    with database_away():
        page = Client().get("/report")
        assert page.status_code == 200 and "上报照收" in page.content.decode()
        form = {"text": HYDRANT, "place_words": "小区门口", "key": "form-1", "phone": "13900009999"}
        kept = Client().post("/report", form)
        assert kept.status_code == 202 and "已收下，先记在本机" in kept.content.decode()
        again = Client().post("/report", form)
        told = by_api("api-1").json()
        assert (
            told["state"] == "kept" and "110" in told["detail"] and by_api("api-1").json()["number"] == told["number"]
        )
        english = Client().post("/report", form | {"key": "e"}, headers={"accept-language": "en"}).content.decode()
        assert "kept on this machine" in english
    first = journal.entries()[0].id
    assert first in kept.content.decode() and first in again.content.decode()
    assert [one.id for one in journal.entries()][1] == told["number"] and journal.state() == (3, 0)
    whole = (place / "reports.jsonl").read_bytes()
    assert not any(words.encode() in whole for words in (*TOLD.values(), HYDRANT, "13900009999")), "nobody in clear"
    assert (place / "reports.jsonl").stat().st_mode & 0o777 == 0o600
    assert "记在本机" in town.browser("chenxiao").get("/desk").content.decode()
    assert away.drain() == (3, 0)
    assert away.drain() == (0, 0)
    assert list(Report.objects.order_by("pk").values_list("text", "channel")) == [
        (HYDRANT, Channel.WEB), (TOLD["text"], Channel.API), (HYDRANT, Channel.WEB),
    ]  # fmt: skip
    assert not (place / "reports.jsonl").exists()
    found = Client().post("/track", {"number": told["number"], "code": told["code"]})
    assert found.status_code == 302 and Report.objects.order_by("pk")[1].number in found.headers["Location"]


def test_a_report_the_database_took_before_it_went_is_not_taken_twice(town: Town) -> None:
    """Its answer was lost, so the client sends it again; both doors."""
    sent = by_api("api-1")
    form = {"text": HYDRANT, "place_words": "小区门口", "key": "form-1"}
    Client().post("/report", form)
    with database_away():
        assert by_api("api-1").status_code == 202
        assert Client().post("/report", form).status_code == 202
    assert away.drain() == (2, 0) and Report.objects.count() == 2
    assert sent.json()["number"] in journal.numbers().values()
    with database_away():
        by_api("api-1", text="用同一个键说了别的事")
    assert away.drain() == (1, 0) and Report.objects.count() == 3, "another report under the same key is not dropped"


def test_pictures_and_a_full_run_again_after_a_second_outage(town: Town) -> None:
    """The database goes away once more between entering an entry and writing down that it was."""
    with database_away():
        form = {"text": HYDRANT, "place_words": "x", "key": "p"}
        photo = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
        assert Client().post("/report", form | {"photos": [photo]}).status_code == 202
        by_api("b")
    waiting = journal.entries()
    number = away.entered(waiting[0])
    assert away.drain() == (2, 0) and Report.objects.count() == 2 and Photo.objects.count() == 1
    assert journal.numbers()[waiting[0].id] == number


def test_a_changed_or_cut_journal_is_named_and_nothing_of_it_is_entered(town: Town, place: Path) -> None:
    """The plants."""
    with database_away():
        for key in "abc":
            by_api(key)
    file = place / "reports.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    unread = [[first, *lines[1:]] for first in (b"{}\n", b"[]\n", b"no entry\n")]
    for number, wrong in enumerate([lines[1:], [lines[0], lines[2]], [lines[1], lines[0], lines[2]], *unread]):
        file.write_bytes(b"".join(wrong))
        with pytest.raises(journal.Broken):
            away.drain()
        with database_away():
            assert by_api(f"new-{number}").status_code == 202, "whoever reports is not refused for it"
    file.write_bytes(b"".join(lines) + lines[0][:30])
    assert away.drain() == (3, 0), "a line that power cut short was never acknowledged"


def test_what_power_cut_short_spoils_no_line_that_comes_after_it(town: Town, place: Path) -> None:
    """Neither in the book of what waits nor in the book of what was entered."""
    journal.keep(GIVEN, client_key="before")
    for book in ("reports.jsonl", "entered.jsonl"):
        with (place / book).open("ab") as torn:
            torn.write(b'{"id":"J26-TORN","at":"2026')
    number = journal.keep(GIVEN | {"text": "第二件"}, client_key="after")
    assert len(journal.entries()) == 2 and journal.state() == (2, 0)
    assert away.drain() == (2, 0) and set(journal.numbers()) >= {number} and journal.state() == (0, 0)


def test_a_poisoned_entry_is_parked_and_shown_and_holds_no_other_up(town: Town, place: Path) -> None:
    with database_away():
        by_api("a", place_token="nowhere")
        by_api("b")
    assert away.drain() == (2, 0), "a token that is gone loses the place, not the report"
    with database_away():
        by_api("c")
    line = orjson.loads((place / "reports.jsonl").read_bytes())
    line["sealed"] = base64.b64encode(bytes(60)).decode()
    (place / "reports.jsonl").write_bytes(orjson.dumps(line) + b"\n")
    with database_away():
        by_api("d")
    assert away.drain() == (1, 1) and journal.state() == (0, 1)
    assert "转不进来" in town.browser("chenxiao").get("/desk").content.decode()
    assert journal.again(away.entered) == 0 and journal.state() == (0, 1)
    with pytest.MonkeyPatch.context() as mended:
        mended.setattr(journal, "opened", lambda _entry: {**GIVEN, "key": "mended"})
        assert jiean_journal() == 0
    assert journal.state() == (0, 0) and Report.objects.filter(text="补录").exists()


def test_a_poisoned_entry_that_cannot_be_set_aside_is_not_counted_as_dealt_with(town: Town, place: Path) -> None:
    with database_away():
        by_api("a")
    line = orjson.loads((place / "reports.jsonl").read_bytes())
    line["sealed"] = base64.b64encode(bytes(60)).decode()
    (place / "reports.jsonl").write_bytes(orjson.dumps(line) + b"\n")
    in_the_way = place / f"parked-{line['id']}.json"
    in_the_way.mkdir()
    with pytest.raises(OSError, match="parked-"):
        away.drain()
    in_the_way.rmdir()
    assert away.drain() == (0, 1) and journal.state() == (0, 1)


def test_without_a_key_or_a_disk_nothing_is_acknowledged_and_nothing_is_kept_in_clear(
    town: Town, place: Path, settings: Any, tmp_path: Path
) -> None:
    whole = settings.STATION_KEY_FILE
    settings.STATION_KEY_FILE = tmp_path / "gone.key"
    with database_away():
        assert by_api("a").status_code == 503
        assert Client().post("/report", {"text": HYDRANT, "place_words": "x", "key": "k"}).status_code == 503
    settings.STATION_KEY_FILE = whole
    assert journal.state() == (0, 0)
    with database_away(), small_files(40):
        assert by_api("b").status_code == 503
    assert journal.state() == (0, 0) and (place / "reports.jsonl").read_bytes() == b"", "what was cut short is cut off"
    with database_away():
        assert by_api("b").status_code == 202
    assert away.drain() == (1, 0)


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: what a full disk does to one that writes."""
    before, old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, before)


def test_reading_stays_shut_while_the_database_is_away_and_nobody_is_signed_out(town: Town) -> None:
    browser = town.browser("chenxiao")
    cookie = browser.cookies["sessionid"].value
    with database_away():
        for address in ("/desk", "/board", "/rights", "/api/v1/desk/reports", "/track/B26-000001"):
            answer = browser.get(address)
            assert answer.status_code == 503 or (address.startswith("/track") and answer.status_code == 404), address
        assert "新的上报照收" in browser.get("/desk").content.decode()
        assert browser.post("/report", {"text": HYDRANT, "place_words": "x", "key": "k"}).status_code == 202
    assert browser.cookies["sessionid"].value == cookie and browser.get("/desk").status_code == 200


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_wrong_takes_reports_in_order(town: Town, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    first = by_api("a").json()["number"]
    wrong = clocks.now() + dt.timedelta(hours=hours)
    with monkeypatch.context() as clock:
        clock.setattr(clocks, "now", lambda: wrong)
        second = by_api("b").json()["number"]
        with database_away():
            assert by_api("c").status_code == 202
    assert away.drain() == (1, 0)
    numbers = list(Report.objects.order_by("pk").values_list("number", flat=True))
    assert numbers[:2] == [first, second] and len(numbers) == 3, "order is by number, not by time"


def test_without_a_worker_a_report_is_taken_shown_and_can_be_followed(town: Town) -> None:
    """No job runs in this test at all."""
    told = by_api("a").json()
    assert told["number"] in town.browser("chenxiao").get("/desk").content.decode()
    answer = Client().get(f"/api/v1/reports/{told['number']}", headers={"X-Tracking-Code": code_of(told["number"])})
    assert answer.json()["state"] == "NEW"


class Deed:
    """Fails as told, and counts how often it was asked."""

    def __init__(self, *fails: bool) -> None:
        self.fails, self.asked = list(fails), 0

    def __call__(self) -> str:
        self.asked += 1
        if self.fails and self.fails.pop(0):
            raise OperationalError("away")
        return "done"


def test_the_breaker_opens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, there = [100.0], [False]
    monkeypatch.setattr(journal.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(journal, "answers", lambda: there[0])
    failing, waiting = Deed(True), Deed()
    for deed in (failing, waiting):
        with pytest.raises(OperationalError):
            journal.or_away(deed)
    assert (failing.asked, waiting.asked) == (1, 0), "the second did not wait for the database"
    clock[0] += journal.LOOK_AGAIN_S + 1
    with pytest.raises(OperationalError):
        journal.or_away(waiting)
    assert waiting.asked == 0, "still away: asked beside the deed"
    there[0] = True
    with pytest.raises(OperationalError):
        journal.or_away(waiting)
    clock[0] += journal.LOOK_AGAIN_S + 1
    assert [journal.or_away(waiting), journal.or_away(waiting)] == ["done", "done"]


def test_a_database_that_recovers_is_found_within_its_second_and_one_that_stays_away_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, looks = [100.0], list[float]()
    monkeypatch.setattr(journal.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(journal, "answers", lambda: looks.append(clock[0] - 100.0))
    for _tick in range(800):
        with pytest.raises(OperationalError):
            journal.or_away(Deed(True))
        clock[0] += 0.05
    assert len([at for at in looks if at < 1.5]) == 4, "at once, and after a quarter, half a second and a whole one"
    assert 10 <= len(looks) <= 13, "forty seconds: in the end every five"


def test_a_connection_that_was_lost_is_not_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "answers", lambda: True)
    once, twice, after = Deed(True), Deed(True, True), Deed()
    assert (journal.or_away(once), once.asked) == ("done", 2)
    with pytest.raises(OperationalError):
        journal.or_away(twice)
    with pytest.raises(OperationalError):
        journal.or_away(after)
    assert (twice.asked, after.asked) == (2, 0)


def test_whoever_enters_holds_no_report_up_and_one_enters_at_a_time(town: Town, place: Path) -> None:
    """The database may go away again in the middle of entering and let the one who enters wait for long: reports are kept meanwhile."""
    first, seen = journal.keep(GIVEN, client_key="first"), []

    def slow(entry: journal.Entry) -> str:
        with ThreadPoolExecutor(1) as reporter:  # somebody else's report, while this one is being entered
            seen.append(reporter.submit(journal.keep, GIVEN, client_key=f"during {entry.id}").result(timeout=20))
            seen.append(reporter.submit(journal.drain, slow, wait=False).result(timeout=20))
        return away.entered(entry)

    assert journal.drain(slow) == (1, 0)
    assert [one.id for one in journal.entries()] == [first, seen[0]] and journal.state() == (1, 0), "the new one stays"
    assert seen[1] == (0, 0), "left to the first"
    assert away.drain() == (1, 0) and not (place / "reports.jsonl").exists()


def test_no_key_is_no_journal(settings: Any, tmp_path: Path) -> None:
    settings.STATION_KEY_FILE = tmp_path / "none"
    with pytest.raises(Unavailable):
        journal.keep({}, client_key=None)
