"""The dispatcher in front: ``/live`` and ``/positions`` go to plain ASGI applications, everything else to Django in threads.

Django runs under WSGI: measured, its own ASGI handler costs two to three times the processor time a request.
"""

from __future__ import annotations

import asyncio
import os
import signal
from importlib import import_module
from importlib.util import find_spec

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiean.config.settings")
pages = get_wsgi_application()

from jiean.config.bridge import Pages  # noqa: E402 — Django must be set up first
from jiean.kernel.asgi import Application, Receive, Scope, Send  # noqa: E402
from jiean.kernel.live import Live  # noqa: E402

THREADS = int(os.environ.get("JIEAN_THREADS", "12"))


class Dispatcher:
    """Chooses the application by path and passes start and stop to those that keep something running."""

    def __init__(self) -> None:
        self.live = Live()
        self.positions = _positions_door()
        self._watches_term = False
        self._stopping: asyncio.Future[None] | None = None
        self.django = Pages(pages, THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["type"] != "http":
            return None
        path = scope["path"]
        if path == "/live":
            self._end_streams_on_term()
            return await self.live(scope, receive, send)
        if path == "/positions" and self.positions is not None:
            return await self.positions(scope, receive, send)

        await self.django(scope, receive, send)
        return None

    def _end_streams_on_term(self) -> None:
        """Let TERM end open streams before the server waits for connections to end; it would wait for ever.

        The server's own handler stands on the loop; ours runs first and calls it. Where the loop keeps none, the
        server's kill time-out ends the streams instead.
        """
        if self._watches_term:
            return
        self._watches_term = True
        loop = asyncio.get_running_loop()
        theirs = getattr(loop, "_signal_handlers", {}).get(signal.SIGTERM)
        if theirs is not None:
            loop.add_signal_handler(signal.SIGTERM, self._on_term, theirs)

    def _on_term(self, theirs: asyncio.Handle) -> None:
        self._stopping = asyncio.ensure_future(self.live.stop())
        theirs._run()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.live.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _positions_door() -> Application | None:
    if find_spec("jiean.dispatch") is None or find_spec("jiean.dispatch.api.positions") is None:
        return None
    door: Application = import_module("jiean.dispatch.api.positions").door
    return door


application = Dispatcher()
