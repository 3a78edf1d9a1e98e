"""The live stream: a plain ASGI application that tells boards what changed, by name and id, never by content.

One LISTEN connection a process. Each stream has a bounded queue; a client too slow for it is let go and resumes by
Last-Event-ID. A stream carries an event only when the actor stands in the event's audience, and the actor is looked up
again every few seconds, so that a lost duty or role ends the news too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
from django.conf import settings
from django.db import close_old_connections, connections
from psycopg import sql

from jiean.kernel.actor import Actor, Role
from jiean.kernel.asgi import Receive, Scope, Send, answer, cookie, guards, header
from jiean.kernel.events import AFTER, HELD_BACK, HORIZON_BATCH, LATEST, Cursor, News, news

log = logging.getLogger(__name__)

SessionSource = Callable[[Sequence[str]], Mapping[str, Actor]]

QUEUE_LENGTH = 256
HEARTBEAT_S = 10.0
REFRESH_ACTORS_S = 3.0
POLL_S = 1.0
HORIZON_RETRIES_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
RECONNECT_S = 1.0
START = Cursor(0, 0)

_session_source: list[SessionSource] = []
_snapshots: list[Snapshot] = []


@dataclass(frozen=True)
class Snapshot:
    """A small picture pushed at a steady pace to some roles: ``take`` answers a JSON-able value."""

    name: str
    roles: frozenset[Role]
    take: Callable[[], Any]
    every_s: float


def register_session_source(source: SessionSource) -> None:
    """Tell the stream how to find actors by session key; keys that are no longer good are left out of the answer."""
    _session_source[:] = [source]


def actors_behind(session_keys: Sequence[str]) -> Mapping[str, Actor]:
    """The actors of session keys, for plain doors beside the stream; keys that are no longer good are left out."""
    return _session_source[0](session_keys) if _session_source else {}


def register_snapshot(name: str, roles: Iterable[Role], take: Callable[[], Any], *, every_s: float) -> None:
    """Push ``take()`` to streams of the roles every ``every_s`` seconds, as an event called ``name``."""
    _snapshots.append(Snapshot(name, frozenset(roles), take, every_s))


def channel() -> str:
    """The NOTIFY channel of this station's schema; the trigger on the outbox uses the same words."""
    return f"jiean_{settings.DATABASE_SCHEMA}"


@dataclass(eq=False)
class Stream:
    """One connected board."""

    session_key: str
    actor: Actor
    queue: asyncio.Queue[tuple[bytes, Cursor | None] | None] = field(
        default_factory=lambda: asyncio.Queue(QUEUE_LENGTH)
    )
    sent: Cursor = START

    def offer(self, message: bytes | None, at: Cursor | None = None) -> bool:
        """Queue a message, news with its place; false when the client is too slow, and then the stream ends."""
        try:
            self.queue.put_nowait(None if message is None else (message, at))
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)
            return False
        return True


