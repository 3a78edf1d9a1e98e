"""The live stream, as a browser meets it: names only, to those who may hear, resumed without loss, ended in good order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.conf import settings

from jiean.kernel import live
from jiean.kernel.actor import Actor, Role
from jiean.kernel.events import ALL, CELL, Audience, Event, announce
from jiean.kernel.live import Live
from tests.house.test_command import NoteWritten
from tests.patience import PATIENCE_S, on_a_loop

pytestmark = pytest.mark.django_db(transaction=True)

SESSIONS: dict[str, Actor] = {}


def sessions(keys: Sequence[str]) -> Mapping[str, Actor]:
    return {key: SESSIONS[key] for key in keys if key in SESSIONS}


@pytest.fixture(autouse=True)
def _known_sessions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(live, "_session_source", [sessions])
    monkeypatch.setattr(live, "_snapshots", [])
    monkeypatch.setattr(live, "REFRESH_ACTORS_S", 0.05)
    SESSIONS.update(dispatcher=Actor(Role.DISPATCHER, 1), officer=Actor(Role.OFFICER, 2, cell_ids=frozenset({4})))
    yield
    SESSIONS.clear()


@dataclass(frozen=True)
class NoteInCell(Event):
    note_id: int
    cell_id: int
    AUDIENCE: ClassVar[Audience] = {Role.OFFICER: CELL}


class Browser:
    """A client of the stream, in process: what it was sent, and whether the stream has ended."""

    def __init__(self, app: Live, session: str = "dispatcher", last: str = "") -> None:
        self.received = b""
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.heard = asyncio.Event()
        self.leave = asyncio.Event()
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())]
        headers += [(b"last-event-id", last.encode())] if last else []
        self.task = asyncio.create_task(
            app({"type": "http", "path": "/live", "headers": headers}, self._receive, self._send)
        )

    async def _receive(self) -> dict[str, Any]:
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.headers |= dict(message.get("headers", ()))
        self.received += message.get("body", b"")
        self.heard.set()

    async def until(self, words: bytes) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while words not in self.received:
                self.heard.clear()
                await self.heard.wait()

    @property
    def last_id(self) -> str:
        return [line for line in self.received.decode().splitlines() if line.startswith("id: ")][-1][4:]


def played(scene: Callable[[Live], Awaitable[None]]) -> None:
    """Run a scene against an application of its own and take it down."""

    async def play() -> None:
        app = Live()
        try:
            await scene(app)
        finally:
            await app.stop()

    on_a_loop(play())


async def told(event: Event) -> None:
    await asyncio.to_thread(live._with_connection, announce, event)


def test_a_stranger_gets_no_stream() -> None:
    async def scene(app: Live) -> None:
        browser = Browser(app, session="nobody")
        await browser.task
        assert (browser.status, browser.received) == (401, b"")

    played(scene)


def test_an_event_comes_by_name_and_id_without_words() -> None:
    async def scene(app: Live) -> None:
        browser = Browser(app)
        await browser.until(b"event: hello")
        assert browser.headers[b"x-content-type-options"] == b"nosniff"
        await told(NoteWritten(77))
        await browser.until(b'event: house.NoteWritten\ndata: {"id":77,"cell":null}\n\n')

    played(scene)


def test_only_the_audience_hears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 13 of other systems: a push about a matter its receiver may not see."""
    monkeypatch.setattr(NoteWritten, "AUDIENCE", {Role.OFFICER: ALL})

    async def scene(app: Live) -> None:
        officer = Browser(app, session="officer")
        await officer.until(b"event: hello")
        await told(NoteInCell(5, cell_id=9))
        await told(NoteInCell(7, cell_id=4))
        await told(NoteWritten(6))
        await officer.until(b'"id":6')
        assert b'"id":7,"cell":4' in officer.received
        assert b'"id":5' not in officer.received

    played(scene)


def test_a_cut_stream_resumes_where_it_was() -> None:
    async def scene(app: Live) -> None:
        first = Browser(app)
        await first.until(b"event: hello")
        await told(NoteWritten(1))
        await first.until(b'"id":1')
        first.leave.set()
        await first.task
        await told(NoteWritten(2))
        await told(NoteWritten(3))
        second = Browser(app, last=first.last_id)
        await second.until(b'"id":3')
        assert second.received.index(b'"id":2') < second.received.index(b'"id":3')
        assert second.received.count(b'"id":2') == second.received.count(b'"id":3') == 1
        assert b'"id":1,' not in second.received

    played(scene)


def test_news_handed_out_while_a_stream_catches_up_comes_once() -> None:
    class Slow(Browser):
        """Its line is slow to take the greeting, which goes before what it missed."""

        async def _send(self, message: Any) -> None:
            await super()._send(message)
            if b"event: hello" in message.get("body", b""):
                await line.wait()

    line = asyncio.Event()

    async def scene(app: Live) -> None:
        other = Browser(app)
        await other.until(b"event: hello")
        await told(NoteWritten(1))
        await other.until(b'"id":1')
        slow = Slow(app, last=other.last_id)
        await slow.until(b"event: hello")
        await told(NoteWritten(2))
        await other.until(b'"id":2')
        line.set()
        await told(NoteWritten(3))
        await slow.until(b'"id":3')
        assert (slow.received.count(b'"id":2'), slow.received.count(b'"id":3')) == (1, 1)

    played(scene)


def test_a_session_that_ends_ends_its_stream() -> None:
    async def scene(app: Live) -> None:
        browser = Browser(app)
        await browser.until(b"event: hello")
        del SESSIONS["dispatcher"]
        async with asyncio.timeout(5):
            await browser.task

    played(scene)


def test_a_duty_that_ends_ends_the_news_of_its_cell() -> None:
    async def scene(app: Live) -> None:
        browser = Browser(app, session="officer")
        await browser.until(b"event: hello")
        stream = next(iter(app.streams))
        SESSIONS["officer"] = Actor(Role.OFFICER, 2)
        async with asyncio.timeout(5):
            while stream.actor.cell_ids:
                await asyncio.sleep(0.01)

    played(scene)


def test_a_client_too_slow_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(app: Live) -> None:
        stream = live.Stream("dispatcher", SESSIONS["dispatcher"])
        assert all(stream.offer(b"x") for _ in range(live.QUEUE_LENGTH))
        assert not stream.offer(b"one too many")
        assert await stream.queue.get() is None

    played(scene)


def test_stopping_ends_every_stream_at_once() -> None:
    async def scene(app: Live) -> None:
        browsers = [Browser(app) for _ in range(5)]
        for browser in browsers:
            await browser.until(b"event: hello")
        async with asyncio.timeout(3):
            await app.stop()
            await asyncio.gather(*(browser.task for browser in browsers))

    played(scene)


def test_a_snapshot_that_fails_ends_no_stream_and_is_taken_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[int] = []

    def take() -> list[int]:
        taken.append(len(taken))
        if len(taken) == 1:
            raise ZeroDivisionError("a picture that cannot be made")
        return taken

    monkeypatch.setattr(live, "_snapshots", [live.Snapshot("picture", frozenset({Role.DISPATCHER}), take, 0.05)])

    async def scene(app: Live) -> None:
        browser = Browser(app)
        await browser.until(b"event: picture\ndata: [0,1]")

    played(scene)
    assert "snapshot picture failed" in caplog.text
