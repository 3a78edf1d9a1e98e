"""The positions door: a plain ASGI application that gathers fixes for 250 ms and writes them in one transaction.

``POST /positions`` with ``{"fixes": [{"unit": 3, "lon": …, "lat": …, "heading": 90, "at": 1763740800.0}, …]}``, at most 500 a
request, ``at`` in seconds since 1970. The sender is the signed-in crew (its session cookie), for units it crews now; or a
station's own positioning gateway with ``Authorization: Bearer`` and the token of the setting ``POSITION_GATEWAY_TOKEN``. The
answer comes after the commit: 202 kept, 401 unknown, 403 another's unit, 415 and 422 malformed, 503 (with ``Retry-After``)
when more fixes wait than can be written, so that a phone keeps them and tries again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg
from django.conf import settings
from django.db import close_old_connections, connections

from jiean.dispatch.access import Can
from jiean.dispatch.commands.positions import STATEMENTS, Fix, checked, columns
from jiean.dispatch.models import Unit
from jiean.kernel.access import holds, visible
from jiean.kernel.asgi import Receive, Scope, Send, answer, cookie, header
from jiean.kernel.live import actors_behind, conninfo

log = logging.getLogger(__name__)


GATHER_S = 0.25
MOST_WAITING = 20_000
MOST_A_REQUEST = 500
BODY_LIMIT = 256_000
KNOWN_FOR_S = 3.0
GATEWAY_TOKEN_LENGTH = 32


class Spot(msgspec.Struct):
    """One fix as it comes in."""

    unit: int
    lon: float
    lat: float
    at: float
    heading: int | None = None


class Body(msgspec.Struct):
    """What a sender posts."""

    fixes: list[Spot]


_decode = msgspec.json.Decoder(Body).decode


@dataclass(eq=False)
class Parcel:
    """The fixes of one request, waiting to be written."""

    fixes: list[Fix]
    written: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class PositionsDoor:
    """The application of one process: who may send, what waits, and the writer."""

    def __init__(self) -> None:
        self._waiting: list[Parcel] = []
        self._count = 0
        self._writer: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._db: psycopg.AsyncConnection[Any] | None = None
        self._known: dict[str, tuple[float, frozenset[int] | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        status = await self._status(scope, receive)
        await answer(send, status, [(b"retry-after", b"2")] if status == 503 else None)

    async def _status(self, scope: Scope, receive: Receive) -> int:
        if scope["method"] != "POST":
            return 405
        if not header(scope, b"content-type").startswith("application/json"):
            return 415
        allowed, is_gateway = await self._allowed(scope)
        if allowed is None and not is_gateway:
            return 401
        fixes = _fixes(await _read(receive))
        if fixes is None:
            return 422
        if not is_gateway and not {fix.unit_id for fix in fixes} <= (allowed or frozenset()):
            return 403
        return await self._keep(fixes) if fixes else 202

    async def _keep(self, fixes: list[Fix]) -> int:
        if self._count + len(fixes) > MOST_WAITING:
            return 503
        parcel = Parcel(fixes)
        self._waiting.append(parcel)
        self._count += len(fixes)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_forever())
        self._wake.set()
        return 202 if await parcel.written else 503

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_S)
            self._wake.clear()
            parcels, self._waiting, self._count = self._waiting, [], 0
            if parcels:
                await self._write(parcels)

    async def _write(self, parcels: Sequence[Parcel]) -> None:
        """One transaction for all; where it fails, one for each, so that a bad parcel fails alone."""
        if await self._commit([fix for parcel in parcels for fix in parcel.fixes]):
            done = [True] * len(parcels)
        elif len(parcels) == 1:
            done = [False]
        else:
            done = [await self._commit(parcel.fixes) for parcel in parcels]
        for parcel, kept in zip(parcels, done, strict=True):
            if not parcel.written.done():
                parcel.written.set_result(kept)

    async def _commit(self, fixes: Sequence[Fix]) -> bool:
        try:
            db = await self._connection()
            given = columns(fixes, dt.datetime.now(dt.UTC))
            async with db.transaction():
                for statement in STATEMENTS:
                    await db.execute(statement, given)
        except psycopg.Error as error:
            log.warning("positions were not written: %s", type(error).__name__)
            return False
        return True

    async def _connection(self) -> psycopg.AsyncConnection[Any]:
        if self._db is None or self._db.closed or self._db.broken:
            self._db = await psycopg.AsyncConnection.connect(conninfo(), autocommit=True, prepare_threshold=1)
        return self._db

    async def _allowed(self, scope: Scope) -> tuple[frozenset[int] | None, bool]:
        """The units the sender may report; the gateway may report any."""
        token = header(scope, b"authorization").removeprefix("Bearer ")
        if token:
            return None, _is_gateway(token)
        session_key = cookie(scope, settings.SESSION_COOKIE_NAME)
        if not session_key:
            return None, False
        known = self._known.get(session_key)
        if known is None or time.monotonic() - known[0] > KNOWN_FOR_S:
            known = (time.monotonic(), await asyncio.to_thread(_units_of, session_key))
            self._known = {key: one for key, one in self._known.items() if time.monotonic() - one[0] < KNOWN_FOR_S}
            self._known[session_key] = known
        return known[1], False


def _units_of(session_key: str) -> frozenset[int] | None:
    """The units the session's actor crews now; None for a session that is no longer good."""
    try:
        actor = actors_behind([session_key]).get(session_key)
        if actor is None or not holds(Can.SEND_POSITION, actor):
            return None
        return frozenset(visible(Can.SEND_POSITION, actor, Unit).values_list("pk", flat=True))
    finally:
        close_old_connections()
        connections.close_all()


def _is_gateway(token: str) -> bool:
    wanted = getattr(settings, "POSITION_GATEWAY_TOKEN", "")
    return len(wanted) >= GATEWAY_TOKEN_LENGTH and hmac.compare_digest(token.encode(), wanted.encode())


def _fixes(raw: bytes | None) -> list[Fix] | None:
    """The fixes of a body; None for one that is malformed or holds a fix that makes no sense."""
    try:
        spots = _decode(raw or b"").fixes
        fixes = [_fix(spot) for spot in spots]
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError):
        return None
    now = dt.datetime.now(dt.UTC)
    sound = [kept for fix in fixes if (kept := checked(fix, now)) is not None]
    return sound if len(sound) == len(spots) <= MOST_A_REQUEST else None


def _fix(spot: Spot) -> Fix:
    if not 0 < spot.unit < 2**63:
        raise ValueError("no unit has this id")
    return Fix(spot.unit, spot.lon, spot.lat, dt.datetime.fromtimestamp(spot.at, dt.UTC), spot.heading)


async def _read(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


door = PositionsDoor()
