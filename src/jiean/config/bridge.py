"""From the ASGI server to Django's WSGI application: body gathered first, pages run in threads, answers sent in one piece.

A thread is taken only once the whole request is here, so a slow sender holds none; and loop and thread meet once a request
instead of once a message (measured: docs/adr/0009).
"""

from __future__ import annotations

import asyncio
import contextvars
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from a2wsgi.wsgi import build_environ

from jiean.kernel.asgi import Headers, Receive, Scope, Send, answer

MOST_BYTES = 128 * 1024 * 1024
"""More than the most pictures a report may carry (TRUST, section 9.4); what is longer is refused before it is read."""
IN_MEMORY = 1024 * 1024


class TooLong(Exception):
    """The body is longer than anything a door takes."""


class Pages:
    """The ASGI face of a WSGI application, with a pool of threads of its own."""

    def __init__(self, application: Callable[..., Any], threads: int) -> None:
        self.application = application
        self.pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="pages")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                whole = await _gather(scope, receive, body)
            except TooLong:
                await _refuse(send)
            else:
                if whole:
                    await self._serve(build_environ(cast(Any, scope), cast(Any, body)), send)

    async def _serve(self, environ: Any, send: Send) -> None:
        loop, run = asyncio.get_running_loop(), contextvars.copy_context().run
        made = await loop.run_in_executor(self.pool, run, self._answer, environ, send, loop)
        if made is not None:
            await _start(send, *made[0])
            await send({"type": "http.response.body", "body": made[1]})

    def _answer(
        self, environ: Any, send: Send, loop: asyncio.AbstractEventLoop
    ) -> tuple[tuple[int, Headers], bytes] | None:
        """In a thread: the whole answer; or None where it is a stream, which has then been sent piece by piece."""
        begun: list[tuple[int, Headers]] = []

        def start(status: str, headers: Iterable[tuple[str, str]], _error: Any = None) -> None:
            begun.append((int(status[:3]), [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers]))

        response = self.application(environ, start)
        try:
            if not getattr(response, "streaming", False):
                return begun[-1], b"".join(response)
            _wait(_start(send, *begun[-1]), loop)
            for piece in response:
                _wait(send({"type": "http.response.body", "body": piece, "more_body": True}), loop)
            _wait(send({"type": "http.response.body", "body": b""}), loop)
            return None
        finally:
            response.close()


def _wait(step: Awaitable[None], loop: asyncio.AbstractEventLoop) -> None:
    """Have the loop do a step, and wait for it, so that a slow reader slows the page and not the memory down."""
    asyncio.run_coroutine_threadsafe(cast(Any, _awaited(step)), loop).result()


async def _awaited(step: Awaitable[None]) -> None:
    await step


async def _gather(scope: Scope, receive: Receive, body: IO[bytes]) -> bool:
    """Read the body to its end; false when the client went away first. Raises TooLong."""
    told = dict(scope["headers"]).get(b"content-length", b"0")
    if told.isdigit() and int(told) > MOST_BYTES:
        raise TooLong
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        body.write(message.get("body", b""))
        if body.tell() > MOST_BYTES:
            raise TooLong
        if not message.get("more_body"):
            body.seek(0)
            return True


async def _start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _refuse(send: Send) -> None:
    words = "内容太大。 The request is too large.".encode()
    await answer(send, 413, [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")], words)