class Live:
    """The application of one process: its streams, its reader and its tickers."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.cursor = Cursor(0, 0)
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one stream until the client goes, falls behind, signs out or the process stops."""
        self._start()
        session_key = cookie(scope, settings.SESSION_COOKIE_NAME)
        actor = (await _actors([session_key])).get(session_key) if session_key else None
        if actor is None:
            return await answer(send, 401)
        stream = Stream(session_key, actor)
        self.streams.add(stream)
        try:
            await self._serve(stream, scope, receive, send)
        finally:
            self.streams.discard(stream)
        return None

    async def stop(self) -> None:
        """End every stream and the reader: clients reconnect elsewhere."""
        for stream in list(self.streams):
            stream.offer(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _serve(self, stream: Stream, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*_STREAM_HEADERS, *guards()]})
        gone = asyncio.create_task(_wait_for_disconnect(receive, stream))
        try:
            await asyncio.wait_for(self._ready.wait(), timeout=30)
            await send(_body(_message("hello", {"at": time.time(), "role": stream.actor.role.value}, self.cursor)))
            await self._catch_up(stream, scope, send)
            while (queued := await stream.queue.get()) is not None:
                message, at = queued
                if at is None or at > stream.sent:  # what was handed out while the stream caught up was sent by that
                    await send(_body(message))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()

    async def _catch_up(self, stream: Stream, scope: Scope, send: Send) -> None:
        last = _last_event_id(scope)
        if last is None or last >= self.cursor:
            return
        async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as db:
            missed = await _read(db, last)
        if len(missed) >= HORIZON_BATCH:
            await send(_body(_message("reset", {}, self.cursor)))
            return
        for item in missed:
            if item.reaches(stream.actor):
                await send(_body(_event(item)))
            stream.sent = item.cursor

    def _start(self) -> None:
        if self._tasks:
            return
        loops: list[Any] = [self._read_forever(), self._beat_forever(), self._refresh_forever()]
        loops += [self._snapshot_forever(snapshot) for snapshot in _snapshots]
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def _read_forever(self) -> None:
        while True:
            try:
                await self._read_until_broken()
            except psycopg.Error as error:
                log.warning("live reader lost the database: %s", type(error).__name__)
                self._broadcast(_message("away", {}))
            await asyncio.sleep(RECONNECT_S)

    async def _read_until_broken(self) -> None:
        async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as db:
            await db.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel())))
            if not self._ready.is_set():
                self.cursor = await _latest(db)
                self._ready.set()
            else:
                self._broadcast(_message("back", {}))
            while True:
                async for _notice in db.notifies(timeout=POLL_S, stop_after=1):
                    pass
                await self._drain(db)

    async def _drain(self, db: psycopg.AsyncConnection[Any]) -> None:
        """Hand out what is settled; while an open transaction holds younger events back, look again soon."""
        for pause in HORIZON_RETRIES_S:
            while fresh := await _read(db, self.cursor):
                for item in fresh:
                    self._hand_out(item)
            if not await _is_held_back(db, self.cursor):
                return
            await asyncio.sleep(pause)

    def _hand_out(self, item: News) -> None:
        self.cursor = item.cursor
        message = _event(item)
        for stream in list(self.streams):
            if item.cursor > stream.sent and item.reaches(stream.actor) and not stream.offer(message, item.cursor):
                self.streams.discard(stream)

    def _broadcast(self, message: bytes, roles: frozenset[Role] | None = None) -> None:
        for stream in list(self.streams):
            if (roles is None or stream.actor.role in roles) and not stream.offer(message):
                self.streams.discard(stream)

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self._broadcast(_message("beat", {"at": time.time()}))

    async def _refresh_forever(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_ACTORS_S)
            with contextlib.suppress(psycopg.Error):
                await self._refresh()

    async def _refresh(self) -> None:
        streams = list(self.streams)
        found = await _actors(sorted({stream.session_key for stream in streams}))
        for stream in streams:
            actor = found.get(stream.session_key)
            if actor is None:
                stream.offer(None)
            else:
                stream.actor = actor

    async def _snapshot_forever(self, snapshot: Snapshot) -> None:
        while True:
            await asyncio.sleep(snapshot.every_s)
            if any(stream.actor.role in snapshot.roles for stream in self.streams):
                try:
                    picture = await asyncio.to_thread(_with_connection, snapshot.take)
                except (
                    Exception
                ):  # whatever went wrong in a room's picture, the boards' news goes on; the trace is logged
                    log.exception("snapshot %s failed", snapshot.name)
                    continue
                self._broadcast(_message(snapshot.name, picture), snapshot.roles)


_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def conninfo() -> str:
    """A libpq connection string for connections of our own, outside Django's: every word of it that libpq knows."""
    parameters = connections["default"].get_connection_params()
    known = {word.keyword.decode() for word in psycopg.pq.Conninfo.get_defaults()}
    return psycopg.conninfo.make_conninfo(**{key: parameters[key] for key in known if parameters.get(key)})


async def _actors(session_keys: Sequence[str]) -> Mapping[str, Actor]:
    if not _session_source or not session_keys:
        return {}
    return await asyncio.to_thread(_with_connection, _session_source[0], session_keys)


def _with_connection(function: Callable[..., Any], *args: Any) -> Any:
    """Run a function that uses Django's connection on a thread of its own, and give the connection back."""
    try:
        return function(*args)
    finally:
        close_old_connections()
        connections.close_all()


async def _read(db: psycopg.AsyncConnection[Any], after: Cursor) -> list[News]:
    rows = await (await db.execute(AFTER, [str(after.txid), after.id, HORIZON_BATCH])).fetchall()
    return [news(row) for row in rows]


async def _is_held_back(db: psycopg.AsyncConnection[Any], after: Cursor) -> bool:
    row = await (await db.execute(HELD_BACK, [str(after.txid), after.id])).fetchone()
    return bool(row and row[0])


async def _latest(db: psycopg.AsyncConnection[Any]) -> Cursor:
    row = await (await db.execute(LATEST)).fetchone()
    return Cursor(int(row[0]), row[1]) if row else Cursor(0, 0)


async def _wait_for_disconnect(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.offer(None)


def _event(item: News) -> bytes:
    return _message(item.name, {"id": item.subject_id, "cell": item.cell_id}, item.cursor)


def _message(name: str, data: Any, cursor: Cursor | None = None) -> bytes:
    place = f"id: {cursor}\n" if cursor else ""
    return f"{place}event: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"


def _body(message: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": message, "more_body": True}


def _last_event_id(scope: Scope) -> Cursor | None:
    return Cursor.parse(header(scope, b"last-event-id"))
